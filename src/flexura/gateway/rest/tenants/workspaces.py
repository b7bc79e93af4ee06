"""Workspaces, and what the caller's own key and gateway are: auth, status."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

import flexura
from flexura.domain.errors import AccessDenied, FlexuraError, Forbidden, InvalidApiKey, Unauthorized
from flexura.gateway.auth import authenticate, require, require_operator
from flexura.gateway.errors import STATUS, validated
from flexura.gateway.rest.idempotent import Remember, once
from flexura.gateway.rest.requests import json_object, services
from flexura.gateway.rest.tenants import words
from flexura.gateway.rest.tenants.bodies import CreateWorkspace
from flexura.services.untrusted import clean
from flexura.services.workspaces import WorkspaceTerms, micro_of

SERVICE = "flexura-core"
_DENIALS = (Unauthorized, InvalidApiKey, Forbidden, AccessDenied)


async def service_status(request: Request) -> Response:
    """That the service runs, for whoever has a key."""
    admission = services(request).admission
    await authenticate(request.scope, admission)
    body = {
        "status": "ok",
        "service": SERVICE,
        "version": flexura.__version__,
        "environment": admission.rules.environment,
    }
    return JSONResponse(body)


async def check_auth(request: Request) -> Response:
    """Whether the key opens this environment; a denial in the flat shape of the documented page."""
    try:
        who = await authenticate(request.scope, services(request).admission)
    except _DENIALS as denial:
        return _denied(denial)
    workspace = who.workspace
    assert workspace is not None, "whoever shows a key has a workspace"
    body = {
        "status": "ok",
        "workspace": workspace.name,
        "workspace_id": workspace.id,
        "key_id": who.key_id,
        "scopes": sorted(who.scopes),
    }
    return JSONResponse(body)


def _denied(denial: FlexuraError) -> Response:
    status = STATUS[denial.code]
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    body = {"error": denial.code, "message": denial.message}
    return JSONResponse(body, status_code=status, headers=headers)


async def list_workspaces(request: Request) -> Response:
    """The caller's own workspace; every one for whoever runs the gateway."""
    found = services(request)
    who = await authenticate(request.scope, found.admission)
    require(who, "read")
    assert who.workspace is not None, "whoever shows a key has a workspace"
    everything = who.workspace.operator and "admin" in who.scopes
    listed = await found.workspaces.list() if everything else [who.workspace]
    return JSONResponse({"workspaces": [words.workspace_record(one) for one in listed]})


async def create_workspace(request: Request) -> Response:
    """Make a workspace with its first key, which is shown in this answer and never again."""
    found = services(request)
    who = await authenticate(request.scope, found.admission)
    require_operator(who)
    body = await json_object(request)
    asked = validated(CreateWorkspace, body)
    policy = {} if asked.retention_days is None else {"retention_days": asked.retention_days}
    terms = WorkspaceTerms(
        asked.plan, asked.approved, policy, asked.metered, micro_of(asked.credits)
    )

    async def make(remember: Remember) -> tuple[int, dict[str, Any]]:
        made = await found.workspaces.create(
            asked.name,
            terms,
            clean(asked.key_name, 100) or "first key",
            lambda tx, new: remember(tx, 201, words.new_workspace(new, secret=False)),
        )
        return 201, words.new_workspace(made)

    answer = await once(request, who, "v1/workspaces", body, make)
    answer.headers["Cache-Control"] = "no-store"
    return answer
