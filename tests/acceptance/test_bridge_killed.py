"""kill -9 of the bridge at random points: the job goes on, is bought once, and comes home later."""

from __future__ import annotations

import random
import select
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.agent import Agent
from bridge_house import files_below, finished, gateways, jobs_of, own_gateway, ready_agent, record

pytestmark = pytest.mark.usefixtures("unmeasured")

ROUNDS = 12
LONGEST_LIFE = 0.6
ENDED_WITHIN = 10.0


@pytest.fixture
def project(tmp_path: Path, flexura_home: Path) -> Iterator[Path]:
    path = tmp_path / "project"
    path.mkdir()
    with own_gateway():
        yield path


def killed_after(agent: Agent, seconds: float) -> None:
    """Read what the bridge says until its time has come, then kill it."""
    end = threading.Timer(seconds, agent.process.kill)
    end.start()
    assert agent.process.stdout is not None
    while select.select([agent.process.stdout], [], [], ENDED_WITHIN)[0]:
        if not agent.process.stdout.read1(1 << 16):
            break
    agent.process.wait(ENDED_WITHIN)
    end.join()


def test_no_job_is_lost_bought_twice_or_left_half_in_the_project(
    project: Path, flexura_home: Path
) -> None:
    chance = random.Random(20260728)
    with ready_agent(project) as agent:
        record(agent.call("model_catalog"))
    for round_number in range(ROUNDS):
        with ready_agent(project) as agent:
            order = {"prompt": f"fox {round_number}", "size": "512x512"}
            agent.send("tools/call", {"name": "generate_image", "arguments": order})
            killed_after(agent, chance.uniform(0, LONGEST_LIFE))
    with ready_agent(project) as agent:
        for job in jobs_of(project):
            finished(agent, record(agent.call("job_status", job_ids=[job["job_id"]], wait=40)))
        prompts = [job["prompt"] for job in jobs_of(project)]
    assert len(prompts) == len(set(prompts))
    assert len(prompts) > ROUNDS // 3
    names = [name for name in files_below(project) if not name.endswith(".part")]
    assert sorted(names) == sorted(f"{prompt.replace(' ', '-')}.png" for prompt in prompts)
    for file in (project / "flexura-out").glob("*.png"):
        assert file.read_bytes().endswith(b"IEND\xaeB`\x82")
    assert len(gateways(flexura_home)) == 1
