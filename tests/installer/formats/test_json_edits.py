"""Our entry goes into a JSON file and out of it again, and no other byte moves."""

from __future__ import annotations

from typing import Any

import pytest

from flexura_installer.errors import Unproven
from flexura_installer.formats import prove
from flexura_installer.formats.dialects import dialect
from flexura_installer.formats.document import MISSING, Slot, find
from flexura_installer.formats.splice import undo

SERVERS = Slot(("mcpServers",), "flexura")
ENTRY = {"command": "/h/flexura", "args": ["mcp"]}


def put(name: str, before: str, slot: Slot = SERVERS, value: Any = ENTRY) -> str:
    """The proven text with our entry; its undo and its removal are tried along the way."""
    spoken = dialect(name)
    edit = prove.put(spoken, before.encode(), slot, value)
    assert undo(edit.after, edit.splices).decode() == before
    assert prove.put(spoken, edit.after, slot, value).splices == ()
    taken = prove.take(spoken, edit.after, slot)
    assert find(spoken.read(taken.after), slot) is MISSING
    assert undo(taken.after, taken.splices) == edit.after
    return edit.after.decode()


def take(name: str, before: str, slot: Slot = SERVERS) -> str:
    edit = prove.take(dialect(name), before.encode(), slot)
    assert undo(edit.after, edit.splices).decode() == before
    return edit.after.decode()


OURS = """{
  "mcpServers": {
    "flexura": {
      "command": "/h/flexura",
      "args": [
        "mcp"
      ]
    }
  }
}
"""


@pytest.mark.parametrize("name", ["json", "jsonc", "jsonc-commas"])
def test_an_empty_file_gets_the_whole_document(name: str) -> None:
    assert put(name, "") == OURS
    assert put(name, "\n \n") == OURS
    assert put(name, "\ufeff") == "\ufeff" + OURS
    assert put(name, "\r\n") == OURS.replace("\n", "\r\n")
    assert put(name, "{}") == put(name, "{ }") == put(name, "{\n}") == OURS.rstrip("\n")
    assert dialect(name).snippet(SERVERS, ENTRY) == OURS


@pytest.mark.parametrize("comment", ["// a", "// a\n", "/* a\n*/", "/* a */\n"])
def test_comments_without_a_document_stay_above_it(comment: str) -> None:
    line_end = "" if comment.endswith("\n") else "\n"
    assert put("jsonc", comment) == comment + line_end + OURS
    windows = comment.replace("\n", "\r\n") + "\r\n"
    assert put("jsonc", windows + "\t ") == windows + OURS.replace("\n", "\r\n")


CLAUDE_CODE = """{
  "numStartups": 3,
  "projects": {
    "/home/u/p": {
      "mcpServers": {},
      "history": []
    }
  },
  "mcpServers": {},
  "userID": "x"
}"""


def test_claude_code_gets_it_between_what_it_keeps_for_itself() -> None:
    ours = {"type": "stdio", **ENTRY}
    assert put("json", CLAUDE_CODE, value=ours) == CLAUDE_CODE.replace(
        '\n  "mcpServers": {},',
        """
  "mcpServers": {
    "flexura": {
      "type": "stdio",
      "command": "/h/flexura",
      "args": [
        "mcp"
      ]
    }
  },""",
    )
    local = Slot(("projects", "/home/u/p", "mcpServers"), "flexura")
    assert put("json", CLAUDE_CODE, local, {}) == CLAUDE_CODE.replace(
        '      "mcpServers": {},', '      "mcpServers": {\n        "flexura": {}\n      },'
    )


def test_the_one_line_that_a_client_wrote_stays_one_line() -> None:
    cline = '{"mcpServers":{"a":{"command":"x","args":[]}}}'
    assert put("json", cline) == (
        '{"mcpServers":{"a":{"command":"x","args":[]},'
        '"flexura":{"command":"/h/flexura","args":["mcp"]}}}'
    )
    assert put("json", '{"a": {}}\n') == (
        '{"a": {}, "mcpServers": {"flexura": {"command": "/h/flexura", "args": ["mcp"]}}}\n'
    )
    assert put("json", '{"mcpServers": { }, "b": 1}', value={}) == (
        '{"mcpServers": { "flexura": {} }, "b": 1}'
    )
    assert put("json", '{ "a": 1,  "b": 2 }', Slot((), "c"), 3) == '{ "a": 1,  "b": 2,  "c": 3 }'
    assert put("jsonc-commas", '{"a": 1,}', Slot((), "b"), 2) == '{"a": 1, "b": 2,}'
    assert put("jsonc", '{"a": 1, /* x */ "b": 2 /* y */}', Slot((), "c"), 3) == (
        '{"a": 1, /* x */ "b": 2, /* y */ "c": 3}'
    )


