"""What every row of the table of agents has to say, and what the table answers to names."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flexura_installer.agents import AGENTS, agent
from flexura_installer.agents.entries import by_http, chosen, remarks, wishes
from flexura_installer.agents.row import Agent, Scope
from flexura_installer.errors import InstallError
from flexura_installer.formats.dialects import NAMES
from flexura_installer.machine import Machine
from flexura_installer.options import Options
from golden_agents import KEY, SCOPES, SYSTEMS, machine, options

ROWS = [pytest.param(row, id=row.name) for row in AGENTS]
PLACEHOLDER = re.compile(r"<(command|args|argv|url|bearer|name)>")


def values(row: Agent, wanted: Options, on: Machine | None = None) -> list[Any]:
    """Everything that would be written for this agent."""
    return [value for wish in wishes(row, wanted, on or machine()) for _, value in wish.values]


def test_names_and_aliases_mean_one_agent_each() -> None:
    words = [word for row in AGENTS for word in (row.name, *row.aliases)]
    assert len(words) == len(set(words))
    assert all(agent(word).name in {row.name for row in AGENTS} for word in words)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("claude", "claude-code"),
        ("gemini", "gemini-cli"),
        ("vscode-copilot", "vscode"),
        ("copilot", "copilot-cli"),
        ("qwen", "qwen-code"),
        ("devin-desktop", "windsurf"),
        ("Claude Desktop", "claude-desktop"),
    ],
)
def test_what_people_call_an_agent_finds_it(said: str, meant: str) -> None:
    assert agent(said).name == meant


def test_an_unknown_name_is_told_with_the_nearest_ones_and_all() -> None:
    with pytest.raises(InstallError, match="Did you mean codex") as told:
        agent("codx")
    assert all(row.name in told.value.next_step for row in AGENTS)
    with pytest.raises(InstallError) as told:
        agent("zzzzzzzz")
    assert "Did you mean" not in told.value.message


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("case", ["stdio", "http", "literal"])
def test_every_placeholder_is_replaced(row: Agent, scope: Scope, case: str) -> None:
    for value in values(row, options(scope, case)):
        assert not PLACEHOLDER.search(json.dumps(value))


@pytest.mark.parametrize("row", ROWS)
def test_a_row_says_where_it_was_read_and_what_is_to_be_done_in_one_line(row: Agent) -> None:
    assert row.source and all(page.startswith("https://") for page in row.source)
    notes = (*row.notes, *row.notes_project, row.http.note if row.http else "")
    assert all("\n" not in note and len(note) <= 110 for note in notes)
    assert all(note.endswith(".") for note in notes if note)
    assert row.signs.commands or row.signs.paths


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("system", SYSTEMS)
def test_every_file_is_absolute_and_of_a_known_format(row: Agent, system: Any) -> None:
    on = machine(system)
    listed = [row.instructions, row.instructions_project, *row.user, *row.project]
    for file in filter(None, listed):
        assert file.dialect in NAMES
        assert file.at(on).is_absolute()
        assert "$" not in str(file.at(on)) and "~" not in str(file.at(on))
    assert all(file.at(on).is_relative_to(on.home) for file in row.user)
    assert all(file.at(on).is_relative_to(on.project) for file in row.project)


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("scope", SCOPES)
def test_the_entry_by_default_has_no_secret_and_no_environment(row: Agent, scope: Scope) -> None:
    for value in values(row, options(scope, "stdio")):
        assert KEY not in json.dumps(value)
        assert not value.get(row.environment)


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("scope", SCOPES)
def test_by_http_no_file_gets_the_key_and_every_file_leads_to_the_gateway(
    row: Agent, scope: Scope
) -> None:
    wanted = replace(options(scope, "http"), key=KEY)
    for wish in wishes(row, wanted, machine()):
        text = json.dumps([value for _, value in wish.values])
        assert KEY not in text
        assert "https://media.example.com" in text
        assert not wish.secrets


@pytest.mark.parametrize("row", ROWS)
def test_a_literal_secret_is_told_to_be_one(row: Agent) -> None:
    wanted = options("user", "literal")
    for file, wish in zip(
        chosen(row, wanted, machine()), wishes(row, wanted, machine()), strict=True
    ):
        assert wish.secrets == {KEY}
        written = KEY in json.dumps([value for _, value in wish.values])
        assert written == by_http(row, file, wanted)


@pytest.mark.parametrize("name", ["claude-desktop", "junie", "cline", "kiro", "zed", "antigravity"])
def test_an_agent_that_cannot_name_the_key_gets_the_launcher_and_a_remark(name: str) -> None:
    row, wanted = agent(name), options("user", "http")
    assert [value[row.environment] for value in values(row, wanted)] == [
        {"FLEXURA_URL": "https://media.example.com"}
    ]
    assert any("launcher" in told for told in remarks(row, wanted, machine()))


def test_the_launcher_of_a_far_gateway_is_told_where_it_is() -> None:
    wanted = replace(options("user", "stdio"), url="https://media.example.com")
    for row in AGENTS:
        for value in values(row, wanted):
            assert value[row.environment]["FLEXURA_URL"] == "https://media.example.com"
    (codex,) = values(agent("codex"), wanted)
    assert codex["env_vars"] == ["MEDIA_GATEWAY_API_KEY"]
    (gemini,) = values(agent("gemini-cli"), wanted)
    assert gemini["env"]["MEDIA_GATEWAY_API_KEY"] == "$MEDIA_GATEWAY_API_KEY"
    told = remarks(agent("claude-desktop"), wanted, machine())
    assert any("flexura login" in one for one in told)


def test_the_users_variables_move_the_files() -> None:
    moved = {
        "CODEX_HOME": "/srv/codex",
        "CLAUDE_CONFIG_DIR": "/srv/claude",
        "CLINE_DIR": "/srv/cline",
        "XDG_CONFIG_HOME": "/srv/config",
        "COPILOT_HOME": "/srv/copilot",
    }
    on = machine(**moved)
    found = {row.name: str(row.user[0].at(on)) for row in AGENTS if row.user}
    assert found["codex"] == "/srv/codex/config.toml"
    assert found["claude-code"] == "/srv/claude/.claude.json"
    assert found["cline"] == "/srv/cline/data/settings/cline_mcp_settings.json"
    assert found["opencode"] == "/srv/config/opencode/opencode.json"
    assert found["copilot-cli"] == "/srv/copilot/mcp-config.json"
    named = machine(**moved, CLINE_MCP_SETTINGS_PATH="/srv/mcp.json")
    assert str(agent("cline").user[0].at(named)) == "/srv/mcp.json"


def test_directories_are_made_no_further_up_than_the_home_or_what_exists(tmp_path: Path) -> None:
    on = Machine(tmp_path / "home", "linux", {"CODEX_HOME": str(tmp_path / "a" / "b")}, tmp_path)
    assert wishes(agent("codex"), options("user", "stdio"), on)[0].root == tmp_path
    assert wishes(agent("cursor"), options("user", "stdio"), on)[0].root == tmp_path / "home"


def test_the_name_of_a_file_that_is_there_already_is_kept(tmp_path: Path) -> None:
    on = Machine(tmp_path, "linux", {}, tmp_path)
    folder = tmp_path / ".config" / "opencode"
    folder.mkdir(parents=True)
    assert agent("opencode").user[0].at(on) == folder / "opencode.json"
    (folder / "opencode.jsonc").touch()
    assert agent("opencode").user[0].at(on) == folder / "opencode.jsonc"
    (folder / "opencode.json").touch()
    assert agent("opencode").user[0].at(on) == folder / "opencode.json"


def test_windsurf_is_written_where_its_applications_are(tmp_path: Path) -> None:
    on, row, wanted = (
        Machine(tmp_path, "linux", {}, tmp_path),
        agent("windsurf"),
        options("user", "http"),
    )
    old, new = tmp_path / ".codeium" / "windsurf", tmp_path / ".config" / "devin"
    file = "mcp_config.json"
    assert [wish.path for wish in wishes(row, wanted, on)] == [new / file]
    old.mkdir(parents=True)
    [only] = wishes(row, wanted, on)
    assert only.path == old / file and "serverUrl" in only.values[0][1]
    new.mkdir(parents=True)
    both = wishes(row, wanted, on)
    assert [wish.path for wish in both] == [new / file, old / file]
    assert "url" in both[0].values[0][1]
    # What a skills installer made is no application.
    (old / "skills" / "x").mkdir(parents=True)
    assert [wish.path for wish in wishes(row, wanted, on)] == [new / file]


def test_continue_gets_a_file_of_its_own_until_it_has_a_configuration(tmp_path: Path) -> None:
    on, row, wanted = (
        Machine(tmp_path, "linux", {}, tmp_path),
        agent("continue"),
        options("user", "http"),
    )
    folder = tmp_path / ".continue"
    assert [w.path for w in wishes(row, wanted, on)] == [folder / "mcpServers" / "flexura.json"]
    folder.mkdir()
    (folder / "config.yaml").write_text("name: x\nversion: 1.0.0\n")
    assert [w.path for w in wishes(row, wanted, on)] == [folder / "config.yaml"]


def test_agents_that_share_a_file_agree_on_what_stands_in_it(tmp_path: Path) -> None:
    on = Machine(tmp_path, "linux", {}, tmp_path)
    for scope in SCOPES:
        for case in ("stdio", "http"):
            seen: dict[Path, Any] = {}
            for row in AGENTS:
                for wish in wishes(row, options(scope, case), on):
                    assert seen.setdefault(wish.path, wish.values) == wish.values


def test_an_agent_without_files_in_a_project_says_so() -> None:
    wanted = options("project", "stdio")
    assert wishes(agent("claude-desktop"), wanted, machine()) == ()
    assert any(
        "--scope user" in told for told in remarks(agent("claude-desktop"), wanted, machine())
    )


def test_remarks_fit_what_was_asked_for() -> None:
    user, project, http = (
        options("user", "stdio"),
        options("project", "stdio"),
        options("user", "http"),
    )
    assert not any("trusted" in told for told in remarks(agent("codex"), user, machine()))
    assert any("trusted" in told for told in remarks(agent("codex"), project, machine()))
    assert any(
        "MEDIA_GATEWAY_API_KEY" in told for told in remarks(agent("cursor"), http, machine())
    )
    assert not any("environment" in told for told in remarks(agent("vscode"), http, machine()))


def test_a_file_can_be_without_http_where_its_agent_is_not() -> None:
    row, wanted = agent("continue"), options("project", "http")
    [file] = chosen(row, wanted, machine())
    assert not by_http(row, file, wanted)
    assert by_http(row, row.user[0], options("user", "http"))


def test_agents_can_be_kept_in_sets() -> None:
    assert len({agent("claude"), agent("claude-code"), agent("codex")}) == 2
