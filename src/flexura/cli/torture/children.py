"""The victims, as their parent sees them: started, hit, and started again as soon as they have ended."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from flexura.domain.errors import InternalError

_READY_SECONDS = 60.0
_END_SECONDS = 20.0
_MOST_TOLD = 20
_READY_WORDS = (b"listening on", b"is ready")
_NURSERY = (sys.executable, "-m", "flexura", "torture", "--nursery")


@dataclass
class Slot:
    """One place of a victim: whoever fills it is replaced when it ends."""

    name: str
    kind: Literal["gateway", "worker"]
    port: int = 0
    works: bool = True
    pid: int = 0
    """0 = nobody is there just now."""
    since: float = 0.0
    log_start: int = 0
    """Where in its log the words of the present one begin."""
    busy: bool = False
    """Stopped, or asked to end: it is not hit again meanwhile."""
    expected: int | None = None
    """The exit code that it is about to end with, because we did that; None = it should run."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class Children:
    """The nursery and the slots."""

    def __init__(self, slots: list[Slot], folder: Path, upstream: str) -> None:
        self.slots = slots
        self.deaths: list[str] = []
        """Who ended in a way that nobody asked for, and their last words."""
        self.starts = 0
        self.drains: list[float] = []
        """Seconds that it took to end after SIGTERM."""
        self.on_end: Callable[[int], None] = lambda pid: None
        self._folder, self._upstream = folder, upstream
        self._process: asyncio.subprocess.Process | None = None
        self._closing = False

    @asynccontextmanager
    async def running(self, environment: dict[str, str]) -> AsyncGenerator[Children]:
        """Everybody runs inside this context; nobody does after it."""
        with (self._folder / "nursery.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *_NURSERY,
                env=environment,
                cwd=self._folder,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                # Ctrl-C at the terminal is for the parent, which then lets everybody go in order.
                start_new_session=True,
            )
        listening = None
        try:
            await self._ready()
            listening = asyncio.create_task(self._listen())
            for slot in self.slots:
                self._fork(slot)
            yield self
        finally:
            self._closing = True
            if listening:
                listening.cancel()
            await self._end()

    async def _ready(self) -> None:
        try:
            async with asyncio.timeout(_READY_SECONDS):
                told = await self._told()
        except TimeoutError:
            told = {}
        if "ready" not in told:
            words = told.get("error") or _tail(self._folder / "nursery.log")
            raise InternalError(
                f"The processes could not be started: {words or 'no reason given'}.",
                next_step="Report it with these words.",
            )

    async def _end(self) -> None:
        process = self._process
        if process is None or process.stdin is None:
            return
        process.stdin.close()
        try:
            async with asyncio.timeout(_END_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _told(self) -> dict[str, Any]:
        assert self._process is not None and self._process.stdout is not None
        line = await self._process.stdout.readline()
        return json.loads(line) if line else {}

    async def _listen(self) -> None:
        by_name = {slot.name: slot for slot in self.slots}
        while told := await self._told():
            if name := told.get("forked"):
                slot = by_name[name]
                slot.pid, slot.since = told["pid"], time.monotonic()
            elif pid := told.get("ended"):
                slot = next((s for s in self.slots if s.pid == pid), None)
                if slot is not None:
                    self._buried(slot, told["code"])
        if not self._closing:
            self.deaths.append(f"the nursery ended: {_tail(self._folder / 'nursery.log')}")

    def _buried(self, slot: Slot, code: int) -> None:
        if code != slot.expected:
            words = _tail(self._log(slot))
            wanted = "" if slot.expected is None else f" instead of {slot.expected}"
            self.deaths.append(f"{slot.name} ended with {code}{wanted}: {words}")
        self.on_end(slot.pid)
        slot.pid, slot.busy, slot.expected = 0, False, None
        slot.ended.set()
        # One that cannot even start must not be started for ever.
        if not self._closing and len(self.deaths) < _MOST_TOLD:
            self._fork(slot)

    def _fork(self, slot: Slot) -> None:
        self.starts += 1
        slot.ended.clear()
        log = self._log(slot)
        slot.log_start = log.stat().st_size if log.exists() else 0
        self._do(
            do="fork",
            name=slot.name,
            kind=slot.kind,
            port=slot.port,
            works=slot.works,
            upstream=self._upstream,
            log=str(log),
        )

    def _do(self, **command: Any) -> None:
        process = self._process
        if process is None or process.stdin is None or process.stdin.is_closing():
            return
        process.stdin.write(json.dumps(command).encode() + b"\n")

    def _log(self, slot: Slot) -> Path:
        return self._folder / f"{slot.name}.log"

    def ready(self, slot: Slot) -> bool:
        """Whether it has said that it serves or works."""
        with contextlib.suppress(OSError), self._log(slot).open("rb") as log:
            log.seek(slot.log_start)
            said = log.read()
            return any(word in said for word in _READY_WORDS)
        return False

    def signal(self, slot: Slot, number: int) -> None:
        """Send it a signal, unless it has just ended."""
        self._do(do="signal", pid=slot.pid, signal=int(number))

    def kill(self, slot: Slot) -> None:
        """kill -9."""
        slot.expected, slot.busy = -signal.SIGKILL, True
        self.signal(slot, signal.SIGKILL)

    async def freeze(self, slot: Slot, seconds: float) -> None:
        """Stop it as a laptop that sleeps does, and let it go on."""
        slot.busy = True
        self.on_end(slot.pid)
        self.signal(slot, signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            self.signal(slot, signal.SIGCONT)
            slot.busy = False

    async def terminate(self, slot: Slot, within: float) -> None:
        """SIGTERM: it must end by exit code 0 within so many seconds.

        One that was just killed only has to end. One that has not begun yet knows no SIGTERM: it is killed.
        """
        if slot.expected != -signal.SIGKILL and not self.ready(slot):
            self.kill(slot)
        if slot.expected == -signal.SIGKILL:
            await slot.ended.wait()
            return
        began = time.monotonic()
        slot.expected, slot.busy = 0, True
        self.signal(slot, signal.SIGTERM)
        try:
            async with asyncio.timeout(within):
                await slot.ended.wait()
            self.drains.append(time.monotonic() - began)
        except TimeoutError:
            self.deaths.append(f"{slot.name} did not end within {within:.0f} s after SIGTERM")
            self.kill(slot)

    async def rest(self, within: float) -> None:
        """End everybody in order; nobody is started again."""
        self._closing = True
        alive = [slot for slot in self.slots if slot.pid]
        await asyncio.gather(*(self.terminate(slot, within) for slot in alive))


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def clean(home: Path, lease: float, database_url: str) -> dict[str, str]:
    """The environment of the victims: no key of any vendor, nothing of ours but this store."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
    found = {name: os.environ[name] for name in kept if name in os.environ}
    found |= {n: v for n, v in os.environ.items() if n.startswith(("PYTHON", "LC_", "COVERAGE_"))}
    found |= {"FLEXURA_HOME": str(home), "FLEXURA_LEASE_SECONDS": str(lease)}
    return found | ({"FLEXURA_DATABASE_URL": database_url} if database_url else {})


def _tail(log: Path, lines: int = 3) -> str:
    with contextlib.suppress(OSError):
        return " | ".join(log.read_text(errors="replace").strip().splitlines()[-lines:])[-600:]
    return ""
