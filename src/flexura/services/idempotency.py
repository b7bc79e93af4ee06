"""Idempotency keys by Stripe's rules (https://docs.stripe.com/api/idempotent_requests).

A key belongs to a workspace and a route. What it made and the first answer are written in one transaction;
a repeat gets that answer again, another body under the same key is refused. Refusals are not remembered.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from typing import Any, cast

from flexura.domain.errors import (
    IdempotencyInProgress,
    IdempotencyMismatch,
    InvalidRequest,
    Overloaded,
)
from flexura.ports.records import Idempotency, Records, Tx
from flexura.services.clock import now_ms

MAX_KEY = 255
KEEP_DAYS = 30
"""How long a key is remembered at least; that of a job as long as its job."""
_MOST_AT_ONCE = 10_000
_DAY = 86_400_000
_SWEEP_MOST = 500

Remember = Callable[[Tx, int, dict[str, Any]], None]
"""Called inside the transaction that creates the thing, with its status and its answer without secrets."""
Make = Callable[[Remember], Awaitable[tuple[int, dict[str, Any]]]]


@dataclass(frozen=True)
class Scope:
    """One use of a key: whose, for what, and what was asked."""

    workspace_id: str
    route: str
    key: str
    body_sha256: str


@dataclass(frozen=True)
class Once:
    """What `Keys.once` came to."""

    status: int
    answer: dict[str, Any]
    replayed: bool = False


class _MadeElsewhere(Exception):
    """Another process used the key first: what was written here is rolled back."""


def body_sha256(body: Any) -> str:
    """SHA-256 of a JSON value, the same for every spelling of it: order of fields, `1` and `1.0`.

    Raises InvalidRequest for a body that is nested too deep to be compared.
    """
    try:
        text = json.dumps(body)
        # Once more through the parser: only there a number can be given another type.
        same = json.loads(text, parse_float=_number) if "." in text or "e" in text else body
        canonical = json.dumps(same, sort_keys=True, separators=(",", ":"))
    except RecursionError:
        raise InvalidRequest(
            "The body is nested too deep.", next_step="Send it without an Idempotency-Key."
        ) from None
    return hashlib.sha256(canonical.encode()).hexdigest()


def _number(text: str) -> int | float:
    value = float(text)
    return int(value) if value.is_integer() else value


def check_key(key: str) -> str:
    """The key. Raises InvalidRequest when it is too long."""
    if len(key) > MAX_KEY:
        raise InvalidRequest(
            f"The Idempotency-Key is over {MAX_KEY} characters.",
            field="Idempotency-Key",
            next_step="Send a shorter one, such as a UUID.",
        )
    return key


def mismatch() -> IdempotencyMismatch:
    """The refusal of another body under a key that was used before."""
    return IdempotencyMismatch(
        next_step="Use a new idempotency key for a new order.", field="Idempotency-Key"
    )


class IdempotencyKeys:
    """Makes a thing at most once for each key."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._now: set[tuple[str, str, str]] = set()

    @contextlib.contextmanager
    def held(self, scope: Scope) -> Generator[None]:
        """While the first request with a key is being answered. Raises IdempotencyInProgress, Overloaded.

        It holds in this process; between processes the transaction decides.
        """
        place = (scope.workspace_id, scope.route, scope.key)
        if place in self._now:
            raise IdempotencyInProgress(
                next_step="Send it again in a second: the answer of the first comes back.",
                retry_after=1,
            )
        if len(self._now) >= _MOST_AT_ONCE:
            raise Overloaded(next_step="Send it again in a few seconds.", retry_after=5)
        self._now.add(place)
        try:
            yield
        finally:
            self._now.discard(place)

    async def used(self, scope: Scope) -> Idempotency | None:
        """What the key was used for before. Raises IdempotencyMismatch for another body."""
        found = await self._records.transact(
            lambda tx: tx.idempotency(scope.workspace_id, scope.route, scope.key)
        )
        if found is not None and found.body_sha256 != scope.body_sha256:
            raise mismatch()
        return found

    async def once(self, scope: Scope, make: Make) -> Once:
        """Make a thing, or answer as the first time.

        Raises IdempotencyInProgress, IdempotencyMismatch and what `make` raises.
        """
        with self.held(scope):
            if (used := await self.used(scope)) is not None:
                return _again(used)
            try:
                status, answer = await make(self._remember(scope))
                return Once(status, answer)
            except _MadeElsewhere:
                used = await self.used(scope)
                assert used is not None, "it was there a moment ago"
                return _again(used)

    async def sweep(self, now: int) -> int:
        """Forget keys that are older than 30 days and made no job; how many."""
        before, forgotten = now - KEEP_DAYS * _DAY, 0
        while gone := await self._records.transact(
            lambda tx: tx.forget_idempotency(before, _SWEEP_MOST)
        ):
            forgotten += gone
        return forgotten

    @staticmethod
    def _remember(scope: Scope) -> Remember:
        def remember(tx: Tx, status: int, answer: dict[str, Any]) -> None:
            if tx.idempotency(scope.workspace_id, scope.route, scope.key) is not None:
                raise _MadeElsewhere
            kept = Idempotency(scope.body_sha256, status=status, answer=json.dumps(answer))
            tx.insert_idempotency(scope.workspace_id, scope.route, scope.key, kept, now_ms())

        return remember


def _again(used: Idempotency) -> Once:
    answer = cast("dict[str, Any]", json.loads(used.answer or "{}"))
    return Once(used.status, answer, replayed=True)
