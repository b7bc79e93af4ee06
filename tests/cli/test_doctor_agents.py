"""`flexura doctor` looks into the agents: what stands in their files, and whether it works."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli_house import Terminal
from flexura.cli.doctor import agents
from flexura.cli.doctor.finding import Finding

Find = Callable[[], dict[str, Finding]]
OTHER = {"mcpServers": {"flexura": {"command": "/somebody/else"}}}


@pytest.fixture
def home(alone: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user with Cursor, Codex, Claude Code and Gemini CLI, in a project."""
    place = tmp_path / "ada"
    for folder in (".cursor", ".codex", ".claude", ".gemini"):
        (place / folder / "own").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(place))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.delenv("FLEXURA_HOME")
    return place


@pytest.fixture
def found(home: Path) -> Find:
    return lambda: {finding.name: finding for finding in agents.agents()}


def install(alone: Terminal, *arguments: str) -> None:
    result = alone.run("install", *arguments, "--yes", "--json")
    assert result.exit_code == 0, result.output


def test_agents_that_are_here_and_not_connected_are_one_note_with_the_command(found: Find) -> None:
    finding = found()["agents"]
    assert finding.status == "note"
    assert "Cursor" in finding.summary
    assert finding.next_step == "flexura install --target codex cursor claude-code gemini-cli"


def test_without_any_agent_there_is_nothing_to_do(home: Path, found: Find) -> None:
    for folder in (".cursor", ".codex", ".claude", ".gemini"):
        (home / folder / "own").rmdir()
        (home / folder).rmdir()
    assert found()["agents"].status == "ok"


def test_what_an_agent_would_start_is_started(alone: Terminal, found: Find) -> None:
    install(alone, "--all")
    told = found()
    assert {told[name].status for name in ("codex", "cursor", "claude-code", "gemini-cli")} == {
        "ok"
    }
    assert told["cursor"].summary.endswith("mcp.json, starts")
    assert "agents" not in told


@pytest.mark.parametrize(
    ("content", "why"), [("#!/bin/sh\nexit 3\n", "ends without an answer"), (None, "No such file")]
)
def test_a_launcher_that_does_not_work_fails_for_every_agent_that_starts_it(
    alone: Terminal, found: Find, tmp_path: Path, content: str | None, why: str
) -> None:
    launcher = tmp_path / "flexura"
    launcher.write_text("#!/bin/sh\n")
    launcher.chmod(0o755)
    install(alone, "--target", "cursor", "codex", "--launcher", str(launcher))
    launcher.write_text(content) if content else launcher.unlink()
    for name in ("cursor", "codex"):
        finding = found()[name]
        assert finding.status == "failed" and why in finding.summary
        assert finding.next_step == f"flexura install --target {name}"


def test_a_file_that_was_broken_since_is_named_with_its_line_and_not_repaired(
    alone: Terminal, home: Path, found: Find
) -> None:
    install(alone, "--target", "cursor")
    broken = (home / ".cursor/mcp.json").read_text() + "}"
    (home / ".cursor/mcp.json").write_text(broken)
    finding = found()["cursor"]
    assert finding.status == "failed" and "line" in finding.summary and finding.fix is None
    alone.run("doctor", "--fix")
    assert (home / ".cursor/mcp.json").read_text() == broken


@pytest.mark.parametrize(
    "options", [(), ("--url=https://gateway.example", "--name=media"), ("--no-skills",)]
)
def test_an_entry_that_is_gone_is_brought_back_by_fix(
    alone: Terminal, home: Path, found: Find, options: tuple[str, ...]
) -> None:
    install(alone, "--target", "cursor", *options)
    written = json.loads((home / ".cursor/mcp.json").read_text())
    (home / ".cursor/mcp.json").write_text('{"mcpServers": {}}\n')
    assert "gone" in found()["cursor"].summary
    report = alone.run("doctor", "--fix", "--json")
    assert "cursor" in json.loads(report.stdout)["fixed"]
    assert found()["cursor"].status == "ok"
    assert json.loads((home / ".cursor/mcp.json").read_text()) == written
    assert (home / ".agents/skills/flexura").exists() == ("--no-skills" not in options)


def test_a_skill_that_is_gone_is_noted(alone: Terminal, home: Path, found: Find) -> None:
    install(alone, "--target", "claude-code")
    (home / ".claude/skills/flexura").unlink()
    assert found()["claude-code"] == Finding(
        "claude-code",
        "note",
        "~/.claude/skills/flexura is gone",
        "flexura install --target claude-code",
    )


def test_a_project_with_another_server_of_that_name_is_noted(alone: Terminal, found: Find) -> None:
    install(alone, "--target", "cursor")
    file = alone.project / ".cursor/mcp.json"
    file.parent.mkdir()
    file.write_text(json.dumps(OTHER))
    finding = found()["cursor"]
    assert finding.status == "note" and "wins in this project" in finding.summary


