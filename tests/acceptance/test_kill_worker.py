"""kill -9 of a worker at random points: no job is lost, nothing is bought twice, every file is whole."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from acceptance.counting_worker import CountingUpstream
from flexura import settings as configuration
from flexura.domain.generation import GenerationRequest
from flexura.domain.job import Caller, Job
from flexura.ports.records import JobFilter
from flexura.runtime import Bind, open_services
from flexura.services.generation import Origin
from flexura.settings import Settings
from flexura.storage.files import FileBlobs

pytestmark = [pytest.mark.usefixtures("unmeasured"), pytest.mark.anyio]
JOBS = 40
KILLS = 7
WORKER = Path(__file__).with_name("counting_worker.py")


async def submit(settings: Settings, home: Path, deduplicates: bool) -> None:
    upstream = CountingUpstream(home, deduplicates)
    async with open_services(settings, Bind(works=False), [upstream]) as services:
        caller = Caller("ws_1")
        for index in range(JOBS):
            order = GenerationRequest(kind="image", prompt=f"fox {index}", model="fake:one")
            plan = await services.generation.plan(order, caller)
            await services.generation.submit(plan, caller, Origin("test"))


async def all_jobs(settings: Settings, home: Path) -> tuple[list[Job], dict[str, str]]:
    async with open_services(settings, Bind(works=False)) as services:
        jobs = await services.jobs.list(JobFilter("ws_1", limit=JOBS + 1))
        made = await services.jobs.artifacts_of(jobs)
        return jobs, {i: artifacts[0].sha256 for i, artifacts in made.items() if artifacts}


def run_and_kill(home: Path, deduplicates: bool, seed: int) -> None:
    """Start the worker again and again, killing it a little later each time at random."""
    chance = random.Random(seed)
    environment = {**os.environ, "FLEXURA_LEASE_SECONDS": "0.3", "PYTHONPATH": "tests"}
    command = [sys.executable, str(WORKER), str(home), "yes" if deduplicates else "no"]
    for round_number in range(KILLS + 1):
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, text=True, cwd=WORKER.parents[2]
        ) as process:
            assert process.stdout is not None and process.stdout.readline() == "ready\n"
            if round_number < KILLS:
                try:
                    process.wait(chance.uniform(0.0, 0.25))
                except subprocess.TimeoutExpired:
                    process.kill()
            else:
                assert process.stdout.readline() == "idle\n"
                assert process.wait(60) == 0


@pytest.mark.timeout(240)
@pytest.mark.parametrize("deduplicates", [True, False])
async def test_no_job_is_lost_and_none_is_bought_twice(
    flexura_home: Path, tmp_path: Path, deduplicates: bool
) -> None:
    settings = replace(configuration.load({}), lease_seconds=0.3)
    await submit(settings, tmp_path, deduplicates)
    run_and_kill(tmp_path, deduplicates, seed=int(time.time()))
    jobs, files = await all_jobs(settings, tmp_path)
    bought = Counter((tmp_path / "purchases").read_text().split())
    assert len(jobs) == JOBS and all(job.final for job in jobs)
    assert max(bought.values()) == 1
    ended = Counter(job.error_code or job.state for job in jobs)
    if deduplicates:
        assert ended == {"completed": JOBS}
    else:
        assert set(ended) <= {"completed", "outcome_unknown"}
        assert all(bought[job.id] == 1 for job in jobs if job.state == "completed")
    blobs = FileBlobs(flexura_home / "artifacts")
    for sha256 in files.values():
        path = blobs.local_path(sha256)
        assert path is not None and hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    assert len(files) == ended["completed"]
