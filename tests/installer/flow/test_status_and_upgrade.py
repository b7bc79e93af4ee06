"""`install --status` and `upgrade`."""

from __future__ import annotations

import json
import tomllib

import pytest

from installer_person import CODEX, OTHERS, Answers, Person

KEY = "fx_live_0123456789abcdef"


def standing(person: Person) -> dict[tuple[str, str], str]:
    found = person.run("install", "--status", "--json").json["targets"]
    return {(name, row["what"]): row["state"] for row in found for name in row["agents"]}


def test_status_tells_ours_and_others_apart_and_changes_nothing(house_of_agents: Person) -> None:
    house_of_agents.run("install", "--all")
    before = house_of_agents.everything()
    found = standing(house_of_agents)
    assert found["codex", "MCP server"] == "installed"
    assert found["aider", "instructions"] == "installed"
    assert found["kiro", "MCP server"] == "unrecorded"
    text = house_of_agents.run("install", "--status").out
    assert "~/.codex/config.toml" in text and "not by this installer" in text
    assert house_of_agents.everything() == before


def test_status_sees_what_was_changed_and_what_is_gone(person: Person) -> None:
    codex = person.file(".codex/config.toml", CODEX)
    cursor = person.file(".cursor/mcp.json", "{}")
    person.run("install", "--yes")
    codex.write_text(CODEX)
    cursor.write_text(cursor.read_text().replace('"mcp"', '"other"'))
    found = standing(person)
    assert found["codex", "MCP server"] == "gone"
    assert found["cursor", "MCP server"] == "changed"


def test_status_of_nothing(person: Person) -> None:
    ran = person.run("install", "--status")
    assert ran.code == 0
    assert "in no agent" in ran.out


def test_status_knows_an_entry_that_is_what_would_be_written(person: Person) -> None:
    person.file(".cursor/mcp.json", "{}")
    person.run("install", "--yes", "--no-skills")
    (person.home / ".local/state/flexura/install.json").unlink()
    (row,) = person.run("install", "--status", "--json").json["targets"]
    assert (row["state"], row["transport"]) == ("unrecorded", "stdio")
    assert "what this installer would write" in row["why"]
    assert person.run("install", "--yes", "--no-skills").code == 0
    assert standing(person) == {("cursor", "MCP server"): "installed"}


def test_a_program_that_is_gone_is_said(person: Person) -> None:
    person.file(".cursor/mcp.json", "{}")
    other = person.file("other/flexura", "#!/bin/sh\n", 0o755)
    person.run("install", "--yes", "--launcher", str(other))
    other.unlink()
    (row,) = [
        row
        for row in person.run("install", "--status", "--json").json["targets"]
        if row["what"] == "MCP server"
    ]
    assert str(other) in row["why"] and "upgrade" in row["next_step"]
    assert person.run("upgrade").code == 0
    entry = json.loads((person.home / ".cursor/mcp.json").read_text())["mcpServers"]["flexura"]
    assert entry["command"] == str(person.launcher)


def test_upgrade_writes_nothing_when_everything_is_of_today(house_of_agents: Person) -> None:
    house_of_agents.run("install", "--all")
    before = house_of_agents.everything()
    assert house_of_agents.run("upgrade").code == 0
    assert house_of_agents.everything() == before


def test_upgrade_keeps_the_options_and_the_way_back(person: Person) -> None:
    codex = person.file(".codex/config.toml", CODEX)
    before = person.everything()
    old = person.file("old/flexura", "#!/bin/sh\n", 0o755)
    url = "https://gateway.example"
    person.run("install", "--yes", "--url", url, "--name", "media", "--launcher", str(old))
    old.unlink()
    old.parent.rmdir()
    dry = person.run("upgrade", "--dry-run")
    assert "would be updated" in dry.out
    ran = person.run("upgrade", "--json")
    assert ran.code == 0
    entry = tomllib.loads(codex.read_text())["mcp_servers"]["media"]
    assert (entry["command"], entry["env"]) == (str(person.launcher), {"FLEXURA_URL": url})
    assert {row["action"] for row in ran.json["targets"]} == {"updated", "unchanged"}
    assert person.run("uninstall", "--yes").code == 0
    assert person.everything() == before


