"""`install`: what is written, what is left alone, what is said, how it ends."""

from __future__ import annotations

import json
import stat
import tomllib
from pathlib import Path

import pytest

from installer_person import BROKEN, CODEX, OTHERS, Answers, Person


def test_two_agents_get_an_entry_and_the_skill_and_every_path_is_said(person: Person) -> None:
    codex = person.file(".codex/config.toml", CODEX)
    cursor = person.home / ".cursor/mcp.json"
    cursor.parent.mkdir()
    ran = person.run("install", "--yes")
    assert ran.code == 0
    assert codex.read_text().startswith(CODEX)
    entry = tomllib.loads(codex.read_text())["mcp_servers"]["flexura"]
    assert (entry["command"], entry["args"]) == (str(person.launcher), ["mcp"])
    assert json.loads(cursor.read_text())["mcpServers"]["flexura"]["args"] == ["mcp"]
    assert stat.S_IMODE(cursor.stat().st_mode) == 0o600
    for path in (
        "~/.codex/config.toml",
        "~/.cursor/mcp.json",
        "~/.agents/skills/flexura",
        "~/.local/state/flexura/install.json",
    ):
        assert path in ran.out
    assert "next: Start Codex and Cursor anew." in ran.out


def test_a_second_run_writes_no_byte(house_of_agents: Person) -> None:
    first = house_of_agents.run("install", "--yes")
    before = house_of_agents.everything()
    second = house_of_agents.run("install", "--yes", "--json")
    assert first.code == second.code == 1
    assert house_of_agents.everything() == before
    assert {row["action"] for row in second.json["targets"]} == {
        "unchanged",
        "refused",
        "conflict",
    }


def test_what_cannot_be_edited_is_left_alone_with_the_snippet_and_the_others_go_on(
    house_of_agents: Person,
) -> None:
    ran = house_of_agents.run("install", "--all", "--json")
    assert ran.code == 1
    found = {row["agent"]: row for row in ran.json["targets"] if row["what"] == "MCP server"}
    assert found["claude-desktop"]["action"] == "refused"
    assert found["kiro"]["action"] == "conflict"
    for name in ("claude-desktop", "kiro"):
        assert str(house_of_agents.launcher) in found[name]["snippet"]
        assert found[name]["why"] and found[name]["next_step"]
    assert {found[name]["action"] for name in ("codex", "cursor", "gemini-cli")} == {"added"}
    home = house_of_agents.home
    assert (home / ".config/Claude/claude_desktop_config.json").read_text() == BROKEN
    assert (home / ".kiro/settings/mcp.json").read_text() == OTHERS


def test_force_replaces_what_is_not_ours_and_says_where_the_backup_is(person: Person) -> None:
    kiro = person.file(".kiro/settings/mcp.json", OTHERS)
    ran = person.run("install", "--yes", "--force")
    assert ran.code == 0
    assert json.loads(kiro.read_text())["mcpServers"]["flexura"]["command"] == str(person.launcher)
    (backup,) = kiro.parent.glob("mcp.json.flexura-backup-*")
    assert backup.read_text() == OTHERS
    assert backup.name in ran.out


def test_a_dry_run_writes_nothing_at_all_and_ends_as_the_real_one_would(
    house_of_agents: Person,
) -> None:
    before = house_of_agents.everything()
    ran = house_of_agents.run("install", "--all", "--dry-run")
    assert house_of_agents.everything() == before
    assert "+[mcp_servers.flexura]" in ran.out
    assert "would be added" in ran.out
    assert ran.code == house_of_agents.run("install", "--all").code == 1


def test_a_dry_run_of_the_script_may_name_a_launcher_that_is_not_there_yet(person: Person) -> None:
    person.file(".codex/config.toml", CODEX)
    coming = person.home / "coming/flexura"
    ran = person.run("install", "--dry-run", "--launcher", str(coming))
    assert (ran.code, "coming/flexura" in ran.out) == (0, True)
    assert person.run("install", "--yes", "--launcher", str(coming)).code == 2


def test_print_shows_what_to_paste_and_writes_nothing(house_of_agents: Person) -> None:
    before = house_of_agents.everything()
    ran = house_of_agents.run("install", "--print", "--target", "codex", "cursor")
    assert ran.code == 0
    assert "Codex: ~/.codex/config.toml\n\n[mcp_servers.flexura]" in ran.out
    found = house_of_agents.run("install", "--print", "--target", "codex", "--json").json
    assert tomllib.loads(found["snippets"][0]["text"])["mcp_servers"]["flexura"]["args"] == ["mcp"]
    assert house_of_agents.everything() == before