def test_one_line_entries_get_a_one_line_neighbour() -> None:
    cursor = '{\n  "mcpServers": {\n    "a": {"command": "x"}\n  }\n}\n'
    assert put("json", cursor) == cursor.replace(
        "}\n  }", '},\n    "flexura": {"command": "/h/flexura", "args": ["mcp"]}\n  }'
    )
    # Of containers that we make ourselves a one-line neighbour says nothing.
    assert '"mcpServers": {\n    "flexura": {\n' in put("json", '{\n  "a": {"b": 1}\n}')


ZED = """// Zed settings
{
    "theme": "One", // mine
    "context_servers": {
        // docs: https://example.com/*
        "a": {
            "command": "x", /* why */
        }, // the a
        // "b": {},
    },
}
"""


def test_zed_keeps_its_comments_and_its_last_commas() -> None:
    slot = Slot(("context_servers",), "flexura")
    assert put("jsonc-commas", ZED, slot, {"command": "f"}) == ZED.replace(
        '        // "b": {},\n',
        """        // "b": {},
        "flexura": {
            "command": "f"
        },
""",
    )
    assert take("jsonc-commas", put("jsonc-commas", ZED, slot), slot) == ZED


GEMINI = """{\r
\t"mcpServers": {\r
\t\t"a": {\r
\t\t\t"command": "x"\r
\t\t} // last\r
\t\t// end\r
\t}\r
}"""


def test_gemini_gets_no_last_comma_and_keeps_tabs_line_ends_and_comments() -> None:
    assert put("jsonc", "\ufeff" + GEMINI, value={"a": []}) == "\ufeff" + GEMINI.replace(
        "} // last\r\n\t\t// end\r\n",
        '}, // last\r\n\t\t// end\r\n\t\t"flexura": {\r\n\t\t\t"a": []\r\n\t\t}\r\n',
    )
    assert take("jsonc", put("jsonc", GEMINI)) == GEMINI


VS_CODE = """{
\t"servers": {},
\t"inputs": [
\t\t{
\t\t\t"id": "other"
\t\t}
\t]
}
"""


def test_vs_code_gets_a_server_and_an_input() -> None:
    inputs = Slot(("inputs",), "key", "item", "id")
    both = put("jsonc", put("jsonc", VS_CODE, Slot(("servers",), "f"), {}), inputs, {"id": "key"})
    assert both == VS_CODE.replace("{},", '{\n\t\t"f": {}\n\t},').replace(
        "}\n\t]", '},\n\t\t{\n\t\t\t"id": "key"\n\t\t}\n\t]'
    )
    assert put("jsonc", '{\n  "servers": {}\n}', inputs, {"id": "key"}) == (
        '{\n  "servers": {},\n  "inputs": [\n    {\n      "id": "key"\n    }\n  ]\n}'
    )
    assert put("jsonc", both, inputs, {"id": "key", "b": 1}).count('"key"') == 1


