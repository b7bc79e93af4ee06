"""`scripts/soak [MINUTES]`: a mixed load on one real gateway; exit code 1 where it grows or fails.

Linux only. Prints memory and descriptors every minute, then the growth after warming up, and p50 and p99.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import httpx2

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from serving import free_port, process

from soak.figures import MOST_GROWTH, MOST_MORE_FILES, Log, Sample, growth, look
from soak.people import Hooks, People

_KEPT_ALIVE = 8.0
EVERY = 5.0
"""Seconds between two looks at the process."""
CONFIG = """\
[limits]
requests_per_minute = 0
most_queued = 100000
[webhooks]
allow_origins = ["{}"]
"""


async def watched(pid: int, until: float, samples: list[Sample]) -> None:
    """Look at the process now and then; tell every minute."""
    began, told = time.monotonic(), 0
    while (now := time.monotonic()) < until:
        samples.append(look(pid, now - began))
        if (minute := int((now - began) // 60)) > told or len(samples) == 1:
            told, last = minute, samples[-1]
            print(
                f"minute {minute:3}   {last.megabytes:7.1f} MB   {last.files:4} descriptors",
                flush=True,
            )
        await asyncio.sleep(EVERY)


async def soaked(home: Path, minutes: float) -> int:
    """The exit code."""
    hooks, log, samples = Hooks(), Log(), list[Sample]()
    async with hooks.listening() as origin:
        (home / "config.toml").write_text(CONFIG.format(origin))
        port = free_port()
        command = [sys.executable, str(Path(__file__).with_name("serve.py")), str(port)]
        python_path = os.pathsep.join(
            filter(
                None, [str(Path(__file__).resolve().parents[1]), os.environ.get("PYTHONPATH", "")]
            )
        )
        with process(command, port, FLEXURA_HOME=str(home), PYTHONPATH=python_path) as pid:
            key = json.loads((home / "credentials.json").read_text())["keys"]["local"]
            files = look(pid, 0.0).files
            limits = httpx2.Limits(max_connections=200, max_keepalive_connections=50)
            async with httpx2.AsyncClient(
                base_url=f"http://127.0.0.1:{port}",
                headers={"Authorization": f"Bearer {key}"},
                timeout=60,
                limits=limits,
            ) as http:
                people, until = People(http, log), time.monotonic() + minutes * 60
                people.hook = f"{origin}/hook"
                async with asyncio.TaskGroup() as both:
                    both.create_task(watched(pid, until, samples))
                    both.create_task(people.ask(until))
                await told(http, people, hooks, log)
            # Every connection of the clients is gone.
            await asyncio.sleep(_KEPT_ALIVE)
            files = look(pid, 0.0).files - files
    return verdict(samples, files, log)


async def told(http: httpx2.AsyncClient, people: People, hooks: Hooks, log: Log) -> None:
    """Every accepted order is done, and each was told by a webhook."""
    deadline = time.monotonic() + 30
    while hooks.taken < people.ended and time.monotonic() < deadline:
        await asyncio.sleep(0.2)
    if people.ended != people.ordered or hooks.taken < people.ended:
        log.errors[f"{people.ordered} ordered, {people.ended} done, {hooks.taken} told"] += 1
    print(
        f"{people.ordered} orders, all done: {people.ended == people.ordered}; {hooks.taken} webhooks"
    )


def verdict(samples: list[Sample], files: int, log: Log) -> int:
    """Print the figures; the exit code. `files`: descriptors more, at rest, than before everything."""
    percent = growth(samples)
    print(f"memory      {percent:+6.2f} %      aim below {MOST_GROWTH:g}")
    print(f"descriptors {files:+6}        aim at most +{MOST_MORE_FILES}, at rest")
    print("\n".join(log.lines()))
    reached = percent < MOST_GROWTH and files <= MOST_MORE_FILES and not log.errors
    print("the aims are reached" if reached else "THE AIMS ARE MISSED")
    return 0 if reached else 1


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__)
    parser.add_argument("minutes", nargs="?", type=float, default=30.0)
    minutes: float = parser.parse_args().minutes
    home = Path(tempfile.mkdtemp(prefix="flexura-soak-"))
    try:
        return asyncio.run(soaked(home, minutes))
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
