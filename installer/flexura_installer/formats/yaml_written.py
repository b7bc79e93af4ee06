"""Values as YAML that PyYAML, libyaml, Rust's serde_yaml and YAML 1.2 in JavaScript read alike."""

from __future__ import annotations

import math
import re
from typing import Any, cast

from flexura_installer.errors import Unproven

# Starts with a letter or a slash, holds no sign of YAML: text in every version, but for these words.
# `e5` is a number to the `yaml` of npm in its mode for YAML 1.1.
_PLAIN = re.compile(r"(?![eE][0-9._+-]*\Z)[A-Za-z/][A-Za-z0-9_./@+-]*")
_WORDS = frozenset(
    [
        "y",
        "n",
        "yes",
        "no",
        "on",
        "off",
        "true",
        "false",
        "null",
        "none",
        "nil",
        "nan",
        "inf",
        "infinity",
        "undefined",
    ]
)
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def string(text: str) -> str:
    """The text without quotes where nobody could take it for something else, else in double quotes."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return '"' + "".join(_escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    code = ord(char)
    if 0xD800 <= code <= 0xDFFF:
        raise Unproven("half of a surrogate pair cannot be written as YAML")
    if char.isprintable():
        return char
    return (
        f"\\x{code:02X}"
        if code < 0x100
        else f"\\u{code:04X}"
        if code < 0x10000
        else f"\\U{code:08X}"
    )


def flow(value: Any) -> str:
    """The value on one line."""
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value).items()
        return "{" + ", ".join(f"{string(key)}: {flow(one)}" for key, one in members) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(one) for one in cast("list[Any]", value)) + "]"
    if isinstance(value, str):
        return string(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float) and math.isfinite(value):
        # YAML 1.1 wants a point before an exponent.
        digits, e, exponent = repr(value).partition("e")
        return f"{digits if '.' in digits else digits + '.0'}{e}{exponent}"
    raise Unproven(f"a {type(value).__name__} cannot be written as YAML")


def member(key: str, value: Any, column: int, step: int = 2) -> list[str]:
    """The lines of a member in block style, the first with its key at `column`."""
    head = " " * column + string(key) + ":"
    if isinstance(value, dict) and value:
        members = cast("dict[str, Any]", value).items()
        return [head, *(x for name, one in members for x in member(name, one, column + step, step))]
    if isinstance(value, list) and value:
        items = cast("list[Any]", value)
        return [head, *(line for one in items for line in item(one, column + step, step))]
    return [f"{head} {flow(value)}"]


def item(value: Any, column: int, step: int = 2) -> list[str]:
    """The lines of an item in block style, the first with its dash at `column`."""
    within = column + 2
    lines: list[str] = []
    if isinstance(value, dict):
        for name, one in cast("dict[str, Any]", value).items():
            lines += member(name, one, within, step)
    elif isinstance(value, list):
        for one in cast("list[Any]", value):
            lines += item(one, within, step)
    lines = lines or [" " * within + flow(value)]
    return [" " * column + "- " + lines[0][within:], *lines[1:]]
