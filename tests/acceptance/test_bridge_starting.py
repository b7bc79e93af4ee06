"""However many agents start, there is one gateway, and what it gave out goes on working."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest

from bridge.agent import agent as bridge_agent
from bridge_house import files_below, finished, gateways, jobs_of, own_gateway, ready_agent, record
from flexura.local import gateway

AGENTS = 12


@pytest.fixture
def project(tmp_path: Path, flexura_home: Path) -> Iterator[Path]:
    path = tmp_path / "project"
    path.mkdir()
    with own_gateway():
        yield path


def test_twelve_agents_that_start_at_once_share_one_gateway(
    project: Path, flexura_home: Path
) -> None:
    with ExitStack() as stack:
        agents = [stack.enter_context(bridge_agent(project)) for _ in range(AGENTS)]
        for agent in agents:
            agent.initialize()
        numbers = [a.send("tools/call", {"name": "model_catalog", "arguments": {}}) for a in agents]
        for agent, number in zip(agents, numbers, strict=True):
            assert record(agent.response(number)["result"])["models"]
        assert len(gateways(flexura_home)) == 1
    assert len(gateways(flexura_home)) == 1


def test_the_gateway_outlives_the_agent_that_started_it(project: Path, flexura_home: Path) -> None:
    with ready_agent(project) as first:
        record(first.call("model_catalog"))
    running = gateway.find()
    assert running is not None
    with ready_agent(project) as second:
        record(second.call("model_catalog"))
    assert gateway.find() == running


def test_keys_of_one_project_do_not_reach_the_gateway(project: Path, flexura_home: Path) -> None:
    with ready_agent(project, OPENAI_API_KEY="sk-mine", TAVILY_API_KEY="tvly-mine") as agent:
        record(agent.call("model_catalog"))
    (serving,) = gateways(flexura_home)
    assert b"-mine" not in Path(f"/proc/{serving}/environ").read_bytes()
    assert os.readlink(f"/proc/{serving}/cwd") == "/"


def test_a_link_works_after_a_restart_of_the_gateway(project: Path) -> None:
    with ready_agent(project) as agent:
        made = finished(agent, record(agent.call("generate_image", prompt="fox", size="64x64")))
        assert gateway.stop()
        record(agent.call("model_catalog"))
    running = gateway.find()
    assert running is not None
    file = made["files"][0]
    answer = httpx2.get(file["url"], headers={"Authorization": f"Bearer {running.token}"})
    assert answer.content == Path(file["path"]).read_bytes()


def test_a_call_goes_on_when_the_gateway_is_killed_over_it(
    project: Path, flexura_home: Path
) -> None:
    with ready_agent(project) as agent:
        record(agent.call("model_catalog"))
        order = {"prompt": "mountains in the morning mist", "size": "2048x2048", "wait": 45}
        number = agent.send("tools/call", {"name": "generate_image", "arguments": order})
        while not jobs_of(project):
            pass
        (serving,) = gateways(flexura_home)
        os.kill(serving, signal.SIGKILL)
        made = finished(agent, record(agent.response(number)["result"]))
        assert len(made["files"]) == 1
        assert [job["job_id"] for job in jobs_of(project)] == [made["job_id"]]
    assert len(files_below(project)) == 1


def test_agents_without_a_project_put_files_neither_into_the_root_nor_into_home(
    tmp_path: Path, flexura_home: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    before = set(os.listdir("/"))
    with own_gateway():
        for place in (Path("/"), home):
            with ready_agent(place, HOME=str(home)) as agent:
                record(agent.call("generate_image", prompt="fox", size="64x64"))
    assert set(os.listdir("/")) == before
    assert [p.name for p in home.iterdir() if not p.name.startswith(".")] == ["flexura"]
    assert files_below(home / "flexura") == ["fox-2.png", "fox.png"]
