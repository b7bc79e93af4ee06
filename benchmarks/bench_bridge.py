"""`flexura mcp` against the smallest SDK server: CPU from spawn to the first answer, memory, first calls.

Prints the figures and their ratio, measured in turn in one run; exits 1 when one is missed. Linux only.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flexura.local import gateway

FLOOR = (sys.executable, str(Path(__file__).with_name("floor_server.py")))
BRIDGE = (str(Path(sys.executable).with_name("flexura")), "mcp")
ROUNDS = 11
RATIO = 16
MEGABYTES = 25
WARM_CALL, COLD_CALL = 0.150, 3.0
HELLO = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "benchmark", "version": "1"},
}


class Server:
    """An MCP server on pipes."""

    def __init__(self, command: Sequence[str]) -> None:
        self.began = time.perf_counter()
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._number = 0

    def ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._number += 1
        message = {"jsonrpc": "2.0", "id": self._number, "method": method, "params": params}
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()
        while True:
            answer = json.loads(self.process.stdout.readline())
            if answer.get("id") == self._number:
                return answer["result"]

    def cpu_seconds(self) -> float:
        """What all of its threads have used, to the nanosecond."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def megabytes(self) -> float:
        """Memory in use, shared pages included."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


@dataclass
class Figures:
    """Several starts of one server."""

    cpu: list[float] = field(default_factory=list[float])
    wall: list[float] = field(default_factory=list[float])
    memory: list[float] = field(default_factory=list[float])

    def start(self, command: Sequence[str]) -> None:
        server = Server(command)
        server.ask("initialize", HELLO)
        self.wall.append(time.perf_counter() - server.began)
        self.cpu.append(server.cpu_seconds())
        self.memory.append(server.megabytes())
        server.close()

    def __str__(self) -> str:
        cpu, wall = (statistics.median(values) * 1000 for values in (self.cpu, self.wall))
        memory = statistics.median(self.memory)
        return f"{cpu:7.1f} ms CPU, {wall:7.1f} ms until the answer, {memory:5.1f} MB"


def first_call(called: str) -> tuple[float, float]:
    """Seconds of the first tool call of a fresh bridge, and its memory afterwards."""
    server = Server(BRIDGE)
    server.ask("initialize", HELLO)
    began = time.perf_counter()
    result = server.ask("tools/call", {"name": "model_catalog", "arguments": {"limit": 1}})
    took = time.perf_counter() - began
    assert not result.get("isError"), result
    cpu, memory = server.cpu_seconds(), server.megabytes()
    print(f"{called:34} {cpu * 1000:7.1f} ms CPU in all, {took * 1000:7.1f} ms, {memory:5.1f} MB")
    server.close()
    return took, memory


def main() -> int:
    floor, bridge = Figures(), Figures()
    with tempfile.TemporaryDirectory(prefix="flexura-bench-") as home:
        os.environ["FLEXURA_HOME"] = home
        for number in range(ROUNDS + 1):
            figures = (
                (floor, bridge) if number else (Figures(), Figures())
            )  # the first warms the caches
            figures[0].start(FLOOR)
            figures[1].start(BRIDGE)
        ratio = statistics.median(floor.cpu) / statistics.median(bridge.cpu)
        print(f"{'smallest SDK server':34} {floor}")
        print(f"{'flexura mcp':34} {bridge}")
        print(f"{'ratio of CPU':34} 1/{ratio:.1f} (promised: 1/{RATIO})")
        try:
            first_call("(first start ever, compiles)")
            gateway.stop()
            cold, _ = first_call("first call, no gateway runs")
            warm, memory = min(first_call("first call, gateway runs") for _ in range(5))
        finally:
            gateway.stop()
    kept = ratio >= RATIO and warm <= WARM_CALL and cold <= COLD_CALL and memory <= MEGABYTES
    print("kept" if kept else "NOT KEPT")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
