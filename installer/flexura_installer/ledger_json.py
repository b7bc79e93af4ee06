"""The saved form of the ledger. Members that this version does not know are kept."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

from flexura_installer.formats.document import Slot
from flexura_installer.records import Cut, Pending, Record

# Saved under other shapes, or not at all.
_PLAIN = (
    "kind",
    "path",
    "root",
    "time",
    "created",
    "before",
    "after",
    "mode",
    "backup",
    "adopted",
    "dialect",
    "link",
)
_SHAPED = (
    "owners",
    "directories",
    "values",
    "earlier_values",
    "cuts",
    "files",
    "earlier_files",
)
_TYPES: dict[str, type | tuple[type, ...]] = {
    "created": bool,
    "adopted": bool,
    "mode": (int, type(None)),
}


def encoded(
    records: Iterable[Record],
    pending: Iterable[Pending],
    unknown: Mapping[str, Any],
    version: int = 1,
) -> bytes:
    """The text of the file."""
    document = {
        **unknown,
        "version": version,
        "records": [_record(one) for one in records],
        "pending": [
            {
                "target": one.target,
                "before": one.before,
                "after": one.after,
                "records": [_record(record) for record in one.records],
            }
            for one in pending
        ],
    }
    return (json.dumps(document, indent=1, default=repr) + "\n").encode()


def decoded(document: Any) -> tuple[list[Record], list[Pending], dict[str, Any]]:
    """Records, announced changes, and members that are not known. Raises ValueError, TypeError, KeyError."""
    pending = [
        Pending(
            _text(one["target"]),
            _text(one["before"]),
            _text(one["after"]),
            tuple(_read_record(record) for record in one["records"]),
        )
        for one in document.get("pending", [])
    ]
    unknown = {k: v for k, v in document.items() if k not in {"version", "records", "pending"}}
    return [_read_record(one) for one in document["records"]], pending, unknown


def _record(record: Record) -> dict[str, Any]:
    saved: dict[str, Any] = dict(record.unknown)
    saved.update({name: getattr(record, name) for name in _PLAIN})
    saved["owners"] = {agent: dict(again) for agent, again in record.owners.items()}
    saved["directories"] = list(record.directories)
    saved["files"] = dict(record.files)
    saved["earlier_files"] = dict(record.earlier_files)
    saved["values"] = [_slot(slot, value) for slot, value in record.values]
    saved["earlier_values"] = [_slot(slot, value) for slot, value in record.earlier_values]
    saved["cuts"] = None
    if record.cuts is not None:
        saved["cuts"] = [
            [[cut.offset, base64.b64encode(cut.removed).decode(), cut.length] for cut in group]
            for group in record.cuts
        ]
    return saved


def _slot(slot: Slot, value: Any) -> dict[str, Any]:
    return {
        "under": list(slot.under),
        "name": slot.name,
        "kind": slot.kind,
        "identity": slot.identity,
        "value": value,
    }


def _read_record(saved: Any) -> Record:
    plain = {name: _checked(name, saved[name]) for name in _PLAIN if name in saved}
    if plain["kind"] not in {"entry", "folder", "file"}:
        raise ValueError(f"unknown kind {plain['kind']!r}")
    cuts = saved.get("cuts")
    return Record(
        **plain,
        owners={
            _text(agent): {_text(k): _text(v) for k, v in again.items()}
            for agent, again in saved["owners"].items()
        },
        directories=tuple(_text(one) for one in saved.get("directories", [])),
        values=tuple(_read_slot(one) for one in saved.get("values", [])),
        earlier_values=tuple(_read_slot(one) for one in saved.get("earlier_values", [])),
        cuts=None if cuts is None else tuple(tuple(_cut(one) for one in group) for group in cuts),
        files={_text(k): _text(v) for k, v in saved.get("files", {}).items()},
        earlier_files={_text(k): _text(v) for k, v in saved.get("earlier_files", {}).items()},
        unknown={k: v for k, v in saved.items() if k not in {*_PLAIN, *_SHAPED}},
    )


def _read_slot(saved: Any) -> tuple[Slot, Any]:
    if saved["kind"] not in {"member", "item"}:
        raise ValueError(f"unknown kind of slot {saved['kind']!r}")
    slot = Slot(
        tuple(_text(key) for key in saved["under"]),
        _text(saved["name"]),
        saved["kind"],
        _text(saved["identity"]),
    )
    return slot, saved["value"]


def _cut(saved: Any) -> Cut:
    offset, removed, length = saved
    if not (isinstance(offset, int) and isinstance(length, int) and offset >= 0 <= length):
        raise ValueError("a splice without offset and length")
    return Cut(offset, base64.b64decode(_text(removed), validate=True), length)


def _checked(name: str, value: Any) -> Any:
    if not isinstance(value, _TYPES.get(name, str)):
        raise TypeError(f"`{name}` is a {type(value).__name__}")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{cast(Any, type(value)).__name__} where a text belongs")
    return value
