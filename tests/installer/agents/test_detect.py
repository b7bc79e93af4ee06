"""An agent is found by what it left, and not by what others left in its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from flexura_installer.agents import agent
from flexura_installer.detect import detected, signs
from flexura_installer.machine import Machine, System


def names(home: Path, system: System = "linux", **environment: str) -> list[str]:
    return [row.name for row in detected(Machine(home, system, environment, home))]


def test_nothing_is_found_in_an_empty_home(tmp_path: Path) -> None:
    assert names(tmp_path) == []


def test_a_command_on_the_path_is_enough(tmp_path: Path) -> None:
    program = tmp_path / "bin" / "codex"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    on = Machine(tmp_path, "linux", {"PATH": str(program.parent)}, tmp_path)
    assert [row.name for row in detected(on)] == ["codex"]
    assert signs(agent("codex"), on) == "codex on the PATH"


def test_a_folder_is_enough_and_is_named_as_people_write_it(tmp_path: Path) -> None:
    (tmp_path / ".codex").mkdir()
    (tmp_path / ".claude.json").write_text("{}")
    assert names(tmp_path) == ["codex", "claude-code"]
    assert signs(agent("codex"), Machine(tmp_path, "linux", {}, tmp_path)) == "~/.codex"


def test_folders_that_hold_nothing_but_skills_show_nothing(tmp_path: Path) -> None:
    places = (
        ".claude",
        ".codeium/windsurf",
        ".cursor",
        ".gemini/antigravity",
        ".kiro",
        ".config/goose",
    )
    for place in places:
        (tmp_path / place / "skills" / "flexura").mkdir(parents=True)
    assert names(tmp_path) == []
    (tmp_path / ".cursor" / "argv.json").write_text("{}")
    assert names(tmp_path) == ["cursor"]


def test_what_belongs_to_a_neighbour_shows_only_the_neighbour(tmp_path: Path) -> None:
    settings = tmp_path / ".gemini" / "antigravity" / "settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text("{}")
    assert names(tmp_path) == ["antigravity"]
    (tmp_path / ".gemini" / "settings.json").write_text("{}")
    assert names(tmp_path) == ["gemini-cli", "antigravity"]


def test_the_cline_extension_is_found_whatever_its_version(tmp_path: Path) -> None:
    (tmp_path / ".vscode" / "extensions" / "saoudrizwan.claude-dev-4.1.13").mkdir(parents=True)
    assert names(tmp_path) == ["cline"]


def test_applications_are_found_where_their_system_keeps_them(tmp_path: Path) -> None:
    (tmp_path / "Library" / "Application Support" / "Claude").mkdir(parents=True)
    (tmp_path / "AppData" / "Roaming" / "Code" / "User").mkdir(parents=True)
    assert "claude-desktop" in names(tmp_path, "macos")
    assert names(tmp_path, "windows") == ["vscode"]
    assert names(tmp_path) == []


def test_the_users_variables_are_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    assert names(tmp_path, CODEX_HOME=str(tmp_path / "elsewhere")) == ["codex"]


def test_a_folder_that_we_may_not_look_into_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".codex" / "skills").mkdir(parents=True)

    def refuse(_: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert names(tmp_path) == ["codex"]
