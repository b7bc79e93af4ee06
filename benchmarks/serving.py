"""Servers for the benchmarks, each a process of its own that ends with its context."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

BARE = """
import sys, uvicorn

async def app(scope, receive, send):
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})

uvicorn.run(app, port=int(sys.argv[1]), log_level="error", access_log=False, lifespan="off",
            http="httptools", loop="uvloop")
"""

# One key makes all the load here; a gateway's defaults would refuse it, as they should.
UNLIMITED = """\
[limits]
requests_per_minute = 0
most_queued = 10000000
waiters = 100000
waiters_per_key = 100000
requests_per_key = 1000
"""


@dataclass
class Ours:
    """A gateway under measurement."""

    url: str
    key: str
    pid: int


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@contextmanager
def process(command: list[str], port: int, **variables: str) -> Generator[int]:
    """A server process; entered when its port answers, ended by its pid."""
    running = subprocess.Popen(
        command,
        env={**os.environ, **variables},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if time.monotonic() > deadline or running.poll() is not None:
                    raise SystemExit(f"{command[:4]} did not start") from None
                time.sleep(0.02)
        yield running.pid
    finally:
        running.send_signal(signal.SIGTERM)
        try:
            running.wait(15)
        except subprocess.TimeoutExpired:
            running.kill()


@contextmanager
def bare_app() -> Generator[str]:
    """The smallest ASGI app: what this machine's uvicorn can do at most."""
    port = free_port()
    with process([sys.executable, "-c", BARE, str(port)], port):
        yield f"http://127.0.0.1:{port}/"


@contextmanager
def gateway(home: Path, *arguments: str) -> Generator[Ours]:
    """`flexura serve` with a home of its own and no limit on how much one key may ask and order."""
    port = free_port()
    (home / "config.toml").write_text(UNLIMITED)
    command = [sys.executable, "-m", "flexura", "serve", "--port", str(port), *arguments]
    with process(command, port, FLEXURA_HOME=str(home)) as pid:
        key = json.loads((home / "credentials.json").read_text())["keys"]["local"]
        yield Ours(f"http://127.0.0.1:{port}", key, pid)
