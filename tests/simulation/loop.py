"""An event loop whose time is virtual and whose order is drawn by a seed.

Every callback belongs to a simulated process (or to nobody: the world outside). Within one process callbacks
run in the order that asyncio promises; between processes the seed chooses, callback by callback. A process
can be killed (nothing of it runs any more, not even a `finally`) or paused (nothing of it runs until then).
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context, ContextVar, copy_context
from random import Random
from typing import Any

_Callback = Callable[..., object]


class Stuck(Exception):
    """Nothing is ready and nothing is planned: whoever waits waits for ever."""


class Overrun(Exception):
    """A schedule took more steps than any sound one."""


class Host:
    """Where callbacks belong: one simulated process, or the world outside."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.ready: deque[asyncio.Handle] = deque()
        self.alive = True
        self.paused_until = 0.0
        self.doomed = False
        """It dies as soon as the callback that runs now is over."""
        self.buried: Callable[[], None] = lambda: None
        """Called when it has died."""


HERE: ContextVar[Host] = ContextVar("HERE")
"""Whose callback runs."""


class _Ordered:
    """What is hashed by the order in which it was made: sets of it are walked in the same order each time."""

    serial: int

    def __hash__(self) -> int:
        return self.serial


class SimTask(_Ordered, asyncio.Task[Any]):
    """A task that may be forgotten without a complaint."""

    def __init__(
        self, serial: int, coro: Any, context: Context | None = None, **named: Any
    ) -> None:
        self.serial = serial
        self.within = copy_context() if context is None else context
        super().__init__(coro, context=self.within, **named)
        self._log_destroy_pending = False


class SimFuture(_Ordered, asyncio.Future[Any]):
    def __init__(self, serial: int, loop: asyncio.AbstractEventLoop) -> None:
        self.serial = serial
        super().__init__(loop=loop)


class SimEvent(_Ordered, asyncio.Event):
    """Stands in for asyncio.Event while a schedule runs."""

    serials = itertools.count()

    def __init__(self) -> None:
        self.serial = next(SimEvent.serials)
        super().__init__()


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs until nothing is left to do, in no time at all."""

    def __init__(self, rng: Random, most_steps: int = 400_000) -> None:
        super().__init__()
        self._rng = rng
        self._now = 0.0
        self._serials = itertools.count()
        self._timers: list[tuple[float, float, int, asyncio.TimerHandle]] = []
        self._most_steps = most_steps
        self.outside = Host("outside")
        self.hosts: list[Host] = [self.outside]
        self.tasks: list[SimTask] = []
        self.steps = 0
        self.buried = False
        """Nothing that happens now is part of the schedule."""
        self.set_task_factory(self._made)  # type: ignore[arg-type]

    def _made(self, loop: asyncio.AbstractEventLoop, coro: Any, **named: Any) -> SimTask:
        task = SimTask(next(self._serials), coro, loop=loop, **named)
        self.tasks.append(task)
        return task

    # -- what asyncio asks of a loop ----------------------------------------------------------------
    def time(self) -> float:
        return self._now

    def create_future(self) -> SimFuture:
        return SimFuture(next(self._serials), self)

    def call_soon(
        self, callback: _Callback, *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        context = copy_context() if context is None else context
        handle = asyncio.Handle(callback, args, self, context)
        context.get(HERE, self.outside).ready.append(handle)
        return handle

    def call_soon_threadsafe(
        self, callback: _Callback, *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        return self.call_soon(callback, *args, context=context)

    def call_at(
        self, when: float, callback: _Callback, *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        context = copy_context() if context is None else context
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        timer._scheduled = True  # type: ignore[attr-defined]
        # What is due at the same time is begun in any order.
        heapq.heappush(self._timers, (when, self._rng.random(), next(self._serials), timer))
        return timer

    def call_later(
        self, delay: float, callback: _Callback, *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        return self.call_at(self._now + delay, callback, *args, context=context)

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        pass

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """The work of a thread: done at some later moment, and told of at another one."""
        future = self.create_future()

        def work() -> None:
            try:
                result = func(*args)
            except BaseException as problem:
                told = (_fail, future, problem)
            else:
                told = (_settle, future, result)
            self.call_later(self._rng.uniform(0.0, 0.002), *told)

        self.call_later(self._rng.uniform(0.0, 0.004), work)
        return future

    def _process_events(self, event_list: Any) -> None:
        pass

    def _write_to_self(self) -> None:
        pass

    def close(self) -> None:
        for host in self.hosts:
            host.ready.clear()
        self._timers.clear()
        super().close()

    # -- one step -----------------------------------------------------------------------------------
    def _run_once(self) -> None:
        self.steps += 1
        if self.steps > self._most_steps:
            raise Overrun(f"{self.steps} steps, and no end at {self._now:.1f} s")
        runnable = [h for h in self.hosts if h.ready and h.paused_until <= self._now]
        if not runnable:
            self._advance()
            return
        host = runnable[0] if len(runnable) == 1 else self._rng.choice(runnable)
        handle = host.ready.popleft()
        if not handle._cancelled:  # type: ignore[attr-defined]
            handle._run()  # type: ignore[attr-defined]
        if host.doomed:
            self.kill(host)

    def _advance(self) -> None:
        """To the next moment at which something is planned, or a pause is over."""
        woken = [h.paused_until for h in self.hosts if h.ready]
        timers = self._timers
        while timers and timers[0][3]._cancelled:  # type: ignore[attr-defined]
            heapq.heappop(timers)
        if timers:
            woken.append(timers[0][0])
        if not woken:
            raise Stuck(f"nothing is left to do at {self._now:.1f} s")
        self._now = max(self._now, min(woken))
        while timers and timers[0][0] <= self._now:
            timer = heapq.heappop(timers)[3]
            timer._scheduled = False  # type: ignore[attr-defined]
            host = timer._context.get(HERE, self.outside)  # type: ignore[attr-defined]
            if host.alive and not timer._cancelled:  # type: ignore[attr-defined]
                host.ready.append(timer)

    # -- processes ----------------------------------------------------------------------------------
    def host(self, name: str) -> Host:
        """A new process in which nothing runs yet."""
        host = Host(name)
        self.hosts.append(host)
        return host

    def spawn(self, host: Host, coro: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """A task of that process."""
        context = copy_context()
        context.run(HERE.set, host)
        return self.create_task(coro, context=context)

    def kill(self, host: Host) -> None:
        """Nothing of it runs any more."""
        host.alive, host.doomed = False, False
        host.ready = _Nowhere()
        self.hosts.remove(host)
        host.buried()

    def bury(self) -> None:
        """End every task that nothing will ever run again, without a word."""
        self.buried = True
        for task in self.tasks:
            if not task.done():
                with contextlib.suppress(BaseException):
                    task.within.run(task.get_coro().close)  # type: ignore[union-attr]
        self.tasks.clear()


class _Nowhere(deque[asyncio.Handle]):
    """What is planned in a process that is gone."""

    def append(self, handle: asyncio.Handle, /) -> None:
        pass


def _settle(future: asyncio.Future[Any], result: Any) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[Any], problem: BaseException) -> None:
    if not future.done():
        future.set_exception(problem)


@contextlib.contextmanager
def running(loop: VirtualLoop) -> Generator[VirtualLoop]:
    """Close the loop at the end, whatever is left in it."""
    try:
        yield loop
    finally:
        loop.bury()
        loop.close()