def test_an_aider_file_of_the_project_that_replaces_the_users_is_noted(
    alone: Terminal, home: Path, found: Find
) -> None:
    install(alone, "--target", "aider")
    assert found()["aider"].status == "ok"
    (alone.project / ".aider.conf.yml").write_text("read: STYLE.md\n")
    finding = found()["aider"]
    assert "replaces" in finding.summary
    assert finding.next_step == "flexura install --target aider --scope project"
    install(alone, "--target", "aider", "--scope", "project")
    assert found()["aider"].status == "ok"


@pytest.mark.parametrize(
    "yes", [{"enableAllProjectMcpServers": True}, {"enabledMcpjsonServers": ["flexura"]}]
)
def test_a_server_of_a_project_waits_for_claude_codes_user_to_agree(
    alone: Terminal, home: Path, found: Find, yes: dict[str, Any]
) -> None:
    install(alone, "--target", "claude-code", "--scope", "project")
    assert "waits for your approval" in found()["claude-code"].summary
    settings = alone.project / ".claude/settings.local.json"
    settings.parent.mkdir(exist_ok=True)
    settings.write_text(json.dumps(yes))
    assert "waits" in found()["claude-code"].summary
    trust = {"projects": {str(alone.project): {"hasTrustDialogAccepted": True}}}
    (home / ".claude.json").write_text(json.dumps(trust))
    assert found()["claude-code"].status == "ok"


def test_claude_codes_own_memory_of_an_approval_counts(
    alone: Terminal, home: Path, found: Find
) -> None:
    install(alone, "--target", "claude-code", "--scope", "project")
    (home / ".claude.json").write_text("nothing that parses")
    assert "waits" in found()["claude-code"].summary
    agreed = {"hasTrustDialogAccepted": True, "enabledMcpjsonServers": ["flexura"]}
    memory = {"projects": {str(alone.project): agreed}}
    (home / ".claude.json").write_text(json.dumps(memory))
    assert found()["claude-code"].status == "ok"


def test_codex_reads_a_projects_entry_only_where_it_trusts(
    alone: Terminal, home: Path, found: Find
) -> None:
    install(alone, "--target", "codex", "--scope", "project")
    assert "does not trust" in found()["codex"].summary
    trust = f'[projects."{alone.project}"]\ntrust_level = "trusted"\n'
    (home / ".codex/config.toml").write_text(trust)
    assert found()["codex"].status == "ok"


def test_gemini_starts_nothing_in_a_folder_that_it_does_not_trust(
    alone: Terminal, home: Path, found: Find
) -> None:
    settings = '{"security": {"folderTrust": {"enabled": true}}} // on\n'
    (home / ".gemini/settings.json").write_text(settings)
    install(alone, "--target", "gemini-cli")
    assert "does not trust" in found()["gemini-cli"].summary
    trusted = {str(alone.project.parent): "TRUST_FOLDER"}
    (home / ".gemini/trustedFolders.json").write_text(json.dumps(trusted))
    assert found()["gemini-cli"].status == "ok"


def test_an_entry_by_http_says_which_variable_the_agent_needs(
    alone: Terminal, found: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(alone, "--target", "cursor", "--transport", "http", "--url", "http://127.0.0.1:9")
    finding = found()["cursor"]
    assert finding.status == "note" and "MEDIA_GATEWAY_API_KEY is not set" in finding.summary
    monkeypatch.setenv("MEDIA_GATEWAY_API_KEY", "fx_live_x")
    assert found()["cursor"].summary.endswith("by HTTP")


def test_a_ledger_of_the_future_is_told(alone: Terminal, home: Path, found: Find) -> None:
    install(alone, "--target", "cursor")
    (ledger,) = (home / ".local/state/flexura").glob("install.json")
    ledger.write_text('{"version": 99}')
    assert found()["agents"].status == "failed"


def test_an_entry_in_the_clients_own_words_is_understood(
    alone: Terminal, home: Path, found: Find
) -> None:
    install(alone, "--target", "cline")
    file = home / ".cline/data/settings/cline_mcp_settings.json"
    flat = json.loads(file.read_text())["mcpServers"]["flexura"]
    nested = {"transport": {"type": "stdio", "command": flat["command"], "args": flat["args"]}}
    file.write_text(json.dumps({"mcpServers": {"flexura": nested}}))
    assert found()["cline"].summary.endswith("starts")


def test_an_entry_by_hand_counts_as_connected_while_it_starts(home: Path, found: Find) -> None:
    launcher = str(Path(sys.executable).with_name("flexura"))
    entry = {"mcpServers": {"flexura": {"command": launcher, "args": ["mcp"]}}}
    (home / ".cursor/mcp.json").write_text(json.dumps(entry))
    assert found()["cursor"].summary == "~/.cursor/mcp.json (by hand), starts"
    assert "cursor" not in found()["agents"].next_step


def test_an_entry_in_the_place_that_an_agent_left_is_found_when_it_is_stale(
    alone: Terminal, home: Path, found: Find
) -> None:
    old = home / ".codeium/windsurf/mcp_config.json"
    old.parent.mkdir(parents=True)
    old.write_text(json.dumps(OTHER))
    (home / ".config/devin/own").mkdir(parents=True)
    finding = found()["windsurf"]
    assert finding.status == "failed" and "/somebody/else" in finding.summary
    assert "~/.codeium/windsurf/mcp_config.json" in finding.next_step and finding.fix is None
