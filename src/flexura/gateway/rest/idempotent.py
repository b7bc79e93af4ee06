"""The Idempotency-Key header: the same request twice makes one thing.

`once` is for everything but jobs; an order of a job carries its key in its `Origin`, and `ordered_once`
keeps two of the same key from running beside each other.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flexura.domain.job import Caller, Job, Submitted
from flexura.gateway.rest.requests import services
from flexura.ports.records import Tx
from flexura.services.idempotency import MAX_KEY, Make, Remember, Scope, body_sha256, check_key
from flexura.services.transitions import Origin

__all__ = [
    "IDEMPOTENCY_KEY",
    "REPLAYED",
    "Remember",
    "accepted_headers",
    "first_answer",
    "once",
    "ordered_once",
    "origin_of",
]
IDEMPOTENCY_KEY: dict[str, dict[str, Any]] = {
    "Idempotency-Key": {
        "type": "string",
        "maxLength": MAX_KEY,
        "description": "Makes a repeat safe: the same key and body give the first answer again, marked "
        "`Idempotent-Replayed: true`.",
    }
}
"""For `Operation.headers`; such an operation also lists the errors 409 and 422."""
Answer = Callable[[Job], dict[str, Any]]
REPLAYED = {"Idempotent-Replayed": "true"}


async def once(request: Request, who: Caller, route: str, body: Any, make: Make) -> Response:
    """Answer with what `make(remember)` makes, or with the first answer to the same key.

    `make` calls `remember(tx, status, answer_without_secrets)` inside the transaction that creates the thing,
    and gives status and answer. `route` names the scope of the key. Raises IdempotencyInProgress,
    IdempotencyMismatch, InvalidRequest, and what `make` raises, which is not remembered.
    """
    key = _key(request)
    if not key:
        return _response(*await make(_forget))
    scope = Scope(who.workspace_id, route, key, body_sha256(body))
    done = await services(request).idempotency.once(scope, make)
    return _response(done.status, done.answer, REPLAYED if done.replayed else {})


def origin_of(
    request: Request, tool: str, route: str, body: Any, answer: Answer | None = None
) -> Origin:
    """Where an order came in, with its idempotency key. Raises InvalidRequest for a key that is too long.

    `answer` renders the first answer from the new job; it is kept with the key and replayed as it was.
    """
    key = _key(request)
    digest = body_sha256(body) if key else ""
    return Origin(tool, idempotency_key=key, body_sha256=digest, route=route, answer=answer)


async def ordered_once(
    request: Request,
    who: Caller,
    origin: Origin,
    submit: Callable[[], Awaitable[Submitted]],
) -> Submitted:
    """Submit an order, or give the job of an earlier one with its key (`replayed`).

    `submit` plans and hands `origin` to `Transitions.accept`, which decides between processes; a repeat does
    not get so far, so it is answered even when its model is gone. Raises IdempotencyInProgress,
    IdempotencyMismatch, and what `submit` raises.
    """
    if not origin.idempotency_key:
        return await submit()
    found = services(request)
    scope = Scope(who.workspace_id, origin.route, origin.idempotency_key, origin.body_sha256)
    with found.idempotency.held(scope):
        used = await found.idempotency.used(scope)
        if used is None:
            return await submit()
    job = await found.jobs.get(who.workspace_id, used.job_id)
    return Submitted(job, replayed=True, answer=used.answer)


def first_answer(submitted: Submitted, answer: Answer) -> dict[str, Any]:
    """The answer to an order: as it was the first time, where it is a repeat."""
    if submitted.answer:
        return cast("dict[str, Any]", json.loads(submitted.answer))
    return answer(submitted.job)


def accepted_headers(submitted: Submitted, jobs: str) -> dict[str, str]:
    """Where the job is, below the path `jobs`; and the mark of a repeat."""
    location = {"Location": f"{jobs}/{submitted.job.id}"}
    return location | REPLAYED if submitted.replayed else location


def _key(request: Request) -> str:
    return check_key(request.headers.get("idempotency-key", "").strip())


def _forget(tx: Tx, status: int, answer: dict[str, Any]) -> None:
    """Nobody sent a key, so nothing is remembered."""


def _response(
    status: int, answer: dict[str, Any], headers: dict[str, str] | None = None
) -> Response:
    if status == 204:
        return Response(status_code=204, headers=headers)
    return JSONResponse(answer, status_code=status, headers=headers)
