"""Keys of the caller's own workspace: list, make, rotate, revoke."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flexura.domain.job import Caller
from flexura.domain.period import duration_ms, expiry
from flexura.gateway.errors import validated
from flexura.gateway.rest.idempotent import Remember, once
from flexura.gateway.rest.requests import caller, json_object, services
from flexura.gateway.rest.tenants import words
from flexura.gateway.rest.tenants.bodies import CreateKey
from flexura.gateway.services import Services
from flexura.services.clock import now_ms
from flexura.services.keys import MOST_ACTIVE, KeyTerms, check_scopes
from flexura.services.untrusted import clean
from flexura.services.workspaces import micro_of


async def list_keys(request: Request) -> Response:
    """Every key of the workspace, revoked ones too, without the keys themselves."""
    who = await caller(request, "admin")
    found = await services(request).keys.list(who.workspace_id)
    return JSONResponse({"keys": [words.key_record(key) for key in found]})


async def create_key(request: Request) -> Response:
    """Make a key; it is shown in this answer and never again."""
    who = await caller(request, "admin")
    body = await json_object(request)
    asked, found = validated(CreateKey, body), services(request)
    terms = terms_of(asked, who, found)
    name = clean(asked.name, 100) or "key"

    async def make(remember: Remember) -> tuple[int, dict[str, Any]]:
        made = await found.keys.issue(
            who.workspace_id,
            name,
            terms,
            lambda tx, new: remember(tx, 201, words.key_record(new.key)),
        )
        return 201, words.new_key(made)

    return _secret(await once(request, who, "v1/keys", body, make))


def terms_of(asked: CreateKey, who: Caller, found: Services) -> KeyTerms:
    """What the new key may do. Raises Forbidden for scopes that the caller lacks."""
    scopes = who.scopes if asked.scopes is None else frozenset[str](asked.scopes)
    check_scopes(scopes, who.scopes)
    rate = asked.requests_per_minute
    if rate is not None and who.workspace is not None:
        # Who administers a workspace cannot lift it above what the operator allows.
        most = found.admission.requests_per_minute(who.workspace)
        rate = min(rate, most) if most else rate
    budget = asked.budget
    return KeyTerms(
        scopes=scopes,
        expires_at=None if asked.expires is None else expiry(asked.expires, now_ms()),
        requests_per_minute=rate,
        budget=None if budget is None else (budget.period, micro_of(budget.credits)),
        most_active=MOST_ACTIVE,
    )


async def rotate_key(request: Request) -> Response:
    """Make the key that follows another, which goes on working for the overlap."""
    who = await caller(request, "admin")
    overlap = duration_ms(request.query_params.get("overlap", "24h"), "overlap")
    which = request.path_params["key_id"]
    found = services(request)

    async def make(remember: Remember) -> tuple[int, dict[str, Any]]:
        made, old = await found.keys.rotate(
            which,
            who.workspace_id,
            overlap_ms=overlap,
            held=who.scopes,
            note=lambda tx, new: remember(tx, 201, words.key_record(new.key)),
        )
        return 201, {**words.new_key(made), "replaces": words.key_record(old)}

    body = {"key_id": which, "overlap": overlap}
    return _secret(await once(request, who, "v1/keys/rotate", body, make))


async def revoke_key(request: Request) -> Response:
    """Revoke a key: it opens nothing from now on."""
    who = await caller(request, "admin")
    key = await services(request).keys.revoke(request.path_params["key_id"], who.workspace_id)
    return JSONResponse(words.key_record(key))


def _secret(response: Response) -> Response:
    """An answer that no cache on the way keeps."""
    response.headers["Cache-Control"] = "no-store"
    return response