def test_a_list_of_texts_gets_one_more() -> None:
    slot = Slot(("read",), "é.md", "item")
    assert put("json", '{"read": ["a"]}', slot, "é.md") == '{"read": ["a", "é.md"]}'
    assert put("json", '{"read": []}', slot, "é.md") == '{"read": ["é.md"]}'
    assert put("json", "{}", slot, "é.md") == '{\n  "read": [\n    "é.md"\n  ]\n}'
    assert put("json", '["a"]', Slot((), "b", "item"), "b") == '["a", "b"]'
    assert dialect("json").snippet(Slot((), "b", "item"), "b") == '[\n  "b"\n]\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # Only comments inside.
        ('{\n  "m": {\n    // none\n  }\n}', '{\n  "m": {\n    // none\n    "f": 1\n  }\n}'),
        ('{\n  "m": { /* none */ }\n}', '{\n  "m": { /* none */\n    "f": 1\n  }\n}'),
        ('{"m": { /* none */ }}', '{"m": { /* none */ "f": 1 }}'),
        # A line comment before the bracket of a one-line map.
        ('{"m": {"a": 1 // x\n}}', '{"m": {"a": 1, // x\n"f": 1\n}}'),
        # The bracket on the line of the last member.
        ('{"m": {\n  "a": 1 }}', '{"m": {\n  "a": 1,\n  "f": 1 }}'),
        # Commas at the start of the line.
        ('{"m": {\n    "a": 1\n  , "b": 2\n  }}', '{"m": {\n    "a": 1\n  , "b": 2, "f": 1\n  }}'),
        # A bracket on a line of its own.
        ('{\n  "m":\n  {\n  }\n}', '{\n  "m":\n  {\n    "f": 1\n  }\n}'),
        # Mixed line ends: those of the neighbourhood.
        ('{\r\n "m": {\n  "a": 1\n }\r\n}', '{\r\n "m": {\n  "a": 1,\n  "f": 1\n }\r\n}'),
        ('{\r "m": {\r }\r}', '{\r "m": {\r  "f": 1\r }\r}'),
        # A key that is spelled with escapes, a key without a blank, text behind the end.
        ('{"\\u006d": {}} // x', '{"\\u006d": {"f": 1}} // x'),
        ('{\n "m":{\n  "a":1\n }\n}\n\n', '{\n "m":{\n  "a":1,\n  "f":1\n }\n}\n\n'),
    ],
)
def test_a_new_member_stands_behind_the_last_one_and_its_comments(before: str, after: str) -> None:
    assert put("jsonc", before, Slot(("m",), "f"), 1) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"m": {"f": 0, "b": 2}}', '{"m": {"f": {"a": [1]}, "b": 2}}'),
        ('{"m": {"\\u0066" /*k*/: /*v*/ [\n] /*e*/}}', None),
        (
            '{\n\t"m": {\n\t\t"f": {"a": 1}, // x\n\t}\n}',
            '{\n\t"m": {\n\t\t"f": {"a": [1]}, // x\n\t}\n}',
        ),
        (
            '{\n\t"m": {\n\t\t"f": {\n\t\t\t"a": 1\n\t\t}\n\t}\n}',
            '{\n\t"m": {\n\t\t"f": {\n\t\t\t"a": [\n\t\t\t\t1\n\t\t\t]\n\t\t}\n\t}\n}',
        ),
    ],
)
def test_an_old_value_is_replaced_in_its_place(before: str, after: str | None) -> None:
    found = put("jsonc-commas", before, Slot(("m",), "f"), {"a": [1]})
    if after is None:
        assert found.startswith('{"m": {"\\u0066" /*k*/: /*v*/ {')
        assert found.endswith("} /*e*/}}")
    else:
        assert found == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"m": {"f": 1}}', '{"m": {}}'),
        ('{"m": {\n  "f": 1,\n}}', '{"m": {}}'),
        ('{"m": { "f": 1 /* x */ }}', '{"m": { /* x */ }}'),
        ('{"m": {"f": 1, "b": 2}}', '{"m": {"b": 2}}'),
        ('{"m": {"a": 1, "f": 1, "b": 2}}', '{"m": {"a": 1, "b": 2}}'),
        ('{"m": { "a": 1, "f": 1 }}', '{"m": { "a": 1 }}'),
        ('{"m": { "a": 1, "f": 1, }}', '{"m": { "a": 1, }}'),
        # The comments before and behind are others'.
        (
            '{"m": {\n  // a\n  "a": 1, // b\n  // c\n  "f": 1, // d\n  // e\n  "b": 2\n}}',
            '{"m": {\n  // a\n  "a": 1, // b\n  // c\n  // d\n  // e\n  "b": 2\n}}',
        ),
        (
            '{"m": {\n  "a": 1, // b\n  "f": {\n    "x": 1\n  }\n  // e\n}}',
            '{"m": {\n  "a": 1 // b\n  // e\n}}',
        ),
        ('{"m": {\n  "a": 1 /* b */ ,\n  "f": 1\n}}', '{"m": {\n  "a": 1 /* b */ \n}}'),
        ('{"m": {\n  "f": 1 /* d */,\n  "b": 1\n}}', '{"m": {\n  /* d */\n  "b": 1\n}}'),
        # The bracket on our line.
        ('{"m": {\n  "a": 1,\n  "f": 1 }}', '{"m": {\n  "a": 1 }}'),
        ('{"m": {\r\n  "a": 1,\r\n  "f": 1 }}', '{"m": {\r\n  "a": 1 }}'),
        ('{"m": {\n  "a": 1, // b\n  "f": 1 }}', '{"m": {\n  "a": 1 // b\n  }}'),
        # Others on our line.
        ('{"m": {\n  "f": 1, "b": 2\n}}', '{"m": {\n  "b": 2\n}}'),
        ('{"m": {\n  "a": 1, "f": 1,\n  "b": 2\n}}', '{"m": {\n  "a": 1,\n  "b": 2\n}}'),
        ('{"m": {\r\n  "f": 1,\r\n  "b": 2\r\n}}', '{"m": {\r\n  "b": 2\r\n}}'),
        ('{"m": {\n    "a": 1\n  , "f": 2\n  }}', '{"m": {\n    "a": 1\n  }}'),
    ],
)
def test_a_member_goes_with_its_comma_and_its_line(before: str, after: str) -> None:
    assert take("jsonc-commas", before, Slot(("m",), "f")) == after


