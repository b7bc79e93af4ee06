"""Edits of the YAML files of Aider, Goose and Continue, with PyYAML as the judge of what they say."""

from __future__ import annotations

import random
from typing import Any

import pytest
import yaml

from flexura_installer.errors import InstallError, Unproven
from flexura_installer.formats.document import Slot
from flexura_installer.formats.prove import Edit, put, take
from flexura_installer.formats.splice import undo
from flexura_installer.formats.yaml_edit import Yaml
from installer.formats.yaml_samples import AIDER, CONTINUE, GOOSE, READ

PATH = "/home/u/.local/share/flexura/aider/CONVENTIONS.md"
AIDERS = Slot(("read",), PATH, "item")
GOOSES = Slot(("extensions",), "flexura")
CONTINUES = Slot(("mcpServers",), "flexura", "item", "name")
EXTENSION = {
    "name": "flexura",
    "type": "stdio",
    "enabled": True,
    "timeout": 300,
    "cmd": "/home/a b/.local/bin/flexura",
    "args": ["mcp"],
    "envs": {},
    "env_keys": ["FLEXURA_URL", "yes"],
    "headers": {"Authorization": "Bearer $MEDIA_GATEWAY_API_KEY"},
    "description": None,
}
SERVER = {
    "name": "flexura",
    "command": "/home/u/.local/bin/flexura",
    "args": ["mcp"],
    "env": {"FLEXURA_URL": "https://x.example: #1"},
}
WISHES = [(AIDERS, PATH), (GOOSES, EXTENSION), (CONTINUES, SERVER)]


def put_in(text: str, slot: Slot, value: Any) -> str:
    """The text after the edit, which the loader of Python and that of libyaml read alike."""
    edit = put(Yaml(), text.encode(), slot, value)
    assert_it_can_be_undone(edit)
    return edit.after.decode()


def taken_from(text: str, slot: Slot) -> str:
    """The text without our entry."""
    edit = take(Yaml(), text.encode(), slot)
    assert_it_can_be_undone(edit)
    return edit.after.decode()


def assert_it_can_be_undone(edit: Edit) -> None:
    assert undo(edit.after, edit.splices) == edit.before
    judged = yaml.safe_load(edit.after)
    assert repr(yaml.load(edit.after, Loader=yaml.CSafeLoader)) == repr(judged)
    assert repr(Yaml().read(edit.after)) == repr(judged)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"read:\n  - {PATH}\n"),
        ("# mine\n", f"# mine\nread:\n  - {PATH}\n"),
        ("model: x", f"model: x\nread:\n  - {PATH}"),
        ("model: x\r\n", f"model: x\r\nread:\r\n  - {PATH}\r\n"),
        ("\ufeffmodel: x\n", f"\ufeffmodel: x\nread:\n  - {PATH}\n"),
        ("---\nmodel: x\n# end\n", f"---\nmodel: x\n# end\nread:\n  - {PATH}\n"),
        ("read: a # why\nx: 1\n", f"read: [a, {PATH}] # why\nx: 1\n"),
        ("read: 'a, b'\n", f"read: ['a, b', {PATH}]\n"),
        ("read: a?b\n", f'read: ["a?b", {PATH}]\n'),
        ("read:\n  a\n", f"read:\n  [a, {PATH}]\n"),
        ("read: # mine\n# x\nx: 1\n", f"read: # mine\n  - {PATH}\n# x\nx: 1\n"),
        ("read:", f"read:\n  - {PATH}"),
        ("read: ~\n", f"read: [{PATH}]\n"),
        ("read: []\n", f"read: [{PATH}]\n"),
        ("read: [a, 'b']\n", f"read: [a, 'b', {PATH}]\n"),
        ("read: [a, b,]\n", f"read: [a, b, {PATH},]\n"),
        ("read: [\n  a,\n  b # c\n]\n", f"read: [\n  a,\n  b, {PATH} # c\n]\n"),
        ("read: [\n    a,\n    b,\n]\n", f"read: [\n    a,\n    b,\n    {PATH},\n]\n"),
        ("read:\n- a\n- b # c\n# d\nx: 1\n", f"read:\n- a\n- b # c\n- {PATH}\n# d\nx: 1\n"),
        ("read:\n    - a\n\nx: 1\n", f"read:\n    - a\n    - {PATH}\n\nx: 1\n"),
        ("read:\n  - a", f"read:\n  - a\n  - {PATH}"),
        ("{read: a}\n", f"{{read: [a, {PATH}]}}\n"),
        ("{read: }\n", f"{{read: [{PATH}] }}\n"),
        ("{model: x}\n", f"{{model: x, read: [{PATH}]}}\n"),
        ("{}\n", f"{{read: [{PATH}]}}\n"),
    ],
)
def test_a_file_that_aider_reads_is_added_in_every_shape_of_read(before: str, after: str) -> None:
    assert put_in(before, AIDERS, PATH) == after


