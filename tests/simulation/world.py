"""The world of one schedule: its clock, its disk, its luck, what happened in it, and what is wrong."""

from __future__ import annotations

import asyncio
import random
import secrets
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager, suppress
from importlib import import_module
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from flexura.domain.job import Job
from flexura.storage.sqlite_tx import SqliteTx
from simulation.loop import HERE, Host, SimEvent, VirtualLoop

if TYPE_CHECKING:
    from simulation.audit import Audit
    from simulation.gateway import Gateway
    from simulation.vendor import Vendor

BASE_MS = 1_795_305_600_000
"""2026-11-22T00:00:00Z: when every schedule begins."""
_LOOK_AGAIN = 1.0
"""Seconds between looks for what no own commit tells: 0.25 in earnest, which would cost most of the time."""
_LOOKERS = ("flexura.queues.embedded", "flexura.queues.leases", "flexura.services.watch")


class Violation(AssertionError):
    """An invariant does not hold."""


class World:
    """Everything that processes share."""

    vendor: Vendor
    audit: Audit

    def __init__(self, seed: int, folder: Path, *, tracing: bool = False) -> None:
        self.seed = seed
        self.luck = Random(f"luck {seed}")
        """Draws what happens."""
        self.loop = VirtualLoop(Random(f"order {seed}"))
        self.folder = folder
        self.database = folder / "flexura.db"
        self.happened: Counter[str] = Counter()
        self.lines: list[str] | None = [] if tracing else None
        self.up: list[Gateway] = []
        self.disk_is_full = False
        self.faults = False
        """Whether anything may go wrong now."""
        self.mishaps = 0.0
        """How likely a process is struck at a delicate moment."""
        self.jumped_ms = 0
        """How far the clock on the wall was set."""
        self.connections: list[SimConnection] = []
        """Every connection of every process that lives."""
        self.over: asyncio.Future[None] = self.loop.create_future()

    # -- time ---------------------------------------------------------------------------------------
    def wall_ms(self) -> int:
        """What the clock on the wall says, in milliseconds since 1970."""
        return BASE_MS + self.jumped_ms + round(self.loop.time() * 1000)

    # -- what is told -------------------------------------------------------------------------------
    def note(self, what: str, about: str = "") -> None:
        """Something happened; counted, and told where somebody wants to read it."""
        self.happened[what] += 1
        self.tell(what, about)

    def tell(self, what: str, about: str = "") -> None:
        """A line of the trace."""
        if self.lines is not None:
            here = HERE.get(self.loop.outside).name
            self.lines.append(f"{self.loop.time():9.4f}  {here:<10} {what:<18} {about}".rstrip())

    def wrong(self, told: str) -> None:
        """An invariant does not hold: the schedule ends here."""
        self.tell("WRONG", told)
        if not self.over.done():
            self.over.set_exception(Violation(told))

    # -- what goes wrong ----------------------------------------------------------------------------
    def delicate(self, point: str) -> None:
        """A moment at which the process that runs now may die, or be paused for longer than its lease."""
        host = HERE.get(self.loop.outside)
        if not self.faults or host is self.loop.outside or self.luck.random() >= self.mishaps:
            return
        gateway = next((g for g in self.up if g.host is host), None)
        if gateway is None:
            return
        if self.luck.random() < 0.6:
            self.note("killed " + point)
            gateway.die()
        else:
            self.note("paused " + point)
            gateway.pause(self.luck.uniform(0.5, 3.0) * gateway.lease_seconds)

    def locked(self) -> bool:
        """Whether another process holds the lock of the database."""
        host = HERE.get(self.loop.outside)
        return any(c.in_transaction for c in self.connections if c.host is not host)

    def torn_off(self, host: Host) -> None:
        """Close what a process had open: what it did not commit is rolled back."""
        for connection in [c for c in self.connections if c.host is host]:
            connection.close()

    @contextmanager
    def current(self) -> Generator[None]:
        """While this world is the one that the code under test lives in."""
        loop = self.loop
        ids = Random(f"ids {self.seed}")
        state = random.getstate()
        random.seed(self.seed)
        with ExitStack() as stack:
            for target, name, stand_in in (
                (time, "time_ns", lambda: self.wall_ms() * 1_000_000),
                (time, "time", lambda: self.wall_ms() / 1000),
                (time, "monotonic", loop.time),
                (secrets, "randbits", ids.getrandbits),
                (secrets, "token_hex", lambda n=32: f"{ids.getrandbits(8 * n):0{2 * n}x}"),
                (asyncio, "Event", SimEvent),
                *_stand_ins(self),
            ):
                stack.enter_context(patch.object(target, name, stand_in))
            try:
                yield
            finally:
                random.setstate(state)


