"""One line from a running gateway into an empty home, a first image, and one line out again."""

from __future__ import annotations

import json
import sys
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from acceptance import uv_house
from acceptance.gateway_process import Served, served
from script_house import BASH, SCRIPT, Box, Tree, index_variables
from wheel_house import installed

pytestmark = [
    pytest.mark.usefixtures("unmeasured"),
    pytest.mark.timeout(300),
    pytest.mark.only_on("linux"),
]
CODEX = '# mine\nmodel = "a-model"  # the best\n\n[mcp_servers.other]\ncommand = "other"\n'

OUT = ("uninstall", "--all", "--yes", "--delete-data")


@dataclass
class First:
    """What came of the one line and of the first image."""

    box: Box
    before: Tree
    told: str
    seconds: float


def one_line(gateway: Served, *words: str, query: str = "") -> str:
    """What a user pastes."""
    line = f"curl -fsSL {gateway.url}/api/install/flexura-skill{query} | bash"
    return f"{line} -s -- {' '.join(words)}" if words else line


def agents(box: Box) -> None:
    """Two agents, one of them with a file that somebody cares about."""
    (box.home / ".cursor").mkdir()
    (box.home / ".codex").mkdir()
    (box.home / ".codex" / "config.toml").write_text(CODEX)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A gateway that runs from an installed wheel, not from the checkout."""
    python = installed(tmp_path_factory.mktemp("installed"))
    with served(tmp_path_factory.mktemp("gateway"), python=python) as found:
        yield found


@pytest.fixture(scope="module")
def first(gateway: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[First]:
    box = Box(tmp_path_factory.mktemp("first") / "box", index_variables()).with_python()
    agents(box)
    before, began = box.tree(), time.monotonic()
    done = box.run(BASH, "-c", one_line(gateway, "--all", "--yes"))
    box.run(box.launcher, "image", "a red fox in the snow", "-o", "x.png")
    yield First(box, before, done.stderr + done.stdout, time.monotonic() - began)
    if box.launcher.exists():
        box.run(box.launcher, *OUT)


@pytest.fixture
def neighbour(first: First, tmp_path: Path) -> Box:
    """Another home in which the same version is installed already: it borrows the files of the first."""
    box = Box(tmp_path / "box").with_python()
    box.venvs.mkdir(parents=True)
    for name in ("current", (first.box.venvs / "current").readlink().name):
        path = first.box.venvs / name
        (box.venvs / name).symlink_to(path if not path.is_symlink() else path.readlink())
    agents(box)
    return box


def test_from_the_one_line_to_the_first_image_takes_less_than_a_minute(first: First) -> None:
    assert (first.box.home / "x.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert first.seconds < 60


def test_the_agents_that_were_found_start_the_linked_program(first: First) -> None:
    home, launcher = first.box.home, str(first.box.launcher)
    cursor = json.loads((home / ".cursor" / "mcp.json").read_text())
    assert cursor["mcpServers"]["flexura"]["command"] == launcher
    codex = (home / ".codex" / "config.toml").read_text()
    assert tomllib.loads(codex)["mcp_servers"]["flexura"]["command"] == launcher
    assert tomllib.loads(codex)["mcp_servers"]["other"] == {"command": "other"}
    assert all(line in codex for line in CODEX.splitlines())
    assert first.box.run(launcher, "--version").stdout.startswith("flexura")


def test_it_tells_where_it_came_from_and_every_place_that_it_wrote_to(
    first: First, gateway: Served
) -> None:
    assert gateway.url in first.told and "SHA-256" in first.told
    home = first.box.home
    for path in (first.box.venvs / "current", first.box.launcher):
        assert str(path) in first.told
    for name in (".cursor/mcp.json", ".codex/config.toml"):
        assert str(home / name) in first.told or f"~/{name}" in first.told


def test_nothing_but_its_own_lies_in_the_home_afterwards(first: First) -> None:
    new = {Path(name) for name in first.box.tree().keys() - first.before.keys()}
    assert {p.parts[0] for p in new} == {".agents", ".cursor", ".local", "x.png"}
    below = {p.relative_to(".local") for p in new if len(p.parts) > 3 and p.parts[0] == ".local"}
    assert {p.parts[:2] for p in below} == {("share", "flexura"), ("state", "flexura")}


def test_every_file_of_it_is_compiled(first: First) -> None:
    (package,) = (first.box.venvs / "current" / "lib").glob("python*/site-packages/flexura")
    sources = [p for p in package.rglob("*.py")]
    assert sources
    assert [p for p in sources if not list((p.parent / "__pycache__").glob(f"{p.stem}.*"))] == []


def test_the_same_line_again_changes_no_byte(neighbour: Box, gateway: Served) -> None:
    line = one_line(gateway, "--target", "codex", "cursor", "--yes")
    neighbour.run(BASH, "-c", line)
    before = neighbour.tree()
    neighbour.run(BASH, "-c", line)
    assert neighbour.tree() == before


@pytest.mark.parametrize("words", [("--dry-run",), ("--print",), ("--status",), ("--help",)])
def test_whoever_only_looks_changes_nothing_and_needs_nothing_installed(
    gateway: Served, tmp_path: Path, words: tuple[str, ...]
) -> None:
    box = Box(tmp_path / "box").with_python()
    agents(box)
    before = box.tree()
    shown = box.run(BASH, "-c", one_line(gateway, *words)).stdout
    assert box.tree() == before
    assert list(box.scratch.iterdir()) == []
    if words[0] in ("--dry-run", "--print"):
        assert ".local/bin/flexura" in shown and ".codex/config.toml" in shown


def test_the_agent_can_stand_in_the_url(neighbour: Box, gateway: Served) -> None:
    neighbour.run(BASH, "-c", one_line(gateway, query="?target=codex"))
    assert "flexura" in (neighbour.home / ".codex" / "config.toml").read_text()
    assert not (neighbour.home / ".cursor" / "mcp.json").exists()


def test_json_is_all_that_it_prints(neighbour: Box, gateway: Served) -> None:
    done = neighbour.run(BASH, "-c", one_line(gateway, "--target", "cursor", "--json"))
    assert json.loads(done.stdout)["ok"] is True


@pytest.mark.parametrize(("answer", "code"), [("n\n", 3), ("y\nn\nn\n", 0)])
def test_in_a_terminal_it_asks_there_although_the_script_comes_through_a_pipe(
    neighbour: Box, gateway: Served, answer: str, code: int
) -> None:
    spawn = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
    line = one_line(gateway)
    done = neighbour.run(sys.executable, "-c", spawn, BASH, "-c", line, stdin=answer, code=code)
    assert "Install flexura into" in done.stdout
    assert (neighbour.home / ".cursor" / "mcp.json").exists() == (code == 0)


def test_a_flexura_of_somebody_else_stays_and_its_neighbour_is_started_instead(
    neighbour: Box, gateway: Served
) -> None:
    neighbour.launcher.parent.mkdir()
    neighbour.launcher.write_text("#!/bin/sh\n")
    neighbour.launcher.chmod(0o755)
    neighbour.run(BASH, "-c", one_line(gateway, "--target", "cursor", "--yes"))
    assert neighbour.launcher.read_text() == "#!/bin/sh\n"
    cursor = json.loads((neighbour.home / ".cursor" / "mcp.json").read_text())
    own = neighbour.venvs / "current" / "bin" / "flexura"
    assert cursor["mcpServers"]["flexura"]["command"] == str(own)


def test_an_agent_that_is_left_alone_makes_the_line_fail(neighbour: Box, gateway: Served) -> None:
    (neighbour.home / ".codex" / "config.toml").write_text("broken = [\n")
    done = neighbour.run(BASH, "-c", one_line(gateway, "--all", "--yes"), code=1)
    assert "flexura" in (neighbour.home / ".cursor" / "mcp.json").read_text()
    assert ".codex/config.toml" in done.stdout + done.stderr


def test_an_unknown_agent_in_the_url_is_an_error_of_curl(gateway: Served, tmp_path: Path) -> None:
    box = Box(tmp_path / "box")
    url = f"{gateway.url}/api/install/flexura-skill?target=cursr"
    assert "400" in box.run("curl", "-fsSL", url, code=22).stderr


def test_from_a_checkout_with_uv_where_python_makes_no_venvs(tmp_path: Path) -> None:
    box = Box(tmp_path / "box", uv_house.variables()).with_python()
    (box.commands / "python3").rename(box.commands / "whole")
    box.program("python3", '[[ "$*" != *ensurepip* ]] || exit 1; exec whole "$@"')
    (box.commands / "uv").symlink_to(uv_house.installed(tmp_path / "uv"))
    agents(box)
    before = box.tree()
    box.run(SCRIPT, "--all", "--yes")
    assert str(box.launcher) in (box.home / ".cursor" / "mcp.json").read_text()
    origin = next((box.venvs / "current").glob("lib/*/site-packages/flexura-*/direct_url.json"))
    assert not json.loads(origin.read_text()).get("dir_info", {}).get("editable")
    box.run(box.launcher, *OUT)
    assert box.tree() == before


def test_one_line_takes_it_out_again_byte_for_byte(first: First) -> None:
    first.box.run(first.box.launcher, *OUT)
    (first.box.home / "x.png").unlink()
    after = first.box.tree()
    assert sorted(after.keys() - first.before.keys()) == [], "left over"
    assert after == first.before
