"""A repeated call is the same order until its result has arrived; then it is a new one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.agent import Agent
from bridge_house import (
    UNFINISHED,
    files_below,
    finished,
    jobs_of,
    own_gateway,
    ready_agent,
    record,
)

ORDER = {"prompt": "a forest in the rain", "size": "1600x1600"}


@pytest.fixture(scope="module", autouse=True)
def one_gateway() -> Iterator[None]:
    """Shared by the tests of this file; each has a project of its own."""
    with own_gateway():
        yield


@pytest.fixture
def project(tmp_path: Path) -> Path:
    path = tmp_path / "project"
    path.mkdir()
    return path


@pytest.fixture
def agent(project: Path) -> Iterator[Agent]:
    with ready_agent(project) as started:
        yield started


def test_make_another_one_makes_another_one(agent: Agent, project: Path) -> None:
    first, second = (
        finished(agent, record(agent.call("generate_image", prompt="fox", size="64x64")))
        for _ in range(2)
    )
    assert first["job_id"] != second["job_id"]
    assert first["seed"] != second["seed"]
    assert files_below(project) == ["fox-2.png", "fox.png"]


def test_a_call_whose_answer_was_not_waited_for_is_joined(agent: Agent, project: Path) -> None:
    first = record(agent.call("generate_image", **ORDER, wait=0))
    again = record(agent.call("generate_image", **ORDER, wait=0))
    assert again["job_id"] == first["job_id"]
    assert again["deduplicated"] is True
    made = finished(agent, again)
    assert made["job_id"] == first["job_id"]
    assert len(jobs_of(project)) == 1
    assert len(files_below(project)) == 1


def test_a_cancelled_call_leaves_its_job_running_and_is_joined(agent: Agent, project: Path) -> None:
    number = agent.send(
        "tools/call", {"name": "generate_image", "arguments": {**ORDER, "wait": 45}}
    )
    while not jobs_of(project):
        pass
    agent.notify("notifications/cancelled", {"requestId": number})
    made = finished(agent, record(agent.call("generate_image", **ORDER, wait=45)))
    assert len(jobs_of(project)) == 1
    assert made["job_id"] == jobs_of(project)[0]["job_id"]
    assert len(files_below(project)) == 1


def test_the_file_of_a_cancelled_call_still_lands_where_the_call_wanted_it(
    agent: Agent, project: Path
) -> None:
    order = {**ORDER, "wait": 45, "save_to": "art/forest.png"}
    number = agent.send("tools/call", {"name": "generate_image", "arguments": order})
    while not jobs_of(project):
        pass
    agent.notify("notifications/cancelled", {"requestId": number})
    (job,) = jobs_of(project)
    looked = record(agent.call("job_status", job_ids=[job["job_id"]], wait=40))
    assert finished(agent, looked)["files"][0]["path"] == str(project / "art" / "forest.png")


def test_a_file_that_was_finished_later_comes_home_with_the_next_look(
    agent: Agent, project: Path
) -> None:
    first = record(agent.call("generate_image", **ORDER, wait=0, save_to="art/forest.png"))
    assert first["status"] in UNFINISHED
    assert "job_status" in first["next"]
    jobs = record(agent.call("job_status", wait=40))["jobs"]
    while jobs[0]["status"] != "completed":
        jobs = record(agent.call("job_status", wait=40))["jobs"]
    assert jobs[0]["files"][0]["path"] == str(project / "art" / "forest.png")


def test_a_picture_of_the_project_can_be_worked_on(agent: Agent, project: Path) -> None:
    record(agent.call("generate_image", prompt="fox", size="128x128", save_to="in.png"))
    order = {"prompt": "make it grey", "images": ["in.png"], "save_to": "out.png"}
    finished(agent, record(agent.call("generate_image", **order)))
    assert files_below(project) == ["in.png", "out.png"]
    assert (project / "in.png").read_bytes() != (project / "out.png").read_bytes()


def test_jobs_of_another_project_are_not_listed(agent: Agent, tmp_path: Path) -> None:
    record(agent.call("generate_image", prompt="fox", size="64x64"))
    (tmp_path / "other").mkdir()
    with ready_agent(tmp_path / "other") as other:
        assert record(other.call("job_status"))["jobs"] == []
