"""JSON is read exactly as strictly as the agent reads it, and nothing makes the reader crash."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from flexura_installer.errors import Unreadable
from flexura_installer.formats import prove
from flexura_installer.formats.dialects import dialect
from flexura_installer.formats.document import Slot

STRICT, COMMENTS, COMMAS = "json", "jsonc", "jsonc-commas"
ALL = (STRICT, COMMENTS, COMMAS)


def read(name: str, data: bytes) -> Any:
    return dialect(name).read(data)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'{"a": 1, "b": [true, null, 1.5e3, -0]}', {"a": 1, "b": [True, None, 1500.0, 0]}),
        (b'\xef\xbb\xbf{\r\n\t"a" : ""\r\n}\r\n', {"a": ""}),
        (b'{"url": "https://x/*y*/z//", "q": "\\"//"}', {"url": "https://x/*y*/z//", "q": '"//'}),
        (b'{"a": "[1,]", "b": "{,}"}', {"a": "[1,]", "b": "{,}"}),
        (b'{"\\u0066lexura": "\\ud800"}', {"flexura": "\ud800"}),
        ('{"é": "日本 \u2028"}'.encode(), {"é": "日本 \u2028"}),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b"null", None),
        (b"[]", []),
    ],
)
def test_good_json_is_good_in_every_dialect(name: str, data: bytes, value: Any) -> None:
    assert read(name, data) == value


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("data", [b"", b" \r\n\t", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_nothing_but_whitespace_is_no_document(name: str, data: bytes) -> None:
    assert read(name, data) is None


@pytest.mark.parametrize("data", [b"// a", b"/* { */", b"\xef\xbb\xbf// a\r\n\r\n/**/ "])
def test_nothing_but_comments_is_no_document_where_comments_are_known(data: bytes) -> None:
    assert read(COMMENTS, data) is None
    assert read(COMMAS, data) is None
    with pytest.raises(Unreadable):
        read(STRICT, data)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b'{"a": 1}\n{', 2),
        (b'{\n"a": 01}', 2),
        (b'{\n\n"a": NaN}', 3),
        (b'{"s": "NaN",\n"a": -Infinity}', 2),
        (b'{"a": 1,, "b": 2}', 1),
        (b'{"a": [,]}', 1),
        (b"{,}", 1),
        (b'{"a": [1,,]}', 1),
        (b'{"a":,}', 1),
        (b'{"a" 1}', 1),
        (b"{'a': 1}", 1),
        (b"{a: 1}", 1),
        (b'{"a": "\n"}', 1),
        (b'{"a": "\\x"}', 1),
        (b'{"a": .5}', 1),
        (b'{"a": 0x1}', 1),
        (b'{"a": tru/**/e}', 1),
        (b'{"a": 1 / 2}', 1),
        (b'{"a": 1} /', 1),
        (b'{"a": 1} # no', 1),
        (b'{\n"a": "\xff"}', 2),
        (b'\xef\xbb\xbf\xef\xbb\xbf{"a": 1}', 1),
        ('{"a":\u00a01}'.encode(), 1),
        (b",", 1),
        (b"]", 1),
    ],
)
def test_what_no_dialect_takes_is_refused_with_its_line(name: str, data: bytes, line: int) -> None:
    with pytest.raises(Unreadable) as caught:
        read(name, data)
    assert caught.value.line == line


@pytest.mark.parametrize(
    "data",
    [
        b'{"a": 1} // end',
        b'// {\n{"a": /* " */ 1}',
        b'{/**/"a"/***/:/* * / */1/*\n*/}',
        b'{"a": 1 // "\r}',
        b'{"a": 1 //* x\n}',
        b'{//\n"a": 1}',
        '{"a": /* \u2028 */ 1 // é\u2028}\n}'.encode(),
    ],
)
def test_comments_are_read_over_only_where_the_agent_knows_them(data: bytes) -> None:
    assert read(COMMENTS, data) == {"a": 1}
    assert read(COMMAS, data) == {"a": 1}
    with pytest.raises(Unreadable):
        read(STRICT, data)


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'{"a": 1,}', {"a": 1}),
        (b'{"a": [1, [2,], {"b": 3,\r\n},],}', {"a": [1, [2], {"b": 3}]}),
        (b'{"a": 1 /* x */ , // y\n }', {"a": 1}),
        (b'{"a": 1, /* , */ }', {"a": 1}),
        (b'{"a": ",}",}', {"a": ",}"}),
    ],
)
def test_a_last_comma_is_read_only_where_the_agent_knows_it(data: bytes, value: Any) -> None:
    assert read(COMMAS, data) == value
    for name in (STRICT, COMMENTS):
        with pytest.raises(Unreadable):
            read(name, data)


@pytest.mark.parametrize("data", [b'{"a": 1}\n/* {', b'{"a": 1}\n/*/', b'{"a": 1}\n/* // *'])
def test_a_comment_that_does_not_end_is_told_with_its_line(data: bytes) -> None:
    with pytest.raises(Unreadable, match="a comment does not end") as caught:
        read(COMMENTS, data)
    assert caught.value.line == 2


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_utf_16_is_refused_with_what_to_do(encoding: str) -> None:
    with pytest.raises(Unreadable, match="save it as UTF-8"):
        read(STRICT, '{"a": 1}'.encode(encoding))


@pytest.mark.parametrize("name", ALL)
def test_numbers_of_any_length_are_read_without_rounding(name: str) -> None:
    digits = "9" * 5000
    assert read(name, f'{{"a": {digits}, "b": {"8" * 100}}}'.encode()) == {
        "a": Decimal(digits),
        "b": int("8" * 100),
    }


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("depth", [201, 900, 10_000, 1_000_000])
@pytest.mark.parametrize("brackets", ["[]", ('{"a":', "}")])
def test_deep_nesting_is_refused_and_crashes_nothing(
    name: str, depth: int, brackets: str | tuple[str, str]
) -> None:
    data = brackets[0] * depth + "1" + brackets[1] * depth
    with pytest.raises(Unreadable, match="deep"):
        read(name, data.encode())


def test_nesting_that_a_hand_could_write_is_read_and_edited() -> None:
    data = b'{"a": ' + b"[" * 198 + b"]" * 198 + b"}"
    edit = prove.put(dialect(STRICT), data, Slot(("mcpServers",), "flexura"), {"command": "x"})
    assert edit.after.startswith(data[:-1])


SAMPLE = b"""{
  // one "comment"
  "mcpServers": { /* two */
    "a": {"command": "x\\"y\\\\", "args": ["-y", "\xc3\xa9"], "n": -1.5e+3,},
  }, // three
}"""


@pytest.mark.parametrize("cut", range(1, len(SAMPLE)))
def test_a_file_that_was_cut_off_anywhere_is_refused(cut: int) -> None:
    assert read(COMMAS, SAMPLE)["mcpServers"]["a"]["n"] == -1500.0
    with pytest.raises(Unreadable):
        read(COMMAS, SAMPLE[:cut])


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "data",
    [
        b'"' + b'\\"' * 300_000,
        b'{"a": "' + b"\\" * 600_001,
        b"/*" * 300_000,
        b"{," * 300_000,
        b'{"a": [' + b", " * 300_000,
        b"/" * 300_001,
        b'"a"' * 200_000,
    ],
)
def test_no_broken_file_takes_time_out_of_proportion(data: bytes) -> None:
    for name in ALL:
        try:
            read(name, data)
        except Unreadable:
            continue
        assert data.startswith(b"/")


def test_an_unknown_format_is_told_with_those_there_are() -> None:
    with pytest.raises(KeyError, match="`ini`; known are json, jsonc, jsonc-commas, toml, yaml"):
        dialect("ini")


@pytest.mark.parametrize("name", [*ALL, "toml", "yaml"])
def test_every_format_is_there_by_its_name(name: str) -> None:
    assert dialect(name).name == name
    assert dialect(name) is dialect(name)
