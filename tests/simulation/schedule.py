"""One schedule: a seed draws the machines, the orders and the faults; then everything must end well."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

from flexura.domain.credits import MICRO, Account, Budget, CreditEntry
from flexura.domain.errors import (
    FlexuraError,
)
from flexura.domain.webhook import Endpoint
from flexura.domain.workspace import Workspace
from flexura.ports.records import Tx
from flexura.storage.migrate import migrate
from flexura.storage.sqlite_tx import SqliteTx
from simulation.audit import Audit, connect
from simulation.clients import Clients
from simulation.gateway import Gateway
from simulation.loop import Overrun, Stuck, running
from simulation.orders import WORKSPACE, wanted
from simulation.vendor import Vendor
from simulation.verdict import Verdict
from simulation.world import BASE_MS, Violation, World

_ENDS_WITHIN = 240.0
"""Virtual seconds after the last fault within which everything has ended."""


@dataclass(frozen=True)
class Setting:
    """What a seed draws first."""

    processes: int
    only_takes: bool
    """Whether the first process runs no jobs."""
    team: bool
    lease_seconds: float
    deduplicates: bool
    concurrency: int
    orders: int
    faulty_for: float
    mishaps: float
    listens: bool
    metered: bool
    budget: bool
    runs: bool
    outage: bool
    """Whether all that work are away for longer than a minute."""

    @classmethod
    def drawn(cls, luck: Random) -> Setting:
        only_takes = luck.random() < 0.15
        return cls(
            processes=luck.choice((2, 2, 3)),
            only_takes=only_takes,
            team=luck.random() < 0.4,
            lease_seconds=luck.choice((1.5, 3.0, 3.0, 10.0)),
            deduplicates=luck.random() < 0.5,
            concurrency=luck.choice((1, 2, 4)),
            orders=luck.choice((2, 3, 4, 5)),
            faulty_for=luck.uniform(5.0, 15.0),
            mishaps=luck.choice((0.0, 0.02, 0.05)),
            listens=luck.random() < 0.5,
            metered=luck.random() < 0.5,
            budget=luck.random() < 0.3,
            runs=luck.random() < 0.4,
            outage=only_takes and luck.random() < 0.5,
        )


@dataclass(frozen=True)
class Outcome:
    """What came of a schedule."""

    seed: int
    problem: str
    """Empty = nothing is wrong."""
    happened: Counter[str]
    seconds: float
    """Virtual ones."""
    steps: int
    trace: list[str]


@contextmanager
def prepared() -> Generator[Path]:
    """A folder with an empty, migrated database, in memory where there is such a place."""
    memory = Path("/dev/shm")
    place = memory if os.access(memory, os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="flexura-simulation-", dir=place))
    try:
        database = folder / "empty.db"
        migrate(database)
        connection = connect(database)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def simulate(seed: int, prepared_in: Path, *, tracing: bool = False) -> Outcome:
    """Run the schedule of that seed; the same seed does the same thing each time."""
    folder = prepared_in / f"{os.getpid()}-{seed}"
    folder.mkdir()
    try:
        shutil.copyfile(prepared_in / "empty.db", folder / "flexura.db")
        world = World(seed, folder, tracing=tracing)
        with world.current(), _logged(world), running(world.loop):
            problem = _problem(world)
            while world.connections:
                world.connections[-1].close()
        world.audit.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if seed % 50 == 0:
        gc.collect()
    loop = world.loop
    return Outcome(seed, problem, world.happened, loop.time(), loop.steps, world.lines or [])


class _Lines(logging.Handler):
    """What is logged becomes part of the trace."""

    def __init__(self, world: World) -> None:
        super().__init__(logging.INFO if world.lines is not None else logging.ERROR)
        self._world = world

    def emit(self, record: logging.LogRecord) -> None:
        what, world = f"log {record.levelname.lower()}", self._world
        if world.loop.buried:
            return
        if record.levelno >= logging.ERROR:
            world.happened["errors logged"] += 1
            problem = record.exc_info and record.exc_info[1]
            if problem and not isinstance(problem, FlexuraError | AssertionError):
                world.wrong(f"{record.getMessage()} {problem!r}")
        if world.lines is not None:
            world.tell(what, logging.Formatter().format(record))


@contextmanager
def _logged(world: World) -> Generator[None]:
    """Nothing is printed meanwhile."""
    logger, handler = logging.getLogger("flexura"), _Lines(world)
    before = logger.level, logger.propagate, logger.disabled
    logger.addHandler(handler)
    logger.setLevel(handler.level)
    logger.propagate, logger.disabled = False, False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before[0])
        logger.propagate, logger.disabled = before[1:]


def _problem(world: World) -> str:
    setting = Setting.drawn(world.luck)
    world.tell("setting", str(setting))
    world.vendor = Vendor(world, setting.deduplicates, setting.concurrency)
    _furnish(world, setting)
    world.audit = Audit(world)
    world.loop.set_exception_handler(partial(_forgotten, world))
    _Schedule(world, setting).begin()
    try:
        world.loop.run_until_complete(world.over)
    except (Violation, Stuck, Overrun) as wrong:
        return str(wrong) or repr(wrong)
    return ""


def _forgotten(world: World, loop: object, context: dict[str, object]) -> None:
    """An error that nobody looked at."""
    if not world.loop.buried:
        world.wrong(f"{context.get('message')}: {context.get('exception')!r}")


def _furnish(world: World, setting: Setting) -> None:
    """The workspace, its credits and who listens."""
    connection = connect(world.database, isolation_level=None)
    tx: Tx = SqliteTx(connection)
    tx.insert(Workspace(WORKSPACE, "team", BASE_MS, policy={"unknown_price": "allow"}))
    granted = world.luck.choice((6, 30)) * MICRO
    tx.insert(Account(WORKSPACE, metered=setting.metered, granted=granted))
    tx.insert(CreditEntry("cr_0", WORKSPACE, "grant", BASE_MS, granted=granted))
    if setting.listens:
        tx.insert(Endpoint("ep_1", WORKSPACE, "https://example.com/hook", BASE_MS))
    if setting.budget:
        tx.insert(Budget("bud_1", WORKSPACE, "day", 12 * MICRO, BASE_MS))
    connection.close()


class _Schedule:
    def __init__(self, world: World, setting: Setting) -> None:
        self._world, self._setting, self._luck = world, setting, world.luck
        self._lives = 0
        self._clients = Clients(world)
        self._outage_now = False

    def begin(self) -> None:
        self._world.mishaps = self._setting.mishaps
        self._world.loop.create_task(self._whole())

    async def _whole(self) -> None:
        world = self._world
        try:
            await self._faulty()
            await self._well()
            await self._closed()
            Verdict(world, listens=self._setting.listens).given()
        except Exception as problem:
            world.wrong(f"the schedule itself failed: {problem!r}")
            raise
        if not world.over.done():
            world.over.set_result(None)

    # -- while things go wrong ------------------------------------------------------------------------
    async def _faulty(self) -> None:
        world, setting, luck = self._world, self._setting, self._luck
        within = setting.faulty_for
        for place in range(setting.processes):
            self._start(place)
        world.faults = True
        orders = [
            wanted(luck, i, within=within * 0.7, runs=setting.runs) for i in range(setting.orders)
        ]
        for order in orders:
            self._clients.begin(order)
        until = world.loop.time() + within
        while (now := world.loop.time()) < until:
            await asyncio.sleep(min(luck.expovariate(0.6), until - now + 0.001))
            await self._fault()
        if setting.outage:
            await self._outage()
        world.faults = False
        world.note("faults over")

    def _start(self, place: int) -> None:
        works = place > 0 or not self._setting.only_takes
        self._lives += 1
        Gateway(self._world, self._setting, f"p{place}.{self._lives}", works=works)

    async def _fault(self) -> None:
        world, luck = self._world, self._luck
        kind = luck.choices(
            ("kill", "pause", "drain", "disk", "jump", "power", "none"), (30, 25, 8, 8, 8, 4, 20)
        )[0]
        victim = luck.choice(world.up) if world.up else None
        if kind == "disk":
            world.loop.create_task(self._full_disk(luck.uniform(0.1, 4.0)))
        elif kind == "jump":
            world.jumped_ms += round(
                luck.choice((-0.5, 0.9, 3.0)) * self._setting.lease_seconds * 1000
            )
            world.note("clock set")
        elif kind == "power":
            world.note("power cut")
            for gateway in list(world.up):
                gateway.kill()
        elif victim is None:
            return
        elif kind == "kill":
            world.note("killed at any time")
            victim.kill()
        elif kind == "pause":
            world.note("paused at any time")
            victim.pause(luck.uniform(0.2, 3.0) * self._setting.lease_seconds)
        elif kind == "drain" and victim.open:
            world.loop.create_task(victim.drain())
        world.loop.create_task(self._revive(luck.expovariate(1.0)))

    async def _revive(self, after: float = 0.0) -> None:
        """Start again what is not there."""
        await asyncio.sleep(after)
        there = {gateway.host.name.partition(".")[0] for gateway in self._world.up}
        for place in range(self._setting.processes):
            works = place > 0 or not self._setting.only_takes
            if f"p{place}" not in there and not (works and self._outage_now):
                self._start(place)

    async def _full_disk(self, seconds: float) -> None:
        self._world.note("disk full")
        self._world.disk_is_full = True
        await asyncio.sleep(seconds)
        self._world.disk_is_full = False

    async def _outage(self) -> None:
        """Whoever works is away for more than a minute; orders and cancellations are taken all the same."""
        world = self._world
        world.note("long outage")
        self._outage_now, world.faults = True, False
        for gateway in [g for g in world.up if g.works]:
            gateway.kill()
        await self._revive()
        await asyncio.sleep(self._luck.uniform(62.0, 90.0))
        for gateway in [g for g in world.up if g.open]:
            for job_id in world.audit.unfinished:
                if self._luck.random() < 0.5:
                    await self._clients.cancel(gateway, job_id)
        self._outage_now = False

    # -- when everything is well again ----------------------------------------------------------------
    async def _well(self) -> None:
        world = self._world
        world.disk_is_full = False
        for gateway in world.up:
            gateway.host.paused_until = 0.0
        await self._revive()
        until = world.loop.time() + _ENDS_WITHIN
        while True:
            # First: who was paused just now may be about to accept what its client has given up.
            await asyncio.sleep(0.5)
            await self._revive()
            if not (self._clients.left or world.audit.unfinished):
                return
            if world.loop.time() > until:
                left = ", ".join(world.audit.unfinished) or f"{self._clients.left} clients"
                world.wrong(f"not over {_ENDS_WITHIN:.0f} s after the last fault: {left}")
                return

    async def _closed(self) -> None:
        """Everybody goes home, and leaves nothing behind."""
        world = self._world
        await asyncio.sleep(1.0)
        for _ in range(60):
            # A worker that was overtaken may still wait for the answer to its order.
            if not any(gateway.queue._leases._held for gateway in world.up):
                break
            await asyncio.sleep(1.0)
        for gateway in list(world.up):
            if held := [*gateway.queue._leases._held]:
                world.wrong(f"{gateway.host.name} still holds {held}")
            if waiting := [*gateway.watcher._watched]:
                world.wrong(f"{gateway.host.name} still waits for {waiting}")
            if not await gateway.drain():
                world.wrong(f"{gateway.host.name} does not end")
        leased = world.audit.one(
            "SELECT count(*) FROM jobs WHERE state IN ('running', 'publishing', 'queued')"
        )
        if leased:
            world.wrong(f"{leased} jobs are still leased")
