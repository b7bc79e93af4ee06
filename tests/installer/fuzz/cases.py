"""One file of the fuzz, made from its seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flexura_installer.formats.document import Slot
from installer.fuzz.damage import damaged, in_another_encoding
from installer.fuzz.json_files import json_text, odd_json_text
from installer.fuzz.pen import Pen
from installer.fuzz.toml_files import odd_toml_text, toml_text
from installer.fuzz.yaml_files import odd_yaml_text, yaml_text

KINDS = (
    "plain",
    "ours",
    "byte order mark",
    "odd",
    "empty",
    "huge",
    "broken",
    "encoding",
    "symlink",
    "read-only",
)
# Of these a well-formed file may be refused: it is odd, or broken in a way that happens to be well-formed.
UNFAIR = frozenset({"odd", "broken", "encoding"})

_JSON_SLOTS = (
    Slot(("mcpServers",), "flexura"),
    Slot(("mcpServers",), "flexura"),
    Slot(("servers",), "flexura"),
    Slot(("amp.mcpServers",), "flexura"),
    Slot(("projects", "/home/é/p"), "flexura"),
    Slot(("inputs",), "flexura", "item", "id"),
    Slot(("mcp", "servers"), 'my "server"'),
)
_YAML_SLOTS = (
    Slot(("extensions",), "flexura"),
    Slot(("mcpServers",), "flexura", "item", "name"),
    Slot(("read",), "/home/é x/CONVENTIONS.md", "item"),
)
_TOML_SLOTS = (
    Slot(("mcp_servers",), "flexura"),
    Slot(("mcp_servers",), "flexura"),
    Slot(("mcp_servers",), "flexura"),
    Slot((), "url"),
)
_SHARES = (("json", 25), ("jsonc", 15), ("jsonc-commas", 16), ("toml", 22), ("yaml", 22))
_KIND_SHARES = (
    *(("plain", 580), ("ours", 90), ("byte order mark", 40), ("odd", 50), ("empty", 25)),
    *(("broken", 150), ("encoding", 25), ("symlink", 20), ("read-only", 20)),
)


@dataclass(frozen=True)
class Case:
    """A file, what is to be put into it, and what it is put over later."""

    seed: str
    dialect: str
    kind: str
    slot: Slot
    value: Any
    later: Any
    data: bytes
    # Comments in it: none may get lost, but for those within an older entry of ours.
    notes: tuple[str, ...]
    pen: Pen


def case(seed: str) -> Case:
    """The same case for the same seed, on every machine."""
    pen = Pen(seed)
    dialect = pen.one(*_DIALECTS)
    kind = "huge" if pen.chance(1 / 2500) else pen.one(*_KINDS)
    slot = pen.one(*_SLOTS[dialect])
    text = _text(pen, dialect, kind, slot)
    data = _bytes(pen, kind, text)
    return Case(
        seed, dialect, kind, slot, _value(pen, slot), _value(pen, slot), data, tuple(pen.notes), pen
    )


def _text(pen: Pen, dialect: str, kind: str, slot: Slot) -> str:
    write, odd = _WRITERS[dialect]
    if kind == "odd":
        return odd(pen, dialect, slot)
    if kind == "empty":
        comments = ["// note\n", "/* note */"] if dialect.startswith("jsonc") else []
        comments += ["# note", "# note\n\n"] if dialect in ("toml", "yaml") else []
        return pen.one("", "", "\n", " ", "\n\n \n", *comments)
    size = 4
    if kind == "huge":
        size = {"yaml": 6_000, "toml": 9_000}.get(dialect, 80_000)
    return write(pen, dialect, slot, _value(pen, slot) if kind == "ours" else None, size)


def _bytes(pen: Pen, kind: str, text: str) -> bytes:
    if pen.chance(0.2):
        text = text.replace("\n", "\r\n")
    if kind == "encoding":
        return in_another_encoding(pen, text)
    data = text.encode()
    if kind == "byte order mark":
        return b"\xef\xbb\xbf" + data
    return damaged(pen, data) if kind == "broken" else data


def _value(pen: Pen, slot: Slot) -> Any:
    if slot.kind == "member":
        return pen.entry() if slot.under else f"http://127.0.0.1:{pen.number(1024, 65535)}"
    return {slot.identity: slot.name, **pen.entry()} if slot.identity else slot.name


_DIALECTS = tuple(name for name, share in _SHARES for _ in range(share))
_KINDS = tuple(name for name, share in _KIND_SHARES for _ in range(share))
_SLOTS = {
    "json": _JSON_SLOTS,
    "jsonc": _JSON_SLOTS,
    "jsonc-commas": _JSON_SLOTS,
    "toml": _TOML_SLOTS,
    "yaml": _YAML_SLOTS,
}
_Write = Callable[[Pen, str, Slot, Any, int], str]
_Odd = Callable[[Pen, str, Slot], str]
_JSON: tuple[_Write, _Odd] = (json_text, odd_json_text)
_WRITERS: dict[str, tuple[_Write, _Odd]] = {
    "json": _JSON,
    "jsonc": _JSON,
    "jsonc-commas": _JSON,
    "toml": (
        lambda pen, _, slot, ours, size: toml_text(pen, slot, ours, size),
        lambda pen, _, slot: odd_toml_text(pen, slot),
    ),
    "yaml": (
        lambda pen, _, slot, ours, size: yaml_text(pen, slot, ours, size),
        lambda pen, _, slot: odd_yaml_text(pen, slot),
    ),
}
