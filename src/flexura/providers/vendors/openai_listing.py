"""What a list of models in OpenAI's manner tells: which entries make media, of what kind, from what.

The server's own words come first (type, modalities, task, endpoints); the words in an id are the last resort,
and the entry then says so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any, cast

from flexura.domain.model import Kind
from flexura.providers import vendor_json
from flexura.providers.vendor_errors import tidy
from flexura.providers.vendor_json import fields, objects, rows

MAX_MODELS = 5_000
_FROM_NAME = "What it makes was read from its name; the server does not tell."
_TYPES: Mapping[str, Kind] = {
    "image": "image",
    "video": "video",
    "audio": "audio",
    "speech": "audio",
    "tts": "audio",
    "text-to-speech": "audio",
    "text-to-image": "image",
    "text-to-video": "video",
}
_TYPES_OF_TEXT = frozenset(
    {"chat", "language", "code", "text", "embedding", "moderation", "rerank", "transcribe"}
)
_LETTERS: Mapping[str, Kind] = {"V": "video", "I": "image", "A": "audio"}
_ENDPOINTS: tuple[tuple[str, Kind], ...] = (
    ("images/generations", "image"),
    ("image-generation", "image"),
    ("audio/speech", "audio"),
    ("video", "video"),
)
_WORDS: tuple[tuple[Kind, frozenset[str]], ...] = (
    ("video", frozenset({"video", "t2v", "i2v", "ti2v", "text2video", "txt2vid"})),
    ("image", frozenset({"image", "images", "img", "diffusion", "t2i", "i2i", "txt2img"})),
    ("audio", frozenset({"tts", "speech", "text2speech"})),
)
_MAKES_TEXT = re.compile(
    r"embed|rerank|moderation|transcri|whisper|\b(asr|stt|realtime|ocr|guard)\b|(2|-to-)(text|t)\b|speech2"
)
_FROM_IMAGE = frozenset({"i2v", "ti2v", "i2i", "edit"})
_INPUT_SLOTS = ("image", "mask", "image_url", "reference_images", "frame_images", "input_reference")


@dataclass(frozen=True)
class Listed:
    """One model of the list that makes media."""

    upstream_id: str
    kind: Kind
    tasks: tuple[str, ...]
    name: str
    description: str
    shutdown_date: str | None
    voices: tuple[str, ...]


def entries(body: Any) -> list[dict[str, Any]] | None:
    """The entries of a list in any of its shapes; None for something else altogether."""
    told = fields(body)
    if told.get("model_path"):
        return [told]
    found: Any = rows(body) or told.get("data", told.get("models"))
    if not isinstance(found, list):
        return [] if body == [] else None
    return objects([{"id": i} if isinstance(i, str) else i for i in rows(found)[:MAX_MODELS]])


def listed(entry: Mapping[str, Any], forced: str = "") -> Listed | None:
    """What an entry makes; None where it makes no media or has no id. `forced`: the operator says so."""
    upstream_id = next(
        (i for n in ("id", "name", "model_path") if (i := vendor_json.text(entry, n))), ""
    )
    if not upstream_id or len(upstream_id) > 250:
        return None
    kind, from_name = _kind(entry, upstream_id)
    if forced:
        kind, from_name = cast("Kind", forced), False
    if kind is None:
        return None
    told = tidy(vendor_json.text(entry, "description"))
    return Listed(
        upstream_id,
        kind,
        _tasks(entry, upstream_id, kind),
        tidy(vendor_json.text(entry, "display_name") or vendor_json.text(entry, "title"))[:100]
        or upstream_id,
        " ".join(filter(None, [told, _FROM_NAME if from_name else ""])),
        _date(entry.get("shutdown_date") or entry.get("deprecation_date")),
        tuple(names_of(entry.get("voices") or entry.get("supported_voices"))),
    )


def input_schema(speaks: str, model: Listed) -> dict[str, Any] | None:
    """The schema of the endpoint that makes this model's kind, without slots for inputs that it cannot take.

    None where that server has no such endpoint.
    """
    schema = _schemas().get(speaks, {}).get(model.kind)
    if schema is None:
        return None
    properties: dict[str, Any] = dict(schema["properties"])
    if not any(task.startswith("image-to-") for task in model.tasks):
        properties = {n: p for n, p in properties.items() if n not in _INPUT_SLOTS}
    if model.voices and "voice" in properties:
        properties["voice"] = {
            "type": "string",
            "enum": list(model.voices),
            "default": model.voices[0],
        }
    return {**schema, "properties": properties}


def names_of(values: Any) -> list[str]:
    """The names in a list of texts, or of objects with a name or an id."""
    found: list[str] = []
    for value in rows(values)[:500]:
        about = fields(value) or {"name": value}
        name = vendor_json.text(about, "name") or vendor_json.text(about, "id")
        if name and len(name) <= 100:
            found.append(name)
    return list(dict.fromkeys(found))


@cache
def _schemas() -> dict[str, dict[str, dict[str, Any]]]:
    text = files("flexura.providers.vendors").joinpath("openai_endpoints.json").read_text("utf-8")
    return cast("dict[str, dict[str, dict[str, Any]]]", json.loads(text))


def _kind(entry: Mapping[str, Any], upstream_id: str) -> tuple[Kind | None, bool]:
    """What it makes, and whether only its name tells."""
    type_ = (vendor_json.text(entry, "type") or vendor_json.text(entry, "category")).lower()
    if type_ in _TYPES or type_ in _TYPES_OF_TEXT:
        return _TYPES.get(type_), False
    outputs = _modalities(entry, "output")
    if outputs:
        return next(
            (_TYPES[o] for o in ("video", "image", "speech", "audio") if o in outputs), None
        ), False
    if task := vendor_json.text(entry, "task_type").upper():
        return _LETTERS.get(task.partition("2")[2][:1]), False
    told = " ".join(
        names_of(entry.get("supported_endpoints") or entry.get("supported_endpoint_types"))
    )
    if told:
        return next((kind for word, kind in _ENDPOINTS if word in told), None), False
    return _kind_of_name(upstream_id), True


def _kind_of_name(upstream_id: str) -> Kind | None:
    name = upstream_id.lower()
    if _MAKES_TEXT.search(name):
        return None
    words = set(re.split(r"[^a-z0-9]+", name))
    return next((kind for kind, told in _WORDS if words & told), None)


def _tasks(entry: Mapping[str, Any], upstream_id: str, kind: Kind) -> tuple[str, ...]:
    words = set(re.split(r"[^a-z0-9]+", upstream_id.lower()))
    if kind == "audio":
        made = (
            "music"
            if words & {"music", "song"}
            else "sound"
            if words & {"sfx", "sound"}
            else "speech"
        )
        return (f"text-to-{made}",)
    sources = _modalities(entry, "input")
    if not sources and (task := vendor_json.text(entry, "task_type").upper()):
        sources = {
            name
            for letter, name in (("T", "text"), ("I", "image"))
            if letter in task.partition("2")[0]
        }
    if not sources and words & _FROM_IMAGE:
        sources = {"image", "text"} if "ti2v" in words else {"image"}
    # The endpoint takes both where nothing else is told.
    return tuple(f"{s}-to-{kind}" for s in ("text", "image") if not sources or s in sources)


def _modalities(entry: Mapping[str, Any], side: str) -> set[str]:
    """The input or output modalities, beside the id or in `architecture` or `modalities`."""
    for name in ("architecture", "modalities"):
        entry = {**fields(entry.get(name)), **entry}
    return {word.lower() for word in names_of(entry.get(f"{side}_modalities") or entry.get(side))}


def _date(value: Any) -> str | None:
    """A date as the vendor writes it: text, or seconds since 1970."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value, UTC).date().isoformat()
        except (ValueError, OverflowError, OSError):
            return None
    return (tidy(value)[:40] or None) if isinstance(value, str) else None
