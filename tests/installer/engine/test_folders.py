"""Folders that are wholly ours: copied or linked, updated, and gone without a trace of ours."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from engine_house import Home
from flexura_installer import engine, folder_files
from flexura_installer.wishes import FolderWish

SKILL = {"SKILL.md": b"---\nname: flexura\n---\n", "reference/costs.md": b"what it costs\n"}
NEWER = {"SKILL.md": b"newer\n", "reference/files.md": b"where files go\n"}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def skill(home: Home, files: dict[str, bytes] | None = None, **more: Any) -> FolderWish:
    agent = more.pop("agent", "one")
    path = more.pop("path", home.root / ".agents/skills/flexura")
    return FolderWish(agent, path, SKILL if files is None else files, home.root, **more)


def linked(home: Home) -> FolderWish:
    to = home.root / ".agents/skills/flexura"
    return skill(home, path=home.root / ".claude/skills/flexura", link_to=to, agent="two")


def test_a_folder_comes_is_left_alone_and_goes(home: Home) -> None:
    assert home.put(skill(home), dry_run=True).diff.count("+++") == 2
    assert list(home.root.iterdir()) == []
    assert home.put(skill(home)).action == "added"
    before = home.tree()
    ledger = (home.state / "install.json").stat()
    assert home.put(skill(home)).action == "unchanged"
    assert home.tree() == before
    assert (home.state / "install.json").stat().st_ino == ledger.st_ino
    assert before[".agents/skills/flexura/reference/costs.md"] == b"what it costs\n"
    assert engine.standing(home.ledger().records[0]) == "installed"
    assert home.take(dry_run=True)[0].action == "restored"
    assert home.tree() == before
    assert home.take()[0].action == "restored"
    assert home.tree() == {}


def test_a_link_leads_to_the_copy_and_goes_alone(home: Home) -> None:
    home.put(skill(home))
    assert "symbolic link" in home.put(linked(home), dry_run=True).diff
    assert home.put(linked(home)).action == "added"
    assert home.put(linked(home)).action == "unchanged"
    place = home.root / ".claude/skills/flexura"
    assert os.readlink(place) == "../../.agents/skills/flexura"
    assert (place / "SKILL.md").read_bytes() == SKILL["SKILL.md"]
    assert [engine.standing(one) for one in home.ledger().records] == ["installed"] * 2
    home.take(agent="two")
    assert list(home.tree())[-1] == ".agents/skills/flexura/reference/costs.md"
    home.take()
    assert home.tree() == {}


def test_where_links_cannot_be_made_it_is_a_copy(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: Any, **__: Any) -> None:
        raise OSError(errno.EPERM, "no")

    home.put(skill(home))
    monkeypatch.setattr(os, "symlink", no_links)
    assert home.put(linked(home)).action == "added"
    assert home.put(linked(home)).action == "unchanged"
    assert (home.root / ".claude/skills/flexura/SKILL.md").read_bytes() == SKILL["SKILL.md"]
    home.take()
    assert home.tree() == {}


def test_an_agents_folder_that_is_a_link_to_the_common_one_is_shared(home: Home) -> None:
    home.put(skill(home))
    home.root.joinpath(".claude").mkdir()
    home.root.joinpath(".claude/skills").symlink_to("../.agents/skills")
    assert home.put(linked(home)).action == "unchanged"
    assert len(home.ledger().records) == 1
    home.take(agent="one")
    assert (home.root / ".claude/skills/flexura/SKILL.md").exists()
    home.take(agent="two")
    assert list(home.tree()) == [".claude", ".claude/skills"]


def test_a_newer_folder_replaces_ours_file_by_file_and_leaves_the_users(home: Home) -> None:
    home.put(skill(home))
    mine = home.file(b"mine", home.root / ".agents/skills/flexura/reference/mine.md")
    assert home.put(skill(home, NEWER)).action == "updated"
    held = {name: data for name, data in home.tree().items() if isinstance(data, bytes)}
    assert sorted(Path(name).name for name in held) == ["SKILL.md", "files.md", "mine.md"]
    outcome = home.take()[0]
    assert (outcome.action, "stay" in outcome.why) == ("removed", True)
    assert mine.read_bytes() == b"mine"
    assert [name for name, data in home.tree().items() if isinstance(data, bytes)] == [
        ".agents/skills/flexura/reference/mine.md"
    ]
    assert home.ledger().records == []


def test_a_file_of_ours_that_is_missing_is_written_again(home: Home) -> None:
    home.put(skill(home))
    (home.root / ".agents/skills/flexura/SKILL.md").unlink()
    assert engine.standing(home.ledger().records[0]) == "changed"
    assert home.put(skill(home)).action == "updated"
    home.take()
    assert home.tree() == {}


def test_a_folder_that_is_not_ours_is_a_conflict_and_force_keeps_a_copy(home: Home) -> None:
    theirs = home.file(b"theirs", home.root / ".agents/skills/flexura/SKILL.md")
    home.file(b"notes", theirs.with_name("notes.md"))
    before = home.tree()
    assert home.put(skill(home)).action == "conflict"
    assert home.tree() == before
    outcome = home.put(skill(home), force=True)
    assert outcome.backup is not None
    # Beside the skill it would be a second skill for the agent.
    assert outcome.backup.is_relative_to(home.state)
    assert (outcome.backup / "SKILL.md").read_bytes() == b"theirs"
    assert theirs.read_bytes() == SKILL["SKILL.md"]
    assert not theirs.with_name("notes.md").exists()
    assert home.put(skill(home, NEWER)).action == "updated"
    assert home.take()[0].action == "restored"
    assert home.tree() == before


def test_a_forced_folder_that_cannot_be_made_leaves_the_old_one(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.file(b"theirs", home.root / ".agents/skills/flexura/SKILL.md")
    before = home.tree()

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(folder_files, "create", full)
    assert home.put(skill(home), force=True).action == "failed"
    assert home.tree() == before
    assert home.ledger().records == []


def test_a_folder_that_the_user_changed_is_kept(home: Home) -> None:
    home.put(skill(home))
    (home.root / ".agents/skills/flexura/SKILL.md").write_bytes(b"my own")
    before = home.tree()
    assert home.put(skill(home, NEWER)).action == "conflict"
    outcome = home.take()[0]
    assert (outcome.action, "SKILL.md" in outcome.why) == ("kept", True)
    assert home.tree() == before
    forced = home.take(force=True)[0]
    assert forced.backup is not None
    assert (forced.backup / "SKILL.md").read_bytes() == b"my own"
    assert home.tree() == {}


def test_a_users_file_in_the_way_of_a_new_one_of_ours_is_a_conflict(home: Home) -> None:
    home.put(skill(home))
    home.file(b"mine", home.root / ".agents/skills/flexura/reference/files.md")
    assert home.put(skill(home, NEWER)).action == "conflict"


def test_a_folder_that_is_there_just_as_wished_is_adopted(home: Home) -> None:
    for name, data in SKILL.items():
        home.file(data, home.root / ".agents/skills/flexura" / name)
    assert home.put(skill(home)).action == "unchanged"
    assert home.ledger().records[0].adopted


def test_a_folder_update_that_was_killed_half_way_is_finished(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.put(skill(home))
    real, calls = folder_files._write, [0]

    def once(path: Path, data: bytes) -> None:
        calls[0] += 1
        if calls[0] == 2:
            raise OSError(errno.ENOSPC, "full")
        real(path, data)

    with monkeypatch.context() as patch:
        patch.setattr(folder_files, "_write", once)
        assert home.put(skill(home, NEWER)).action == "failed"
    assert home.put(skill(home, NEWER)).action == "updated"
    assert home.take()[0].action == "restored"
    assert home.tree() == {}


def test_a_link_of_the_users_and_a_file_in_the_way_are_conflicts(home: Home) -> None:
    place = home.root / ".agents/skills/flexura"
    home.file(b"", place)
    assert home.put(skill(home)).action == "conflict"
    place.unlink()
    home.root.joinpath("elsewhere").mkdir()
    place.symlink_to(home.root / "elsewhere")
    assert home.put(skill(home)).action == "conflict"
    outcome = home.put(skill(home), force=True)
    assert (outcome.action, place.is_symlink()) == ("updated", False)
    assert list(home.root.joinpath("elsewhere").iterdir()) == []


def test_a_name_that_leads_out_of_the_folder_is_refused(home: Home) -> None:
    assert home.put(skill(home, {"../x": b""})).action == "refused"
    assert list(home.root.iterdir()) == []


def test_a_link_becomes_a_copy_when_no_common_folder_is_wished(home: Home) -> None:
    home.put(skill(home))
    home.put(linked(home))
    newer = FolderWish("two", linked(home).path, NEWER, home.root)
    assert home.put(newer).action == "updated"
    assert not newer.path.is_symlink()
    home.take()
    assert home.tree() == {}


def test_what_the_user_deleted_is_absent(home: Home) -> None:
    home.put(skill(home))
    home.put(linked(home))
    (home.root / ".claude/skills/flexura").unlink()
    for name in SKILL:
        (home.root / ".agents/skills/flexura" / name).unlink()
    assert [engine.standing(one) for one in home.ledger().records] == ["changed", "gone"]
    assert {one.action for one in home.take()} == {"absent"}
    assert home.ledger().records == []
