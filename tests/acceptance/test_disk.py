"""A full, too small or read-only disk gives the documented error and loses nothing."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from acceptance.disks import (
    MEGABYTES,
    Disk,
    HeldDisk,
    Limit,
    SmallDisk,
    limit_files,
    may_mount,
    small_disk,
)
from acceptance.flexura_process import Shell
from acceptance.watched import children
from doubles import png

pytestmark = [pytest.mark.timeout(150), pytest.mark.only_on("linux")]
MOUNTS = may_mount()
# Too small for the first table, in the middle of the tables, and for the first picture.
TOO_SMALL = [["sh", "-c", 'ulimit -f 0; exec "$@"', "no room"]]
TOO_SMALL += [small_disk(size) for size in ("64k", "140k", "256k") if MOUNTS]
# In the same namespace, which ends with its last process.
AND_STOP = '"$@"; code=$?; "$1" -m flexura gateway stop >/dev/null; exit $code'
DISKS: list[Disk] = [Limit(), *([SmallDisk()] if MOUNTS else [])]
SMALL = {"prompt": "fox", "options": {"size": "64x64"}}
LARGE = {"prompt": "sea", "n": 3, "options": {"size": "1024x1024"}}


@dataclass
class Gateway:
    """A gateway that says what it is on stderr, as somebody who runs it by hand sees it."""

    process: subprocess.Popen[bytes]
    http: httpx2.Client
    said: Path

    def order(self, body: dict[str, Any], wait: float = 0) -> httpx2.Response:
        return self.http.post("/api/generate/image", json={**body, "wait": wait})

    def job(self, job_id: str, wait: float = 0) -> dict[str, Any]:
        return self.http.get(f"/api/jobs/{job_id}?wait={wait}").raise_for_status().json()


def unmeasured() -> dict[str, str]:
    """For a process on a full disk: it writes no coverage, and not half a .pyc file as Python 3.11 does."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1"}


@contextmanager
def serving(home: Path, disk: Disk) -> Iterator[Gateway]:
    environment = {**unmeasured(), "FLEXURA_HOME": str(home), "FLEXURA_LEASE_SECONDS": "1"}
    command = [*disk.command(), "-m", "flexura", "serve", "--port", "0"]
    log = home.parent / "said.log"
    with log.open("wb") as said:
        process = subprocess.Popen(command, env=environment, cwd=home.parent, stderr=said)
    try:
        while not (shown := re.search(r"listening on (\S+)[^$]* once: (\S+)", log.read_text())):
            with contextlib.suppress(subprocess.TimeoutExpired):
                raise AssertionError(f"{process.wait(0.05)}: {log.read_text()}")
        bearer = {"Authorization": f"Bearer {shown[2]}"}
        with httpx2.Client(base_url=shown[1], headers=bearer, timeout=70) as http:
            yield Gateway(process, http, log)
        process.terminate()
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()


def is_refused(answer: httpx2.Response) -> None:
    """507, and what to do."""
    assert answer.status_code == 507, answer.text
    error = answer.json()["error"]
    assert error["code"] == "disk_full"
    assert error["next_step"]


@pytest.mark.parametrize("disk", DISKS, ids=lambda disk: type(disk).__name__)
def test_a_disk_that_gets_full_refuses_what_is_new_and_loses_nothing(
    flexura_home: Path, disk: Disk
) -> None:
    with serving(flexura_home, disk) as gateway:
        done = gateway.order(SMALL, wait=30).json()
        under_way = gateway.order(LARGE).json()["job_id"]
        disk.fill(gateway.process.pid, flexura_home)
        is_refused(gateway.order(SMALL))
        media = {"Content-Type": "image/png"}
        is_refused(gateway.http.post("/api/v1/uploads", content=png(9, 9), headers=media))
        # Longer than the lease, so that the queue, too, meets the full disk.
        gateway.job(under_way, wait=3)
        assert gateway.http.get(done["asset_url"]).status_code == 200
        assert gateway.http.get("/healthz").status_code == 200
        disk.free(gateway.process.pid, flexura_home)
        assert gateway.order(SMALL, wait=30).json()["status"] == "completed"
        ended = gateway.job(under_way, wait=60)
        assert (ended["status"], ended.get("error_code")) in (
            ("completed", None),
            ("failed", "disk_full"),
        )
        assert gateway.http.get("/api/v1/jobs").json()["total"] == 3
    said = gateway.said.read_text().splitlines()
    assert len(said) < 100, "a full disk is not filled with what is said about it"


def test_a_picture_that_does_not_fit_fails_for_that_reason(flexura_home: Path) -> None:
    with serving(flexura_home, Limit()) as gateway:
        assert gateway.order(SMALL, wait=30).json()["status"] == "completed"
        (drawing,) = children(gateway.process.pid)
        limit_files(drawing, 0)
        ended = gateway.order(LARGE, wait=60).json()
        assert (ended["status"], ended["error_code"]) == ("failed", "disk_full")
        assert "disk" in ended["error"]
        assert ended["next_step"]
        limit_files(drawing, -1)
        assert gateway.order(LARGE, wait=60).json()["status"] == "completed"


