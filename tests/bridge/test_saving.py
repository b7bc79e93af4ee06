"""Finished files land in the project, and the result says where."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mcp_types as types
import pytest

from bridge import agent as agents
from bridge.agent import Agent
from bridge.fake_gateway import JOB, KEY, PICTURE, Context, FakeGateway, told

OUT = "flexura-out"


def answers(record: Callable[[FakeGateway], dict[str, Any]], *, is_error: bool = False) -> Any:
    """A tool with that result."""

    async def tool(gateway: FakeGateway, _: Context, __: dict[str, Any]) -> types.CallToolResult:
        return told(record(gateway), is_error=is_error)

    return tool


def path_in(result: dict[str, Any], number: int = 0) -> Path:
    return Path(result["structuredContent"]["files"][number]["path"])


def test_a_picture_is_saved_under_the_words_of_its_prompt(agent: Agent, project: Path) -> None:
    result = agent.call("generate_image", prompt="A red fox, in the snow!")
    file = result["structuredContent"]["files"][0]
    assert file["path"] == str(project / OUT / "a-red-fox-in-the-snow.png")
    assert Path(file["path"]).read_bytes() == PICTURE
    assert next(iter(file)) == "path"


def test_text_and_structure_say_the_same(agent: Agent) -> None:
    result = agent.call("generate_image", prompt="fox")
    text = result["content"][0]["text"]
    assert json.loads(text) == result["structuredContent"]
    assert text == json.dumps(
        result["structuredContent"], ensure_ascii=False, separators=(",", ":")
    )


def test_the_link_beside_it_leads_to_the_file(agent: Agent, project: Path) -> None:
    link = agent.call("generate_image", prompt="fox")["content"][1]
    assert link["type"] == "resource_link"
    assert link["uri"] == (project / OUT / "fox.png").as_uri()
    assert link["name"] == "fox.png"
    assert link["mimeType"] == "image/png"


def test_nothing_else_is_left_in_the_project(agent: Agent, project: Path) -> None:
    agent.call("generate_image", prompt="fox")
    assert [p.name for p in project.rglob("*")] == [OUT, "fox.png"]


def test_save_to_is_for_the_bridge_alone(agent: Agent, gateway: FakeGateway) -> None:
    agent.call("generate_image", prompt="fox", save_to="assets/hero.png")
    assert "save_to" not in gateway.calls[0]["arguments"]


def test_an_existing_file_is_never_replaced(
    agent: Agent, project: Path, gateway: FakeGateway
) -> None:
    (project / "hero.png").write_bytes(b"mine")
    first = agent.call("generate_image", prompt="fox", save_to="hero.png")
    gateway.assets["other.png"] = ("image/png", b"other")
    gateway.tools["generate_image"] = answers(lambda g: g.record("other.png"))
    second = agent.call("generate_image", prompt="fox", save_to="hero.png")
    assert (project / "hero.png").read_bytes() == b"mine"
    assert path_in(first) == project / "hero-2.png"
    assert path_in(second) == project / "hero-3.png"


def test_several_files_get_names_of_their_own(
    agent: Agent, project: Path, gateway: FakeGateway
) -> None:
    gateway.assets |= {"x.png": ("image/png", b"x"), "y.webp": ("image/webp", b"y")}
    gateway.assets["z.png"] = ("image/png", b"z")
    gateway.tools["generate_image"] = answers(lambda g: g.record("x.png", "y.webp", "z.png"))
    result = agent.call("generate_image", prompt="fox", save_to="pictures/")
    names = [path_in(result, number).name for number in range(3)]
    assert names == ["fox.png", "fox.webp", "fox-2.png"]


def test_the_type_decides_about_the_ending(
    agent: Agent, gateway: FakeGateway, project: Path
) -> None:
    assert path_in(agent.call("generate_image", prompt="x", save_to="a.jpg")) == project / "a.png"
    assert path_in(agent.call("generate_image", prompt="x", save_to="b.v2")) == project / "b.v2.png"
    gateway.assets["p.jpg"] = ("image/jpeg", b"j")
    gateway.tools["generate_image"] = answers(lambda g: g.record("p.jpg"))
    assert path_in(agent.call("generate_image", prompt="x", save_to="c.jpeg")) == project / "c.jpeg"


def test_a_second_look_finds_the_same_file_and_fetches_nothing(
    agent: Agent, gateway: FakeGateway
) -> None:
    made = path_in(agent.call("generate_image", prompt="fox", save_to="hero.png"))
    gateway.tools["job_status"] = answers(lambda g: g.record("a1b2.png"))
    assert path_in(agent.call("job_status", job_ids=[JOB])) == made
    assert path_in(agent.call("job_status", job_ids=[JOB], save_to="hero.png")) == made
    assert path_in(agent.call("generate_image", prompt="fox", save_to="hero.png")) == made
    assert gateway.fetched == ["a1b2.png"]


def test_another_wish_gets_another_copy(agent: Agent, gateway: FakeGateway, project: Path) -> None:
    agent.call("generate_image", prompt="fox")
    gateway.tools["job_status"] = answers(lambda g: g.record("a1b2.png"))
    assert (
        path_in(agent.call("job_status", job_ids=[JOB], save_to="public/"))
        == project / "public/fox.png"
    )
    assert path_in(agent.call("job_status", job_ids=[JOB])) == project / "public/fox.png"
    assert len(gateway.fetched) == 2


def test_a_job_that_ends_after_its_call_lands_where_the_call_wanted_it(
    gateway: FakeGateway, project: Path, flexura_home: Path
) -> None:
    """Also when another agent of the project asks."""
    gateway.assets["late.mp4"] = ("video/mp4", b"film")
    gateway.tools["generate_video"] = answers(lambda g: g.record(status="processing"))
    gateway.tools["job_status"] = answers(lambda g: {"jobs": [g.record("late.mp4")], "next": ""})
    for call in ("generate_video", "job_status"):
        with agents.agent(project, FLEXURA_URL=gateway.url, MEDIA_GATEWAY_API_KEY=KEY) as agent:
            agent.initialize()
            if call == "generate_video":
                agent.call(call, prompt="waves", save_to="film/intro.mp4")
            else:
                jobs = agent.call(call)["structuredContent"]["jobs"]
    assert jobs[0]["files"][0]["path"] == str(project / "film" / "intro.mp4")
    assert (project / "film" / "intro.mp4").read_bytes() == b"film"


def test_a_file_that_was_moved_does_not_come_back_in_a_list(
    agent: Agent, gateway: FakeGateway, project: Path
) -> None:
    path_in(agent.call("generate_image", prompt="fox")).rename(project / "moved.png")
    gateway.tools["job_status"] = answers(lambda g: {"jobs": [g.record("a1b2.png")], "next": ""})
    listed = agent.call("job_status")["structuredContent"]["jobs"][0]["files"][0]
    assert "path" not in listed
    assert not (project / OUT / "fox.png").exists()
    asked = agent.call("job_status", job_ids=[JOB])["structuredContent"]["jobs"][0]["files"][0]
    assert asked["path"] == str(project / OUT / "fox.png")


def test_the_gateway_is_told_that_the_result_arrived_and_was_saved(
    agent: Agent, gateway: FakeGateway
) -> None:
    agent.call("generate_image", prompt="fox")
    agent.close()
    session = gateway.headers[0]["flexura-session"]
    assert gateway.delivered == [(JOB, {"session": session, "saved": True})]


def test_it_is_told_once(agent: Agent, gateway: FakeGateway) -> None:
    agent.call("generate_image", prompt="fox")
    agent.call("generate_image", prompt="fox")
    agent.close()
    assert len(gateway.delivered) == 1


def test_a_job_under_way_is_not_delivered(agent: Agent, gateway: FakeGateway) -> None:
    gateway.tools["generate_image"] = answers(lambda g: g.record(status="processing"))
    agent.call("generate_image", prompt="fox")
    agent.close()
    assert gateway.delivered == []


def test_a_failed_job_is_delivered_with_its_error(agent: Agent, gateway: FakeGateway) -> None:
    error = {"error": {"code": "content_policy", "message": "No."}, "next": "Change the prompt."}
    gateway.tools["generate_image"] = answers(
        lambda g: g.record(status="failed") | error, is_error=True
    )
    result = agent.call("generate_image", prompt="fox")
    assert result["isError"] is True
    assert result["structuredContent"]["next"] == "Change the prompt."
    agent.close()
    assert [job for job, _ in gateway.delivered] == [JOB]


def test_a_file_that_cannot_be_fetched_leaves_its_url_and_says_why(
    agent: Agent, gateway: FakeGateway, project: Path
) -> None:
    async def gone(g: FakeGateway, _: Context, __: dict[str, Any]) -> types.CallToolResult:
        g.assets["gone.png"] = ("image/png", b"x")
        record = g.record("gone.png")
        del g.assets["gone.png"]
        return told(record)

    gateway.tools["generate_image"] = gone
    record = agent.call("generate_image", prompt="fox")["structuredContent"]
    assert "path" not in record["files"][0]
    assert record["files"][0]["url"].endswith("/gone.png")
    assert "Gone." in record["next"]
    assert [p for p in project.rglob("*") if p.is_file()] == []
    agent.close()
    assert gateway.delivered[0][1]["saved"] is False


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "https://example.com/x.png",
        "file:///etc/passwd",
        "http://[",
        "",
        None,
    ],
)
def test_only_the_gateways_own_files_are_fetched(
    agent: Agent, gateway: FakeGateway, project: Path, url: object
) -> None:
    file = {"url": url, "mime": "image/png"}
    gateway.tools["generate_image"] = answers(lambda g: g.record() | {"files": [file]})
    assert agent.call("generate_image", prompt="x")["structuredContent"]["files"] == [file]
    assert list(project.iterdir()) == []


def test_files_are_asked_of_the_gateway_itself_under_whatever_name_it_is_known(
    agent: Agent, gateway: FakeGateway, project: Path
) -> None:
    """The key must not follow a URL to another host."""
    gateway.assets["n.png"] = ("image/png", b"n")
    url = "https://media.example/flexura/api/assets/n.png?exp=1&sig=2"
    gateway.tools["generate_image"] = answers(
        lambda g: g.record() | {"files": [{"url": url, "mime": "image/png"}]}
    )
    assert path_in(agent.call("generate_image", prompt="n")).read_bytes() == b"n"


def test_a_folder_that_cannot_be_written_any_more_costs_nothing_but_the_copy(
    agent: Agent, gateway: FakeGateway, project: Path
) -> None:
    async def blocks(g: FakeGateway, _: Context, __: dict[str, Any]) -> types.CallToolResult:
        # Somebody puts a file where the folder was to be, while the picture is being made.
        (project / OUT).write_text("in the way")
        g.assets["a.png"] = ("image/png", b"a")
        return told(g.record("a.png"))

    gateway.tools["generate_image"] = blocks
    result = agent.call("generate_image", prompt="x")
    assert "isError" not in result or not result["isError"]
    assert "Not saved in" in result["structuredContent"]["next"]
    assert result["structuredContent"]["files"][0]["url"]


def test_a_full_disk_is_said_and_leaves_no_part(
    agent: Agent, gateway: FakeGateway, project: Path
) -> None:
    gateway.assets["big.png"] = ("image/png", b"x" * 2_000_000)
    gateway.tools["generate_image"] = answers(lambda g: g.record("big.png"))
    agent.close()
    key = KEY
    limited = ["/bin/sh", "-c", 'ulimit -f 1; trap "" XFSZ; exec "$@"', "sh", *agents.COMMAND]
    with agents.agent(project, limited, FLEXURA_URL=gateway.url, MEDIA_GATEWAY_API_KEY=key) as poor:
        poor.initialize()
        record = poor.call("generate_image", prompt="x")["structuredContent"]
    assert "Not saved in" in record["next"]
    assert [p for p in project.rglob("*") if p.is_file()] == []


def test_parts_of_a_bridge_that_was_killed_are_swept_away(agent: Agent, project: Path) -> None:
    out = project / OUT
    out.mkdir()
    old, young, mine = out / ".flexura-old.part", out / ".flexura-young.part", out / "other.part"
    for file in (old, young, mine):
        file.write_text("half")
    os.utime(old, (0, 0))
    os.utime(mine, (0, 0))
    agent.call("generate_image", prompt="fox")
    assert not old.exists()
    assert young.exists()
    assert mine.exists()


def test_results_without_files_pass_unchanged(agent: Agent, gateway: FakeGateway) -> None:
    quote = {"estimate": {"amount": 0.01}, "model": "m"}
    gateway.tools["generate_image"] = answers(lambda _: quote)
    result = agent.call("generate_image", prompt="x", dry_run=True)
    assert result["structuredContent"] == quote
