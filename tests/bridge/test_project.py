"""Which directory is the project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bridge import agent as agents
from bridge.fake_gateway import KEY, FakeGateway
from flexura.bridge import project as projects
from flexura.bridge.project import VARIABLES


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flexura_home: Path) -> Path:
    path = tmp_path / "home"
    path.mkdir()
    monkeypatch.setenv("HOME", str(path))
    return path


def test_the_first_usable_root_counts(home: Path, tmp_path: Path) -> None:
    (tmp_path / "a b").mkdir()
    (tmp_path / "c").mkdir()
    roots = [
        "https://example.com/x",
        "file:///nowhere",
        (tmp_path / "a b").as_uri(),
        (tmp_path / "c").as_uri(),
    ]
    found = projects.find(roots, {VARIABLES[0]: str(tmp_path / "c")}, str(tmp_path / "c"))
    assert (found.root, found.folder, found.note) == (tmp_path / "a b", "flexura-out", "")


@pytest.mark.parametrize("variable", VARIABLES)
def test_without_roots_the_agents_environment_counts(
    home: Path, tmp_path: Path, variable: str
) -> None:
    (tmp_path / "c").mkdir()
    assert projects.find([], {variable: str(tmp_path / "c")}, "/").root == tmp_path / "c"


def test_several_paths_in_a_variable_are_understood(home: Path, tmp_path: Path) -> None:
    (tmp_path / "a,b").mkdir()
    (tmp_path / "c").mkdir()
    name = "WORKSPACE_FOLDER_PATHS"
    assert projects.find([], {name: f"{tmp_path}/a,b"}, "/").root == tmp_path / "a,b"
    assert projects.find([], {name: f"{tmp_path}/x,{tmp_path}/c"}, "/").root == tmp_path / "c"
    assert projects.find([], {name: json.dumps([f"{tmp_path}/c"])}, "/").root == tmp_path / "c"


@pytest.mark.parametrize(
    "value", ["", "${CLAUDE_PROJECT_DIR}", "relative", "/no/such", "[", "a\0b"]
)
def test_a_variable_that_holds_no_directory_is_passed_over(
    home: Path, project: Path, value: str
) -> None:
    assert projects.find([], {VARIABLES[0]: value}, str(project)).root == project


def test_else_the_working_directory_counts_with_links_resolved(home: Path, project: Path) -> None:
    (project.parent / "link").symlink_to(project)
    assert projects.find([], {}, str(project.parent / "link")).root == project


def test_nobodys_project_becomes_a_folder_in_the_home_directory_and_is_said(
    home: Path, flexura_home: Path
) -> None:
    (flexura_home / "artifacts").mkdir()
    for place in (
        "/",
        str(home),
        str(flexura_home),
        str(flexura_home / "artifacts"),
        "",
        "/no/such",
    ):
        found = projects.find([], {}, place)
        assert (found.root, found.folder) == (home / "flexura", "")
        assert str(home / "flexura") in found.note


def test_a_client_with_roots_is_asked_for_them(
    gateway: FakeGateway, project: Path, tmp_path: Path
) -> None:
    (tmp_path / "root").mkdir()
    with agents.agent(project, FLEXURA_URL=gateway.url, MEDIA_GATEWAY_API_KEY=KEY) as agent:
        agent.initialize(roots=[(tmp_path / "root").as_uri()])
        agent.call("generate_image", prompt="fox")
        (tmp_path / "moved").mkdir()
        agent.roots = [(tmp_path / "moved").as_uri()]
        agent.notify("notifications/roots/list_changed")
        agent.call("generate_image", prompt="fox again")
    assert (tmp_path / "root" / "flexura-out" / "fox.png").is_file()
    assert (tmp_path / "moved" / "flexura-out").is_dir()
    assert list(project.iterdir()) == []
    assert gateway.headers[0]["flexura-project"] != gateway.headers[1]["flexura-project"]


def test_a_client_that_refuses_to_tell_its_roots_is_served_all_the_same(
    gateway: FakeGateway, project: Path
) -> None:
    with agents.agent(project, FLEXURA_URL=gateway.url, MEDIA_GATEWAY_API_KEY=KEY) as agent:
        client = {"name": "t", "version": "1"}
        hello = {
            "protocolVersion": "2025-11-25",
            "capabilities": {"roots": {}},
            "clientInfo": client,
        }
        agent.ask("initialize", hello)
        agent.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}')
        asked = agent.process.stdout.readline() if agent.process.stdout else b""
        error = {"code": -32603, "message": "no"}
        agent.write(
            json.dumps({"jsonrpc": "2.0", "id": json.loads(asked)["id"], "error": error}).encode()
        )
        agent.call("generate_image", prompt="fox")
    assert (project / "flexura-out" / "fox.png").is_file()


def test_files_of_an_agent_without_a_project_land_in_one_folder_and_the_result_says_so(
    gateway: FakeGateway, home: Path
) -> None:
    with agents.agent(
        Path("/"), FLEXURA_URL=gateway.url, MEDIA_GATEWAY_API_KEY=KEY, HOME=str(home)
    ) as agent:
        agent.initialize()
        record = agent.call("generate_image", prompt="fox")["structuredContent"]
    assert record["files"][0]["path"] == str(home / "flexura" / "fox.png")
    assert str(home / "flexura") in record["next"]
