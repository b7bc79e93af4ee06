"""`uninstall`: the old bytes, the gateway, the data, the program."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from flexura_installer.session import Data, Done
from installer_person import CODEX, Answers, Person


class House:
    """A program with a gateway that runs and 1.5 MB of data."""

    def __init__(self, *, own: bool = True) -> None:
        self.own = own
        self.stopped = self.deleted = False

    def stop_gateway(self, *, dry_run: bool) -> Done:
        if not self.own:
            return Done(True, "A gateway of yours runs on.", "", {"running": True})
        self.stopped = not dry_run
        return Done(True, "Stopped your gateway.", "", {"running": False, "stopped": True})

    def data(self) -> Data | None:
        return None if self.deleted else Data(("/somewhere/flexura",), 1_500_000)

    def delete_data(self) -> Done:
        self.deleted = True
        return Done(True, "Deleted your jobs, files and kept keys.")


def test_every_file_and_directory_is_as_it_was(house_of_agents: Person) -> None:
    before = house_of_agents.everything()
    house_of_agents.run("install", "--all")
    assert house_of_agents.everything() != before
    ran = house_of_agents.run("uninstall", "--all", "--yes")
    assert ran.code == 0
    assert house_of_agents.everything() == before


def test_a_project_is_as_it_was_too(person: Person) -> None:
    (person.project / ".vscode").mkdir()
    (person.project / ".mcp.json").write_text('{"mcpServers": {}}')
    before = person.everything()
    person.run("install", "--scope", "project", "--target", "codex", "claude", "copilot", "vscode")
    assert person.run("uninstall", "--yes").code == 0
    assert person.everything() == before


def test_what_the_user_changed_since_stays_without_our_entry(person: Person) -> None:
    cursor = person.file(".cursor/mcp.json", '{"mcpServers": {"a": {"command": "b"}}}\n')
    person.run("install", "--yes")
    cursor.write_text(cursor.read_text().replace('"a"', '"renamed"'))
    ran = person.run("uninstall", "--yes", "--json")
    assert ran.code == 0
    assert json.loads(cursor.read_text()) == {"mcpServers": {"renamed": {"command": "b"}}}
    assert {row["action"] for row in ran.json["targets"]} == {"removed", "restored"}


def test_an_entry_that_is_no_longer_ours_is_kept_and_so_is_the_program(person: Person) -> None:
    cursor = person.file(".cursor/mcp.json", "{}")
    person.run("install", "--yes")
    mine = cursor.read_text().replace(str(person.launcher), "/my/own").replace('"mcp"', '"x"')
    cursor.write_text(mine)
    house = House()
    ran = person.run("uninstall", "--yes", house=house)
    assert ran.code == 1
    assert cursor.read_text() == mine
    assert "stays" in ran.out and "--force" in ran.out
    assert not house.stopped
    assert person.run("uninstall", "--yes", "--force", house=house).code == 0
    assert house.stopped


def test_one_agent_leaves_and_the_shared_skill_stays_for_the_other(person: Person) -> None:
    codex = person.file(".codex/config.toml", CODEX)
    person.file(".cursor/mcp.json", "{}")
    before = person.everything()
    person.run("install", "--yes")
    house = House()
    assert person.run("uninstall", "--target", "codex", house=house).code == 0
    assert codex.read_text() == CODEX
    assert (person.home / ".agents/skills/flexura/SKILL.md").is_file()
    assert not house.stopped
    ran = person.run("uninstall", "--target", "cursor", house=house)
    assert (ran.code, house.stopped, house.deleted) == (0, True, False)
    assert person.everything() == before


def test_an_agent_without_anything_of_ours_is_said(person: Person) -> None:
    ran = person.run("uninstall", "--target", "codex")
    assert ran.code == 0
    assert "Codex has nothing of flexura's" in ran.out
    assert person.run("uninstall", "--target", "nobody").code == 2


def test_nothing_installed_is_no_failure_and_writes_nothing(person: Person) -> None:
    before = person.everything()
    ran = person.run("uninstall")
    assert (ran.code, "nothing was to be taken out" in ran.out) == (0, True)
    assert person.everything() == before


def test_a_dry_run_of_it_changes_nothing(house_of_agents: Person) -> None:
    house_of_agents.run("install", "--all")
    before, house = house_of_agents.everything(), House()
    ran = house_of_agents.run("uninstall", "--dry-run", "--delete-data", house=house)
    assert ran.code == 0
    assert "-[mcp_servers.flexura]" in ran.out and "would be deleted" in ran.out
    assert house_of_agents.everything() == before
    assert not (house.stopped or house.deleted)


def test_the_data_is_asked_about_with_its_size_and_kept_unless_told(person: Person) -> None:
    person.run("install", "--target", "codex")
    house, asker = House(), Answers([True, False])
    ran = person.run("uninstall", asker=asker, house=house)
    assert ran.code == 0
    assert "Take flexura out of Codex?" in asker.asked[0]
    assert "1.5 MB in /somewhere/flexura" in asker.asked[1]
    assert not house.deleted
    assert "stay: 1.5 MB" in ran.out


def test_no_to_the_first_question_changes_nothing(person: Person) -> None:
    person.run("install", "--target", "codex")
    before, house = person.everything(), House()
    assert person.run("uninstall", asker=Answers([False]), house=house).code == 3
    assert person.everything() == before
    assert not house.stopped


@pytest.mark.parametrize(
    ("words", "deleted"),
    [(["--yes"], False), (["--yes", "--keep-data"], False), (["--yes", "--delete-data"], True)],
)
def test_without_a_question_the_data_goes_only_when_named(
    person: Person, words: list[str], deleted: bool
) -> None:
    person.run("install", "--target", "codex")
    house = House()
    ran = person.run("uninstall", *words, "--json", house=house)
    assert ran.code == 0
    assert house.deleted is deleted
    assert ran.json["data"]["deleted"] is deleted
    assert ran.json["gateway"]["stopped"] is True


def test_yes_to_the_second_question_deletes_it(person: Person) -> None:
    house = House()
    person.run("uninstall", asker=Answers([True]), house=house)
    assert house.deleted


def test_data_that_a_gateway_works_with_is_not_deleted(person: Person) -> None:
    person.run("install", "--target", "codex")
    house = House(own=False)
    ran = person.run("uninstall", "--yes", "--delete-data", house=house)
    assert (ran.code, house.deleted) == (1, False)
    assert "because a gateway works with it" in ran.out


def test_deleting_data_while_agents_stay_is_a_mistake(person: Person) -> None:
    assert person.run("uninstall", "--target", "codex", "--delete-data").code == 2
    assert person.run("uninstall", "--keep-data", "--delete-data").code == 2


def test_without_the_program_the_data_cannot_be_deleted(person: Person) -> None:
    ran = person.run("uninstall", "--yes", "--delete-data")
    assert (ran.code, "only `flexura uninstall`" in ran.out) == (1, True)


@pytest.fixture
def by_script(person: Person) -> tuple[Person, dict[str, object], tuple[str, ...]]:
    """What install.sh leaves before it starts us: venvs, a link into them, directories."""
    person.launcher.unlink()
    before = person.everything()
    venvs = person.home / ".local/share/flexura/venv"
    program = venvs / "1.0-abc/bin/flexura"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    (venvs / "1.0-abc/pyvenv.cfg").write_text("")
    (venvs / "current").symlink_to("1.0-abc")
    person.launcher.symlink_to(venvs / "current/bin/flexura")
    made = [str(person.home / ".local/share"), str(venvs.parent), str(venvs)]
    words = [word for one in made for word in ("--made-directory", one)]
    script = ("--made-launcher", str(person.launcher), "--made-venv", str(venvs))
    return person, before, ("install", "--yes", "--launcher", str(person.launcher), *script, *words)


def test_what_the_script_made_goes_at_the_end(
    by_script: tuple[Person, dict[str, object], tuple[str, ...]],
) -> None:
    person, before, words = by_script
    assert person.run(*words, "--target", "codex").code == 0
    middle = person.everything()
    # The script passes directories only when it made them.
    again = words[: words.index("--made-directory")]
    assert person.run(*again, "--target", "codex").code == 0
    assert person.everything() == middle
    assert person.run("uninstall", "--target", "codex").code == 0
    assert person.launcher.is_symlink()
    ran = person.run("uninstall", "--yes")
    assert ran.code == 0
    assert "~/.local/bin/flexura" in ran.out and "~/.local/share/flexura/venv" in ran.out
    assert person.everything() == before


def test_it_is_remembered_though_no_agent_is_found(
    by_script: tuple[Person, dict[str, object], tuple[str, ...]],
) -> None:
    person, before, words = by_script
    assert person.run(*words).code == 0
    assert person.run("install", "--status", "--json").json["program"]
    dry = person.run("uninstall", "--yes", "--dry-run")
    assert "would be removed" in dry.out and person.launcher.exists()
    ran = person.run("uninstall", "--yes", house=House())
    assert "next: To delete them: rm -r /somewhere/flexura" in ran.out
    assert person.everything() == before


def test_a_launcher_that_leads_elsewhere_by_now_stays(
    by_script: tuple[Person, dict[str, object], tuple[str, ...]],
) -> None:
    person, _, words = by_script
    person.run(*words)
    person.launcher.unlink()
    person.launcher.symlink_to("/usr/bin/true")
    ran = person.run("uninstall", "--yes")
    assert ran.code == 0
    assert person.launcher.readlink() == Path("/usr/bin/true")
    assert "somebody else's" in ran.out


def test_a_program_that_cannot_be_removed_is_said_and_remembered(
    by_script: tuple[Person, dict[str, object], tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    person, before, words = by_script
    person.run(*words)

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as held:
        held.setattr("flexura_installer.program.shutil.rmtree", refuse)
        ran = person.run("uninstall", "--yes")
    assert (ran.code, "rm -r" in ran.out) == (1, True)
    assert person.run("uninstall", "--yes").code == 0
    assert person.everything() == before


def test_a_program_that_is_gone_already_is_forgotten(
    by_script: tuple[Person, dict[str, object], tuple[str, ...]],
) -> None:
    person, before, words = by_script
    person.run(*words)
    person.launcher.unlink()
    shutil.rmtree(person.home / ".local/share/flexura/venv")
    assert person.run("uninstall", "--yes").code == 0
    assert person.everything() == before


def test_a_directory_without_a_venv_is_not_removed(person: Person) -> None:
    precious = person.file("precious/file", "x")
    person.run("install", "--made-venv", str(precious.parent))
    assert person.run("uninstall", "--yes").code == 0
    assert precious.read_text() == "x"


def test_a_gateway_that_served_the_script_is_the_default_until_uninstalled(person: Person) -> None:
    configuration = person.file(".config/flexura/config.toml", '[policy]\nprefer = ["x"]\n')
    before = person.everything()
    ran = person.run("install", "--yes", "--gateway-url", "https://gateway.example/")
    assert ran.code == 0
    assert configuration.read_text().startswith('url = "https://gateway.example"\n')
    assert "~/.config/flexura/config.toml" in ran.out
    assert person.run("uninstall", "--yes").code == 0
    assert person.everything() == before


def test_another_default_of_the_users_own_is_a_conflict(person: Person) -> None:
    configuration = person.file(".config/flexura/config.toml", 'url = "https://mine.example"\n')
    ran = person.run("install", "--yes", "--gateway-url", "https://gateway.example")
    assert ran.code == 1
    assert configuration.read_text() == 'url = "https://mine.example"\n'
