"""Readers that are not ours: what a file says, frozen, in a form in which nothing gets lost.

JSON: a map keeps keys that stand twice and the order. With comments: tokens by an expression of its own.
TOML: tomllib. YAML: PyYAML.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NoReturn

import yaml

from flexura_installer.formats.document import Slot

Frozen = tuple[Any, ...]
BROKEN: Frozen = ("broken",)
NOTHING: Frozen = ("nothing",)

_TOKEN = re.compile(
    r"[ \t\r\n]+|//[^\r\n]*|/\*(?:[^*]|\*(?!/))*\*/"
    r'|(?P<string>"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*")'
    r"|(?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)(?![0-9a-zA-Z_.])"
    r"|(?P<word>true|false|null)(?![0-9a-zA-Z_])|(?P<mark>[{}\[\]:,])"
)


@lru_cache(maxsize=16)
def said(dialect: str, data: bytes) -> Frozen:
    """What the file says; BROKEN when this reader cannot read it; NOTHING when there is nothing in it."""
    try:
        return _READERS[dialect](data.removeprefix(b"\xef\xbb\xbf").decode("utf-8"))
    except (ValueError, RecursionError, yaml.YAMLError):
        return BROKEN


def frozen(value: Any) -> Frozen:
    """A plain value: types are kept apart, and the order of keys."""
    if isinstance(value, dict):
        return ("map", *((key, frozen(held)) for key, held in value.items()))
    if isinstance(value, list):
        return ("list", *map(frozen, value))
    return (type(value).__name__, repr(value))


def cut(document: Frozen, slot: Slot) -> tuple[list[Frozen], Frozen]:
    """What the slot holds (no, one or, in a broken state, many), and the document without it.

    Maps and lists on the way that are empty then are left out; one string where strings are listed is a list.
    """
    if document == NOTHING:
        return [], ("map",)
    return _cut(document, slot.under, slot)


def _cut(document: Frozen, under: tuple[str, ...], slot: Slot) -> tuple[list[Frozen], Frozen]:
    if under:
        if document[0] != "map":
            return [], document
        found: list[Frozen] = []
        kept: list[Any] = []
        for key, held in document[1:]:
            if key == under[0]:
                inner, held = _cut(held, under[1:], slot)
                found += inner
                if held in (("map",), ("list",)):
                    continue
            kept.append((key, held))
        return found, ("map", *kept)
    if slot.kind == "member":
        if document[0] != "map":
            return [], document
        ours = [held for key, held in document[1:] if key == slot.name]
        return ours, ("map", *(one for one in document[1:] if one[0] != slot.name))
    if not slot.identity:
        if document[0] == "str":
            document = ("list", document)
        if document[0] == "NoneType":
            document = ("list",)
    if document[0] != "list":
        return [], document
    ours = [item for item in document[1:] if _is_ours(item, slot)]
    return ours, ("list", *(item for item in document[1:] if item not in ours))


def _is_ours(item: Frozen, slot: Slot) -> bool:
    name = ("str", repr(slot.name))
    if slot.identity:
        return item[0] == "map" and (slot.identity, name) in item[1:]
    return item == name


def settled(dialect: str, document: Frozen) -> Frozen:
    """In TOML the order of keys means nothing, and a table stands where it is first mentioned."""
    if dialect != "toml" or document[0] not in ("map", "list"):
        return document
    if document[0] == "list":
        return ("list", *(settled(dialect, item) for item in document[1:]))
    return ("map", *sorted((key, settled(dialect, held)) for key, held in document[1:]))


def _strict(text: str) -> Frozen:
    if not text.strip(" \t\r\n"):
        return NOTHING
    return _frozen_pairs(json.loads(text, object_pairs_hook=_Pairs, parse_constant=_refuse))


class _Pairs(list[tuple[str, Any]]):
    pass


def _frozen_pairs(value: Any) -> Frozen:
    if isinstance(value, _Pairs):
        return ("map", *((key, _frozen_pairs(held)) for key, held in value))
    if isinstance(value, list):
        return ("list", *map(_frozen_pairs, value))
    return (type(value).__name__, repr(value))


def _refuse(word: str) -> NoReturn:
    raise ValueError(word)


def _jsonc(commas: bool) -> Callable[[str], Frozen]:
    def read(text: str) -> Frozen:
        tokens = list(_tokens(text))
        if not tokens:
            return NOTHING
        found, at = _token_value(tokens, 0, commas)
        if at != len(tokens):
            raise ValueError("more than one value")
        return found

    return read


def _tokens(text: str) -> list[str]:
    at = 0
    found: list[str] = []
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"no token at {at}")
        if match.lastgroup:
            found.append(match[0])
        at = match.end()
    return found


def _token_value(tokens: list[str], at: int, commas: bool) -> tuple[Frozen, int]:
    if at >= len(tokens):
        raise ValueError("the end")
    opened = tokens[at]
    if opened not in ("{", "["):
        if opened in ("}", "]", ",", ":"):
            raise ValueError("no value")
        value = json.loads(opened)
        return (type(value).__name__, repr(value)), at + 1
    closed = "}" if opened == "{" else "]"
    parts: list[Any] = []
    at += 1
    tokens_end = len(tokens)
    while True:
        if at >= tokens_end:
            raise ValueError("the end")
        if tokens[at] == closed and (commas or not parts or tokens[at - 1] != ","):
            return ("map" if opened == "{" else "list", *parts), at + 1
        if parts and tokens[at - 1] != ",":
            raise ValueError("no comma")
        key = ""
        if opened == "{":
            if tokens[at][0] != '"' or tokens[at + 1 : at + 2] != [":"]:
                raise ValueError("no key")
            key, at = json.loads(tokens[at]), at + 2
        value, at = _token_value(tokens, at, commas)
        parts.append((key, value) if opened == "{" else value)
        if at < tokens_end and tokens[at] == ",":
            at += 1


def _toml(text: str) -> Frozen:
    document = tomllib.loads(text)
    return frozen(document) if document else NOTHING


def _yaml(text: str) -> Frozen:
    try:
        document = yaml.load(text, yaml.CSafeLoader)
    except yaml.YAMLError:
        # Where the two differ, a file counts as broken only for both.
        document = yaml.load(text, yaml.SafeLoader)
    return NOTHING if document is None else frozen(document)


_READERS: dict[str, Callable[[str], Frozen]] = {
    "json": _strict,
    "jsonc": _jsonc(False),
    "jsonc-commas": _jsonc(True),
    "toml": _toml,
    "yaml": _yaml,
}
