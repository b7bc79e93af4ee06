"""GET /api/v1/providers: each adapter, whether it is set up, and how it did when it was last asked."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flexura.domain.errors import InvalidRequest
from flexura.gateway.rest.requests import caller, services
from flexura.services.vendors import Standing


async def list_providers(request: Request) -> Response:
    """What is known; with `check=1` every vendor is asked again first, if that costs nothing."""
    await caller(request, "read")
    asked = request.query_params.get("check", "")
    if asked not in ("", "0", "1"):
        raise InvalidRequest("check is neither 0 nor 1.", field="check", next_step="Send check=1.")
    found = await services(request).vendors.standings(check=asked == "1")
    return JSONResponse({"providers": [_row(one) for one in found]})


def _row(one: Standing) -> dict[str, Any]:
    facts = one.facts
    return {
        "name": one.name,
        "adapter": facts.name,
        "role": facts.role,
        "configured": facts.configured,
        "keyless": facts.keyless,
        "missing": facts.missing,
        "proven": list(facts.proven),
        "docs": facts.docs,
        "status": one.status,
        "error": one.error,
        "models": dict(one.models),
        "checked_at": one.checked_at,
        "note": one.note,
    }
