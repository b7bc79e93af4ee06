"""POST /api/search."""

from __future__ import annotations

import pydantic
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flexura.domain.search import SearchRequest
from flexura.gateway.errors import refused
from flexura.gateway.rest.requests import caller, json_object, services


async def search(request: Request) -> Response:
    """Search the internet."""
    await caller(request, "search")
    body = await json_object(request)
    try:
        wanted = SearchRequest.model_validate(body)
    except pydantic.ValidationError as problem:
        raise refused(problem, SearchRequest.model_fields) from None
    answer = await services(request).search.search(wanted)
    return JSONResponse(answer.model_dump(mode="json", exclude_none=True))
