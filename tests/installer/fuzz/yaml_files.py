"""YAML files as Goose, Continue and Aider have them: block and flow, anchors, text blocks, comments."""

from __future__ import annotations

import json
from typing import Any

from flexura_installer.formats.document import Slot
from installer.fuzz.pen import Pen

PLAIN = (
    *(
        "yes",
        "no",
        "on",
        "null",
        "~",
        "true",
        "1",
        "-7",
        "1.5",
        "0x1F",
        "0o17",
        "1e3",
        "2001-01-01",
        "12:30:45",
    ),
    *(
        "a b",
        "http://h/p#f",
        "C:\\x",
        "it's",
        "x: y",
        "é",
        "a#b",
        "-x",
        "?x",
        "$K",
        "(a)",
        "<x>",
        "a, b",
        ".5",
    ),
)


def yaml_text(pen: Pen, slot: Slot, ours: Any, size: int) -> str:
    """A well-formed file; with `ours` not None the slot holds it."""
    writer = _Writer(pen)
    # A shape that our reader does not know would stand in every huge file.
    writer.rare = 0.05 if size < 100 else 0
    blocks = [writer.block() for _ in range(pen.up_to(size))]
    if ours is not None or pen.chance(0.8):
        blocks.append(writer.container(slot, ours))
    pen.rng.shuffle(blocks)
    if writer.anchors and pen.chance(0.8):
        blocks.append(f"{writer.key()}: *{pen.one(*writer.anchors)}\n")
    start = pen.one(
        "", "", "", "---\n", "# first\n", "\n", "%YAML 1.1\n---\n" if pen.chance(0.1) else ""
    )
    whole = (
        start
        + "".join(blocks)
        + pen.one("", "", "", "\n", "# last\n", "...\n" if blocks and pen.chance(0.1) else "")
    )
    return whole.removesuffix("\n") if pen.chance(0.15) else whole


def odd_yaml_text(pen: Pen, slot: Slot) -> str:
    """A well-formed file in which our entry has no good place, or that is written oddly."""
    key = slot.under[0] if slot.under else slot.name
    return pen.one(
        f"{key}: 1\n",
        f"{key}: text\n {{more}}\n",
        f"a: &x {{}}\n{key}: *x\n",
        f"a: 1\n---\n{key}: {{}}\n",
        f"? {key}\n: {{}}\n",
        f"{key}: !!map {{}}\n",
        f"{key}: &a\n  b: 1\nc: *a\n",
        f"a: &a {{ {key}: {{}} }}\n<<: *a\n",
        "- a\n- b\n",
        "just text\n",
        "{ a: 1, b: [2] }\n",
        f"{{ {key}: {{}} }}\n",
        f"{key}: {{}}\n{key}: {{}}\n",
        f'"{key}": {{}}\n',
        f"{key}:\n  <<: {{a: 1}}\n",
        f"{key}: | # no\n  a: 1\n",
    )