def test_nothing_found_is_no_failure_and_shows_the_names_and_an_entry(person: Person) -> None:
    ran = person.run("install")
    assert ran.code == 0
    assert "No coding agent was found" in ran.out
    assert "claude-code" in ran.out and '"mcpServers"' in ran.out
    found = person.run("install", "--json").json
    assert json.loads(found["snippet"])["mcpServers"]["flexura"]["args"] == ["mcp"]
    assert not (person.home / ".local/state").exists()


def test_an_agent_that_was_named_is_installed_though_nothing_of_it_is_there(person: Person) -> None:
    ran = person.run("install", "--target", "codex,cursor", "--target", "claude")
    assert ran.code == 0
    for name in (".codex/config.toml", ".cursor/mcp.json", ".claude.json"):
        assert (person.home / name).is_file()
    assert not (person.home / ".gemini").exists()


def test_a_name_that_nobody_has_is_told_with_the_nearest_and_all(person: Person) -> None:
    before = person.everything()
    ran = person.run("install", "--target", "codx")
    assert ran.code == 2
    assert "Did you mean codex" in ran.err and "windsurf" in ran.err
    assert person.everything() == before
    assert "codex" in person.run("install", "--target", "codx", "--json").json["error"]["message"]


def test_no_to_the_one_question_changes_nothing(house_of_agents: Person) -> None:
    before, asker = house_of_agents.everything(), Answers([False])
    ran = house_of_agents.run("install", asker=asker)
    assert ran.code == 3
    assert len(asker.asked) == 1 and "Codex" in asker.asked[0] and "Cursor" in asker.asked[0]
    assert "Nothing was changed." in ran.out
    assert house_of_agents.everything() == before


@pytest.mark.parametrize("words", [["--all"], ["--yes"], ["--target", "codex"], ["--dry-run"]])
def test_who_said_it_already_is_not_asked(house_of_agents: Person, words: list[str]) -> None:
    asker = Answers([False])
    house_of_agents.run("install", *words, asker=asker)
    assert asker.asked == []


def test_without_skills_only_entries_are_written_and_aider_is_told(person: Person) -> None:
    person.file(".codex/config.toml", CODEX)
    person.file(".aider.conf.yml", "model: x\n")
    ran = person.run("install", "--yes", "--no-skills", "--json")
    assert ran.code == 0
    assert [row["what"] for row in ran.json["targets"]] == ["MCP server"]
    assert "Aider" in ran.json["skipped"][0]["why"]
    assert not (person.home / ".agents").exists()
    assert person.run("install", "--target", "aider", "--no-skills").code == 1


def test_project_scope_writes_into_the_project_only(person: Person) -> None:
    person.file(".codex/config.toml", CODEX)
    person.file(".config/Claude/claude_desktop_config.json", "{}")
    ran = person.run("install", "--scope", "project", "--yes")
    assert ran.code == 0
    assert (person.project / ".codex/config.toml").is_file()
    assert (person.project / ".agents/skills/flexura/SKILL.md").is_file()
    assert (person.home / ".codex/config.toml").read_text() == CODEX
    assert "Claude Desktop reads no MCP servers from a project" in ran.out
    assert person.run("install", "--scope", "project", "--target", "claude-desktop").code == 1


def test_project_scope_in_the_home_is_refused(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(person.home)
    assert person.run("install", "--scope", "project", "--target", "codex").code == 2
    elsewhere = person.run(
        "install", "--scope", "project", "--target", "codex", "--project", str(person.project)
    )
    assert elsewhere.code == 0
    assert (person.project / ".codex/config.toml").is_file()
    assert person.run("install", "--project", "nowhere").code == 2


def test_another_name_is_used_everywhere(person: Person) -> None:
    codex = person.file(".codex/config.toml", CODEX)
    assert person.run("install", "--yes", "--name", "media").code == 0
    assert set(tomllib.loads(codex.read_text())["mcp_servers"]) == {"other", "media"}
    assert person.run("install", "--yes", "--name", "a b").code == 2


def test_interrupted_it_says_what_was_done(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    person.file(".codex/config.toml", CODEX)
    person.file(".cursor/mcp.json", "{}")
    from flexura_installer import engine

    real, done = engine.fulfil, list[Path]()

    def fulfil(wish, *rest, **options):  # type: ignore[no-untyped-def]
        if done:
            raise KeyboardInterrupt
        done.append(wish.path)
        return real(wish, *rest, **options)

    monkeypatch.setattr(engine, "fulfil", fulfil)
    ran = person.run("install", "--yes")
    assert ran.code == 130
    assert "~/.codex/config.toml" in ran.out and "Interrupted" in ran.out
    assert "cursor" not in ran.out


def test_a_state_directory_that_cannot_be_made_stops_it_before_anything_is_written(
    person: Person,
) -> None:
    codex = person.file(".codex/config.toml", CODEX)
    person.file(".local/state", "a file where a directory should be")
    ran = person.run("install", "--yes")
    assert ran.code == 1
    assert "next:" in ran.err
    assert codex.read_text() == CODEX
