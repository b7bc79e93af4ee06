"""What may stand in `flexura.toml`: the parser, the JSON Schema and the docs are made from this table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

KINDS = ("image", "video", "audio", "speech", "music", "sfx")
"""What an asset may be called; the last three are audio whose kind is said."""
POLICIES = ("cheapest", "fastest", "best")
FORMATS: Mapping[str, tuple[str, str]] = {
    ".png": ("image", "png"),
    ".webp": ("image", "webp"),
    ".jpg": ("image", "jpeg"),
    ".jpeg": ("image", "jpeg"),
    ".avif": ("image", "avif"),
    ".svg": ("image", "svg"),
    ".gif": ("image", "gif"),
    ".mp4": ("video", "mp4"),
    ".webm": ("video", "webm"),
    ".mp3": ("audio", "mp3"),
    ".wav": ("audio", "wav"),
    ".ogg": ("audio", "ogg"),
}
"""The ending of a path → the kind that it means where none is said, and the gateway's name of the format."""

Place = Literal["own", "option"]
_PICTURED = ("image", "video")
_TIMED = ("video", "audio")
_TEXT: dict[str, Any] = {"type": "string"}
_WORDS: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 20_000}


@dataclass(frozen=True)
class Key:
    """One key: where it may stand, what it takes, and whether it goes to the model as an option."""

    name: str
    schema: Mapping[str, Any]
    doc: str
    asset: bool = True
    project: bool = False
    place: Place = "own"
    kinds: tuple[str, ...] = ("image", "video", "audio")


def _number(kind: str, low: float, high: float | None = None) -> dict[str, Any]:
    return {"type": kind, "minimum": low, **({} if high is None else {"maximum": high})}


def _option(
    name: str, schema: Mapping[str, Any], doc: str, kinds: tuple[str, ...] = ("image", *_TIMED)
) -> Key:
    return Key(name, schema, doc, place="option", kinds=kinds)


KEYS: tuple[Key, ...] = (
    Key(
        "out",
        _TEXT,
        "A folder of the project; every asset's path lies below it.",
        asset=False,
        project=True,
    ),
    Key(
        "budget",
        _number("number", 0),
        "USD that one build may spend at most; with --watch, all of it together.",
        asset=False,
        project=True,
    ),
    Key(
        "path",
        {"type": "string", "minLength": 1},
        "The file to make. Its ending says the format, and the kind where that is not said.",
    ),
    Key("prompt", _WORDS, "What to make, in words."),
    Key(
        "prompt_file",
        {"type": "string", "minLength": 1},
        "A text file of the project that holds the prompt.",
    ),
    Key(
        "kind",
        {"type": "string", "enum": list(KINDS)},
        "Of a sound whether it is speech, music or sfx; else the path says it.",
    ),
    Key(
        "inputs",
        {"type": "array", "items": {"type": "string", "minLength": 1}, "maxItems": 16},
        "What to start from: names of other assets, files of the project, https URLs; with mask=, "
        "first_frame=, last_frame= or reference= before one that has a role of its own.",
    ),
    Key(
        "model",
        {"type": "string", "maxLength": 300},
        "cheapest, fastest or best, an alias, or the id of a model; else the gateway picks.",
        project=True,
    ),
    Key(
        "provider",
        {"type": "string", "maxLength": 100, "pattern": r"[A-Za-z0-9._-]*"},
        "Pick among the models of this provider only.",
        project=True,
    ),
    Key(
        "preset",
        {"type": "string", "maxLength": 100},
        "A bundle of model and options that the gateway's operator configured.",
        project=True,
    ),
    Key(
        "style",
        {"type": "string", "maxLength": 10_000},
        "Words before the prompt of each image and video; of an asset its own, or empty for none.",
        project=True,
    ),
    Key(
        "max_cost",
        _number("number", 0),
        "USD that one asset may cost at most; dearer ones are not ordered.",
        project=True,
    ),
    _option(
        "size",
        {"type": "string", "pattern": r"\d{1,5}[x:]\d{1,5}"},
        "Size in pixels as 1024x768, or an aspect ratio as 16:9.",
        _PICTURED,
    ),
    _option("width", _number("integer", 1, 16384), "Width in pixels.", _PICTURED),
    _option("height", _number("integer", 1, 16384), "Height in pixels.", _PICTURED),
    _option("seconds", _number("number", 0, 600), "Duration in seconds.", _TIMED),
    _option("voice", _TEXT, "Voice, for speech.", ("audio",)),
    _option("seed", _number("integer", 0, 2**31 - 1), "Seed for making the same again."),
    _option("steps", _number("integer", 1, 1000), "Number of diffusion steps."),
    _option("guidance", {"type": "number"}, "How closely to follow the prompt."),
    _option("negative_prompt", _TEXT, "What to leave out."),
    _option("quality", {"type": ["integer", "string"]}, "Quality, in the model's own words."),
    _option(
        "background",
        {"type": "string", "enum": ["opaque", "transparent"]},
        "opaque or transparent.",
        ("image",),
    ),
    _option("fps", _number("number", 0, 120), "Frames per second.", ("video",)),
    _option("sound", {"type": "boolean"}, "With sound.", ("video",)),
    _option("language", _TEXT, "Language, as en or pt-BR.", ("audio",)),
    _option("speed", _number("number", 0, 4), "Speed of speech.", ("audio",)),
    Key("options", {"type": "object"}, "A model's own options, as its schema lists them."),
)
ASSET_KEYS: Mapping[str, Key] = {key.name: key for key in KEYS if key.asset}
PROJECT_KEYS: Mapping[str, Key] = {key.name: key for key in KEYS if key.project}
NAME = r"[A-Za-z0-9_-]{1,80}"


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of `flexura.toml`, for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "flexura.toml",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "project": {
                "type": "object",
                "additionalProperties": False,
                "properties": _properties(PROJECT_KEYS),
            },
            "asset": {
                "type": "object",
                "additionalProperties": False,
                "patternProperties": {
                    f"^{NAME}$": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["path"],
                        "oneOf": [{"required": ["prompt"]}, {"required": ["prompt_file"]}],
                        "properties": _properties(ASSET_KEYS),
                    }
                },
            },
        },
    }


def _properties(keys: Mapping[str, Key]) -> dict[str, Any]:
    return {name: {**_anchored(key.schema), "description": key.doc} for name, key in keys.items()}


def _anchored(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The whole value has to fit a pattern here; in JSON Schema that has to be said."""
    if "pattern" not in schema:
        return dict(schema)
    return {**schema, "pattern": f"^(?:{schema['pattern']})$"}


def table() -> str:
    """The keys as a Markdown table, for docs/build.md; a test compares."""
    lines = ["| Key | In | For | Type | Meaning |", "| --- | --- | --- | --- | --- |"]
    for key in KEYS:
        where = " and ".join(
            name for name, is_there in (("project", key.project), ("asset", key.asset)) if is_there
        )
        kinds = "all" if len(key.kinds) == 3 else ", ".join(key.kinds)
        lines.append(f"| `{key.name}` | {where} | {kinds} | {_type(key.schema)} | {key.doc} |")
    return "\n".join(lines) + "\n"


def _type(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(schema["enum"])
    kinds = cast("list[str] | str", schema["type"])
    name = kinds if isinstance(kinds, str) else " or ".join(kinds)
    name = {"array": "list of strings", "object": "table"}.get(name, name)
    if "maximum" in schema:
        return f"{name} {schema['minimum']} to {schema['maximum']}"
    return f"{name}, {schema['minimum']} or more" if "minimum" in schema else name
