"""A team on one machine: two replicas, two workers and a PostgreSQL of its own with fsync on.

`python benchmarks/bench_team.py [jobs]` starts everything in a temporary folder and prints the time from
submit to start, how soon a running job is stopped from another replica, how soon the jobs of a killed worker
go on, and how many jobs that make one tiny picture at once are finished in a second, end to end.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from postgres_house import Cluster  # noqa: E402
from team_house import Member, Team, team_of  # noqa: E402

JOBS = 5000
CONNECTIONS = 8
"""Of each replica, while the jobs are ordered."""
LIMIT = 32
"""Jobs of the provider at once, over both workers."""
ROUNDS = 60
_DONE = "SELECT count(*) FROM jobs WHERE state = 'completed' AND prompt LIKE 'load %%'"
_SPAN = (
    "SELECT min(created_at), max(finished_at), count(*) FILTER (WHERE attempt > 1) FROM jobs"
    " WHERE prompt LIKE 'load %%'"
)


def starts(team: Team, replica: Member) -> list[float]:
    """Milliseconds from sending an order to the provider's being asked for it."""
    found: list[float] = []
    for number in range(ROUNDS):
        began = time.time()
        job_id = team.order(replica, f"start {number}")
        [told] = team.until(lambda job_id=job_id: team.told("submit", job_id))
        found.append((told.at - began) * 1000)
        team.until(lambda job_id=job_id: team.job(replica, job_id)["status"] == "completed")
    return found


def aborts(team: Team, one: Member, other: Member) -> list[float]:
    """Milliseconds from a cancellation at one replica to the provider's being asked to stop, by a worker."""
    found: list[float] = []
    for _ in range(15):
        job_id = team.order(one, "hang")
        team.until(lambda job_id=job_id: team.told("poll", job_id))
        began = time.time()
        team.ask(other, "DELETE", f"/api/jobs/{job_id}")
        told = team.until(lambda job_id=job_id: team.told("cancel", job_id))[0]
        found.append((told.at - began) * 1000)
    return found


def take_overs(team: Team, replica: Member, rounds: int = 3) -> list[float]:
    """Seconds from kill -9 of a worker until another one goes on with its job."""
    found: list[float] = []
    for _ in range(rounds):
        job_id = team.order(replica, "hang")
        first = team.until(lambda job_id=job_id: team.told("poll", job_id))[0]
        [member] = [m for m in team.members if m.process.pid == first.pid]
        began = time.time()
        member.signal(signal.SIGKILL)
        member.ended()
        team.worker()
        others = team.until(
            lambda job_id=job_id, pid=first.pid: [
                t for t in team.told("poll", job_id) if t.pid != pid
            ],
            30,
        )
        found.append(others[0].at - began)
        team.ask(replica, "DELETE", f"/api/jobs/{job_id}")
    return found


async def order_all(team: Team, replicas: Sequence[Member], jobs: int) -> None:
    """Order them all, over a few connections to each replica."""
    numbers = iter(range(jobs))
    clients = [m for m in replicas for _ in range(CONNECTIONS)]
    await asyncio.gather(*(_order_some(member.port, team.key, numbers) for member in clients))


async def _order_some(port: int, key: str, numbers: Iterator[int]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for number in numbers:
        body = json.dumps({"prompt": f"load {number}", "model": "fake:one"}).encode()
        head = (
            f"POST /api/generate/image HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"Authorization: Bearer {key}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        text = await reader.readexactly(length)
        if b" 202 " not in answer[:20]:
            raise SystemExit(f"an order was not taken: {answer[:40]!r} {text[:300]!r}")
    writer.close()


def throughput(team: Team, replicas: Sequence[Member], jobs: int) -> tuple[float, float]:
    """Jobs a second from the first order to the last end, and orders a second while they came in."""
    began = time.monotonic()
    asyncio.run(order_all(team, replicas, jobs))
    ordered = time.monotonic() - began
    team.until(lambda: time.sleep(0.2) or team.rows(_DONE)[0][0] == jobs, 600)
    [(first, last, again)] = team.rows(_SPAN)
    if again:
        print(f"{again} jobs were begun more than once")
    return jobs * 1000 / (last - first), jobs / ordered


def cpu(team: Team, replicas: Sequence[Member]) -> dict[str, float]:
    """Seconds of processor time that replicas, workers and the database have taken."""
    tick = os.sysconf("SC_CLK_TCK")

    def of(pid: int) -> float:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / tick

    ports = {m.process.pid for m in replicas}
    living = [m.process.pid for m in team.members if m.process.poll() is None]
    return {
        "replicas": sum(of(pid) for pid in living if pid in ports),
        "workers": sum(of(pid) for pid in living if pid not in ports),
    }


def main(jobs: int) -> None:
    """Measure and print."""
    folder = Path(tempfile.mkdtemp(prefix="flexura-bench-"))
    cluster = Cluster(folder / "postgres", durable=True)
    try:
        with team_of(folder / "home", cluster.fresh(), limit=LIMIT) as team:
            replicas = [team.replica("--no-worker"), team.replica("--no-worker")]
            team.worker()
            team.worker()
            if "load" not in sys.argv:
                spans = sorted(starts(team, replicas[0]))
                print(
                    f"submit to start      p50 {statistics.median(spans):6.1f} ms"
                    f"   p99 {spans[int(len(spans) * 0.99) - 1]:6.1f} ms   aim p50 <= 15"
                )
                stops = sorted(aborts(team, *replicas))
                print(
                    f"abort from another   p50 {statistics.median(stops):6.1f} ms"
                    f"   max {stops[-1]:6.1f} ms   aim <= 100"
                )
                overs = take_overs(team, replicas[0])
                print(f"take-over of kill -9 max {max(overs):6.1f} s                   aim <= 10")
            before = cpu(team, replicas)
            finished, ordered = throughput(team, replicas, jobs)
            used = {name: seconds - before[name] for name, seconds in cpu(team, replicas).items()}
            print(
                f"{jobs} jobs            {finished:6.0f} /s (ordered at {ordered:.0f} /s)   aim >= 150"
            )
            shares = ", ".join(f"{n} {s * 1000 / jobs:.1f} ms" for n, s in used.items())
            print(f"processor time of one job: {shares}")
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word.isdecimal()]
    main(numbers[0] if numbers else JOBS)