def _stand_ins(world: World) -> Iterable[tuple[Any, str, Any]]:
    store, writer = import_module("flexura.storage.sqlite"), import_module("flexura.storage.writer")
    original: Callable[..., sqlite3.Connection] = sqlite3.connect

    def connect(path: Path, **named: Any) -> sqlite3.Connection:
        connection = original(path, factory=SimConnection, **named)
        connection.belong(world)
        return connection

    yield sqlite3, "connect", connect
    yield SqliteTx, "claim", _watched_claim(world)
    yield store, "Checkpointer", _NoCheckpointer
    yield writer, "ThreadPoolExecutor", lambda *a, **n: CommitThread(world)
    for name in _LOOKERS:
        with suppress(ImportError):
            module = import_module(name)
            if hasattr(module, "_LOOK_AGAIN"):
                yield module, "_LOOK_AGAIN", _LOOK_AGAIN


def _watched_claim(world: World) -> Callable[..., list[Job]]:
    """`Tx.claim`, and a look at what it took."""
    original = SqliteTx.claim

    def claim(
        tx: SqliteTx, provider: str, most: int, owner: str, now: int, until: int
    ) -> list[Job]:
        jobs = original(tx, provider, most, owner, now, until)
        if jobs:
            sql = (
                "SELECT count(*) FROM jobs WHERE provider = ? AND lease_until >= ?"
                " AND state IN ('running', 'publishing')"
            )
            running = tx._connection.execute(sql, (provider, now)).fetchone()[0]
            world.audit.claimed(provider, most, jobs, running)
        return jobs

    return claim


class _NoCheckpointer:
    """The WAL of a schedule never grows so far."""

    def __init__(self, *about: Any) -> None:
        pass

    def close(self) -> None:
        pass


class SimConnection(sqlite3.Connection):
    """A connection of a process, on a disk that may be full."""

    world: World
    host: Host

    def belong(self, world: World) -> None:
        """To whoever opens it."""
        self.world, self.host = world, HERE.get(world.loop.outside)
        world.connections.append(self)

    def commit(self) -> None:
        if not self.in_transaction:
            return
        if self.world.disk_is_full:
            self.world.happened["disk was full"] += 1
            raise sqlite3.OperationalError("database or disk is full")
        super().commit()
        self.world.audit.committed()

    def close(self) -> None:
        if self in self.world.connections:
            self.world.connections.remove(self)
        super().close()


class CommitThread:
    """Stands in for the writer's thread: the disk takes its time, and the process may die meanwhile."""

    def __init__(self, world: World) -> None:
        self._world = world

    def submit(self, work: Callable[[], Any]) -> Future[Any]:
        """Done after a while, and not before whoever writes has written."""
        future: Future[Any] = Future()
        world, loop = self._world, self._world.loop
        world.delicate("before a commit")

        def run() -> None:
            if world.locked():
                world.happened["waited for the lock"] += 1
                loop.call_later(world.luck.uniform(0.0005, 0.02), run)
                return
            try:
                result = work()
            except Exception as problem:
                future.set_exception(problem)
            else:
                world.delicate("behind a commit")
                future.set_result(result)

        loop.call_later(world.luck.uniform(0.0005, 0.02), run)
        return future

    def shutdown(self) -> None:
        """Nothing is left of it."""
