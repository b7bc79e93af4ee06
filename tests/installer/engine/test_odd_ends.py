"""What is left of records when users, backups and agents do the unexpected."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from engine_house import OURS, Home, slot
from flexura_installer import engine, layers, writing
from flexura_installer.errors import Unproven
from flexura_installer.owned import is_ours, with_additions


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_without_its_backup_a_forced_entry_goes_by_its_name(home: Home) -> None:
    home.file(b'{"mcpServers": {"flexura": 1, "b": 2}}')
    outcome = home.put(force=True)
    assert outcome.backup is not None
    outcome.backup.write_bytes(b"not it")
    removed = home.take()[0]
    assert (removed.action, str(outcome.backup) in removed.why) == ("removed", True)
    assert json.loads(home.config.read_bytes()) == {"mcpServers": {"b": 2}}


def test_two_backups_within_a_second_are_two_files(tmp_path: Path) -> None:
    path = tmp_path / "x"
    made = {writing.put_aside(path, bytes([n])) for n in range(5)}
    assert {one.read_bytes()[0] for one in made} == set(range(5))


def test_a_file_of_ours_that_the_user_emptied_of_our_entry_goes(home: Home) -> None:
    home.put()
    home.config.write_bytes(b'{ "mcpServers" : {} }')
    assert home.take()[0].action == "restored"
    assert home.tree() == {}


def test_a_file_of_ours_with_a_comment_of_the_users_stays(home: Home) -> None:
    home.put(home.wish(dialect="jsonc"))
    home.config.write_bytes(b"// mine\n" + home.config.read_bytes())
    assert home.take()[0].action == "removed"
    assert home.config.read_bytes().startswith(b"// mine\n")


def test_a_map_that_became_a_list_holds_nothing_of_ours(home: Home) -> None:
    home.put()
    home.config.write_bytes(b'{"mcpServers": []}')
    assert engine.standing(home.ledger().records[0]) == "gone"
    assert home.take()[0].action == "absent"
    assert home.config.read_bytes() == b'{"mcpServers": []}'


def test_a_file_that_is_no_longer_understood_but_untouched_is_restored(home: Home) -> None:
    content = b'{ // a comment\n "a": 1 }'
    home.file(content)
    home.put(home.wish(dialect="jsonc"))
    path = home.state / "install.json"
    path.write_bytes(path.read_bytes().replace(b'"jsonc"', b'"json"'))
    assert engine.standing(home.ledger().records[0]) == "changed"
    assert home.take()[0].action == "restored"
    assert home.config.read_bytes() == content


def test_an_adopted_entry_below_another_goes_and_the_other_still_leads_back(home: Home) -> None:
    content = json.dumps({"mcpServers": {"x": 1, "a": OURS}}).encode()
    home.file(content)
    home.put(home.wish("a"))
    home.put(home.wish("b"))
    assert [one.action for one in home.take("a")] == ["removed"]
    assert [one.action for one in home.take("b")] == ["restored"]
    assert home.config.read_bytes() == b'{"mcpServers": {"x": 1}}'


def test_layers_that_cannot_be_put_back_are_found_by_name(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unproven(*_: Any) -> None:
        raise Unproven("no")

    home.file(b'{"x": 1}')
    home.put(home.wish("a"))
    home.put(home.wish("b"))
    with monkeypatch.context() as patch:
        patch.setattr(layers, "put_back", unproven)
        assert [one.action for one in home.take("a")] == ["removed"]
        assert home.put(home.wish("b", {"command": "/new"})).action == "updated"
    assert [one.action for one in home.take("b")] == ["removed"]
    assert json.loads(home.config.read_bytes()) == {"x": 1, "mcpServers": {}}


def test_a_record_is_withdrawn_once(home: Home) -> None:
    home.put()
    ledger = home.ledger()
    record = ledger.records[0]
    assert (
        engine.withdraw(record, ledger, agent="other", force=False, dry_run=False).action
        == "absent"
    )
    assert engine.withdraw(record, ledger, agent=None, force=False, dry_run=False).good
    assert (
        engine.withdraw(record, ledger, agent=None, force=False, dry_run=False).action == "absent"
    )


def test_a_file_that_was_linked_away_since_we_made_it_keeps_its_link(home: Home) -> None:
    home.put()
    real = home.root / "dotfiles.json"
    home.config.rename(real)
    home.config.symlink_to(real)
    assert home.take()[0].action == "removed"
    assert home.config.is_symlink()
    assert json.loads(real.read_bytes()) == {"mcpServers": {}}
    home.put()
    real.unlink()
    assert home.take()[0].action == "absent"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can own files of others")
def test_the_owner_of_a_file_is_kept(home: Home) -> None:
    home.file(b"{}")
    os.chown(home.config, 1234, 2345)
    home.put()
    found = home.config.stat()
    assert (found.st_uid, found.st_gid) == (1234, 2345)


def test_a_clients_variables_stay_in_our_environment() -> None:
    recorded = {"command": "/x", "env": {"FLEXURA_URL": "https://a.example"}}
    current = {
        "command": "/x",
        "env": {"FLEXURA_URL": "https://a.example", "DEBUG": "1"},
        "on": True,
    }
    wished = {"command": "/y", "env": {"FLEXURA_URL": "https://b.example"}}
    assert with_additions(wished, recorded, current) == {
        "command": "/y",
        "env": {"FLEXURA_URL": "https://b.example", "DEBUG": "1"},
        "on": True,
    }
    assert with_additions({"command": "/y"}, recorded, current)["env"] == {"DEBUG": "1"}


def test_another_shape_of_our_entry_is_ours_and_is_no_addition() -> None:
    nested = {"transport": {"type": "stdio", **OURS}, "disabled": False}
    assert is_ours(slot(), OURS, nested)
    assert with_additions(OURS, OURS, nested) == {**OURS, "disabled": False}
    assert not is_ours(slot(), OURS, {"transport": {"command": "/theirs"}})
    assert not is_ours(slot(), {"enabled": True}, {"enabled": False})
