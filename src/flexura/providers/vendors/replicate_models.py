"""What Replicate's models make and take: from the collections that hold them, their tags and their schemas.

Sources: api.replicate.com/openapi.json (collections, models, search); cog's OpenAPI document of a version,
whose `Input` and `Output` mark files by `format: uri`.
"""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flexura.domain.model import Kind
from flexura.providers.found_media import told_kind
from flexura.providers.live_schema import component, input_schema, schema
from flexura.providers.media_tasks import TASKS, audio_task, is_from_to, kind_of, kinds_of, task_of
from flexura.providers.vendor_errors import tidy
from flexura.providers.vendor_json import fields, words

Json = dict[str, Any]
_SLOT_WORDS: dict[str, tuple[str, ...]] = {
    "image": ("image", "mask", "img", "photo", "frame", "picture", "face"),
    "video": ("video", "movie", "clip"),
    "audio": ("audio", "song", "voice", "speech", "music", "sound", "track"),
}


@dataclass
class Listed:
    """A model as the collections show it, and the words that it is filed under."""

    row: Json
    filed: list[str] = field(default_factory=list[str])


@dataclass(frozen=True)
class Offer:
    """What a model makes, and its input as JSON Schema (None where the row has none)."""

    kinds: tuple[Kind, ...]
    tasks: tuple[str, ...]
    input_schema: Json | None


def offer_of(row: Json, filed: Sequence[str]) -> Offer | None:
    """What the model of this row makes; None where it makes no image, video or audio, or nobody can tell.

    `filed` are slugs of collections and tags, the telling ones in any order.
    """
    document = fields(row.get("latest_version")).get("openapi_schema")
    takes = input_schema(component(document, "Input"), document)
    makes = schema(component(document, "Output"), document)
    if makes and not _may_be_files(makes):
        return None
    tasks = _tasks_of(filed)
    kinds = kinds_of(tasks) or _seen(row, makes)
    if not kinds:
        return None
    if takes is not None:
        tasks = _with_slots(tasks, kinds, takes, _about(row))
    return Offer(kinds, tuple(tasks), takes)


def _tasks_of(filed: Sequence[str]) -> list[str]:
    """The tasks of all words: those that say from what to what count alone where there are any."""
    outright = [word for word in filed if is_from_to(word)]
    hints = " ".join(filed)
    tasks = [task_of(word, hints) for word in outright or filed]
    return list(dict.fromkeys(task for task in tasks if task))


def _about(row: Json) -> str:
    return f"{words(row.get('name'))} {words(row.get('description'))}"


def _may_be_files(makes: Json) -> bool:
    """Whether an output schema has files, or says nothing about what comes."""
    text = json.dumps(makes)
    return '"uri"' in text or not any(word in makes for word in ("type", "anyOf", "allOf", "oneOf"))


def _seen(row: Json, makes: Json | None) -> tuple[Kind, ...]:
    """The kind of the model's own example, else what its fields and words say."""
    shown = told_kind(fields(row.get("default_example")).get("output"))
    if shown:
        return (shown,)
    names = " ".join(fields((makes or {}).get("properties")))
    task = task_of(names) or task_of(_about(row))
    return (kind_of(task),) if task else ()


def _with_slots(tasks: Sequence[str], kinds: Sequence[Kind], takes: Json, about: str) -> list[str]:
    """The tasks that the input really allows: from text where no file is required, from each kind of file."""
    needed = set(takes.get("required", []))
    sources = {"text": True}
    for name, inner in takes["properties"].items():
        media = slot_kind(name, inner)
        if media:
            sources[media] = True
            sources["text"] = sources["text"] and name not in needed
    able: list[str] = []
    for kind in kinds:
        for source in (s for s, on in sources.items() if on):
            task = f"{source}-to-{kind}"
            if task == "text-to-audio":
                task = next((t for t in tasks if t.startswith("text-to-")), audio_task(about))
            able.append(task)
    known = [task for task in dict.fromkeys(able) if task in TASKS]
    return known or list(tasks)


def slot_kind(name: str, inner: Json) -> str:
    """image, video or audio for a property that takes such a file; empty for any other."""
    if '"uri"' not in json.dumps([inner.get("format"), inner.get("items"), inner.get("anyOf")]):
        return ""
    for text in (name, words(inner.get("description"))):
        for kind, telling in _SLOT_WORDS.items():
            if any(word in text.lower() for word in telling):
                return kind
    return ""


def collected(rows: Iterable[Json], filed: str, into: dict[str, Listed]) -> None:
    """Add the models of one collection (or, with an empty word, of the plain list)."""
    for row in rows:
        name = name_of(row)
        if name:
            entry = into.setdefault(name, Listed(row))
            if not fields(fields(entry.row.get("latest_version")).get("openapi_schema")):
                entry.row = row
            entry.filed += [filed] if filed else []


def name_of(row: Json) -> str:
    """`owner/name`; empty where the row has none or cannot be run by anybody."""
    owner, name = words(row.get("owner")), words(row.get("name"))
    plain = all(part and urllib.parse.quote(part, safe="") == part for part in (owner, name))
    runs = words(fields(row.get("latest_version")).get("id")) or row.get("is_official") is not False
    return f"{owner}/{name}" if plain and runs and len(owner) + len(name) < 200 else ""


def described(row: Json) -> str:
    """The model's description in one line."""
    return tidy(words(row.get("description")))