class _Writer:
    def __init__(self, pen: Pen) -> None:
        self.pen = pen
        self.comments = pen.chance(0.7)
        self.step = pen.one("  ", "  ", "    ", " ")
        self.dash = pen.one("", "  ")
        self.anchors: list[str] = []
        self.rare = 0.05

    def note(self) -> str:
        return f" # {self.pen.note()}" if self.comments and self.pen.chance(0.12) else ""

    def line(self, indent: str) -> str:
        """Perhaps a comment, perhaps an empty line, before the next."""
        if self.comments and self.pen.chance(0.1):
            return f"{self.pen.one(indent, indent, '', '      ')}# {self.pen.note()}\n"
        return "\n" if self.pen.chance(0.05) else ""

    def key(self) -> str:
        key = self.pen.key()
        if key[:1].isalpha() and key != "on" and "'" not in key:
            return key
        return f"'{key}'" if "'" not in key else json.dumps(key, ensure_ascii=False)

    def scalar(self, flow: bool = False) -> str:
        kind = self.pen.number(0, 9)
        if kind < 4:
            text = self.pen.one(*PLAIN)
            return json.dumps(text) if (flow and set(text) & set(",:?-")) or ": " in text else text
        value = self.pen.scalar()
        if kind < 6 and isinstance(value, str) and "\n" not in value and "\u2028" not in value:
            return "'" + value.replace("'", "''") + "'"
        return self.flow(value)

    def flow(self, value: Any) -> str:
        """JSON is flow YAML, but for the space before a colon's value."""
        if isinstance(value, dict):
            return (
                "{" + ", ".join(f"{json.dumps(k)}: {self.flow(v)}" for k, v in value.items()) + "}"
            )
        if isinstance(value, list):
            return "[" + self.pen.one(", ", ",").join(map(self.flow, value)) + "]"
        return json.dumps(value, ensure_ascii=False)

    def block(self, indent: str = "", depth: int = 2) -> str:
        """One member of a map with its lines."""
        head, note = f"{self.line(indent)}{indent}{self.key()}:", self.note()
        kind = (self.pen.number(0, 13) if not self.pen.chance(self.rare) else 14) if depth else 0
        inner = indent + self.step
        if kind < 5:
            return f"{head} {self.scalar()}{note}\n"
        if kind == 5:
            return f"{head}{note}\n"
        if kind == 6 and self.pen.chance(0.3):
            return f"{head} [a, 'b',{note}\n{inner}{{c: 1,\n{inner}  d: [e]}}, # ]\n{inner}]\n"
        if kind == 6:
            return f"{head} {self.flow(self.pen.entry())}{note}\n"
        if kind == 7:
            sign = self.pen.one("|", ">", "|-", ">+", "|2" if len(self.step) == 2 else "|")
            return f"{head} {sign}{note}\n{inner}flexura: x # no\n\n{inner}  more\n{inner}extensions:\n"
        if kind == 8:
            self.anchors.append(name := f"a{len(self.anchors)}")
            return f"{head} &{name} {self.scalar()}{note}\n"
        if kind == 14:
            return (
                f"{head} two\n{inner}lines of text\n"
                if self.pen.chance(0.5)
                else f'{head} "a\n{inner}b"\n'
            )
        if kind < 12:
            items = [f"{indent}{self.dash}- {self.scalar()}{self.note()}\n" for _ in range(2)]
            return f"{head}{note}\n{self.line(indent + self.dash)}{''.join(items)}"
        members = [self.block(inner, depth - 1) for _ in range(self.pen.number(1, 3))]
        return f"{head}{note}\n{''.join(members)}"

    def entry(self, indent: str, value: Any) -> str:
        """The lines of a value below its key, or a flow value in the key's line."""
        if not isinstance(value, dict) or not value or self.pen.chance(0.15):
            return f" {self.flow(value)}{self.note()}\n"
        inner = indent + self.step
        lines = [f"{self.line(inner)}{inner}{k}:{self.entry(inner, v)}" for k, v in value.items()]
        return f"{self.note()}\n{''.join(lines)}"

    def container(self, slot: Slot, ours: Any) -> str:
        """The map or list that our entry belongs in, perhaps with it."""
        key = slot.under[0]
        count = self.pen.number(0, 2)
        if slot.kind == "member":
            held = [(self.key(), self.pen.entry()) for _ in range(count)]
            if ours is not None:
                held.insert(self.pen.number(0, count), (slot.name, ours))
            if not held:
                return self.pen.one(f"{key}:{self.note()}\n", f"{key}: {{}}{self.note()}\n")
            lines = [
                f"{self.line(self.step)}{self.step}{k}:{self.entry(self.step, v)}" for k, v in held
            ]
            return f"{key}:{self.note()}\n{''.join(lines)}{self.line('')}"
        plain = [self.pen.one(*PLAIN[-10:-3]).replace(": ", "") for _ in range(count)]
        if slot.identity:
            return self._list(key, [{slot.identity: name, "x": 1} for name in plain], ours)
        if ours is None and self.pen.chance(0.3):
            name = self.pen.one("CONVENTIONS.md", "a b.md", '"x.md"', "'it''s.md'")
            return f"{key}: {name}{self.note()}\n"
        return self._list(key, plain, ours)

    def _list(self, key: str, items: list[Any], ours: Any) -> str:
        if ours is not None:
            items.insert(self.pen.number(0, len(items)), ours)
        if not items:
            return self.pen.one(f"{key}:{self.note()}\n", f"{key}: []{self.note()}\n")
        if self.pen.chance(0.25):
            return f"{key}: {self.flow(items)}{self.note()}\n"
        lines: list[str] = []
        inner = self.dash + "  "
        for item in items:
            lead = f"{self.line(self.dash)}{self.dash}- "
            if isinstance(item, dict):
                members = [f"{k}: {self.flow(v)}{self.note()}\n" for k, v in item.items()]
                lines.append(lead + inner.join(members))
            else:
                lines.append(f"{lead}{item if item in PLAIN else json.dumps(item)}{self.note()}\n")
        return f"{key}:{self.note()}\n{''.join(lines)}{self.line('')}"
