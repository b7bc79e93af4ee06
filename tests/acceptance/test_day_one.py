"""What would make somebody remove flexura on the first day."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import httpx2
import pytest

from acceptance.town import Town, configure, living_in
from bridge.agent import Agent
from bridge.agent import agent as bridge_agent
from bridge_house import (
    UNFINISHED,
    files_below,
    finished,
    gateways,
    jobs_of,
    own_gateway,
    ready_agent,
    record,
)
from flexura.local import gateway
from search_double import ROWS, SearchDouble, search_double

pytestmark = [
    pytest.mark.usefixtures("unmeasured"),
    pytest.mark.timeout(200),
    pytest.mark.only_on("linux"),
]
WINDOWS = 12
FILM = {"prompt": "rain on a window", "seconds": 2, "size": "320x180", "options": {"fps": 12}}
SECRETS = ("OPENAI_API_KEY", "TAVILY_API_KEY", "DATABASE_PASSWORD")
TRICKS = (
    "../out.png",
    "a/../../out.png",
    "/etc/flexura.png",
    "~/out.png",
    "file:///etc/flexura.png",
    "link/out.png",
    ".git/hooks/out.png",
    "a\0b.png",
    "CON",
    "\\\\server\\share\\out.png",
    "taken/out.png",
)


@dataclass(frozen=True)
class Crowd:
    """Twelve windows that were opened at once, each on a project with secrets of its own."""

    home: Path
    projects: list[Path]
    agents: list[Agent]
    catalogs: list[dict[str, Any]]
    searched: SearchDouble

    def secrets(self) -> list[bytes]:
        return [f"-of-{p.name}-{n.lower()}".encode() for p in self.projects for n in SECRETS]


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    home = tmp_path_factory.mktemp("crowd")
    with search_double(ROWS) as searched, living_in(home), own_gateway(), ExitStack() as stack:
        configure(home, TAVILY_BASE_URL=searched.url)
        projects = [tmp_path_factory.mktemp("window") for _ in range(WINDOWS)]
        agents = [stack.enter_context(window(project)) for project in projects]
        for agent in agents:
            agent.initialize()
        asked = [a.send("tools/call", {"name": "model_catalog", "arguments": {}}) for a in agents]
        catalogs = [
            record(agent.response(number)["result"])
            for agent, number in zip(agents, asked, strict=True)
        ]
        yield Crowd(home, projects, agents, catalogs, searched)


def window(project: Path) -> Any:
    """An agent in a project whose `.env`, as the agent's own environment, holds keys and a password."""
    own = {name: f"secret-of-{project.name}-{name.lower()}" for name in SECRETS}
    (project / ".env").write_text("".join(f"{name}={value}\n" for name, value in own.items()))
    return bridge_agent(project, TAVILY_BASE_URL="http://127.0.0.1:9", **own)


def test_twelve_windows_at_once_make_one_gateway(crowd: Crowd) -> None:
    assert len(gateways(crowd.home)) == 1


def test_every_window_finds_the_same_models_and_the_same_search(crowd: Crowd) -> None:
    assert crowd.catalogs[0]["models"]
    assert {str(catalog["models"]) for catalog in crowd.catalogs} == {
        str(crowd.catalogs[0]["models"])
    }
    for agent in (crowd.agents[0], crowd.agents[-1]):
        found = record(agent.call("search", query="retries"))
        assert [row["title"] for row in found["results"]] == [row["title"] for row in ROWS]


def test_no_secret_of_a_project_leaves_it(crowd: Crowd) -> None:
    for agent in crowd.agents[:2]:
        made = finished(agent, record(agent.call("generate_image", prompt="fox", size="16x16")))
        assert all(secret.decode() not in str(made) for secret in crowd.secrets())
    record(crowd.agents[0].call("search", query="keys"))
    assert all("authorization" not in headers for headers in crowd.searched.headers)
    seen = [path.read_bytes() for path in crowd.home.rglob("*") if path.is_file()]
    running = [Path(f"/proc/{pid}/environ").read_bytes() for pid in family(gateways(crowd.home)[0])]
    assert len(running) > 1, "the process that draws is looked at too"
    assert [s for s in crowd.secrets() if any(s in content for content in (*seen, *running))] == []


def test_one_project_does_not_see_the_jobs_of_another(crowd: Crowd) -> None:
    first, second = crowd.agents[2:4]
    made = record(first.call("generate_image", prompt="our secret product", size="16x16"))
    assert record(second.call("job_status", wait=0))["jobs"] == []
    listed = record(first.call("job_status", wait=0))["jobs"]
    assert [job["job_id"] for job in listed] == [made["job_id"]]


