"""JSON files in every layout that editors, programs and people leave behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flexura_installer.formats.document import Slot
from installer.fuzz.pen import Pen


class Pairs(list[tuple[str, Any]]):
    """A map in which a key may stand twice."""


def json_text(pen: Pen, dialect: str, slot: Slot, ours: Any, size: int) -> str:
    """A well-formed file; with `ours` not None the slot holds it."""
    return _Writer(pen, dialect).text(_document(pen, slot, ours, size))


def odd_json_text(pen: Pen, dialect: str, slot: Slot) -> str:
    """A well-formed file in which our entry has no good place."""
    key = slot.under[0] if slot.under else slot.name
    wrong = pen.one(
        None, 1, "x", True, Pairs() if slot.kind == "item" and len(slot.under) == 1 else []
    )
    held = pen.one(
        [],
        1,
        "x",
        None,
        [Pairs()],
        Pairs([(key, wrong)]),
        Pairs([(key, Pairs()), ("a", 1), (key, Pairs())]),
    )
    return _Writer(pen, dialect).text(held)


def _document(pen: Pen, slot: Slot, ours: Any, size: int) -> Pairs:
    top = _map(pen, 2, size)
    if pen.chance(0.06):
        top.insert(pen.number(0, len(top)), ("twice", 1))
        top.insert(pen.number(0, len(top)), ("twice", _value(pen, 1)))
    if ours is None and pen.chance(0.15):
        return top
    here = top
    for depth, key in enumerate(slot.under):
        last = depth == len(slot.under) - 1
        inner: Any = _siblings(pen, slot, ours) if last else _map(pen, 1, 3)
        here.insert(pen.number(0, len(here)), (key, inner))
        here = inner
    if not slot.under and ours is not None:
        top.insert(pen.number(0, len(top)), (slot.name, ours))
    return top


def _siblings(pen: Pen, slot: Slot, ours: Any) -> Any:
    count = pen.number(0, 3)
    if slot.kind == "member":
        members = Pairs((pen.key(), _pairs(pen.entry())) for _ in range(count))
        if ours is not None:
            members.insert(pen.number(0, count), (slot.name, _pairs(ours)))
        return members
    items: list[Any] = [
        Pairs([("type", "x"), (slot.identity, pen.key())]) if slot.identity else pen.key()
        for _ in range(count)
    ]
    if ours is not None:
        items.insert(pen.number(0, count), _pairs(ours))
    return items


def _pairs(value: Any) -> Any:
    return Pairs(value.items()) if isinstance(value, dict) else value


def _map(pen: Pen, depth: int, size: int) -> Pairs:
    return Pairs((pen.key(), _value(pen, depth)) for _ in range(pen.up_to(size)))


def _value(pen: Pen, depth: int) -> Any:
    kind = pen.number(0, 9) if depth else 0
    if kind == 9:
        return [_value(pen, depth - 1) for _ in range(pen.number(0, 3))]
    if kind == 8:
        return _map(pen, depth - 1, 3)
    return None if kind == 7 else pen.scalar()


class _Writer:
    def __init__(self, pen: Pen, dialect: str) -> None:
        self.pen = pen
        self.comments = dialect != "json" and pen.chance(0.8)
        self.commas = dialect == "jsonc-commas" and pen.chance(0.8)
        self.indent = pen.one("  ", "    ", "\t", " ")
        layouts: tuple[Callable[[str, int], str], ...] = (self._pretty, self._compact, self._wild)
        self.gap = pen.one(layouts[0], *layouts)
        self.ascii = pen.chance(0.5)

    def text(self, document: Any) -> str:
        around = ["", "\n", self.note(True) + "\n"] if self.comments else ["", "\n"]
        return self.pen.one(*around) + self.value(document, 0) + self.pen.one("\n", *around)

    def note(self, line: bool) -> str:
        text = self.pen.note()
        return f"// {text}" if line else f"/* {text.replace('*/', '')} */"

    def value(self, value: Any, depth: int) -> str:
        if isinstance(value, dict):
            value = Pairs(value.items())
        if not isinstance(value, list):
            return json.dumps(value, ensure_ascii=self.ascii)
        opened, closed = ("{", "}") if isinstance(value, Pairs) else ("[", "]")
        if not value:
            return opened + self.pen.one("", "", "", " ", "\n", self.gap("close", depth)) + closed
        parts: list[str] = [opened]
        for index, part in enumerate(value):
            parts.append(self.gap("open" if index == 0 else "between", depth + 1))
            if isinstance(value, Pairs):
                key = json.dumps(part[0], ensure_ascii=self.ascii)
                parts += [key, self.gap("before colon", depth), ":", self.gap("colon", depth)]
                parts.append(self.value(part[1], depth + 1))
            else:
                parts.append(self.value(part, depth + 1))
            if index < len(value) - 1 or (self.commas and self.pen.chance(0.7)):
                parts += [self.gap("before comma", depth), ","]
        return "".join([*parts, self.gap("close", depth), closed])

    def _pretty(self, place: str, depth: int) -> str:
        if place.startswith("before"):
            return ""
        if place == "colon":
            return " "
        line = "\n" + self.indent * depth
        if not self.comments or self.pen.chance(0.75):
            return line
        if self.pen.chance(0.3):
            return self.pen.one(" ", "\t", "") + self.note(self.pen.chance(0.6)) + line
        inner = self.indent if place == "close" else ""
        return f"{line}{inner}{self.note(self.pen.chance(0.7))}{line}"

    def _compact(self, place: str, depth: int) -> str:
        if self.comments and self.pen.chance(0.05):
            return self.note(False)
        return " " if place in ("colon", "between") and depth % 2 else ""

    def _wild(self, place: str, depth: int) -> str:
        gap = self.pen.one("", "", " ", "\t", "\n", " \n\t", "\n\n" + self.indent * depth)
        if self.comments and self.pen.chance(0.15):
            gap += self.note(False) if self.pen.chance(0.5) else self.note(True) + "\n"
        return gap
