"""Gateways elsewhere: HTTP entries, addresses, and keys that never get into a file unasked."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from installer_person import CODEX, Answers, Person

URL = "https://gateway.example"
KEY = "fx_live_0123456789abcdef"
NAME = "MEDIA_GATEWAY_API_KEY"
HTTP = ("install", "--yes", "--transport", "http", "--url")


def written(person: Person) -> str:
    """Everything that lies below home and project, as one text."""
    held = [data for _, data in person.everything().values() if isinstance(data, bytes)]
    return b"\n".join(held).decode("utf-8", "replace")


@pytest.fixture
def agents(person: Person, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Codex and Cursor by HTTP, Claude Desktop only by a program; the key is in the environment."""
    person.file(".codex/config.toml", CODEX)
    person.file(".cursor/mcp.json", "{}")
    person.file(".config/Claude/claude_desktop_config.json", "{}")
    monkeypatch.setenv(NAME, KEY)
    return person


def entry(path: Path) -> dict[str, object]:
    text = path.read_text()
    if path.suffix == ".toml":
        return tomllib.loads(text)["mcp_servers"]["flexura"]
    return json.loads(text)["mcpServers"]["flexura"]


def test_each_client_gets_its_own_reference_and_no_file_the_key(agents: Person) -> None:
    ran = agents.run(*HTTP, f"{URL}/mcp/", "--json")
    assert ran.code == 0
    codex = entry(agents.home / ".codex/config.toml")
    assert (codex["url"], codex["bearer_token_env_var"]) == (f"{URL}/mcp", NAME)
    cursor = entry(agents.home / ".cursor/mcp.json")
    assert cursor["headers"] == {"Authorization": f"Bearer ${{env:{NAME}}}"}
    assert KEY not in written(agents) + ran.out


def test_a_client_without_http_gets_the_program_and_a_note_and_stops_nobody(agents: Person) -> None:
    ran = agents.run(*HTTP, URL, "--json")
    desktop = entry(agents.home / ".config/Claude/claude_desktop_config.json")
    assert desktop["command"] == str(agents.launcher)
    assert desktop["env"] == {"FLEXURA_URL": URL}
    (row,) = [
        row
        for row in ran.json["targets"]
        if row["agent"] == "claude-desktop" and row["what"] == "MCP server"
    ]
    assert any("instead of HTTP" in note for note in row["notes"])


def test_the_literal_key_is_written_only_when_asked_for_and_shown_nowhere(agents: Person) -> None:
    dry = agents.run(*HTTP, URL, "--literal-secret", "--dry-run")
    shown = agents.run(*HTTP, URL, "--literal-secret", "--print")
    assert KEY not in dry.out + shown.out and "<redacted>" in dry.out
    ran = agents.run(*HTTP, URL, "--literal-secret")
    assert ran.code == 0
    assert entry(agents.home / ".cursor/mcp.json")["headers"] == {"Authorization": f"Bearer {KEY}"}
    assert KEY not in ran.out + ran.err
    assert KEY not in (agents.home / ".local/state/flexura/install.json").read_text()


def test_a_literal_key_is_refused_in_projects_and_without_http(agents: Person) -> None:
    before = agents.everything()
    project = agents.run(*HTTP, URL, "--literal-secret", "--scope", "project")
    assert (project.code, "shared" in project.err) == (2, True)
    assert agents.run("install", "--yes", "--literal-secret").code == 2
    assert agents.everything() == before


def test_a_key_that_is_not_in_the_environment_is_asked_for(
    agents: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(NAME)
    alone = agents.run(*HTTP, URL, "--literal-secret")
    assert (alone.code, NAME in alone.err) == (1, True)
    words = [word for word in HTTP if word != "--yes"]
    ran = agents.run(*words, URL, "--literal-secret", "--all", asker=Answers(typed=KEY))
    assert ran.code == 0
    assert KEY in (agents.home / ".cursor/mcp.json").read_text()


def test_http_without_an_address_takes_the_one_of_the_environment_or_says_so(
    agents: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = agents.run("install", "--yes", "--transport", "http")
    assert (ran.code, "--url" in ran.err) == (2, True)
    monkeypatch.setenv("FLEXURA_URL", f"{URL}/")
    assert agents.run("install", "--yes", "--transport", "http").code == 0
    assert entry(agents.home / ".codex/config.toml")["url"] == f"{URL}/mcp"


@pytest.mark.parametrize(
    "url",
    [
        "gateway.example",
        "ftp://gateway.example",
        "http://gateway.example",
        "http://10.0.0.1:3000",
        "https://user:pass@gateway.example",
        "https://gateway.example?key=x",
        "https://${HOST}",
        "https://gateway.example:99999",
        "https://[",
    ],
)
def test_an_address_that_is_wrong_or_unprotected_is_refused(agents: Person, url: str) -> None:
    ran = agents.run(*HTTP, url)
    assert ran.code == 2
    assert "next:" in ran.err and "pass@" not in ran.err


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "flexura.localhost"])
def test_this_machine_may_be_plain_http(agents: Person, host: str) -> None:
    assert agents.run(*HTTP, f"http://{host}:3000").code == 0
    assert entry(agents.home / ".codex/config.toml")["url"] == f"http://{host}:3000/mcp"


def test_with_stdio_an_address_goes_into_the_entry(agents: Person) -> None:
    assert agents.run("install", "--yes", "--url", URL).code == 0
    assert entry(agents.home / ".cursor/mcp.json")["env"] == {"FLEXURA_URL": URL}