@pytest.mark.parametrize(
    "text",
    [
        "read: a\nread: b\n",
        "read: |\n  a\n",
        "read: 1\n",
        "read: {}\n",
        "x: &x a\nread: *x\n",
        "read: &x a\ny: *x\n",
        "read: &x [a]\ny: *x\n",
        "read: &x\n  - a\ny: *x\n",
        "[a]\n",
        "a\n",
        "~\n",
        "rules: |\n  text without a line end",
    ],
)
def test_a_shape_that_cannot_be_proven_is_left_alone(text: str) -> None:
    with pytest.raises(Unproven):
        put(Yaml(), text.encode(), AIDERS, PATH)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"read:\n  - {PATH}\n", "read: []\n"),
        (f"read: # c\n  - {PATH}\nx: 1\n", "read: [] # c\nx: 1\n"),
        (f"read:\n  - a\n  - {PATH} # c\n  - b\n", "read:\n  - a\n  # c\n  - b\n"),
        (f"read:\r\n- a\r\n- {PATH}", "read:\r\n- a"),
        (f"read:\n- a\n- {PATH} # c", "read:\n- a\n# c"),
        (f"read: {PATH}\n", "read: []\n"),
        (f"read: ['{PATH}']\n", "read: []\n"),
        (f"read: [{PATH},]\n", "read: []\n"),
        (f"read: [{PATH}, a]\n", "read: [a]\n"),
        (f"read: [a, {PATH}, b]\n", "read: [a, b]\n"),
        (f"read: [\n  a,\n  {PATH},\n]\n", "read: [\n  a,\n]\n"),
        ("read: a\n", "read: a\n"),
    ],
)
def test_a_file_that_aider_reads_is_taken_out_and_the_list_stays(before: str, after: str) -> None:
    assert taken_from(before, AIDERS) == after


def test_a_comment_inside_of_brackets_is_not_taken_along() -> None:
    with pytest.raises(Unproven, match="comment"):
        take(Yaml(), f"read: [a, # mine\n  {PATH}]\n".encode(), AIDERS)
    with pytest.raises(Unproven, match="comment"):
        put(Yaml(), b"mcpServers: [{name: flexura, # mine\n  a: 1}]\n", CONTINUES, SERVER)


def test_an_extension_of_goose_stands_behind_the_others_with_their_indentation() -> None:
    after = put_in(GOOSE, GOOSES, EXTENSION)
    ours = """\
  flexura:
    name: flexura
    type: stdio
    enabled: true
    timeout: 300
    cmd: "/home/a b/.local/bin/flexura"
    args:
      - mcp
    envs: {}
    env_keys:
      - FLEXURA_URL
      - "yes"
    headers:
      Authorization: "Bearer $MEDIA_GATEWAY_API_KEY"
    description: null
"""
    assert after == GOOSE.replace("experiments:\n", f"{ours}experiments:\n")
    assert taken_from(after, GOOSES) == GOOSE


