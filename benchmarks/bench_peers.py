"""flexura beside LiteLLM's proxy and Portkey's gateway: `scripts/bench peers`.

One fake upstream makes small pictures in 3 ms; every gateway is one process. The rounds are interleaved and
the best of them counts, since the machine does other things too. Needs wrk; the peers are installed into
`.cache/peers` on first use. LiteLLM and Portkey pass a call through and keep nothing; flexura has written
the order down with fsync when it answers 202, and has bought the picture and stored it when a file is ready.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from peer_servers import Contender, contenders, direct, installed
from serving import free_port, process

FAKE = Path(__file__).with_name("fake_images.py")
CONNECTIONS = 32
SECONDS = 3
_START_SECONDS = 120.0
_SETTLED_SECONDS = 1.0


@dataclass(frozen=True)
class Load:
    """What wrk saw: requests a second, latency in milliseconds."""

    rate: float
    p50: float
    p99: float


@dataclass(frozen=True)
class Found:
    """One contender in one round: seconds, MB, loads."""

    cold: float
    idle: float
    after: float
    one: Load
    many: Load

    def best(self, other: Found) -> Found:
        """The better of each figure."""
        return Found(
            min(self.cold, other.cold),
            min(self.idle, other.idle),
            min(self.after, other.after),
            _better(self.one, other.one),
            _better(self.many, other.many),
        )


def _better(a: Load, b: Load) -> Load:
    return Load(max(a.rate, b.rate), min(a.p50, b.p50), min(a.p99, b.p99))


def wrk(script: Path, url: str, connections: int) -> Load:
    """Ask for some seconds. Raises SystemExit if an answer was no success."""
    program = shutil.which("wrk")
    if program is None:
        raise SystemExit("wrk is missing: install it by its package name (apt-get install wrk).")
    load = ("-t1", f"-c{connections}", f"-d{SECONDS}s", "--timeout", "30s", "--latency")
    command = [program, *load, "-s", str(script), url]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    if rate is None or "Non-2xx" in text or "Socket errors" in text:
        raise SystemExit(f"{url} answered with errors:\n{text}")
    return Load(float(rate[1]), _latency(text, "50%"), _latency(text, "99%"))


def _latency(text: str, which: str) -> float:
    found = re.search(rf"{which}\s+([\d.]+)(us|ms|s)", text)
    assert found
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]]


def script_for(folder: Path, headers: Mapping[str, str], body: Mapping[str, object]) -> Path:
    """The wrk script that sends this over and over."""
    lines = ['wrk.method = "POST"', f"wrk.body = [[{json.dumps(body)}]]"]
    for name, value in {"Content-Type": "application/json", **headers}.items():
        lines.append(f'wrk.headers["{name}"] = "{value}"')
    script = folder / "wrk.lua"
    script.write_text("\n".join(lines))
    return script


@contextmanager
def started(contender: Contender, port: int, log: Path) -> Generator[tuple[int, float]]:
    """The process and the seconds until its first successful answer."""
    command = [part.format(port=port) for part in contender.command]
    began = time.monotonic()
    with log.open("wb") as output:
        running = subprocess.Popen(
            command,
            env={**os.environ, **contender.environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        while not _answers(contender, port):
            if time.monotonic() - began > _START_SECONDS or running.poll() is not None:
                said = log.read_text(errors="replace")[-2000:]
                raise SystemExit(f"{contender.name} did not start: {' '.join(command)}\n{said}")
            time.sleep(0.005)
        yield running.pid, time.monotonic() - began
    finally:
        running.send_signal(signal.SIGTERM)
        try:
            running.wait(20)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def _answers(contender: Contender, port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": "application/json", **contender.headers}
    try:
        connection.request("POST", contender.path, json.dumps(contender.body), headers)
        return 200 <= connection.getresponse().status < 300
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def memory(pid: int) -> float:
    """MB of a process and its children (RSS)."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    own = int(found[1]) / 1024 if found else 0.0
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(memory(int(child)) for child in children)


def measured(contender: Contender, folder: Path) -> Found:
    """Start it, ask it over one connection and over many, end it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}{contender.path}"
    script = script_for(folder, contender.headers, contender.body)
    with started(contender, port, folder / "log") as (pid, cold):
        time.sleep(_SETTLED_SECONDS)
        idle = memory(pid)
        one, many = wrk(script, url, 1), wrk(script, url, CONNECTIONS)
        return Found(cold, idle, memory(pid), one, many)


def main(rounds: int) -> None:
    """Measure and print."""
    installed()
    folder = Path(tempfile.mkdtemp(prefix="flexura-peers-"))
    port = free_port()
    upstream = f"http://127.0.0.1:{port}"
    found: dict[str, Found] = {}
    kept: dict[str, str] = {}
    try:
        with process([sys.executable, str(FAKE), str(port)], port):
            url, headers, body = direct(upstream)
            for number in range(rounds):
                place = folder / str(number)
                place.mkdir()
                script = script_for(folder, headers, body)
                bare = Found(0, 0, 0, wrk(script, url, 1), wrk(script, url, CONNECTIONS))
                found["direct"] = found.get("direct", bare).best(bare)
                for contender in contenders(upstream, place):
                    result = measured(contender, folder)
                    kept[contender.name] = contender.keeps
                    found[contender.name] = found.get(contender.name, result).best(result)
            print(f"The upstream was bought from {bought(upstream)} times.")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report(found, kept)


def bought(upstream: str) -> int:
    """How often the fake upstream was ordered from."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(upstream).netloc, timeout=5)
    connection.request("GET", "/count")
    return int(json.loads(connection.getresponse().read())["bought"])


def report(found: Mapping[str, Found], kept: Mapping[str, str]) -> None:
    """A table; what "added" is measured against is the direct call."""
    print(f"Best of the rounds; load average {' '.join(f'{n:.1f}' for n in os.getloadavg())}.")
    print(f"{'':24}{'cold s':>7}{'idle MB':>8}{'after':>6}{'+p50 ms':>9}{'+p99 ms':>9}", end="")
    print(f"{'req/s c=1':>11}{f'c={CONNECTIONS}':>7}{'p99 ms':>8}   kept when it answers")
    one = found["direct"].one
    for name, f in found.items():
        print(f"{name:24}{f.cold:7.2f}{f.idle:8.0f}{f.after:6.0f}", end="")
        print(f"{f.one.p50 - one.p50:9.1f}{f.one.p99 - one.p99:9.1f}{f.one.rate:11.0f}", end="")
        print(f"{f.many.rate:7.0f}{f.many.p99:8.1f}   {kept.get(name, '')}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
