"""Templates and the account of the AuraFlux surface."""

from __future__ import annotations

from typing import Any, cast

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flexura.domain.credits import in_credits
from flexura.gateway.auth import QUOTA
from flexura.gateway.errors import validated
from flexura.gateway.rest.auraflux.bodies import SaveTemplate
from flexura.gateway.rest.auraflux.words import template_record
from flexura.gateway.rest.idempotent import Remember, once
from flexura.gateway.rest.requests import caller, json_object, services
from flexura.services.limits import Quota
from flexura.services.production import Productions


async def list_saved_templates(request: Request) -> Response:
    """Every saved template of the workspace."""
    who = await caller(request, "read")
    every = await services(request).templates.list(who.workspace_id, "template")
    saved = [template_record(t) for t in every if t.workspace_id]
    return JSONResponse({"templates": saved, "total": len(saved)})


async def save_template(request: Request) -> Response:
    """Save a job configuration as a template."""
    who = await caller(request, "generate")
    body = await json_object(request)
    sent = validated(SaveTemplate, body)
    found = services(request)

    async def make(remember: Remember) -> tuple[int, dict[str, Any]]:
        asked = sent.production()
        found.publishing.check(asked.publish or ())
        productions = Productions(found.templates)
        document = await productions.document(who.workspace_id, sent.name, asked)
        template = await found.templates.save(
            who.workspace_id, document, lambda tx, made: remember(tx, 201, template_record(made))
        )
        return 201, template_record(template)

    return await once(request, who, "production/templates", body, make)


async def delete_saved_template(request: Request) -> Response:
    """Delete a template; the jobs that were made from it stay as they are."""
    who = await caller(request, "generate")
    name = request.path_params["template_id"]
    gone = await services(request).templates.delete(who.workspace_id, name)
    return JSONResponse({"id": gone.id, "deleted": True})


async def get_production_account(request: Request) -> Response:
    """Account, plan, credits, rate limit: enough to see that a key works."""
    who = await caller(request, "read")
    overview = await services(request).credits.overview(who.workspace_id)
    account = overview.account
    quota = cast("Quota | None", request.scope.get(QUOTA))
    limit = quota and {
        "limit": quota.limit,
        "remaining": quota.remaining,
        "windowSeconds": quota.window,
        "resetSeconds": quota.resets_in,
    }
    return JSONResponse(
        {
            "accountId": overview.workspace.id,
            "plan": overview.workspace.plan,
            # Unlimited accounts have no balance; null says so.
            "credits": in_credits(account.available) if account.metered else None,
            "rateLimit": limit,
            "name": overview.workspace.name,
            "unlimited": not account.metered,
            "spent": in_credits(account.spent),
            "reserved": in_credits(account.reserved),
        }
    )