def test_a_wide_indentation_is_kept() -> None:
    before = "extensions:\n    dev:\n        a: 1\n"
    after = put_in(before, GOOSES, {"cmd": "x", "args": ["mcp"], "envs": {"A": "b"}})
    ours = "    flexura:\n        cmd: x\n        args:\n            - mcp\n        envs:\n            A: b\n"
    assert after == before + ours


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("extensions: {} # none\nx: 1\n", "extensions: # none\n  flexura:\n    a: 1\nx: 1\n"),
        ("extensions: {}", "extensions:\n  flexura:\n    a: 1"),
        ("extensions: {\n}\n", "extensions:\n  flexura:\n    a: 1\n"),
        ("extensions: {x: {}}\n", "extensions: {x: {}, flexura: {a: 1}}\n"),
        ("x: 1\n", "x: 1\nextensions:\n  flexura:\n    a: 1\n"),
        (
            "extensions:\n  x:\n    b: |+\n      t\n\ny: 1\n",
            "extensions:\n  x:\n    b: |+\n      t\n\n  flexura:\n    a: 1\ny: 1\n",
        ),
    ],
)
def test_an_extension_is_added_in_every_shape_of_the_map(before: str, after: str) -> None:
    assert put_in(before, GOOSES, {"a": 1}) == after


def test_our_entry_is_replaced_in_its_place_and_comments_in_it_stay() -> None:
    before = (
        "extensions:\n  flexura: # mine\n    a: 0 # why\n    # below\n    b: []\n  z: {}\n# end\n"
    )
    after = put_in(before, GOOSES, {"a": 1})
    assert (
        after
        == "extensions:\n  flexura:\n    a: 1\n  # mine\n    # why\n    # below\n  z: {}\n# end\n"
    )
    assert (
        taken_from(before, GOOSES)
        == "extensions:\n  # mine\n    # why\n    # below\n  z: {}\n# end\n"
    )
    assert put_in("extensions: {flexura: 1, z: 2}\n", GOOSES, {"a": 1}) == (
        "extensions: {flexura: {a: 1}, z: 2}\n"
    )


def test_an_entry_that_is_there_already_changes_no_byte() -> None:
    before = put_in(CONTINUE, CONTINUES, SERVER).encode()
    assert put(Yaml(), before, CONTINUES, SERVER) == Edit(before, before, ())


@pytest.mark.parametrize(
    "text",
    [
        "extensions: &x\n  a: {}\ny: *x\n",
        "x: &x\n  flexura: {a: 0}\nextensions:\n  <<: *x\n  b: 1\n",
        "extensions: {}\nextensions: {}\n",
        "extensions:\n  flexura: 1\n  flexura: 2\n",
        "extensions: # none\n  {}\n",
        "extensions: []\n",
        "extensions:\n",
        "extensions: x\n",
        "extensions: &x {}\n",
    ],
)
def test_an_extension_is_not_added_where_something_else_could_change(text: str) -> None:
    try:
        edit = put(Yaml(), text.encode(), GOOSES, {"a": 1})
    except Unproven:
        return
    # Our own member comes before a merged one: that can be proven.
    assert "<<" in text
    assert yaml.safe_load(edit.after)["extensions"] == {"flexura": {"a": 1}, "b": 1}


def test_a_merged_entry_is_not_taken_out() -> None:
    with pytest.raises(Unproven):
        take(Yaml(), b"x: &x\n  flexura: {a: 0}\nextensions:\n  <<: *x\n", GOOSES)
    with pytest.raises(Unproven):
        take(Yaml(), b"extensions: &x\n  flexura: {a: 0}\n", GOOSES)


def test_a_server_of_continue_is_added_after_the_others_and_taken_out() -> None:
    after = put_in(CONTINUE, CONTINUES, SERVER)
    ours = """\
  - name: flexura
    command: /home/u/.local/bin/flexura
    args:
      - mcp
    env:
      FLEXURA_URL: "https://x.example: #1"
"""
    assert after == CONTINUE.replace("data: []\n", f"{ours}data: []\n")
    assert taken_from(after, CONTINUES) == CONTINUE


def test_a_server_of_continue_is_replaced_where_it_is() -> None:
    before = "mcpServers:\n- name: flexura\n  command: old # why\n- name: z\n  command: z\n"
    after = "mcpServers:\n- name: flexura\n  command: new\n  # why\n- name: z\n  command: z\n"
    assert put_in(before, CONTINUES, {"name": "flexura", "command": "new"}) == after
    assert taken_from(before, CONTINUES) == "mcpServers:\n  # why\n- name: z\n  command: z\n"


