"""A throwaway HOME, with and without agents in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from installer_person import AIDER, BROKEN, CODEX, CURSOR, GEMINI, LAUNCHER, OTHERS, Person


@pytest.fixture
def person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Person:
    """Somebody without agents; the launcher is there."""
    home, project = tmp_path / "home", tmp_path / "project"
    home.mkdir()
    project.mkdir()
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "FLEXURA_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name in ("CODEX_HOME", "CLAUDE_CONFIG_DIR", "CLINE_DIR", "COPILOT_HOME", "FLEXURA_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.chdir(project)
    someone = Person(home, project, capsys)
    someone.file(".local/bin/flexura", LAUNCHER, 0o755)
    return someone


@pytest.fixture
def house_of_agents(person: Person) -> Person:
    """Six agents: three that are well, one with a broken file, one with somebody's `flexura`, and Aider."""
    person.file(".codex/config.toml", CODEX)
    person.file(".cursor/mcp.json", CURSOR)
    person.file(".gemini/settings.json", GEMINI, 0o600)
    person.file(".config/Claude/claude_desktop_config.json", BROKEN)
    person.file(".kiro/settings/mcp.json", OTHERS)
    person.file(".aider.conf.yml", AIDER)
    return person
