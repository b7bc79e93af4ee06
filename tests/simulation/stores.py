"""The stores that processes share: the laptop's own, and one that behaves as a server elsewhere does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

from flexura.ports.records import Tx
from flexura.storage.sqlite import SqliteRecords
from flexura.storage.sqlite_tx import SqliteTx
from simulation.loop import HERE
from simulation.world import World

T = TypeVar("T")
_READS = (
    "changes",
    "last_change",
    "job",
    "children",
    "get",
    "find",
    "unfinished",
    "due",
    "artifacts_of",
    "artifact",
)
_REPEATED = 0.1
"""How often a transaction runs a second time, as after a conflict between two of them."""


class SimRecords(SqliteRecords):
    """The store of a laptop, whose transactions are looked at from inside."""

    def __init__(self, world: World) -> None:
        super().__init__(world.database)
        self._world = world

    async def transact(self, work: Callable[[Tx], T]) -> T:
        return await super().transact(self._world.audit.watched(work))


class TeamRecords(SimRecords):
    """A store behind a network: transactions of one process run side by side, and reads take a while.

    Commits of every process are told to every process, late. What a transaction does may be done twice.
    """

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._listeners: list[Callable[[], None]] = []
        self._host = HERE.get()

    def on_commit(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    async def transact(self, work: Callable[[Tx], T]) -> T:
        world, loop = self._world, asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        looked_at = world.audit.watched(work)

        def run() -> None:
            world.delicate("before a commit")
            told: tuple[Callable[..., object], asyncio.Future[T], object]
            try:
                told = (_settle, future, self._once(looked_at))
            except Exception as problem:
                told = (_fail, future, problem)
            world.delicate("behind a commit")
            loop.call_later(self._while(), *told)

        loop.call_later(self._while(), run)
        return await future

    def _once(self, work: Callable[[Tx], T]) -> T:
        connection = self._writer._connection
        if self._world.luck.random() < _REPEATED:
            connection.execute("BEGIN IMMEDIATE")
            try:
                work(SqliteTx(connection))
            finally:
                connection.rollback()
        connection.execute("BEGIN IMMEDIATE")
        before = connection.total_changes
        try:
            result = work(SqliteTx(connection))
            connection.commit()
        except BaseException as problem:
            connection.rollback()
            raise _translated(problem) from None
        if connection.total_changes != before:
            self._tell_all()
        return result

    def _tell_all(self) -> None:
        loop = asyncio.get_running_loop()
        for gateway in self._world.up:
            if isinstance(gateway.records, TeamRecords):
                there, host = gateway.records, gateway.host
                loop.call_later(self._while(), there.told, context=_within(host))

    def told(self) -> None:
        """Something was committed somewhere."""
        for listener in self._listeners:
            listener()

    def _while(self) -> float:
        return self._world.luck.uniform(0.0005, 0.01)


def _within(host: Any) -> Any:
    from contextvars import copy_context

    context = copy_context()
    context.run(HERE.set, host)
    return context


def _translated(problem: BaseException) -> BaseException:
    from flexura.storage.writer import translated

    return translated(problem) if isinstance(problem, Exception) else problem


def _settle(future: asyncio.Future[Any], result: object) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[Any], problem: Exception) -> None:
    if not future.done():
        future.set_exception(problem)


def _delayed(name: str) -> Callable[..., Awaitable[Any]]:
    original = cast("Callable[..., Awaitable[Any]]", getattr(SqliteRecords, name))

    async def read(self: TeamRecords, *given: Any, **named: Any) -> Any:
        await asyncio.sleep(self._while())
        result = await original(self, *given, **named)
        await asyncio.sleep(self._while())
        return result

    return read


for _name in _READS:
    setattr(TeamRecords, _name, _delayed(_name))