@pytest.mark.parametrize("place", TOO_SMALL, ids=lambda place: place[-1])
def test_a_disk_that_is_too_small_from_the_start_is_named_as_the_reason(
    flexura_home: Path, tmp_path: Path, place: list[str]
) -> None:
    done = subprocess.run(
        [
            *place,
            "sh",
            "-c",
            AND_STOP,
            "sh",
            sys.executable,
            "-m",
            "flexura",
            "image",
            "fox",
            "--json",
        ],
        cwd=tmp_path,
        env=unmeasured(),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode != 0
    error = json.loads(done.stdout)["error"]
    assert error["code"] == "disk_full" or "disk is full" in error["message"]
    assert error["next_step"]
    assert "Traceback" not in done.stderr


@pytest.fixture
def held(flexura_home: Path) -> Iterator[HeldDisk]:
    if not MOUNTS:
        pytest.skip("this machine lets us make no file system (unshare -rm)")
    disk = HeldDisk(flexura_home, MEGABYTES)
    yield disk
    disk.close()


@pytest.mark.parametrize("end", ["stopped", "killed"])
@pytest.mark.parametrize("how", ["read-only", "full"])
def test_a_gateway_starts_on_a_disk_that_cannot_be_written_and_recovers(
    flexura_home: Path, held: HeldDisk, how: str, end: str
) -> None:
    with on_held(flexura_home, held) as first:
        done = first.order(SMALL, wait=30).json()
        assert done["status"] == "completed"
        waiting = first.order(LARGE).json()["job_id"]
        if end == "killed":
            first.process.kill()
            first.process.wait()
    held.fill() if how == "full" else held.mount("ro")
    with on_held(flexura_home, held, str(first.http.headers["Authorization"])) as gateway:
        assert gateway.job(done["job_id"])["status"] == "completed"
        assert gateway.http.get("/api/v1/jobs").json()["total"] == 2
        # It listens on another port now.
        file = httpx2.URL(done["asset_url"]).raw_path.decode()
        assert gateway.http.get(file).status_code == 200
        assert gateway.http.get("/api/v1/models").status_code == 200
        more = 0
        while (refused := gateway.order(SMALL)).is_success and more < 100:
            more += 1  # the log of a database that was not closed has room in it
        is_refused(refused)
        held.free() if how == "full" else held.mount("rw")
        began = time.monotonic()
        while (again := gateway.order(SMALL, wait=30)).status_code == 507:
            assert time.monotonic() - began < 10
        assert again.json()["status"] == "completed"
        ended = gateway.job(waiting, wait=60)
        assert (ended["status"], ended.get("error_code")) in (
            ("completed", None),
            ("failed", "disk_full"),
        )
    said = gateway.said.read_text()
    assert "Traceback" not in said
    assert said.count("Nothing is written for now") <= 1
    assert integrity_of(flexura_home, held) == []


def integrity_of(home: Path, disk: HeldDisk) -> list[str]:
    """What is wrong with the database on that disk."""
    code = "import sys; from flexura.storage.integrity import *; from pathlib import Path;"
    code += "import json; print(json.dumps(integrity(Path(sys.argv[1]))))"
    argv = [*disk.command(), "-c", code, str(home / "flexura.db")]
    done = subprocess.run(argv, env=unmeasured(), capture_output=True, timeout=30, check=True)
    return json.loads(done.stdout)


@contextmanager
def on_held(home: Path, disk: HeldDisk, bearer: str = "") -> Iterator[Gateway]:
    """A gateway on that disk; ended well, unless it was killed."""
    environment = {**unmeasured(), "FLEXURA_HOME": str(home), "FLEXURA_LEASE_SECONDS": "1"}
    log = home.parent / "held.log"
    with log.open("wb") as said:
        command = [*disk.command(), "-m", "flexura", "serve", "--port", "0"]
        process = subprocess.Popen(command, env=environment, cwd=home.parent, stderr=said)
    try:
        while not (shown := re.search(r"listening on (\S+)", log.read_text())):
            with contextlib.suppress(subprocess.TimeoutExpired):
                raise AssertionError(f"{process.wait(0.05)}: {log.read_text()}")
        if not bearer:
            while not (key := re.search(r" once: (\S+)", log.read_text())):
                process.poll()
            bearer = f"Bearer {key[1]}"
        headers = {"Authorization": bearer}
        with httpx2.Client(base_url=shown[1], headers=headers, timeout=70) as http:
            yield Gateway(process, http, log)
        if process.returncode is None:
            process.terminate()
            assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()


def test_a_home_that_cannot_be_written_is_replaced_for_now_and_that_is_said(tmp_path: Path) -> None:
    project, instead = tmp_path / "project", tmp_path / "tmp"
    project.mkdir()
    instead.mkdir()
    shell = Shell(Path("/proc/flexura"), project, {"TMPDIR": str(instead)})
    try:
        made = shell.run("image", "placeholder", "--size", "64x64")
        assert (project / made.stdout.strip()).is_file()
        assert "/proc/flexura cannot be used" in made.stderr
        assert str(instead) in made.stderr
        assert "FLEXURA_HOME" in made.stderr
    finally:
        shell.run("gateway", "stop")
