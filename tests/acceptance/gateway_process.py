"""A gateway as a process of its own, for tests: started, found, stopped by pid."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2


@dataclass
class Served:
    """A gateway that answers."""

    process: subprocess.Popen[bytes]
    url: str
    key: str

    def client(self) -> httpx2.Client:
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx2.Client(base_url=self.url, headers=headers, timeout=70)

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait(10)


def start(
    home: Path, *arguments: str, python: str | Path = sys.executable, **variables: str
) -> Served:
    """`flexura serve` on a free port; returns when it answers."""
    return started(home, [python, "-m", "flexura", "serve", "--port", "0", *arguments], **variables)


def started(home: Path, command: Sequence[str | Path], **variables: str) -> Served:
    """A command that serves with this home; returns when it answers."""
    environment = {**os.environ, "FLEXURA_HOME": str(home), **variables}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, cwd=home)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            found = json.loads((home / "gateway.json").read_text())
            if found["pid"] == process.pid and found["url"]:
                return Served(process, found["url"], found["token"])
        except (OSError, ValueError, KeyError):
            pass
        time.sleep(0.02)
    process.kill()
    raise AssertionError("the gateway did not start")


@contextmanager
def served(
    home: Path, *arguments: str, python: str | Path = sys.executable, **variables: str
) -> Iterator[Served]:
    """A gateway for the time of this context; it must end by itself when asked to."""
    with ending(start(home, *arguments, python=python, **variables)) as gateway:
        yield gateway


@contextmanager
def ending(gateway: Served) -> Iterator[Served]:
    """It must end by itself when asked to, at the end of this context."""
    try:
        yield gateway
    finally:
        if gateway.process.poll() is None:
            gateway.process.send_signal(signal.SIGTERM)
        gateway.process.wait(20)