def test_a_file_of_our_own_is_written_and_emptied() -> None:
    written = Yaml().snippet(CONTINUES, SERVER)
    assert put_in("", CONTINUES, SERVER) == written
    assert taken_from(written, CONTINUES) == "mcpServers: []\n"
    member = Slot((), "flexura")
    assert put_in("a: 1\n", member, {"b": [[1, [2]], [], {}]}) == (
        "a: 1\nflexura:\n  b:\n    - - 1\n      - - 2\n    - []\n    - {}\n"
    )
    assert taken_from("# c\nflexura: {b: 1}\n", member) == "# c\n"


def test_an_entry_below_several_keys_is_made_with_them() -> None:
    slot = Slot(("a", "b"), "flexura")
    assert put_in("a:\n  x: 1\ny: 2\n", slot, 1) == "a:\n  x: 1\n  b:\n    flexura: 1\ny: 2\n"
    assert put_in("a: {}\n", slot, 1) == "a:\n  b:\n    flexura: 1\n"
    assert put_in("", slot, 1) == "a:\n  b:\n    flexura: 1\n"


@pytest.mark.parametrize(("slot", "value"), WISHES)
def test_the_snippet_is_a_document_with_our_entry(slot: Slot, value: Any) -> None:
    held = {slot.name: value} if slot.kind == "member" else [value]
    assert yaml.safe_load(Yaml().snippet(slot, value)) == {slot.under[0]: held}


def changed_layout(text: str, dice: random.Random) -> str:
    """The text with other line ends, a mark, comments, empty lines, or without its last line end."""
    lines = text.split("\n")
    for _ in range(dice.randint(0, 4)):
        lines.insert(dice.randint(0, len(lines)), dice.choice(["", "# mine", "    # mine", "  "]))
    if dice.random() < 0.3:
        lines.append(
            dice.choice(["read: a", "read:", "extensions: {}", "mcpServers: []", "read: [b]"])
        )
    whole = dice.choice(["\n", "\r\n"]).join(lines)
    whole = dice.choice(["", "", "\ufeff"]) + whole.lstrip("\ufeff")
    return whole.rstrip("\r\n") if dice.random() < 0.3 else whole


@pytest.mark.parametrize("seed", range(4))
def test_an_edit_of_any_file_adds_our_entry_and_leaves_every_line_and_comment(seed: int) -> None:
    dice = random.Random(seed)
    proven = 0
    for _ in range(100):
        slot, value = dice.choice(WISHES)
        text = changed_layout(dice.choice([AIDER, GOOSE, CONTINUE, *READ]), dice)
        try:
            edit = put(Yaml(), text.encode(), slot, value)
        except InstallError:
            continue
        proven += 1
        assert_it_can_be_undone(edit)
        after = edit.after.decode()
        whole, old = yaml.safe_load(after), yaml.safe_load(text.encode()) or {}
        others = {key: one for key, one in whole.items() if key != slot.under[0]}
        assert repr(others) == repr({k: v for k, v in old.items() if k != slot.under[0]})
        assert [one for one in text.splitlines() if one.strip().startswith("#")] == [
            one for one in after.splitlines() if one.strip().startswith("#")
        ]
        removed = b"".join(one.removed for one in edit.splices)
        assert removed.strip() in (b"", b"{}", b"[]", b"a", b"CONVENTIONS.md")
        left = taken_from(after, slot)
        assert slot.name not in repr(yaml.safe_load(left)[slot.under[0]])
        assert text.count("#") == left.count("#")
    assert proven > 40


@pytest.mark.parametrize(("slot", "value"), WISHES)
@pytest.mark.parametrize("text", [AIDER, GOOSE, CONTINUE, *READ[-8:]])
def test_a_file_cut_off_anywhere_is_edited_with_proof_or_left_alone(
    text: str, slot: Slot, value: Any
) -> None:
    data = text.encode()
    for length in range(0, len(data), 7):
        try:
            edit = put(Yaml(), data[:length], slot, value)
        except InstallError:
            continue
        assert_it_can_be_undone(edit)
