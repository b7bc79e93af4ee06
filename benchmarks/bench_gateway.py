"""REST beside a bare ASGI app on the same uvicorn, in one run: `python benchmarks/bench_gateway.py [rounds]`.

Prints the ratio of requests a second (median of the rounds, which are interleaved) and the p99. Needs wrk.
The gateway accepts jobs without running them (`--no-worker`), so that only accepting is measured.
"""

from __future__ import annotations

import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx2
from serving import bare_app, gateway

CONNECTIONS = 32
SECONDS = 3
AIMS = {"POST generate": 0.08, "GET job": 0.20, "GET job 304": 0.30}
BODY = {"prompt": "a futuristic city at night", "options": {"width": 512, "height": 512}}


def wrk(url: str, *arguments: str) -> tuple[float, float]:
    """Requests a second and p99 in milliseconds."""
    program = shutil.which("wrk")
    if program is None:
        raise SystemExit("wrk is missing: install it by its package name (apt-get install wrk).")
    command = [program, "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency", *arguments, url]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in text:
        raise SystemExit(f"{url} answered with errors:\n{text}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    late = re.search(r"99%\s+([\d.]+)(us|ms|s)", text)
    assert rate and late
    return float(rate[1]), float(late[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[late[2]]


def post_script(folder: Path, key: str) -> str:
    """A wrk script that sends one order after the other."""
    script = folder / "post.lua"
    script.write_text(
        'wrk.method = "POST"\n'
        f"wrk.body = [[{json.dumps(BODY)}]]\n"
        'wrk.headers["Content-Type"] = "application/json"\n'
        f'wrk.headers["Authorization"] = "Bearer {key}"\n'
    )
    return str(script)


def main(rounds: int) -> None:
    """Measure and print."""
    folder = Path(tempfile.mkdtemp(prefix="flexura-bench-"))
    with bare_app() as bare, gateway(folder, "--no-worker") as ours:
        bearer = f"Authorization: Bearer {ours.key}"
        headers = {"Authorization": f"Bearer {ours.key}"}
        order = httpx2.post(f"{ours.url}/api/generate/image", json=BODY, headers=headers)
        job = f"{ours.url}/api/jobs/{order.json()['job_id']}"
        etag = httpx2.get(job, headers=headers).headers["etag"]
        found: dict[str, list[tuple[float, float]]] = {"bare": []}
        for _ in range(rounds):
            before, _p99 = wrk(bare)
            results = {
                "POST generate": wrk(
                    f"{ours.url}/api/generate/image", "-s", post_script(folder, ours.key)
                ),
                "GET job": wrk(job, "-H", bearer),
                "GET job 304": wrk(job, "-H", bearer, "-H", f"If-None-Match: {etag}"),
            }
            after, late = wrk(bare)
            found["bare"].append(((before + after) / 2, late))
            for name, result in results.items():
                found.setdefault(name, []).append(result)
            time.sleep(0.5)
    shutil.rmtree(folder, ignore_errors=True)
    report(found)


def report(found: dict[str, list[tuple[float, float]]]) -> None:
    """One line per route: rate, ratio to the bare app, p99."""
    bare = [rate for rate, _ in found["bare"]]
    print(f"{'':16}{'req/s':>9}{'ratio':>8}{'aim':>7}{'p99 ms':>9}   at {CONNECTIONS} connections")
    for name, results in found.items():
        rate = statistics.median(r for r, _ in results)
        late = statistics.median(p for _, p in results)
        ratio = statistics.median(r / b for (r, _), b in zip(results, bare, strict=True))
        aim = f"{AIMS[name]:.2f}" if name in AIMS else ""
        print(f"{name:16}{rate:9.0f}{ratio:8.3f}{aim:>7}{late:9.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
