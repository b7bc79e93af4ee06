"""Forms whose answer shows a secret: sent twice they make one thing, and it is shown once."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response

from flexura.domain.errors import Conflict, IdempotencyMismatch
from flexura.gateway.dashboard.visit import Visit
from flexura.gateway.rest.requests import services
from flexura.ports.records import Tx
from flexura.services.idempotency import Remember, Scope, body_sha256, check_key

FIELD = "once"
T = TypeVar("T")


def shown_once(response: Response, path: str) -> Response:
    """The answer with the secret: loading it again leads to `path`, and no other page sends the form anew."""
    response.headers["HX-Push-Url"] = path
    return response


def fresh() -> str:
    """What a form carries, so that it is known again."""
    return secrets.token_urlsafe(18)


async def made_once(
    request: Request,
    visit: Visit,
    route: str,
    make: Callable[[Callable[[Tx], None]], Awaitable[T]],
) -> T | None:
    """What `make(note)` makes; None where this form came before, as when a page is loaded again.

    `make` calls `note(tx)` in the transaction that makes it. Raises Conflict for a form that was sent before
    with something else in it, and what `make` raises.
    """
    key = check_key(visit.form.get(FIELD, "").strip())
    if not key:
        return await make(lambda tx: None)
    made: list[T] = []

    async def work(remember: Remember) -> tuple[int, dict[str, object]]:
        made.append(await make(lambda tx: remember(tx, 201, {})))
        return 201, {}

    scope = Scope(
        visit.workspace.id, f"dashboard/{route}", key, body_sha256(visit.form.multi_items())
    )
    try:
        done = await services(request).idempotency.once(scope, work)
    except IdempotencyMismatch:
        raise Conflict(
            "This form was sent before, with something else in it.",
            next_step="Load the page again and fill it in once more.",
        ) from None
    return None if done.replayed else made[-1]
