"""Which processes of ours still run: those whose environment names the directory of this test session."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """One process that is still there."""

    pid: int
    command: str

    def __str__(self) -> str:
        return f"{self.pid} {self.command}"


def started_below(places: list[Path], grace_seconds: float) -> list[Process]:
    """What was started below these places and does not end within the grace. Reads /proc: empty elsewhere."""
    deadline = time.monotonic() + grace_seconds
    while (left := _running(places)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def end_all(processes: list[Process]) -> None:
    """Kill exactly these, and see them gone: a busy machine takes a moment."""
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while any(_command(p.pid) for p in processes) and time.monotonic() < deadline:
        time.sleep(0.02)


def _command(pid: int) -> bytes:
    """What a process runs; empty when it is gone or a zombie."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _running(places: list[Path]) -> list[Process]:
    marks = [os.fsencode(place) + b"/" for place in places]
    found: list[Process] = []
    for folder in Path("/proc").glob("[0-9]*"):
        pid = int(folder.name)
        try:
            environment = (folder / "environ").read_bytes()
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        ours = any(mark in environment for mark in marks)
        if ours and command and pid != os.getpid():
            found.append(Process(pid, command.replace(b"\0", b" ").decode(errors="replace")))
    return found
