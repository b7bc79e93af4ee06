"""Work for many hosts at once, each in a lane of its own, so that a slow one does not hold up the others."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")
log = logging.getLogger(__name__)
AT_ONCE = 96
_AT_ONCE_PER_HOST = 8
_AT_ONCE_PER_SLOW_HOST = 2
_SLOW_SECONDS = 2.0
MOST_HELD = 4096
_HELD_SECONDS = 2.0
"""A lane holds about so many seconds of work."""
_MOST_IN_LANE = 1024
_LONGEST_DELAY = 600.0
_MOST_LANES = 2000
_WEIGHT = 0.3
_PACE_WEIGHT = 0.05
_GROUP_SECONDS = 0.5


@dataclass
class _Lane(Generic[T]):
    waiting: deque[tuple[str, T]] = field(default_factory=deque[tuple[str, T]])
    in_line: bool = False
    """Whether it stands in the line of lanes that may begin something."""
    active: int = 0
    typical: float = 0.1
    """Seconds that one piece of work takes, lately."""
    pace: float = 0.004
    """Seconds from one end to the next while it is busy, lately."""
    last_end: float = 0.0
    slot: float = 0.0
    """When the last piece that was turned away comes again (monotonic)."""

    @property
    def at_once(self) -> int:
        return _AT_ONCE_PER_HOST if self.typical < _SLOW_SECONDS else _AT_ONCE_PER_SLOW_HOST

    @property
    def most(self) -> int:
        by_time = int(_HELD_SECONDS / max(self.pace, 0.001))
        return min(max(by_time, self.at_once), _MOST_IN_LANE)

    def ended(self, began: float, now: float) -> None:
        self.typical += _WEIGHT * (now - began - self.typical)
        if self.waiting and self.last_end:
            self.pace += _PACE_WEIGHT * (now - self.last_end - self.pace)
        self.last_end = now if self.waiting else 0.0
        self.active -= 1

    def next_slot(self, now: float) -> float:
        """Seconds until one more piece may come: after all that were turned away before it.

        Rather too early than too late, so that the lane does not run dry.
        """
        pace = self.pace / 2
        self.slot = min(max(self.slot, now + len(self.waiting) * pace) + pace, now + _LONGEST_DELAY)
        return self.slot - now


class Lanes(Generic[T]):
    """Takes pieces of work up to a bound, and runs them in turn, a few of each host at once."""

    def __init__(self, work: Callable[[T], Awaitable[None]]) -> None:
        self._work = work
        self._lanes: OrderedDict[str, _Lane[T]] = OrderedDict()
        self._ready: deque[str] = deque()
        self._held: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._on_room: Callable[[], None] = lambda: None
        self._closed = False

    @property
    def room(self) -> int:
        """How many more pieces may be put in; a few at a time are not worth a look."""
        room = MOST_HELD - len(self._held)
        return room if room >= MOST_HELD // 8 else 0

    @property
    def idle(self) -> bool:
        """Whether nothing is held."""
        return not self._held

    def on_room(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever a piece of work is done."""
        self._on_room = listener

    def put(self, host: str, name: str, item: T) -> float:
        """Take a piece of work: 0.0, or the seconds after which to bring it again.

        That is where its lane is full, or where work of this name is under way.
        """
        if name in self._held:
            return _GROUP_SECONDS
        lane = self._lane(host)
        if len(lane.waiting) >= lane.most:
            # In groups, so that they are brought again together.
            groups = 1 + lane.next_slot(time.monotonic()) // _GROUP_SECONDS
            return groups * _GROUP_SECONDS
        self._held.add(name)
        lane.waiting.append((name, item))
        self._stand_in_line(host, lane)
        self._start()
        return 0.0

    async def close(self, seconds: float) -> list[T]:
        """Begin nothing more, let what is under way end within so many seconds; what was never begun."""
        self._closed = True
        left = [item for lane in self._lanes.values() for _, item in lane.waiting]
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=seconds)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)
        return left

    def _lane(self, host: str) -> _Lane[T]:
        lane = self._lanes.pop(host, None) or _Lane[T]()
        self._lanes[host] = lane
        if len(self._lanes) > _MOST_LANES:
            idle = next(
                (h for h, one in self._lanes.items() if not one.active + len(one.waiting)), ""
            )
            self._lanes.pop(idle, None)
        return lane

    def _start(self) -> None:
        # One of each host in turn: whoever has more waiting goes to the end of the line.
        while self._ready and len(self._tasks) < AT_ONCE and not self._closed:
            host = self._ready.popleft()
            lane = self._lanes[host]
            lane.in_line = False
            if lane.active >= lane.at_once:
                continue  # it comes back when one of its own is done
            name, item = lane.waiting.popleft()
            lane.active += 1
            self._stand_in_line(host, lane)
            task = asyncio.create_task(self._run(host, lane, name, item))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _run(self, host: str, lane: _Lane[T], name: str, item: T) -> None:
        began = time.monotonic()
        try:
            await self._work(item)
        except Exception:
            log.exception("work for %s failed", host)
        finally:
            lane.ended(began, time.monotonic())
            self._held.discard(name)
            self._stand_in_line(host, lane)
            # This task still counts until its callbacks have run.
            asyncio.get_running_loop().call_soon(self._go_on)

    def _stand_in_line(self, host: str, lane: _Lane[T]) -> None:
        if lane.waiting and not lane.in_line:
            lane.in_line = True
            self._ready.append(host)

    def _go_on(self) -> None:
        self._start()
        self._on_room()
