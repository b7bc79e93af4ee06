"""Whatever the document and however it is laid out: only our entry changes, and all of it comes back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flexura_installer.formats import prove
from flexura_installer.formats.dialects import dialect
from flexura_installer.formats.document import MISSING, Slot, find, same, with_value, without
from flexura_installer.formats.splice import undo

DIALECTS = ("json", "jsonc", "jsonc-commas")
MARK = re.compile(r"<\d+>")
BLANKS = ("", "", "", " ", "\n", "\r\n", "\t", "  ", "\n\n  ", "\r")

words = st.text(st.sampled_from('ab/*,:{}[]"\\\n\r\u2028é日😀\x7f\ud800 '), max_size=6)
keys = st.sampled_from(["mcpServers", "servers", "a", "b"]) | words
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | words
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
maps = st.dictionaries(keys, values, max_size=5)


@dataclass
class Writer:
    """Writes a value with whitespace, comments, last commas and escapes that `random` thinks of."""

    random: Random
    dialect: str
    # 0: one line without a blank; 1: anything anywhere.
    wildness: float
    line_end: str
    marks: int = 0
    # The comments inside the member or item that was asked for.
    inner: list[str] = field(default_factory=list)

    def document(self, value: Any, target: tuple[str, ...] = ()) -> bytes:
        """The bytes; the comments of the member at `target` are noted in `inner`."""
        mark = "\ufeff" if self.random.random() < 0.2 else ""
        text = mark + self.gap() + self.value(value, target) + self.gap()
        return text.encode()

    def value(self, value: Any, target: tuple[str, ...] = ()) -> str:
        if isinstance(value, dict):
            return "{" + self.all([self.member(k, v, target) for k, v in value.items()]) + "}"
        if isinstance(value, list):
            return "[" + self.all([self.value(item) for item in value]) + "]"
        return self.scalar(value)

    def scalar(self, value: Any) -> str:
        plain = self.random.random() < 0.5
        try:
            text = json.dumps(value, ensure_ascii=plain)
            text.encode()
        except UnicodeEncodeError:
            text = json.dumps(value)
        return text

    def member(self, key: str, value: Any, target: tuple[str, ...]) -> str:
        deeper = target[1:] if target and key == target[0] else ()
        before = self.marks
        text = self.scalar(key) + self.gap() + ":" + self.gap() + self.value(value, deeper)
        if target == (key,):
            self.inner += [f"<{number}>" for number in range(before, self.marks)]
        return text

    def all(self, parts: list[str]) -> str:
        text = ",".join(self.gap() + part + self.gap() for part in parts)
        commas = self.dialect == "jsonc-commas" and parts and self.random.random() < 0.3
        return text + ("," + self.gap() if commas else "" if parts else self.gap())

    def gap(self) -> str:
        if self.random.random() > self.wildness:
            return ""
        return "".join(self.piece() for _ in range(self.random.randrange(4)))

    def piece(self) -> str:
        if self.dialect == "json" or self.random.random() < 0.6:
            return self.random.choice(BLANKS).replace("\n", self.line_end)
        text = f"<{self.marks}>" + self.random.choice(["", '"', "{", "}, ", ' "a": 1,', "//", "/*"])
        self.marks += 1
        return self.random.choice([f"/*{text}*/", f"//{text}\n", f"/*\n{text}*/", f"//{text}\r\n"])


writers = st.builds(
    Writer,
    random=st.randoms(use_true_random=False),
    dialect=st.sampled_from(DIALECTS),
    wildness=st.sampled_from([0.0, 0.3, 0.9]),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
unders = st.lists(keys, max_size=3).map(tuple)


def normal(value: Any) -> Any:
    """As JSON brings it back: two halves of a character that meet are one."""
    return json.loads(json.dumps(value))


def a_map_at(under: tuple[str, ...], document: dict[str, Any], held: Any) -> Any:
    """The document with `held` at the end of the way."""
    if not under:
        return held
    inner = document.get(under[0])
    deeper = a_map_at(under[1:], inner if isinstance(inner, dict) else {}, held)
    return {**document, under[0]: deeper}


def marks(data: bytes) -> list[str]:
    return MARK.findall(data.decode())


def proven(edit: Callable[..., prove.Edit], *asked: Any) -> prove.Edit:
    found = edit(*asked)
    assert undo(found.after, found.splices) == found.before
    return found


@given(writers, values)
def test_what_a_file_says_does_not_hang_on_its_layout(writer: Writer, value: Any) -> None:
    value = normal(value)
    assert same(dialect(writer.dialect).read(writer.document(value)), value)


@given(writers, maps, unders, maps, maps, st.booleans())
def test_a_new_member_costs_no_byte_of_the_others(
    writer: Writer, document: Any, under: tuple[str, ...], held: Any, value: Any, made: bool
) -> None:
    document, value = normal(document), normal(value)
    under = tuple(normal(list(under)))
    if made:
        document = normal(a_map_at(under, document, held))
    slot, spoken = Slot(under, "flexura"), dialect(writer.dialect)
    before = writer.document(document)
    try:
        find(document, slot)
    except prove.Unproven:
        return
    edit = proven(prove.put, spoken, before, slot, value)
    assert same(spoken.read(edit.after), with_value(document, slot, value))
    assert not b"".join(splice.removed for splice in edit.splices).strip()
    assert marks(edit.after) == marks(before)
    assert proven(prove.put, spoken, edit.after, slot, value).splices == ()
    left = proven(prove.take, spoken, edit.after, slot)
    assert marks(left.after) == marks(before)
    # The containers that we made stay, empty.
    assert same(spoken.read(left.after), without(with_value(document, slot, value), slot))


@given(writers, maps, unders, maps, values, values)
def test_an_old_member_is_replaced_and_taken_without_its_neighbours(
    writer: Writer, document: Any, under: tuple[str, ...], held: Any, old: Any, value: Any
) -> None:
    document, old, value = normal(document), normal(old), normal(value)
    under = tuple(normal(list(under)))
    members = list(normal(held).items())
    members.insert(writer.random.randint(0, len(members)), ("flexura", old))
    document = a_map_at(under, document, dict(members))
    slot, spoken = Slot(under, "flexura"), dialect(writer.dialect)
    before = writer.document(document, (*under, "flexura"))
    others = [mark for mark in marks(before) if mark not in writer.inner]
    edit = proven(prove.put, spoken, before, slot, value)
    assert same(spoken.read(edit.after), with_value(document, slot, value))
    assert len(edit.splices) <= 1
    assert [mark for mark in marks(edit.after) if mark not in writer.inner] == others
    taken = proven(prove.take, spoken, before, slot)
    assert find(spoken.read(taken.after), slot) is MISSING
    assert marks(taken.after) == others


@given(writers, maps, st.lists(values, max_size=4), st.integers(0, 4), maps)
def test_items_of_a_list_come_and_go_like_members(
    writer: Writer, document: Any, items: list[Any], at: int, more: Any
) -> None:
    slot, spoken = Slot(("inputs",), "flexura", "item", "id"), dialect(writer.dialect)
    items = [item for item in normal(items) if not slot.is_ours(item)]
    document = {**normal(document), "inputs": items}
    ours = {**normal(more), "id": "flexura"}
    before = writer.document(document)
    edit = proven(prove.put, spoken, before, slot, ours)
    assert marks(edit.after) == marks(before)
    left = proven(prove.take, spoken, edit.after, slot)
    assert same(spoken.read(left.after), document)
    assert marks(left.after) == marks(before)
    items.insert(at, ours)
    elsewhere = proven(prove.take, spoken, writer.document(document), slot)
    assert find(spoken.read(elsewhere.after), slot) is MISSING


@given(writers, maps, st.data())
def test_a_file_that_was_cut_off_is_never_taken_for_a_whole_one(
    writer: Writer, document: Any, data: st.DataObject
) -> None:
    whole = writer.value(normal(document)).encode()
    cut = whole[: data.draw(st.integers(1, len(whole) - 1))]
    for name in DIALECTS:
        try:
            prove.read(dialect(name), cut)
        except prove.Unreadable:
            continue
        raise AssertionError(f"{name} reads {cut!r}")


@given(st.binary(max_size=60) | st.text(st.sampled_from('{}[]",:/*\n\\ a1'), max_size=40))
def test_junk_is_read_or_refused_and_nothing_else(junk: bytes | str) -> None:
    data = junk if isinstance(junk, bytes) else junk.encode()
    slot = Slot(("a",), "flexura")
    for name in DIALECTS:
        try:
            edit = prove.put(dialect(name), data, slot, {})
        except (prove.Unreadable, prove.Unproven):
            continue
        proven(prove.take, dialect(name), edit.after, slot)
