"""10,000 webhook deliveries to a real HTTP server that fails 3 of 10 tries, through a kill in the middle.

`python benchmarks/bench_webhooks.py [deliveries]`. The sender is a process of its own: it is killed (SIGKILL)
when half is done, and a second one goes on with the same store. The clock of the second is turned on
whenever everything waits for its time, so a day of retries takes no day. Prints deliveries and tries a
second, the sender's CPU time and peak memory, and how many ids never arrived (0).
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from flexura.domain.webhook import Delivery  # noqa: E402
from flexura.storage.migrate import migrate  # noqa: E402
from flexura.storage.sqlite import SqliteRecords  # noqa: E402
from webhooks_house import Clock, failing_often, message, posting, receiving  # noqa: E402

DELIVERIES = 10_000
_LEASE_MS = 130_000


async def receive() -> None:
    """Receive until stdin ends, then tell what came in."""
    async with receiving(failing_often()) as receiver:
        print(receiver.port, flush=True)
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            if line.startswith("count"):
                print(len(receiver.received), flush=True)
        print(json.dumps(receiver.ids), flush=True)


async def send(home: Path, url: str, *, ahead_ms: int) -> None:
    """Send until nothing is pending; the second process begins after the leases of the first have ended."""
    began = time.monotonic()
    async with posting(home, url, clock=Clock(ahead_ms)) as post:
        await post.settled(seconds=1800)
        states = Counter(d.state for d in await post.records.find(Delivery, limit=1_000_000))
    usage = resource.getrusage(resource.RUSAGE_SELF)
    found = {
        "seconds": time.monotonic() - began,
        "cpu": usage.ru_utime + usage.ru_stime,
        "rss_mb": usage.ru_maxrss / 1024,
        "states": states,
    }
    print(json.dumps(found), flush=True)


async def queue(home: Path, url: str, count: int) -> set[str]:
    """Put messages into a new store; their ids."""
    migrate(home / "flexura.db")
    records = SqliteRecords(home / "flexura.db")
    messages = [message(f"{url}/hook") for _ in range(count)]
    for start in range(0, count, 500):
        part = messages[start : start + 500]
        await records.transact(lambda tx, part=part: [tx.insert(one) for one in part])
    await records.aclose()
    return {one.id for one in messages}


def _child(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, *arguments]
    return subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _ask(child: subprocess.Popen[str], line: str = "") -> str:
    assert child.stdin and child.stdout
    if line:
        child.stdin.write(line + "\n")
        child.stdin.flush()
    return child.stdout.readline()


def main(count: int) -> int:
    """Run it all; 1 if an id never arrived."""
    with tempfile.TemporaryDirectory() as folder:
        home, receiver = Path(folder), _child("receive")
        url = f"http://127.0.0.1:{_ask(receiver).strip()}"
        sent = asyncio.run(queue(home, url, count))
        began = time.monotonic()
        first = _child("send", folder, url, "0")
        while int(_ask(receiver, "count")) < count // 2:
            time.sleep(0.05)
        first.send_signal(signal.SIGKILL)
        first.wait()
        half, tries_before = time.monotonic() - began, int(_ask(receiver, "count"))
        second = _child("send", folder, url, str(_LEASE_MS))
        told = json.loads(_ask(second))
        second.wait()
        seconds, tries = time.monotonic() - began, int(_ask(receiver, "count"))
        assert receiver.stdin and receiver.stdout
        receiver.stdin.close()
        arrived = Counter[str](json.loads(receiver.stdout.readline()))
        receiver.wait()
    lost = sent - set(arrived)
    print(f"deliveries           {count}, tries {tries} ({tries - count} repeats)")
    print(f"whole run            {seconds:.1f} s = {count / seconds:.0f} deliveries/s")
    print(f"tries a second       {tries / seconds:.0f} (first process {tries_before / half:.0f})")
    print(f"second process       {told['cpu']:.1f} s CPU in {told['seconds']:.1f} s")
    print(f"peak memory          {told['rss_mb']:.0f} MB")
    print(f"states               {told['states']}")
    print(f"ids that never came  {len(lost)}")
    print(f"cores                {os.cpu_count()}")
    return 1 if lost or set(told["states"]) != {"delivered"} else 0


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["receive"]:
            asyncio.run(receive())
        case ["send", home, url, ahead]:
            asyncio.run(send(Path(home), url, ahead_ms=int(ahead)))
        case [count]:
            sys.exit(main(int(count)))
        case _:
            sys.exit(main(DELIVERIES))
