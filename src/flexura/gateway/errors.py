"""From the error tree to HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import pydantic
from starlette.responses import JSONResponse

from flexura.domain.errors import FlexuraError, InvalidRequest

B = TypeVar("B", bound=pydantic.BaseModel)
STATUS: dict[str, int] = {
    "unauthorized": 401,
    "invalid_api_key": 401,
    "forbidden": 403,
    "access_denied": 403,
    "invalid_request": 400,
    "invalid_json": 400,
    "input_validation_error": 400,
    "method_not_allowed": 405,
    "payload_too_large": 413,
    "unsupported_media_type": 415,
    "insufficient_credits": 402,
    "budget_exceeded": 402,
    "not_found": 404,
    "model_not_found": 404,
    "artifact_expired": 410,
    "conflict": 409,
    "canceled": 409,
    "idempotency_in_progress": 409,
    "idempotency_mismatch": 422,
    "content_policy": 422,
    "rate_limited": 429,
    "provider_error": 502,
    "outcome_unknown": 502,
    "result_expired": 502,
    "provider_unavailable": 503,
    "overloaded": 503,
    "disk_full": 507,
    "store_damaged": 503,
    "internal_error": 500,
}


def error_response(error: FlexuraError, request_id: str) -> JSONResponse:
    """`{"error": {"code", "message", "next_step"?, "field"?, "request_id"}}` with its status."""
    headers = {"Flexura-Request-Id": request_id}
    if "retry_after" in error.details:
        headers["Retry-After"] = str(round(float(error.details["retry_after"])))
    if STATUS[error.code] == 401:
        headers["WWW-Authenticate"] = "Bearer"
    body = {"error": {**error.body(), "request_id": request_id}}
    return JSONResponse(body, status_code=STATUS[error.code], headers=headers)


def validated(model: type[B], body: Any, known: Iterable[str] | None = None) -> B:
    """A body as its type. Raises InvalidRequest naming the first field that does not fit and what is allowed.

    `known` are the fields as the caller knows them, where they are not those of the type.
    """
    try:
        return model.model_validate(body)
    except pydantic.ValidationError as problem:
        raise refused(problem, model.model_fields if known is None else known) from None


def refused(problem: pydantic.ValidationError, known: Iterable[str]) -> InvalidRequest:
    """A body that does not fit its type, as an error that names the first field and what is allowed."""
    first = problem.errors(include_url=False, include_context=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        step = f"Allowed fields: {', '.join(known)}."
        return InvalidRequest(
            f"The field {field[:60]!r} is unknown.", field=field[:60], next_step=step
        )
    message = str(first["msg"]).removeprefix("Value error, ")
    text = (
        f"The field {field} is missing." if first["type"] == "missing" else f"{field}: {message}."
    )
    return InvalidRequest(
        text, field=field, next_step=f"Correct {field or 'the body'} and send it again."
    )
