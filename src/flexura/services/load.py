"""What a process has under way, and the places for more of it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager

from flexura.domain.errors import Overloaded, RateLimited
from flexura.domain.load_limits import LoadLimits
from flexura.services.slots import Slots

_SOON = 2
_AGAIN = f"Send it again in {_SOON} s."


class Held:
    """What one request holds; all of it is given back when the request is over."""

    __slots__ = ("_body", "_key_id", "_load")

    def __init__(self, load: Load) -> None:
        self._load = load
        self._key_id = ""
        self._body = 0

    def by(self, key_id: str) -> None:
        """The request is one of this key. Raises RateLimited where the key has too many under way."""
        if not self._key_id:
            self._load.note_key(key_id)
            self._key_id = key_id

    def body(self, amount: int) -> None:
        """So many more bytes of its body are in memory. Raises RateLimited or Overloaded."""
        if amount:
            self._load.bodies.take(self._key_id, amount)
            self._body += amount

    def give_back(self) -> None:
        """The request is over."""
        if self._body:
            self._load.bodies.give_back(self._key_id, self._body)
        if self._key_id:
            self._load.forget_key(self._key_id)


class Turns:
    """So many requests begin in one turn of the event loop; the others in the next ones, in their order.

    A request runs for some 0.3 ms before it first waits. A few hundred that come together would hold up for
    a tenth of a second whoever asks how the gateway does.
    """

    def __init__(self, most: int = 32) -> None:
        self._most = self._left = most
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._counting = False

    async def take(self) -> None:
        """Go on when it is this request's turn: at once, unless many come together."""
        if self._left > 0 and not self._waiting:
            self._left -= 1
            self._count()
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._count()
        await turn

    def _count(self) -> None:
        if not self._counting:
            self._counting = True
            asyncio.get_running_loop().call_soon(self._next)

    def _next(self) -> None:
        """A new turn of the loop has begun."""
        self._counting, self._left = False, self._most
        while self._waiting and self._left > 0:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                self._left -= 1
        if self._left < self._most:
            self._count()


class Load:
    """The bounds of one process and what they hold now."""

    def __init__(self, limits: LoadLimits | None = None) -> None:
        found = self.limits = limits or LoadLimits()
        self.requests = 0
        """Requests under way, those that wait for a job among them."""
        self._of_key: dict[str, int] = {}
        self.turns = Turns()
        self.waiters = Slots(
            "requests waiting for jobs",
            found.waiters,
            found.waiters_per_key,
            next_step="Poll without `wait`, every 5 s.",
        )
        self.bodies = Slots(
            "bytes of bodies in memory",
            found.body_bytes,
            found.body_bytes_per_key,
            next_step=f"{_AGAIN} Send files to POST /api/v1/uploads: they need no memory.",
            retry_after=_SOON,
        )
        self.uploads = _slots("uploads under way", found.uploads, found.uploads_per_key)
        self.exports = _slots("archives under way", found.exports, found.exports_per_key)
        self.searches = _slots("searches under way", found.searches, found.searches_per_key)

    @property
    def busy(self) -> int:
        """Requests under way that do not just wait."""
        return self.requests - self.waiters.count

    @contextmanager
    def request(self) -> Generator[Held]:
        """One request, inside this context. Raises Overloaded where there are too many already."""
        if self.busy >= self.limits.requests:
            raise Overloaded(
                f"The gateway answers {self.limits.requests} requests already.",
                next_step=_AGAIN,
                retry_after=_SOON,
            )
        self.requests += 1
        held = Held(self)
        try:
            yield held
        finally:
            self.requests -= 1
            held.give_back()

    def note_key(self, key_id: str) -> None:
        """One request of a key begins. Raises RateLimited."""
        under_way = self._of_key.get(key_id, 0)
        if under_way - self.waiters.of(key_id) >= self.limits.requests_per_key:
            raise RateLimited(
                f"This API key has {self.limits.requests_per_key} requests under way already.",
                next_step=f"{_AGAIN} Send fewer at once.",
                retry_after=_SOON,
            )
        self._of_key[key_id] = under_way + 1

    def forget_key(self, key_id: str) -> None:
        """One request of a key is over."""
        left = self._of_key[key_id] - 1
        if left:
            self._of_key[key_id] = left
        else:
            del self._of_key[key_id]


def _slots(what: str, most: int, per_key: int) -> Slots:
    return Slots(what, most, per_key, next_step=_AGAIN, retry_after=_SOON)
