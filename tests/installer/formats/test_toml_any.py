"""Whatever TOML file comes: nothing but our entry changes, and the way back leads to the same bytes."""

from __future__ import annotations

import tomllib
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from flexura_installer.errors import Unproven
from flexura_installer.formats import prove
from flexura_installer.formats.document import Slot
from flexura_installer.formats.splice import undo
from flexura_installer.formats.toml_edit import Toml

TOML = Toml()
SLOT = Slot(("mcp_servers",), "flexura")

WORDS = st.sampled_from(["a", "b", "mcp_servers", "flexura", '"c d"', "'x.y'", '"\\u0041"', "é"])
SCALARS = st.sampled_from(
    [
        *("1", "true", "1.5e3", "1979-05-27", "[]", "{}", "{ a = '}' }", "[ [1], {a = [2]} ]"),
        *("'x # ]'", '"[a]"', '"\\"]"', "'''a''''", '"""\n[mcp_servers.flexura]\n"""'),
        '[\n "]", # [\n]',
    ]
)
SPACE = st.sampled_from(["", " ", "\t"])


@st.composite
def lines(draw: st.DrawFn) -> str:
    key = ".".join(draw(st.lists(WORDS, min_size=1, max_size=3))).replace("é", '"é"')
    space = draw(SPACE)
    note = draw(st.sampled_from(["", " # [x]", "\t#"]))
    shape = draw(st.integers(0, 5))
    if shape == 0:
        return space
    if shape == 1:
        return f"{space}# [mcp_servers.flexura] '''"
    if shape == 2:
        return f"{space}[{space}{key}{space}]{note}"
    if shape == 3:
        return f"[[{key}]]{note}"
    return f"{space}{key}{space}={space}{draw(SCALARS)}{note}"


FILES = st.tuples(
    st.sampled_from(["", "\ufeff"]),
    st.lists(lines(), max_size=8),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
).map(lambda f: (f[0] + f[2].join(f[1]) + (f[2] if f[3] else "")).encode())
VALUES = st.dictionaries(
    st.text(max_size=4),
    st.recursive(
        st.text(max_size=5)
        | st.booleans()
        | st.integers(-(2**63), 2**63 - 1)
        | st.floats(allow_nan=False),
        lambda inner: (
            st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
        ),
        max_leaves=5,
    ),
    max_size=4,
)


def said(data: bytes) -> Any:
    return tomllib.loads(data.decode().removeprefix("\ufeff"))


def readable(data: bytes) -> bool:
    try:
        said(data)
    except ValueError:
        return False
    return True


@given(FILES, VALUES)
def test_only_our_entry_comes_and_goes(before: bytes, value: dict[str, Any]) -> None:
    assume(readable(before))
    try:
        edit = prove.put(TOML, before, SLOT, value)
    except Unproven:
        return
    assert undo(edit.after, edit.splices) == before
    after = said(edit.after)
    assert after["mcp_servers"].pop("flexura") == value
    old = said(before)
    old.setdefault("mcp_servers", {}).pop("flexura", None)
    assert after == old
    gone = prove.take(TOML, edit.after, SLOT)
    left = said(gone.after)
    left.setdefault("mcp_servers", {})
    assert left == old


@given(FILES, st.text(max_size=9))
def test_a_key_at_the_top_comes_and_goes(before: bytes, url: str) -> None:
    assume(readable(before))
    edit = prove.put(TOML, before, Slot((), "url"), url)
    assert said(edit.after) == {**said(before), "url": url}
    assert said(prove.take(TOML, edit.after, Slot((), "url")).after) == said(before)
