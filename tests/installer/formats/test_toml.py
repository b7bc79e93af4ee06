"""Codex's file: our block goes to its end, and everything else of the file stays byte for byte."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from flexura_installer.errors import Unproven, Unreadable
from flexura_installer.formats import prove
from flexura_installer.formats.document import Slot
from flexura_installer.formats.splice import undo
from flexura_installer.formats.toml_edit import Toml

TOML = Toml()
SLOT = Slot(("mcp_servers",), "flexura")
URL = Slot((), "url")
VALUE: dict[str, Any] = {"command": "/opt/flexura", "args": ["mcp"], "env": {"A": "b"}}
BLOCK = b"""[mcp_servers.flexura]
command = "/opt/flexura"
args = ["mcp"]
env = { A = "b" }
"""
ANOTHER = (
    b'[mcp_servers.other] # mine\ncommand = "x"\n# of other\n\n[mcp_servers.other.env]\nK = "v"\n'
)


def put(before: bytes, slot: Slot = SLOT, value: Any = None) -> bytes:
    edit = prove.put(TOML, before, slot, VALUE if value is None else value)
    assert undo(edit.after, edit.splices) == before
    return edit.after


def take(before: bytes, slot: Slot = SLOT) -> bytes:
    edit = prove.take(TOML, before, slot)
    assert undo(edit.after, edit.splices) == before
    return edit.after


@pytest.mark.parametrize("before", [b"", b"\n", b" \t\n\n", b"# nothing\n", b"\xef\xbb\xbf"])
def test_a_file_without_a_statement_reads_as_nothing_and_takes_the_block(before: bytes) -> None:
    assert TOML.read(before) is None
    after = put(before)
    assert after.startswith(before)
    assert after.endswith(BLOCK)


def test_the_block_stands_at_the_end_behind_one_blank_line() -> None:
    assert put(ANOTHER) == ANOTHER + b"\n" + BLOCK
    assert put(ANOTHER + b"\n") == ANOTHER + b"\n" + BLOCK


def test_the_snippet_is_the_block() -> None:
    assert TOML.snippet(SLOT, VALUE) == BLOCK.decode()


def test_line_ends_a_byte_order_mark_and_a_missing_last_line_end_are_kept() -> None:
    before = b'\xef\xbb\xbfmodel = "x"\r\n[a]\r\nb = 1'
    after = put(before)
    assert after == before + b"\r\n\r\n" + BLOCK.replace(b"\n", b"\r\n").removesuffix(b"\r\n")
    assert take(after) == before


@pytest.mark.parametrize(
    "before",
    [
        b"mcp_servers.a.command = 'x'\nmcp_servers.a.args = []\n",
        b"[mcp_servers]\n[mcp_servers.a]\ncommand = 'x'\n",
        b"[mcp_servers]\na = {command = 'x'}\n",
        b"[mcp_servers.a.env]\nx = 1\n[mcp_servers.a]\n",
        b'["mcp_servers".a]\n[ mcp_servers . b ]\n',
        b"[[profiles]]\nname = 'mcp_servers'\n[[profiles]]\n[profiles.x]\n",
        b'text = """\n[mcp_servers.flexura]\nurl = 1\n"""\n',
        b"text = '''a''''\n[other]\nx = '''\n[mcp_servers.flexura]'''\n",
        b'a = [\n  "[mcp_servers.flexura]", # ]\n  [1, 2],\n]\n[b]\n',
        b'a = """x"""""\nb = "\\"#" # c\nc = { d = "}" }\nd = 1979-05-27T07:32:00Z\n',
    ],
)
def test_others_written_in_any_way_stay_and_the_block_comes_and_goes(before: bytes) -> None:
    after = put(before)
    assert after == before + b"\n" + BLOCK
    assert take(after) == before
    assert tomllib.loads(after.decode())["mcp_servers"]["flexura"] == VALUE


def test_an_older_entry_is_replaced_in_its_place_with_its_sub_tables_wherever_they_are() -> None:
    before = (
        b"# top\n[mcp_servers.flexura] # old\ncommand = 'old'\n# a note\nargs = [ # many\n  'a',\n]\n\n"
        b"# about z\n[z]\nq = 1\n[mcp_servers.flexura.env]\nK = 'v'\n[[mcp_servers.flexura.t]]\nx = 1"
    )
    assert put(before) == b"# top\n" + BLOCK + b"# a note\n\n# about z\n[z]\nq = 1\n"
    assert take(before) == b"# top\n# a note\n\n# about z\n[z]\nq = 1"


def test_an_older_entry_without_a_last_line_end_gives_way_to_one_without() -> None:
    before = b"[mcp_servers.flexura]\ncommand = 'old'\nargs = []"
    assert put(before) == BLOCK.removesuffix(b"\n")


def test_a_block_between_others_goes_with_one_of_its_blank_lines() -> None:
    assert take(ANOTHER + b"\n" + BLOCK + b"\n[z]\n") == ANOTHER + b"\n[z]\n"
    assert take(ANOTHER + b"\n" + BLOCK + b"[z]\n") == ANOTHER + b"\n[z]\n"


def test_a_block_that_stood_first_goes_though_the_others_then_stand_elsewhere() -> None:
    rest = b"[a]\nb = 1\n\n[mcp_servers.other]\n"
    assert take(BLOCK + rest) == rest


def test_an_entry_in_one_line_keeps_its_line() -> None:
    before = b"[mcp_servers]\n  flexura = {command='x'} # c\nother = {}\n"
    assert put(before) == (
        b'[mcp_servers]\n  flexura = { command = "/opt/flexura", args = ["mcp"], env = { A = "b" } }'
        b" # c\nother = {}\n"
    )
    assert take(before) == b"[mcp_servers]\nother = {}\n"


def test_an_entry_in_dotted_keys_becomes_one_line_and_can_be_taken() -> None:
    before = b"mcp_servers.flexura.command = 'x'\n# c\nmcp_servers.flexura.env.A = 'y'\nz = 1\n"
    assert put(before) == (
        b'mcp_servers.flexura = { command = "/opt/flexura", args = ["mcp"], env = { A = "b" } }\n# c\nz = 1\n'
    )
    assert take(before) == b"# c\nz = 1\n"


@pytest.mark.parametrize(
    "before",
    [
        b"mcp_servers = { a = { command = 'x' } }\n",
        b"mcp_servers = {}\n",
        b"[[mcp_servers]]\nname = 'a'\n",
        b"mcp_servers = 1\n",
        b"[mcp_servers]\nflexura.command = 'x'\n[mcp_servers.flexura.env]\nA = 'b'\n",
    ],
)
def test_servers_written_in_one_piece_or_half_in_dotted_keys_are_refused(before: bytes) -> None:
    with pytest.raises(Unproven):
        prove.put(TOML, before, SLOT, VALUE)


def test_a_table_is_not_made_a_text_and_no_list_is_edited() -> None:
    with pytest.raises(Unproven):
        prove.put(TOML, b"[url]\n", URL, "x")
    with pytest.raises(Unproven):
        prove.put(TOML, b"read = []\n", Slot(("read",), "x", "item"), "x")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b'url = "u"\n'),
        (b"# c", b'# c\nurl = "u"'),
        (b"a = 1", b'a = 1\nurl = "u"'),
        (b"a = 1\n\n# about t\n[t]\nb = 1\n", b'a = 1\nurl = "u"\n\n# about t\n[t]\nb = 1\n'),
        (b"#:schema s\n[t]\n", b'#:schema s\nurl = "u"\n\n[t]\n'),
        (b"# file\n\n# about t\n[t]\n", b'# file\n\nurl = "u"\n\n# about t\n[t]\n'),
        (
            b"a = 1\nurl = 'old' # c\n[t]\nurl = 'no'\n",
            b"a = 1\nurl = \"u\" # c\n[t]\nurl = 'no'\n",
        ),
    ],
)
def test_a_top_level_key_stands_before_the_first_table(before: bytes, after: bytes) -> None:
    assert put(before, URL, "u") == after
    left = take(after, URL)
    assert b'url = "u"' not in left
    assert (tomllib.loads(left.decode()) == tomllib.loads(before.decode())) or b"old" in before


def test_a_key_goes_into_its_table_behind_the_last_one_there() -> None:
    slot = Slot(("gateway",), "port")
    assert (
        put(b"[gateway]\nhost = 'h'\n\n[z]\n", slot, 1)
        == b"[gateway]\nhost = 'h'\nport = 1\n\n[z]\n"
    )
    assert put(b"[z]\n", slot, 1) == b"[z]\n\n[gateway]\nport = 1\n"


def test_every_kind_of_value_comes_back_as_it_was() -> None:
    value: dict[str, Any] = {
        "my key": 'q"u\\o\te\n\x00\x7f é 😀',
        "": [],
        "list": [1, [True, False], {"a": {}}, "x"],
        "float": [1.5, 1e100, -0.0, 1e-7, float("inf"), float("-inf")],
        "int": -(2**62),
    }
    slot = Slot(("mcp_servers",), "my server")
    after = put(ANOTHER, slot, value)
    assert b'[mcp_servers."my server"]' in after
    assert tomllib.loads(after.decode())["mcp_servers"]["my server"] == value
    assert prove.put(TOML, after, slot, value).splices == ()
    assert take(after, slot) == ANOTHER


@pytest.mark.parametrize("value", [{"a": None}, {"a": "\ud800"}, {"a": b"x"}])
def test_what_toml_cannot_say_is_refused(value: Any) -> None:
    with pytest.raises(Unproven):
        prove.put(TOML, b"", SLOT, value)


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        (b"a = 1\nb = \x00\n", 2),
        (b"a = 1\n\n[b\n", 3),
        (b"a = 1\nb = '\xff'\n", 2),
        (b"a = 1\na = 2\n", 2),
        (b"a = 1\rb = 2\n", 1),
        (b"\xff\xfea\x00", 1),
        (b"a = ", 1),
        (b"a = [\n1,\n", 3),
        (b"[a]\n[a]\n", 2),
        (b"\xef\xbb\xbf\xef\xbb\xbfa = 1\n", 1),
    ],
)
def test_a_file_that_does_not_parse_is_unreadable_with_its_line(broken: bytes, line: int) -> None:
    with pytest.raises(Unreadable) as caught:
        prove.put(TOML, broken, SLOT, VALUE)
    assert caught.value.line == line


def test_a_document_nested_too_deep_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        prove.put(TOML, b"a = " + b"[" * 5000 + b"]" * 5000, SLOT, VALUE)


def test_a_file_cut_at_any_byte_is_refused_or_proven() -> None:
    whole = (
        b"\xef\xbb\xbf# \xc3\xa9\r\nmcp_servers.a.command = 'x'\r\nt = '''\n[mcp_servers.flexura]\n''''\n"
        b'l = [ "]", # [\n { a = 1 } ]\n[b."c d"]\ne = """\\\n"q""""\n[[f]]\n[mcp_servers.flexura]\n'
        b"command = 'old'\nargs = ['a']\n[mcp_servers.flexura.env]\nA = 'b'\n[g]\nh = 1"
    )
    proven = 0
    for length in range(len(whole) + 1):
        cut = whole[:length]
        try:
            tomllib.loads(cut.removeprefix(b"\xef\xbb\xbf").decode())
        except ValueError:
            with pytest.raises(Unreadable):
                prove.put(TOML, cut, SLOT, VALUE)
            continue
        after = put(cut)
        assert tomllib.loads(after[3 * (length >= 3) :].decode())["mcp_servers"]["flexura"] == VALUE
        take(after)
        proven += 1
    assert proven > 30
