"""POST /api/search."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flexura.domain.search import SearchRequest
from flexura.gateway.errors import validated
from flexura.gateway.rest.requests import caller, json_object, services


async def search(request: Request) -> Response:
    """Search the internet."""
    who = await caller(request, "search")
    body = await json_object(request)
    wanted = validated(SearchRequest, body)
    found = services(request)
    with found.load.searches.taken(who.key_id):
        answer = await found.search.search(wanted)
    return JSONResponse(answer.model_dump(mode="json", exclude_none=True))