def test_upgrade_brings_a_new_skill(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    from flexura_installer import skills

    person.file(".codex/config.toml", CODEX)
    person.run("install", "--yes")
    new = {**skills.packed(), "reference/new.md": b"new\n"}
    monkeypatch.setattr(skills, "packed", lambda: new)
    assert person.run("upgrade").code == 0
    assert (person.home / ".agents/skills/flexura/reference/new.md").read_bytes() == b"new\n"


def test_upgrade_forgets_what_is_gone_and_brings_nothing_back(person: Person) -> None:
    codex = person.file(".codex/config.toml", CODEX)
    person.file(".cursor/mcp.json", "{}")
    person.run("install", "--yes")
    codex.write_text(CODEX)
    ran = person.run("upgrade", "--json")
    assert ran.code == 0
    (gone,) = [row for row in ran.json["targets"] if row["action"] == "absent"]
    assert (gone["agent"], "forgotten" in gone["why"]) == ("codex", True)
    assert codex.read_text() == CODEX
    assert person.run("upgrade").code == 0
    assert codex.read_text() == CODEX


def test_upgrade_moves_what_this_version_puts_elsewhere(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flexura_installer import skills

    person.file(".codex/config.toml", CODEX)
    before = person.everything()
    monkeypatch.setitem(skills.CANONICAL, "user", "~/.old/skills")
    person.run("install", "--yes")
    monkeypatch.undo()
    monkeypatch.setenv("HOME", str(person.home))
    assert (person.home / ".old/skills/flexura/SKILL.md").is_file()
    assert person.run("upgrade").code == 0
    assert not (person.home / ".old").exists()
    assert (person.home / ".agents/skills/flexura/SKILL.md").is_file()
    assert person.run("uninstall", "--yes").code == 0
    assert person.everything() == before


def test_upgrade_of_a_literal_key_that_is_not_here_leaves_that_entry_alone(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    cursor = person.file(".cursor/mcp.json", "{}")
    monkeypatch.setenv("MEDIA_GATEWAY_API_KEY", KEY)
    words = ("--transport", "http", "--url", "https://gateway.example", "--literal-secret")
    person.run("install", "--yes", *words)
    before = person.everything()
    monkeypatch.delenv("MEDIA_GATEWAY_API_KEY")
    assert person.run("upgrade").code == 0
    assert person.everything() == before
    assert KEY in cursor.read_text()


def test_upgrade_of_one_agent_only(person: Person) -> None:
    person.file(".cursor/mcp.json", "{}")
    person.file(".codex/config.toml", CODEX)
    old = person.file("old/flexura", "#!/bin/sh\n", 0o755)
    person.run("install", "--yes", "--launcher", str(old))
    assert person.run("upgrade", "--target", "codex", "--launcher", str(person.launcher)).code == 0
    assert str(person.launcher) in (person.home / ".codex/config.toml").read_text()
    assert str(old) in (person.home / ".cursor/mcp.json").read_text()


def test_upgrade_does_not_touch_what_it_did_not_write(person: Person) -> None:
    kiro = person.file(".kiro/settings/mcp.json", OTHERS)
    person.run("install", "--yes")
    assert person.run("upgrade").code == 0
    assert kiro.read_text() == OTHERS


def test_nothing_to_upgrade(person: Person) -> None:
    ran = person.run("upgrade", "--json")
    assert (ran.code, ran.json["next"]) == (0, ["flexura install"])


def test_keys_in_the_environment_are_offered_and_kept_only_after_a_yes(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    person.file(".codex/config.toml", CODEX)
    monkeypatch.setenv("TAVILY_API_KEY", "tvly-secret")
    imported = person.home / "imported"
    told = person.run("install", "--yes")
    assert "next: flexura providers import TAVILY_API_KEY" in told.out
    asker = Answers([True, False])
    person.run("install", asker=asker)
    assert "TAVILY_API_KEY" in asker.asked[1]
    assert not imported.exists()
    ran = person.run("install", asker=Answers([True, True]))
    assert imported.read_text() == "providers import TAVILY_API_KEY\n"
    assert "kept in the keyring" in ran.out
    assert "tvly-secret" not in told.out + ran.out


@pytest.mark.parametrize(
    "script", ["#!/bin/sh\nexit 2\n", "#!/bin/sh\necho no json\n", "#!/nowhere/sh\n"]
)
def test_a_program_that_does_not_know_of_keys_is_no_trouble(
    person: Person, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    person.file(".codex/config.toml", CODEX)
    person.file(".local/bin/flexura", script, 0o755)
    monkeypatch.setenv("TAVILY_API_KEY", "tvly-secret")
    ran = person.run("install", "--yes")
    assert (ran.code, "TAVILY" in ran.out) == (0, False)


def test_keys_that_could_not_be_kept_are_said(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    person.file(".codex/config.toml", CODEX)
    script = person.launcher.read_text().replace('kept in the keyring." >&2', 'locked" >&2; exit 1')
    person.file(".local/bin/flexura", script, 0o755)
    monkeypatch.setenv("TAVILY_API_KEY", "tvly-secret")
    ran = person.run("install", asker=Answers([True, True]))
    assert ran.code == 0
    assert "could not be kept" in ran.out and "providers import TAVILY_API_KEY" in ran.out


def test_keys_are_not_offered_where_another_gateway_is_used(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    person.file(".codex/config.toml", CODEX)
    monkeypatch.setenv("TAVILY_API_KEY", "tvly-secret")
    for words in (["--url", "https://gateway.example"], ["--gateway-url", "https://g.example"]):
        assert "TAVILY" not in person.run("install", "--yes", *words).out
