"""The same job in a sandbox without loopback: the gateway is a child on pipes and ends with the bridge."""

from __future__ import annotations

from pathlib import Path

from bridge_house import files_below, finished, gateways, ready_agent, record
from flexura.local import gateway


def test_a_picture_is_made_and_worked_on_without_any_port(
    tmp_path: Path, flexura_home: Path
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    with ready_agent(project, FLEXURA_TRANSPORT="pipe") as agent:
        first = finished(agent, record(agent.call("generate_image", prompt="fox", size="512x512")))
        order = {"prompt": "make it grey", "images": ["flexura-out/fox.png"], "save_to": "grey.png"}
        finished(agent, record(agent.call("generate_image", **order)))
        assert Path(first["files"][0]["path"]).is_file()
        assert gateway.find() is None
        assert len(gateways(flexura_home)) == 1
    assert gateways(flexura_home) == []
    assert files_below(project) == ["fox.png", "grey.png"]


def test_the_next_bridge_finds_the_jobs_of_the_last(tmp_path: Path, flexura_home: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    with ready_agent(project, FLEXURA_TRANSPORT="pipe") as agent:
        made = record(agent.call("generate_image", prompt="fox", size="64x64", wait=0))
    with ready_agent(project, FLEXURA_TRANSPORT="pipe") as agent:
        finished(agent, record(agent.call("job_status", job_ids=[made["job_id"]], wait=40)))
    assert files_below(project) == ["fox.png"]
