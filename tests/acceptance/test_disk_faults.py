"""Disk faults: every fiftieth write or sync fails; what was acknowledged is there after kill -9 all the same.

libfiu puts itself between the gateway and the system (Debian: fiu-utils, libfiu0). LONG=1 orders 2,000 jobs
for each kind of fault instead of a hundred for all of them.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import httpx2
import pytest

from acceptance.gateway_process import Served, start
from doubles import png
from flexura.runtime.stores import open_records
from flexura.services.ledger_check import ledger_problems
from flexura.storage.integrity import integrity, look_into
from portable_house import settings_of

LIBRARIES = Path(os.environ.get("FIU_LIBRARIES", "/usr/lib/fiu"))
CONTROL = shutil.which("fiu-ctrl") or str(LIBRARIES.parent.parent / "bin" / "fiu-ctrl")
pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.only_on("linux"),
    pytest.mark.skipif(
        not (LIBRARIES / "fiu_run_preload.so").exists(),
        reason="libfiu is not installed (Debian: apt install fiu-utils libfiu0)",
    ),
]
LONG = os.environ.get("LONG") == "1"
ORDERS = 2000 if LONG else 120
MOST = ORDERS * 20
"""So many are sent until a fault is felt and half are accepted: each fiftieth call fails, but by chance."""
AT_ONCE = 8
# Python and SQLite on Debian call these by these names; `write` also fails what goes to sockets and logs.
KINDS = {
    "syncs": ("posix/io/sync/fdatasync", "posix/io/sync/fsync"),
    "writes": ("posix/io/rw/pwrite", "posix/io/rw/pwrite64"),
}
ALL = tuple(name for names in KINDS.values() for name in names)
FAULTS = KINDS if LONG else {"syncs and writes": ALL}
ORDER = {"model": "embedded:canvas", "options": {"size": "64x64"}, "wait": 0}
PNG = {"Content-Type": "image/png"}


@contextmanager
def serving(home: Path, *, faults: bool) -> Iterator[Served]:
    """A gateway that only accepts jobs, killed at the end; with libfiu in between where faults are wanted."""
    kept = {name: "" for name in os.environ if name.startswith("COVERAGE")}
    variables = {**kept, "PYTHONDONTWRITEBYTECODE": "1"}
    if faults:
        names = ("fiu_run_preload.so", "fiu_posix_preload.so")
        variables["LD_PRELOAD"] = " ".join(str(LIBRARIES / name) for name in names)
        variables["FIU_CTRL_FIFO"] = str(home / "fiu")
        found = [str(LIBRARIES.parent), os.environ.get("LD_LIBRARY_PATH", "")]
        variables["LD_LIBRARY_PATH"] = ":".join(filter(None, found))
    # Nobody waits for a limit here.
    limits = "[limits]\nrequests_per_minute = 1000000\nmost_queued = 1000000\n"
    (home / "config.toml").write_text(limits)
    gateway = start(home, "--no-worker", **variables)
    try:
        yield gateway
    finally:
        gateway.kill()


def switch(gateway: Served, home: Path, command: str) -> None:
    """Have libfiu begin or stop to fail something in the process of a gateway."""
    argv = [CONTROL, "-f", str(home / "fiu"), "-c", command, str(gateway.process.pid)]
    subprocess.run(argv, check=True, timeout=10, capture_output=True)


@pytest.mark.parametrize("kind", FAULTS)
def test_what_was_acknowledged_is_durable_though_the_disk_fails(tmp_path: Path, kind: str) -> None:
    acknowledged: list[str] = []
    refused: Counter[tuple[int, str]] = Counter()
    with serving(tmp_path, faults=True) as gateway:
        for name in FAULTS[kind]:
            switch(gateway, tmp_path, f"enable_random name={name},probability=0.02")

        def order(number: int) -> None:
            with gateway.client() as http:
                for one in range(number, MOST, AT_ONCE):
                    if one >= ORDERS and refused and len(acknowledged) > ORDERS // 2:
                        return
                    answer = http.post(
                        "/api/generate/image", json={"prompt": f"fox {one}", **ORDER}
                    )
                    if answer.is_success:
                        acknowledged.append(answer.json()["job_id"])
                    else:
                        error = answer.json()["error"]
                        assert error["next_step"], error
                        refused[answer.status_code, error["code"]] += 1

        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(order, range(AT_ONCE)))
    assert refused.keys() <= {(507, "disk_full")}, refused
    assert refused, "no fault was felt, so nothing was tested"
    assert len(acknowledged) > ORDERS // 2
    assert integrity(tmp_path / "flexura.db") == []
    with serving(tmp_path, faults=False) as gateway, gateway.client() as http:
        total = http.get("/api/v1/jobs", params={"limit": 1}).json()["total"]
        assert total >= len(acknowledged)
        for job_id in acknowledged[:: max(1, len(acknowledged) // 20)]:
            assert http.get(f"/api/jobs/{job_id}").status_code == 200
    with closing(look_into(tmp_path / "flexura.db")) as database:
        there = {row[0] for row in database.execute("SELECT id FROM jobs")}
    assert set(acknowledged) <= there, (
        f"{len(set(acknowledged) - there)} acknowledged jobs are lost"
    )
    asyncio.run(_sound(tmp_path))


async def _sound(home: Path) -> None:
    async with open_records(settings_of(home)) as records:
        assert await records.transact(ledger_problems) == []


def test_files_that_were_acknowledged_are_whole_though_the_disk_fails(tmp_path: Path) -> None:
    stored: dict[str, bytes] = {}
    with serving(tmp_path, faults=True) as gateway, gateway.client() as http:
        for name in (*KINDS["syncs"], "posix/io/rw/write"):
            switch(gateway, tmp_path, f"enable_random name={name},probability=0.02")
        for number in range(ORDERS // 4):
            data = png(1 + number % 50, 1 + number // 50)
            try:
                answer = http.post("/api/v1/uploads", content=data, headers=PNG)
            except httpx2.TransportError:
                continue  # a write to the connection failed as well; nothing was acknowledged
            if answer.is_success:
                stored[answer.json()["artifact_id"]] = data
            else:
                assert answer.json()["error"]["code"] in ("disk_full", "internal_error")
    assert stored
    assert integrity(tmp_path / "flexura.db") == []
    with closing(look_into(tmp_path / "flexura.db")) as database:
        rows = dict(database.execute("SELECT id, sha256 FROM artifacts"))
    for artifact_id, data in stored.items():
        digest = hashlib.sha256(data).hexdigest()
        assert rows[artifact_id] == digest
        assert (tmp_path / "artifacts" / digest[:2] / digest[2:]).read_bytes() == data
