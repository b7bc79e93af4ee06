"""A backup of a gateway that works, brought back elsewhere: all is there, and nothing is bought again."""

from __future__ import annotations

import json
import os
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from acceptance.gateway_process import served

pytestmark = [pytest.mark.usefixtures("unmeasured"), pytest.mark.timeout(120)]
ORDER = {"model": "embedded:canvas", "options": {"size": "64x64"}}


def flexura(home: Path, *arguments: str, code: int = 0) -> dict[str, Any]:
    """What `flexura … --json` prints."""
    environment = {**os.environ, "FLEXURA_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-m", "flexura", *arguments, "--json"],
        env=environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_a_gateway_that_works_is_backed_up_and_brought_back(tmp_path: Path) -> None:
    home, other, file = tmp_path / "home", tmp_path / "other", tmp_path / "b.tar"
    home.mkdir()
    with served(home) as gateway, gateway.client() as http:
        done = http.post("/api/generate/image", json={"prompt": "fox", **ORDER, "wait": 30}).json()
        assert done["status"] == "completed"
        stop, took = threading.Event(), list[float]()

        def order() -> None:
            while not stop.is_set():
                began = time.monotonic()
                http.post("/api/generate/image", json={"prompt": "sea", **ORDER, "wait": 0})
                took.append(time.monotonic() - began)

        writer = threading.Thread(target=order)
        writer.start()
        told = flexura(home, "backup", str(file))
        stop.set()
        writer.join()
        assert told["counts"]["missing"] == 0
        assert took, "orders go on meanwhile"
        assert statistics.median(took) < 2
        refused = flexura(home, "restore", str(file), "--force", code=1)["error"]
        assert "gateway" in refused["message"]
    assert flexura(home, "restore", str(file), "--check")["ok"]
    back = flexura(home, "restore", str(file), "--to", str(other))
    assert back["lost_count"] == 0
    with served(other) as gateway, gateway.client() as http:
        assert http.get(f"/api/jobs/{done['job_id']}").json()["status"] == "completed"
        assert http.get("/api/v1/jobs").json()["total"] == told["counts"]["jobs"]
        for asset in done["assets"]:
            assert http.get(f"/api/assets/{asset['name']}").status_code == 200


def test_a_damaged_database_is_read_and_not_written(tmp_path: Path) -> None:
    with served(tmp_path, "--no-worker") as gateway, gateway.client() as http:
        for number in range(40):
            body = {"prompt": f"fox {number} " + "x" * 1500, **ORDER, "wait": 0}
            http.post("/api/generate/image", json=body).raise_for_status()
    spoil(tmp_path / "flexura.db")
    # As if the machine had gone down: a mark that nobody holds.
    (tmp_path / "flexura.db-open-dead").touch()
    with served(tmp_path, "--no-worker") as gateway, gateway.client() as http:
        assert http.get("/healthz").status_code == 200
        assert http.get("/api/v1/models").status_code == 200
        answer = http.post("/api/generate/image", json={"prompt": "sea", **ORDER, "wait": 0})
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (503, "store_damaged")
        assert "flexura restore" in error["next_step"]
    findings = flexura(tmp_path, "doctor", code=1)["findings"]
    (database,) = [one for one in findings if one["name"] == "database"]
    assert database["status"] == "failed"
    assert "restore" in database["next_step"]


def spoil(database: Path) -> None:
    """The page of an index that readers do not use, so that the rest can be read."""
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'jobs_changes'"
        ).fetchone()
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.close()
    with database.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xa5" * size)
