"""`tools/call job_status` over HTTP beside the smallest SDK server's trivial tool, in one run.

Both stateless, both with a bearer key, both streaming-capable; protocol 2026-07-28. Needs wrk.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import httpx2
from bench_gateway import BODY, CONNECTIONS, wrk
from serving import free_port, gateway, process

AIM = 0.60
VERSION = "2026-07-28"
PREFIX = "io.modelcontextprotocol"


def script(folder: Path, tool: str, arguments: dict[str, object], key: str) -> str:
    """A wrk script that calls one tool."""
    meta = {
        f"{PREFIX}/protocolVersion": VERSION,
        f"{PREFIX}/clientCapabilities": {},
        f"{PREFIX}/clientInfo": {"name": "benchmark", "version": "1"},
    }
    params = {"name": tool, "arguments": arguments, "_meta": meta}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
        "Authorization": f"Bearer {key}",
        "MCP-Protocol-Version": VERSION,
        "Mcp-Method": "tools/call",
        "Mcp-Name": tool,
    }
    lines = [f'wrk.headers["{name}"] = "{value}"' for name, value in headers.items()]
    file = folder / f"{tool}.lua"
    file.write_text(f'wrk.method = "POST"\nwrk.body = [[{json.dumps(body)}]]\n' + "\n".join(lines))
    return str(file)


def main(rounds: int) -> None:
    """Measure both in turn and print the ratio."""
    folder = Path(tempfile.mkdtemp(prefix="flexura-bench-"))
    port = free_port()
    floor = [sys.executable, str(Path(__file__).with_name("floor_http.py")), str(port)]
    with process(floor, port), gateway(folder, "--no-worker") as ours:
        headers = {"Authorization": f"Bearer {ours.key}"}
        order = httpx2.post(f"{ours.url}/api/generate/image", json=BODY, headers=headers)
        asked: dict[str, object] = {"job_ids": [order.json()["job_id"]], "wait": 0}
        status = script(folder, "job_status", asked, ours.key)
        echo = script(folder, "echo", {"x": 1}, "secret")
        floors, found = [], []
        for _ in range(rounds):
            floors.append(wrk(f"http://127.0.0.1:{port}/mcp", "-s", echo))
            found.append(wrk(f"{ours.url}/mcp", "-s", status))
    shutil.rmtree(folder, ignore_errors=True)
    ratio = statistics.median(o / f for (o, _), (f, _) in zip(found, floors, strict=True))
    print(f"{'':12}{'calls/s':>9}{'p99 ms':>9}   at {CONNECTIONS} connections, {VERSION}")
    for name, results in (("floor echo", floors), ("job_status", found)):
        rate = statistics.median(r for r, _ in results)
        print(f"{name:12}{rate:9.0f}{statistics.median(p for _, p in results):9.1f}")
    print(f"ratio {ratio:.2f}, aim {AIM}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