def test_a_signed_link_opens_after_a_restart(crowd: Crowd) -> None:
    before = gateway.ensure(60)
    url = signed_link(before)
    picture = httpx2.get(url).raise_for_status().content
    assert gateway.stop()
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(url)
    assert gateway.ensure(60).pid != before.pid
    assert httpx2.get(url).raise_for_status().content == picture


def signed_link(running: gateway.Running) -> str:
    """A link that opens without a key, as a chat or an issue would hold it."""
    bearer = {"Authorization": f"Bearer {running.token}"}
    order = {"prompt": "fox", "options": {"size": "32x32"}, "wait": 30}
    answer = httpx2.post(
        f"{running.url}/api/generate/image", json=order, headers=bearer, timeout=60
    )
    return answer.raise_for_status().json()["assets"][0]["signed_url"]


def family(pid: int) -> list[int]:
    """A process and its children. Reads /proc."""
    children = Path(f"/proc/{pid}/task").glob("*/children")
    return [pid, *(int(child) for path in children for child in path.read_text().split())]


@pytest.fixture
def agent(town: Town, project: Path) -> Iterator[Agent]:
    with living_in(town.home), ready_agent(project) as started:
        yield started


def test_make_another_one_makes_a_new_picture(agent: Agent, project: Path) -> None:
    order = {"prompt": "a red fox in the snow", "size": "96x96"}
    first, second = (finished(agent, record(agent.call("generate_image", **order))) for _ in "12")
    assert first["job_id"] != second["job_id"]
    pictures = [Path(made["files"][0]["path"]) for made in (first, second)]
    assert pictures[0].read_bytes() != pictures[1].read_bytes()
    assert files_below(project) == ["a-red-fox-in-the-snow-2.png", "a-red-fox-in-the-snow.png"]


@pytest.mark.parametrize("by_id", [True, False])
def test_a_video_that_was_finished_later_lands_in_the_project(
    agent: Agent, project: Path, by_id: bool
) -> None:
    made = record(agent.call("generate_video", **FILM, wait=0))
    assert made["status"] in UNFINISHED
    assert files_below(project) == []
    named = {"job_ids": [made["job_id"]]} if by_id else {}
    while made["status"] in UNFINISHED:
        told = record(agent.call("job_status", wait=40, **named))
        made = told if by_id else told["jobs"][0]
    assert files_below(project) == ["rain-on-a-window.mp4"]
    with av.open(made["files"][0]["path"]) as film:
        assert float(film.duration or 0) / av.time_base == pytest.approx(2, abs=0.2)


@pytest.mark.parametrize("start", ["/", "home"])
def test_files_land_neither_in_the_root_nor_in_home_and_the_result_says_where(
    town: Town, tmp_path: Path, start: str
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    root_before = set(os.listdir("/"))
    place = home if start == "home" else Path(start)
    with living_in(town.home), ready_agent(place, HOME=str(home)) as agent:
        made = finished(agent, record(agent.call("generate_image", prompt="fox", size="16x16")))
    assert Path(made["files"][0]["path"]) == home / "flexura" / "fox.png"
    assert str(home / "flexura") in made["next"]
    assert set(os.listdir("/")) == root_before
    assert [path.name for path in home.iterdir() if path.name[0] != "."] == ["flexura"]


@pytest.mark.parametrize("save_to", TRICKS)
def test_a_path_trick_is_refused_before_anything_is_bought(
    agent: Agent, project: Path, tmp_path: Path, save_to: str
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (project / "link").symlink_to(tmp_path / "elsewhere")
    (project / "taken").write_text("a file, not a folder")
    refused = agent.call("generate_image", prompt="fox", size="16x16", save_to=save_to)
    assert refused["isError"]
    assert refused["structuredContent"]["error"]["code"] == "invalid_request"
    assert refused["structuredContent"]["error"]["next_step"]
    assert jobs_of(project) == []
    assert files_below(tmp_path) == ["taken"]


def test_an_existing_file_is_never_overwritten(agent: Agent, project: Path) -> None:
    (project / "art").mkdir()
    for name in ("hero.png", "hero-2.png"):
        (project / "art" / name).write_text("mine")
    order = {"prompt": "fox", "size": "16x16", "save_to": "art/hero.png"}
    made = finished(agent, record(agent.call("generate_image", **order)))
    assert Path(made["files"][0]["path"]) == project / "art" / "hero-3.png"
    assert (project / "art" / "hero.png").read_text() == "mine"
    assert (project / "art" / "hero-2.png").read_text() == "mine"
