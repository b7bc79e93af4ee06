"""Everybody's files, and what the installer leaves of itself: nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.desk import Desk, desk
from agents.everyone import move_in

pytestmark = [pytest.mark.usefixtures("unmeasured"), pytest.mark.timeout(240)]


@pytest.fixture
def user(tmp_path: Path) -> Iterator[Desk]:
    """A user with files for every agent."""
    with desk(tmp_path) as found:
        move_in(found)
        yield found


def everything(home: Path) -> dict[str, str]:
    """Each file, link and directory below the home, with the SHA-256 of what is in it."""
    found: dict[str, str] = {}
    for path in sorted(home.rglob("*")):
        name = str(path.relative_to(home))
        if path.is_symlink():
            found[name] = f"link to {path.readlink()}"
        else:
            found[name] = "directory" if path.is_dir() else _digest(path)
    return found


def _digest(path: Path) -> str:
    return f"{path.stat().st_mode:o} {hashlib.sha256(path.read_bytes()).hexdigest()}"


def without_our_record(files: dict[str, str]) -> dict[str, str]:
    return {k: v for k, v in files.items() if not k.startswith(".local")}


@pytest.mark.parametrize("transport", ["stdio", "http"])
def test_after_install_and_uninstall_every_file_is_what_it_was(user: Desk, transport: str) -> None:
    before = everything(user.home)
    http = ["--transport", "http", "--url", "http://127.0.0.1:9/mcp"]
    done = user.flexura("install", "--all", "--yes", *(http if transport == "http" else []))
    during = everything(user.home)
    changed = {path for path in before if during[path] != before[path]}
    assert changed == {
        ".aider.conf.yml",
        ".claude.json",
        ".cline/data/settings/cline_mcp_settings.json",
        ".codex/config.toml",
        ".config/opencode/opencode.json",
        ".gemini/settings.json",
    }, done
    user.flexura("uninstall", "--all", "--yes")
    assert without_our_record(everything(user.home)) == before


def test_installing_twice_writes_nothing_the_second_time(user: Desk) -> None:
    user.flexura("install", "--all", "--yes")
    once = everything(user.home)
    said = json.loads(user.flexura("install", "--all", "--yes", "--json"))
    assert {row["action"] for row in said["targets"]} == {"unchanged"}
    assert everything(user.home) == once