def test_an_item_goes_with_its_comma_and_its_line() -> None:
    slot = Slot(("inputs",), "f", "item", "id")
    assert take("json", '{"inputs": [1, {"id": "f"}, "f"]}', slot) == '{"inputs": [1, "f"]}'
    assert (
        take("json", '{"inputs": [\n  "f",\n  {"id": "f"}\n]}', slot) == '{"inputs": [\n  "f"\n]}'
    )
    assert take("json", '{"inputs": [1]}', slot) == '{"inputs": [1]}'


@pytest.mark.parametrize(
    "before",
    [
        "[]",
        "null",
        "1",
        '"mcpServers"',
        '{"mcpServers": []}',
        '{"mcpServers": null}',
        '{"mcpServers": "{}"}',
        '{"mcpServers": {}, "mcpServers": {}}',
        '{"mcpServers": {}, "mcp\\u0053ervers": {}}',
        '{"mcpServers": {"flexura": 1, "a": 2, "\\u0066lexura": 3}}',
    ],
)
def test_what_cannot_be_proven_is_left_alone(before: str) -> None:
    with pytest.raises(Unproven):
        prove.put(dialect("json"), before.encode(), SERVERS, ENTRY)
    with pytest.raises(Unproven):
        dialect("json").put(before.encode(), SERVERS, ENTRY)
    with pytest.raises(Unproven):
        dialect("json").take(before.encode(), SERVERS)


def test_a_list_that_holds_ours_twice_or_is_a_map_is_left_alone() -> None:
    slot = Slot(("inputs",), "f", "item", "id")
    for before in (b'{"inputs": [{"id": "f"}, {"id": "f"}]}', b'{"inputs": {}}'):
        with pytest.raises(Unproven):
            dialect("json").put(before, slot, {"id": "f"})


def test_taking_what_is_not_there_is_refused() -> None:
    for before in (b"", b"{}", b'{"mcpServers": {}}', b'{"mcpServers": {"a": 1}}'):
        with pytest.raises(Unproven):
            dialect("json").take(before, SERVERS)


def test_twice_the_same_key_elsewhere_is_none_of_our_business() -> None:
    before = '{"a": 1, "a": {"b": 1, "b": 2}, "mcpServers": {"x": {"y": 1, "y": 2}}}'
    assert put("json", before, value=1) == before.replace("2}}}", '2}, "flexura": 1}}')


def test_text_of_any_script_is_written_as_it_is_and_half_characters_as_escapes() -> None:
    assert put("json", '{"é": "日"}', Slot((), "ü"), "\ud800😀") == '{"é": "日", "ü": "\\ud800😀"}'


def test_what_others_wrote_in_odd_spellings_stays_in_them() -> None:
    before = (
        '{"\\u00e9": 1.0E+2, "b": 1e999, "c": -0.0, "d": ' + "7" * 5000 + ', "e": "\\/\\ud800"}'
    )
    assert put("json", before, Slot((), "f"), 1) == before[:-1] + ', "f": 1}'
