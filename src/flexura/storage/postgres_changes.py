"""What other processes changed: one LISTEN connection for each process, whoever waits here.

After a commit the ids of the jobs that it changed are told by one NOTIFY, outside of the transaction: a
NOTIFY inside of one makes every commit of the database wait for the one before. What a process that died
could not tell any more is found by looking: what it held is taken over, which is told; what had just come to
rest is looked for every other second.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator

import psycopg

from flexura.domain.errors import FlexuraError
from flexura.outbound.postgres import LIVELY
from flexura.ports.records import Change
from flexura.ports.tasks import ended

log = logging.getLogger(__name__)
_CHANNEL = "flexura_changes"
_MOST_KEPT = 20_000
_MOST_BYTES = 7000
"""Of one message; PostgreSQL takes up to 8000."""
_GATHER_SECONDS = 0.002
_APART_SECONDS = 0.03
"""Between two messages of a process that changes much: each costs all the others a look."""
_LOOK_SECONDS = 2.0
_PAUSE_SECONDS = 1.0
_OVERLAP_MS = 20_000
"""Clocks differ by less; a commit takes less."""

Recent = Callable[[int], Awaitable[list[str]]]
"""The jobs that came to rest after a moment (ms)."""
Send = Callable[[str, dict[str, object]], Awaitable[None]]
"""Runs a statement by itself."""


class Changes:
    """The port's `changes`, counted by this process as it learns of them."""

    def __init__(self, dsn: str, recent: Recent, send: Send) -> None:
        self._dsn = dsn
        self._recent = recent
        self._send = send
        self._me = secrets.token_hex(4)
        self._known: deque[Change] = deque(maxlen=_MOST_KEPT)
        self._numbers = itertools.count(1)
        self._listeners: list[Callable[[], None]] = []
        self._to_tell: dict[str, None] = {}
        self._telling: asyncio.Task[None] | None = None
        self._told_at = 0.0
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def last(self) -> int:
        """The number of the last change that is known here."""
        return self._known[-1].seq if self._known else 0

    def since(self, number: int) -> list[Change]:
        """The changes after a number; one without an id where not all of them are known any more."""
        if self._known and self._known[0].seq > number + 1:
            return [Change(self.last, "")]
        newer = itertools.takewhile(lambda change: change.seq > number, reversed(self._known))
        return list(newer)[::-1]

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener` at each change, of whatever process."""
        self._listeners.append(listener)

    def start(self) -> None:
        """Listen until `aclose`."""
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._look())]

    async def aclose(self) -> None:
        await asyncio.gather(*map(ended, self._tasks))
        if telling := self._telling:
            await asyncio.wait([telling], timeout=_LOOK_SECONDS)
            await ended(telling)

    def changed(self, job_ids: Iterable[str]) -> None:
        """Jobs that this process changed, durably by now."""
        ids = list(job_ids)
        self._learn(ids)
        self._to_tell.update(dict.fromkeys(ids))
        if self._to_tell and self._telling is None:
            self._telling = asyncio.create_task(self._tell())

    def _learn(self, job_ids: Iterable[str]) -> None:
        before = self.last
        self._known.extend(Change(next(self._numbers), job_id) for job_id in job_ids)
        if self.last != before:
            for listener in self._listeners:
                listener()

    async def _tell(self) -> None:
        try:
            while self._to_tell:
                rest = self._told_at + _APART_SECONDS - time.monotonic()
                await asyncio.sleep(max(_GATHER_SECONDS, rest))
                self._told_at = time.monotonic()
                ids, self._to_tell = list(self._to_tell), {}
                try:
                    await self._notify(ids)
                except FlexuraError as problem:
                    log.warning("Other processes cannot be told of changes: %s", problem.message)
                    self._to_tell = dict.fromkeys([*ids, *self._to_tell][-_MOST_KEPT:])
                    await asyncio.sleep(_PAUSE_SECONDS)
        finally:
            self._telling = None

    async def _notify(self, ids: list[str]) -> None:
        for text in _messages(self._me, ids):
            values: dict[str, object] = {"channel": _CHANNEL, "text": text}
            await self._send("SELECT pg_notify(%(channel)s, %(text)s)", values)

    async def _listen(self) -> None:
        while True:
            try:
                await self._listen_once()
            except (psycopg.Error, OSError) as error:
                log.warning("Listening to the database failed: %s", type(error).__name__)
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _listen_once(self) -> None:
        connection = await psycopg.AsyncConnection.connect(
            self._dsn, autocommit=True, application_name="flexura listening", **LIVELY
        )
        async with connection, contextlib.aclosing(connection.notifies()) as heard:
            await connection.execute(f"LISTEN {_CHANNEL}")
            # Nobody knows what was told while nobody listened.
            self._learn([""])
            async for message in heard:
                sender, _, ids = message.payload.partition(" ")
                if sender != self._me:
                    self._learn(ids.split())

    async def _look(self) -> None:
        known: set[str] | None = None
        while True:
            # A database that is away is told of where somebody needs it.
            with contextlib.suppress(FlexuraError, psycopg.Error):
                found = await self._recent(time.time_ns() // 1_000_000 - _OVERLAP_MS)
                if known is not None:
                    self._learn([job_id for job_id in found if job_id not in known])
                known = set(found)
            await asyncio.sleep(_LOOK_SECONDS)


def _messages(sender: str, ids: list[str]) -> Iterator[str]:
    text = sender
    for one in ids:
        if len(text) + len(one) >= _MOST_BYTES:
            yield text
            text = sender
        text = f"{text} {one}"
    yield text
