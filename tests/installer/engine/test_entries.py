"""An entry is put into a file, found again, changed, and taken out, and the file of others stays theirs."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from engine_house import OURS, Home, slot
from flexura_installer import engine
from flexura_installer.formats.document import Slot
from flexura_installer.wishes import EntryWish

OLDER = {"command": "/old/flexura", "args": ["mcp"]}

FILES = {
    "plain": b'{\n  "mcpServers": {\n    "other": {"command": "x"}\n  }\n}\n',
    "without a map": b'{"theme": "dark"}',
    "empty": b"",
    "white space": b" \r\n\t\n",
    "bom and crlf": b'\xef\xbb\xbf{\r\n\t"mcpServers": {\r\n\t}\r\n}',
    "an empty object": b"{}",
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_the_old_bytes_come_back(home: Home, content: bytes) -> None:
    home.file(content)
    before = home.tree()
    assert home.put().action == "added"
    held = json.loads(home.config.read_bytes().decode("utf-8-sig"))
    assert held["mcpServers"]["flexura"] == OURS
    assert [one.action for one in home.take()] == ["restored"]
    assert home.tree() == before
    assert not (home.state / "install.json").exists()


def test_a_second_run_writes_no_byte_anywhere(home: Home) -> None:
    home.file(FILES["plain"])
    home.put()
    ledger = home.state / "install.json"
    before = [(os.stat(p).st_mtime_ns, os.stat(p).st_ino) for p in (home.config, ledger)]
    outcome = home.put()
    assert (outcome.action, outcome.diff) == ("unchanged", "")
    assert [(os.stat(p).st_mtime_ns, os.stat(p).st_ino) for p in (home.config, ledger)] == before


def test_a_file_that_we_made_goes_with_its_directories(home: Home) -> None:
    assert home.put().action == "added"
    assert stat.S_IMODE(home.config.stat().st_mode) == 0o600
    home.take()
    assert home.tree() == {}


def test_a_file_that_we_made_stays_with_what_others_added(home: Home) -> None:
    home.put()
    held = json.loads(home.config.read_bytes())
    held["mcpServers"]["theirs"] = {"command": "y"}
    home.config.write_text(json.dumps(held))
    assert [one.action for one in home.take()] == ["removed"]
    assert json.loads(home.config.read_bytes()) == {"mcpServers": {"theirs": {"command": "y"}}}


def test_a_file_that_we_made_and_the_client_only_reformatted_goes(home: Home) -> None:
    home.put()
    home.config.write_text(json.dumps(json.loads(home.config.read_bytes()), indent=7))
    home.take()
    assert home.tree() == {}


def test_a_file_that_we_made_and_to_which_the_client_added_its_schema_goes(home: Home) -> None:
    home.put()
    made = json.loads(home.config.read_bytes())
    schema = {"$schema": "https://agent.example/config.json"}
    home.config.write_text(json.dumps(schema | made, indent=4))
    home.take()
    assert home.tree() == {}


def test_a_dry_run_writes_nothing_at_all(home: Home) -> None:
    outcome = home.put(dry_run=True)
    assert outcome.action == "added"
    assert '+    "flexura": {' in outcome.diff
    assert list(home.root.iterdir()) == []
    home.put()
    before = home.tree()
    assert home.take(dry_run=True)[0].diff.startswith("---")
    assert home.tree() == before
    assert len(home.ledger().records) == 1


def test_an_older_entry_of_ours_gives_way_and_the_record_still_leads_back(home: Home) -> None:
    home.file(FILES["plain"])
    before = home.tree()
    home.put(home.wish(value=OLDER))
    assert home.put().action == "updated"
    assert json.loads(home.config.read_bytes())["mcpServers"]["flexura"] == OURS
    home.take()
    assert home.tree() == before


def test_an_older_entry_in_a_file_that_was_changed_since_is_updated_in_its_place(
    home: Home,
) -> None:
    home.file(FILES["plain"])
    home.put(home.wish(value=OLDER))
    home.config.write_bytes(home.config.read_bytes().replace(b'"x"', b'"z"'))
    assert home.put().action == "updated"
    assert [one.action for one in home.take()] == ["removed"]
    assert json.loads(home.config.read_bytes()) == {"mcpServers": {"other": {"command": "z"}}}


def test_what_a_client_adds_to_our_entry_is_kept(home: Home) -> None:
    home.file(FILES["plain"])
    home.put(home.wish(value=OLDER))
    held = json.loads(home.config.read_bytes())
    held["mcpServers"]["flexura"]["disabled"] = True
    home.config.write_text(json.dumps(held))
    assert home.put(home.wish(value=OLDER)).action == "unchanged"
    assert home.put().action == "updated"
    assert json.loads(home.config.read_bytes())["mcpServers"]["flexura"] == {
        **OURS,
        "disabled": True,
    }
    assert home.put().action == "unchanged"
    assert engine.standing(home.ledger().records[0]) == "installed"
    assert home.take()[0].action == "removed"


def test_an_entry_of_that_name_that_is_not_ours_is_left_alone(home: Home) -> None:
    home.file(b'{"mcpServers": {"flexura": {"command": "theirs"}}}')
    before = home.tree()
    outcome = home.put()
    assert outcome.action == "conflict"
    assert not outcome.good
    assert "--force" in outcome.next_step
    assert json.loads(outcome.snippet)["mcpServers"]["flexura"] == OURS
    assert home.tree() == before
    assert not home.state.exists()


def test_force_saves_the_file_first_and_uninstall_brings_it_back(home: Home) -> None:
    content = b'{"mcpServers": {"flexura": {"command": "theirs", "env": {"PASSWORD": "hunter2"}}}}'
    home.file(content)
    outcome = home.put(force=True)
    assert outcome.backup is not None
    assert outcome.backup.name.startswith("mcp.json.flexura-backup-")
    assert outcome.backup.read_bytes() == content
    assert stat.S_IMODE(outcome.backup.stat().st_mode) == 0o600
    assert b"hunter2" not in (home.state / "install.json").read_bytes()
    assert "hunter2" not in outcome.diff
    assert home.put().action == "unchanged"
    assert home.take()[0].action == "restored"
    assert home.config.read_bytes() == content


def test_what_stood_there_just_like_ours_is_adopted_and_taken_out_by_name(home: Home) -> None:
    home.file(json.dumps({"mcpServers": {"flexura": OURS, "b": 1}}).encode())
    before = home.tree()
    assert home.put().action == "unchanged"
    assert home.tree() == before
    assert home.take()[0].action == "removed"
    assert json.loads(home.config.read_bytes()) == {"mcpServers": {"b": 1}}


def test_an_entry_changed_beyond_recognition_is_a_conflict_and_is_kept(home: Home) -> None:
    home.file(FILES["plain"])
    home.put()
    changed = home.config.read_bytes().replace(b"/opt/flexura/bin/flexura", b"/usr/bin/theirs")
    home.config.write_bytes(changed)
    assert engine.standing(home.ledger().records[0]) == "changed"
    assert home.put(home.wish(value=OLDER)).action == "conflict"
    assert home.take()[0].action == "kept"
    assert home.config.read_bytes() == changed
    assert len(home.ledger().records) == 1
    forced = home.take(force=True)[0]
    assert (forced.action, forced.good) == ("removed", True)
    assert forced.backup is not None
    assert forced.backup.read_bytes() == changed
    assert home.ledger().records == []


def test_a_file_that_the_user_deleted_is_made_anew_or_forgotten(home: Home) -> None:
    home.put()
    home.config.unlink()
    assert engine.standing(home.ledger().records[0]) == "gone"
    assert home.put().action == "added"
    home.config.unlink()
    assert home.take()[0].action == "absent"
    assert home.tree() == {}


def test_an_entry_that_the_user_took_out_is_put_in_again(home: Home) -> None:
    home.file(FILES["plain"])
    home.put()
    home.config.write_bytes(b'{"mcpServers": {}}')
    assert home.put().action == "added"
    home.take()
    assert home.config.read_bytes() == b'{"mcpServers": {}}'


@pytest.mark.parametrize("order", [["a", "b"], ["b", "a"]])
@pytest.mark.parametrize("content", [*FILES.values(), None], ids=[*FILES, "no file"])
def test_two_names_in_one_file_go_in_any_order(
    home: Home, order: list[str], content: bytes | None
) -> None:
    if content is not None:
        home.file(content)
    before = home.tree()
    home.put(home.wish("a"))
    home.put(home.wish("b"))
    home.put(home.wish("a", OLDER))
    first = home.take(order[0])
    assert [one.action for one in first] == ["restored"]
    left = json.loads(home.config.read_bytes().decode("utf-8-sig"))["mcpServers"]
    assert order[1] in left
    assert order[0] not in left
    assert [one.action for one in home.take(order[1])] == ["restored"]
    assert home.tree() == before


def test_an_entry_that_two_agents_share_goes_with_the_last_of_them(home: Home) -> None:
    home.file(FILES["plain"])
    before = home.tree()
    home.put()
    assert home.put(home.wish(agent="two")).action == "unchanged"
    assert set(home.ledger().records[0].owners) == {"one", "two"}
    shared = home.tree()
    first = home.take(agent="one")
    assert (first[0].action, first[0].why) == ("removed", "It stays there for two.")
    assert home.tree() == shared
    assert home.take(agent="one") == []
    home.take(agent="two")
    assert home.tree() == before


def test_directories_that_another_file_still_needs_go_with_that_one(home: Home) -> None:
    second = home.config.with_name("more.json")
    home.put()
    home.put(home.wish(path=second, agent="two"))
    home.take(agent="one")
    assert second.exists()
    home.take(agent="two")
    assert home.tree() == {}


def two_slots(home: Home, name: str = "flexura") -> EntryWish:
    values = (
        (Slot(("inputs",), "key", "item", "id"), {"id": "key", "type": "promptString"}),
        (slot(name, ("servers",)), {"url": f"https://x.example/{name}"}),
    )
    return EntryWish("one", home.config, "json", values, home.root)


def test_two_places_in_one_file_are_one_record_all_or_none(home: Home) -> None:
    home.file(b'{"inputs": [], "servers": {"flexura": {"url": "theirs"}}}')
    before = home.tree()
    assert home.put(two_slots(home)).action == "conflict"
    assert home.tree() == before
    home.file(b'{"inputs": []}')
    home.put(two_slots(home))
    assert len(home.ledger().records) == 1
    home.take()
    assert home.config.read_bytes() == b'{"inputs": []}'


@pytest.mark.parametrize("touched", [False, True])
def test_an_input_that_two_servers_need_goes_with_the_last_of_them(
    home: Home, touched: bool
) -> None:
    home.file(b'{"inputs": [], "x": 1}')
    home.put(two_slots(home, "a"))
    home.put(two_slots(home, "b"))
    if touched:
        home.config.write_bytes(home.config.read_bytes().replace(b'"x": 1', b'"x": 2'))
    home.take("a")
    held = json.loads(home.config.read_bytes())
    assert (len(held["inputs"]), list(held["servers"])) == (1, ["b"])
    home.take("b")
    held = json.loads(home.config.read_bytes())
    assert (held["inputs"], held.get("servers", {})) == ([], {})


def test_one_slot_becomes_two_and_one_again(home: Home) -> None:
    home.file(b'{"x": 1}')
    one = EntryWish("one", home.config, "json", two_slots(home).values[1:], home.root)
    home.put(one)
    assert home.put(two_slots(home)).action == "updated"
    home.config.write_bytes(home.config.read_bytes().replace(b'"x": 1', b'"x": 2'))
    assert (
        home.put(
            EntryWish(
                "one",
                home.config,
                "json",
                ((slot("flexura", ("servers",)), {"url": "https://x.example/flexura", "a": 1}),),
                home.root,
            )
        ).action
        == "updated"
    )
    assert json.loads(home.config.read_bytes())["inputs"] == []
    assert len(home.ledger().records) == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [(b'{"mcpServers": ', "line 1"), (b'{"mcpServers": []}', "no map"), (b"\xff\xfe{", "cannot")],
)
def test_a_file_that_cannot_be_edited_is_refused_with_the_snippet(
    home: Home, content: bytes, says: str
) -> None:
    home.file(content)
    outcome = home.put()
    assert outcome.action == "refused"
    assert says in outcome.why
    assert outcome.next_step
    assert json.loads(outcome.snippet)["mcpServers"]["flexura"] == OURS
    assert home.config.read_bytes() == content
    assert not home.state.exists()


def test_a_file_broken_since_is_refused_at_uninstall_and_the_record_stays(home: Home) -> None:
    home.file(FILES["plain"])
    home.put()
    home.config.write_bytes(b"{{{")
    assert home.take()[0].action == "refused"
    assert home.config.read_bytes() == b"{{{"
    assert len(home.ledger().records) == 1


def test_a_secret_stands_in_the_file_and_nowhere_else(home: Home) -> None:
    secret = 'hush"hush-quiet'
    value = {"url": "https://x.example/mcp", "headers": {"Authorization": f"Bearer {secret}"}}
    wish = home.wish(value=value, secrets=frozenset({secret}))
    home.file(b'{"mcpServers": {"flexura": 1}}')
    told = [home.put(wish, dry_run=True), home.put(wish), home.put(wish, force=True)]
    told += [home.put(home.wish(value={**value, "type": "http"}, secrets=wish.secrets))]
    told += home.take(dry_run=True)
    saved = (home.state / "install.json").read_text()
    for text in [saved, *(one.why + one.diff + one.snippet + one.next_step for one in told)]:
        assert "hush" not in text
    assert told[-2].action == "updated"
    assert (
        json.loads(home.config.read_bytes())["mcpServers"]["flexura"]["headers"] == value["headers"]
    )
    assert engine.standing(home.ledger().records[0]) == "installed"


def test_a_link_stays_and_the_file_that_it_leads_to_is_edited(home: Home) -> None:
    real = home.file(FILES["plain"], home.root / "dotfiles/mcp.json")
    home.config.parent.mkdir()
    home.config.symlink_to("../dotfiles/mcp.json")
    before = home.tree()
    home.put()
    assert home.config.is_symlink()
    assert b"flexura" in real.read_bytes()
    other = home.root / ".other.json"
    other.symlink_to(real)
    assert home.put(home.wish(path=other, agent="two")).action == "unchanged"
    other.unlink()
    home.take()
    assert home.tree() == before


def test_the_mode_of_a_file_is_kept(home: Home) -> None:
    home.file(FILES["plain"]).chmod(0o640)
    home.put()
    assert stat.S_IMODE(home.config.stat().st_mode) == 0o640
    home.take()
    assert stat.S_IMODE(home.config.stat().st_mode) == 0o640


@pytest.mark.parametrize("dialect", ["jsonc", "jsonc-commas", "toml", "yaml"])
def test_every_format_comes_back(home: Home, dialect: str) -> None:
    content = {"toml": b"# mine\n[a]\nb = 1\n", "yaml": b"# mine\na:\n  b: 1\n"}.get(
        dialect, b'{ // mine\n  "a": 1 }'
    )
    home.file(content)
    assert home.put(home.wish("a", dialect=dialect)).action == "added"
    assert home.put(home.wish("b", dialect=dialect)).action == "added"
    assert {one.action for one in home.take("a") + home.take("b")} == {"restored"}
    assert home.config.read_bytes() == content


def test_a_format_that_is_not_known_is_refused(home: Home) -> None:
    home.file(b"{}")
    assert home.put(home.wish(dialect="xml")).action == "refused"
