"""GET /api/v1/providers: each adapter, whether it is set up, and how it did when it was last asked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flexura.domain.errors import InvalidRequest
from flexura.domain.model import ProviderState
from flexura.domain.provider import ProviderFacts
from flexura.gateway.rest.requests import caller, services
from flexura.services.search import EngineState

_SEARCH = {None: "unknown", True: "ok", False: "unavailable"}


async def list_providers(request: Request) -> Response:
    """What is known; with `check=1` every vendor is asked again first, if that costs nothing."""
    await caller(request, "read")
    asked = request.query_params.get("check", "")
    if asked not in ("", "0", "1"):
        raise InvalidRequest("check is neither 0 nor 1.", field="check", next_step="Send check=1.")
    found = services(request)
    if asked == "1":
        listing, engines = await asyncio.gather(
            found.catalog.refresh(force=True), found.search.check()
        )
    else:
        listing, engines = await found.catalog.listing(), found.search.states()
    media = {state.name: state for state in listing.states}
    search = {state.name: state for state in engines}
    rows = [row for facts in found.providers for row in _rows(facts, media, search)]
    return JSONResponse({"providers": rows})


def _rows(
    facts: ProviderFacts, media: dict[str, ProviderState], search: dict[str, EngineState]
) -> Iterator[dict[str, Any]]:
    """One row for each name under which the adapter answers, or one that says what it lacks."""
    for name in facts.parts or (facts.name,):
        if not facts.configured or facts.problem:
            told = {"status": "off" if not facts.configured else "unavailable"}
        elif facts.role == "search":
            told = _of_engine(search.get(name, EngineState(name)))
        else:
            told = _of_catalog(media.get(name))
        yield {
            "name": name,
            "adapter": facts.name,
            "role": facts.role,
            "configured": facts.configured,
            "keyless": facts.keyless,
            "missing": facts.missing,
            "proven": list(facts.proven),
            "docs": facts.docs,
            "status": "unknown",
            "error": facts.problem,
            "models": {},
            "checked_at": None,
            "note": "",
            **told,
        }


def _of_catalog(state: ProviderState | None) -> dict[str, Any]:
    if state is None:
        return {}
    return state.model_dump(include={"status", "error", "models", "checked_at"})


def _of_engine(state: EngineState) -> dict[str, Any]:
    return {
        "status": _SEARCH[state.healthy],
        "error": state.error,
        "checked_at": state.checked_at or None,
        "note": state.note,
    }
