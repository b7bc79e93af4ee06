"""Render child processes: at most cores - 1, one task each, started when needed and stopped when idle.

Numpy, Pillow and PyAV never enter the gateway itself: a render thread in it multiplied its p99 by
eight (measured).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_IDLE_SECONDS = 60.0
_LONGEST_SECONDS = 900.0
_LINE = 1 << 22
Progress = Callable[[float, str], None]


class RenderCrashed(Exception):
    """The child died or went silent in the middle of a task."""


@dataclass
class _Child:
    process: asyncio.subprocess.Process

    @property
    def alive(self) -> bool:
        return self.process.returncode is None

    async def run(self, task: dict[str, Any], progress: Progress) -> dict[str, Any]:
        assert self.process.stdin and self.process.stdout
        try:
            self.process.stdin.write(json.dumps(task).encode() + b"\n")
            await self.process.stdin.drain()
            while line := await self.process.stdout.readline():
                event = json.loads(line)
                if event.get("id") != task["id"]:
                    continue
                if event["event"] == "progress":
                    progress(float(event["value"]), str(event.get("note", "")))
                else:
                    return event
        except (ConnectionError, ValueError) as error:
            raise RenderCrashed(type(error).__name__) from error
        raise RenderCrashed(f"exit code {await self.process.wait()}")

    async def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGKILL)
        await self.process.wait()
        # Only now is the pipe transport free to go; asyncio would warn about it at exit otherwise.
        transport = getattr(self.process, "_transport", None)
        if transport is not None:
            transport.close()


class RenderPool:
    """Hands tasks to children; the caller cancels `run` to stop a task, which kills its child."""

    def __init__(self, size: int = 0) -> None:
        self.size = size or max(1, (os.cpu_count() or 2) - 1)
        self._free = asyncio.Semaphore(self.size)
        self._idle: list[tuple[_Child, asyncio.TimerHandle]] = []
        self._reaping: set[asyncio.Task[None]] = set()
        self._closed = False

    async def run(self, task: dict[str, Any], progress: Progress) -> dict[str, Any]:
        """Run one task; the child's `done` or `failed` line. Raises RenderCrashed."""
        async with self._free:
            child = await self._take()
            try:
                async with asyncio.timeout(_LONGEST_SECONDS):
                    answer = await child.run(task, progress)
            except TimeoutError as error:
                await child.kill()
                raise RenderCrashed(f"no answer within {_LONGEST_SECONDS:.0f} s") from error
            except BaseException:
                await child.kill()
                raise
            self._give_back(child)
            return answer

    async def _take(self) -> _Child:
        while self._idle:
            child, timer = self._idle.pop()
            timer.cancel()
            if child.alive:
                return child
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "flexura.render",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=_LINE,
            env=_environment(),
        )
        return _Child(process)

    def _give_back(self, child: _Child) -> None:
        loop = asyncio.get_running_loop()
        if self._closed:
            self._reap(child)
            return
        timer = loop.call_later(_IDLE_SECONDS, lambda: self._retire(child))
        self._idle.append((child, timer))

    def _retire(self, child: _Child) -> None:
        self._idle = [(c, t) for c, t in self._idle if c is not child]
        self._reap(child)

    def _reap(self, child: _Child) -> None:
        task = asyncio.create_task(child.kill())
        self._reaping.add(task)
        task.add_done_callback(self._reaping.discard)

    async def aclose(self) -> None:
        """Stop every idle child; busy ones end with the task that is cancelled."""
        self._closed = True
        for child, timer in self._idle:
            timer.cancel()
            await child.kill()
        self._idle.clear()
        if self._reaping:
            await asyncio.gather(*self._reaping)


def _environment() -> dict[str, str]:
    """Nothing of the gateway's own environment that is secret reaches the child."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "SYSTEMROOT", "VIRTUAL_ENV")
    return {k: v for k, v in os.environ.items() if k in kept or k.startswith("FLEXURA_RENDER_")}
