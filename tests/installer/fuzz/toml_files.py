"""TOML files as Codex and people write them: tables, dotted keys, inline tables, text of many lines."""

from __future__ import annotations

import json
from typing import Any

from flexura_installer.formats.document import Slot
from installer.fuzz.pen import Pen

MANY_LINES = (
    '"""\n[mcp_servers.flexura]\ncommand = "x"\n"""',
    "'''\n[[x]] # no\n'''",
    '"""a ""b"" \\\n   c"""""',
    "'''it''s'''''",
    '[\n  "a", # [no]\n  "]",\n  [1, 2], # x\n]',
    "[ { a = '}' },\n { b = [\n] } ]",
)
OTHERS = (
    "1_000",
    "0x1F",
    "1979-05-27T07:32:00Z",
    "07:32:00",
    "1979-05-27",
    "inf",
    "-nan",
    "1e5",
    "{}",
    "[]",
)


def toml_text(pen: Pen, slot: Slot, ours: Any, size: int) -> str:
    """A well-formed file; with `ours` not None the slot holds it."""
    writer = _Writer(pen, slot.name)
    top = [writer.pair() for _ in range(pen.number(0, 3))]
    if not slot.under:
        if ours is not None:
            top.insert(pen.number(0, len(top)), f"{slot.name} = {_inline(ours)}")
        tables = [writer.table() for _ in range(pen.up_to(size))]
        return writer.joined(top, tables)
    more, tables = writer.servers(ours)
    tables += [writer.table() for _ in range(pen.up_to(size))]
    return writer.joined(top + more, writer.shuffled(tables))


def odd_toml_text(pen: Pen, slot: Slot) -> str:
    """A well-formed file in which our entry has no good place, or stands in a way we do not touch."""
    writer = _Writer(pen, slot.name)
    key, name = ".".join(slot.under) or slot.name, slot.name
    shape = pen.one(
        f"{key} = {{ a = {{ command = 'x' }} }}",
        f"{key} = {{}}",
        f"{key} = 1",
        f"[[{key}]]\nname = 'x'",
        f"[{key}]\n{name}.command = 'x'\n[{key}.{name}.env]\na = 'b'",
    )
    return writer.joined([writer.pair()], [shape, writer.table()])


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(k)} = {_inline(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


class _Writer:
    def __init__(self, pen: Pen, name: str) -> None:
        self.pen = pen
        self.name = name
        self.comments = pen.chance(0.7)
        self.indent = pen.one("", "", "", "  ", "\t")

    def shuffled(self, tables: list[str]) -> list[str]:
        self.pen.rng.shuffle(tables)
        return tables

    def joined(self, top: list[str], tables: list[str]) -> str:
        end = self.pen.one("\n", "\n", "\n", "", "\n\n", "\n# note-less\n", " ")
        return self.pen.one("", "", "\n", "#:schema x\n") + "\n".join([*top, *tables]) + end

    def note(self) -> str:
        if self.comments and self.pen.chance(0.2):
            return f"{self.pen.one('', ' ', chr(9))}# {self.pen.note()}"
        return ""

    def line_before(self) -> str:
        if self.comments and self.pen.chance(0.15):
            return f"# {self.pen.note()}\n"
        return self.pen.one("", "", "", "\n", " \n")

    def key(self) -> str:
        key = self.pen.key()
        if key.isascii() and key.replace("-", "").replace("_", "").isalnum():
            return key
        return (
            f"'{key}'"
            if "'" not in key and self.pen.chance(0.3)
            else json.dumps(key, ensure_ascii=False)
        )

    def value(self) -> str:
        kind = self.pen.number(0, 9)
        if kind == 0:
            return self.pen.one(*MANY_LINES)
        if kind == 1:
            return self.pen.one(*OTHERS)
        if kind == 2:
            return _inline(self.pen.entry())
        return _inline(self.pen.scalar())

    def pair(self) -> str:
        dotted = "." + self.key() if self.pen.chance(0.12) else ""
        space = self.pen.one(" ", " ", "", "\t")
        key = f"{self.line_before()}{self.indent}{self.key()}{dotted}"
        return f"{key}{space}={space}{self.value()}{self.note()}"

    def table(self) -> str:
        key, kind = self.key(), self.pen.number(0, 3)
        pairs = [self.pair() for _ in range(self.pen.number(0, 3))]
        header = (
            f"[[{key}]]" if kind == 0 else f"[ {key} . {self.key()} ]" if kind == 1 else f"[{key}]"
        )
        return "\n".join([f"{self.line_before()}{header}{self.note()}", *pairs])

    def servers(self, ours: Any) -> tuple[list[str], list[str]]:
        """Pairs for the top and tables, in one of the ways in which servers are written."""
        shape = self.pen.number(0, 4)
        entries: list[tuple[str, Any]] = [
            (self.key(), self.pen.entry()) for _ in range(self.pen.number(0, 2))
        ]
        if ours is not None:
            entries.insert(self.pen.number(0, len(entries)), (self.name, ours))
        if shape == 0:
            lines = [f"{self.indent}{key} = {_inline(held)}{self.note()}" for key, held in entries]
            return [], ["\n".join([f"[mcp_servers]{self.note()}", *lines])]
        if shape == 1:
            return [
                f"{self.line_before()}mcp_servers.{key}.{json.dumps(k)} = {_inline(v)}{self.note()}"
                for key, held in entries
                for k, v in held.items()
            ], []
        tables = [table for key, held in entries for table in self._server(key, held)]
        return [], [*(["[mcp_servers]"] if shape == 2 else []), *tables]

    def _server(self, key: str, held: dict[str, Any]) -> list[str]:
        nested = {k: v for k, v in held.items() if isinstance(v, dict) and self.pen.chance(0.5)}
        quoted = f'"{key}"' if key == self.name and self.pen.chance(0.2) else key
        lines = [f"{self.line_before()}{self.indent}[mcp_servers.{quoted}]{self.note()}"]
        for k, v in held.items():
            if k not in nested:
                lines.append(
                    f"{self.line_before()}{self.indent}{json.dumps(k)} = {_inline(v)}{self.note()}"
                )
        subs = [
            "\n".join(
                [
                    f"[mcp_servers.{key}.{k}]",
                    *(f"{json.dumps(a)} = {_inline(b)}" for a, b in v.items()),
                ]
            )
            for k, v in nested.items()
        ]
        return ["\n".join(lines), *subs]
