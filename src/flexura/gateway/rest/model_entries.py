"""The catalog's entries as JSON: each made once per state of the catalog, answers put together from them.

Five thousand models are some megabytes: making them anew for every request would take a third of a second.
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from weakref import WeakKeyDictionary

from flexura.domain.model import Kind, Model
from flexura.services.listing import Listing
from flexura.services.model_search import Found, Row

_TYPE_WORDS = {"integer": "number", "number": "number", "boolean": "boolean", "array": "array"}
_MANY = 300
"""More entries than this are made in a worker thread."""
_BODIES = 4
"""Whole answers that are kept, of one state of the catalog."""


def dumps(value: object) -> str:
    """Compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def input_words(model: Model) -> dict[str, Any]:
    """The model's input as a map of type words, as documented."""
    properties = cast("dict[str, dict[str, Any]]", model.input_schema.get("properties", {}))
    words = {name: _word(schema) for name, schema in properties.items() if name != "prompt"}
    return {"prompt": "string", "options": words}


def _word(schema: dict[str, Any]) -> str:
    told: Any = schema.get("type")
    if told is None:
        branches: list[dict[str, Any]] = schema.get("anyOf") or schema.get("oneOf") or [{}]
        told = next((b["type"] for b in branches if b.get("type", "null") != "null"), None)
    names = cast("list[str]", told) if isinstance(told, list) else [str(told)]
    name = next((n for n in names if n != "null"), "string")
    return "object" if name == "object" else _TYPE_WORDS.get(name, "string")


@dataclass(frozen=True)
class _Piece:
    """An entry without what differs between callers: the URL stands inside, figures behind."""

    starts: tuple[str, ...]
    """Up to the URL, for each kind of the model."""
    rest: str


@dataclass
class _Made:
    """What has been made of one listing."""

    pieces: list[_Piece | None]
    bodies: OrderedDict[tuple[str, ...], bytes] = field(
        default_factory=OrderedDict[tuple[str, ...], bytes]
    )
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


_made: WeakKeyDictionary[Listing, _Made] = WeakKeyDictionary()


def _piece(model: Model) -> _Piece:
    starts = tuple(
        dumps({"id": model.id, "type": kind})[:-1] + ',"endpoint_url":' for kind in model.kinds
    )
    rest = {
        "description": model.description,
        "status": model.status,
        "input": input_words(model),
        "name": model.name,
        "provider": model.provider,
        "tasks": model.tasks,
        "price": model.price.model_dump() if model.price else None,
        "shutdown_date": model.shutdown_date,
        "schema_source": model.schema_source,
        "stale": model.stale,
        "fetched_at": model.fetched_at,
    }
    return _Piece(starts, "," + dumps(rest)[1:-1])


def _texts(found: Found, rows: Sequence[Row], base: str) -> str:
    """The rows as the inside of a JSON list."""
    listing, pieces = found.listing, _of(found.listing).pieces
    urls: dict[Kind, str] = {}
    texts: list[str] = []
    for position, kind in rows:
        model, piece = listing.models[position], pieces[position]
        if piece is None:
            piece = pieces[position] = _piece(model)
        if kind not in urls:
            urls[kind] = dumps(f"{base}/api/generate/{kind}")
        stats = found.stats.get(model.id)
        tail = f',"stats":{stats.model_dump_json()}}}' if stats else "}"
        texts.append(f"{piece.starts[model.kinds.index(kind)]}{urls[kind]}{piece.rest}{tail}")
    return ",".join(texts)


def _of(listing: Listing) -> _Made:
    made = _made.get(listing)
    if made is None:
        made = _made[listing] = _Made([None] * len(listing.models))
    return made


def _whole(found: Found, rows: Sequence[Row], base: str, head: str, tail: str) -> bytes:
    return f"{head}{_texts(found, rows, base)}{tail}".encode()


async def body(found: Found, rows: Sequence[Row], base: str, head: str, tail: str) -> bytes:
    """`head`, the rows and `tail` as one JSON text. Long ones are kept as long as the same would be said."""
    if len(rows) <= _MANY:
        return _whole(found, rows, base, head, tail)
    made, key = _of(found.listing), (found.tag, base, head, tail)
    async with made.lock:
        known = made.bodies.get(key)
        if known is None:
            known = await asyncio.to_thread(_whole, found, rows, base, head, tail)
            made.bodies[key] = known
            if len(made.bodies) > _BODIES:
                made.bodies.popitem(last=False)
        return known
