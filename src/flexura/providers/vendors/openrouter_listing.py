"""OpenRouter's three lists: its capability descriptors as JSON Schema, its price lines as one price.

Source: OpenRouter's API description (CapabilityDescriptor, VideoModel, ImagePricingEntry). It does not
describe the SKUs of videos: those that name seconds are read, the others leave the price unknown.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from flexura.domain.model import Price
from flexura.providers.vendor_errors import tidy
from flexura.providers.vendor_json import fields, objects, rows

Fields = dict[str, Any]
Schema = dict[str, Any]

MAX_MODELS = 5_000
_REFERENCE: Schema = {"type": "object", "description": "An image, as {type, image_url: {url}}."}
_TYPES: Mapping[str, Schema] = {
    "seed": {"type": "integer", "minimum": 0},
    "n": {"type": "integer", "minimum": 1, "maximum": 10, "default": 1},
    "output_compression": {"type": "integer", "minimum": 0, "maximum": 100},
    "input_references": {"type": "array", "items": _REFERENCE, "maxItems": 16},
    **{
        name: {"type": "string"}
        for name in ("size", "aspect_ratio", "resolution", "quality", "background", "output_format")
    },
}
_NOT_OFFERED = frozenset({"model", "prompt", "stream", "partial_images", "provider"})
_ROUTING: Schema = {
    "type": "object",
    "description": "Routing, and options of one vendor as {options: {<provider slug>: {…}}}.",
}


def entries(body: Any) -> list[Fields] | None:
    """The entries of `{data: […]}` that have an id; None for something else."""
    told: Any = fields(body).get("data")
    if not isinstance(told, list):
        return None
    return [m for m in objects(told)[:MAX_MODELS] if 0 < len(text(m, "id")) <= 250]


def common(model: Fields) -> Fields:
    """What every kind of model tells about itself."""
    ends = text(model, "expiration_date")
    return {
        "name": tidy(text(model, "name"))[:100] or text(model, "id"),
        "description": tidy(text(model, "description")),
        "schema_source": "derived",
        "status": "deprecated" if ends else "active",
        "shutdown_date": tidy(ends)[:40] or None,
    }


def image_schema(model: Fields) -> Schema:
    """The input of an image model, from its `supported_parameters`."""
    properties: Schema = {"prompt": {"type": "string", "minLength": 1}}
    for name, descriptor in list(fields(model.get("supported_parameters")).items())[:60]:
        if name not in _NOT_OFFERED and len(name) <= 60 and isinstance(descriptor, dict):
            properties[name] = _described(name, fields(descriptor))
    if "image" in texts(fields(model.get("architecture")).get("input_modalities")):
        properties.setdefault("input_references", _TYPES["input_references"])
    if properties.get("input_references", {}).get("maxItems") == 0:
        del properties["input_references"]
    return {
        "type": "object",
        "properties": {**properties, "provider": _ROUTING},
        "required": ["prompt"],
    }


def video_schema(model: Fields) -> Schema:
    """The input of a video model, from its lists of what is supported."""
    properties: Schema = {"prompt": {"type": "string", "minLength": 1}}
    for name, told in (
        ("duration", "supported_durations"),
        ("resolution", "supported_resolutions"),
        ("aspect_ratio", "supported_aspect_ratios"),
        ("size", "supported_sizes"),
        ("creativity", "creativity"),
    ):
        if values := _values(model.get(told)):
            kind = "integer" if all(isinstance(v, int) for v in values) else "string"
            properties[name] = {"type": kind, "enum": values}
    properties.setdefault("duration", {"type": "integer", "minimum": 1})
    if model.get("seed") is not False:
        properties["seed"] = _TYPES["seed"]
    if model.get("generate_audio"):
        properties["generate_audio"] = {"type": "boolean"}
    if factor := fields(model.get("upscale_factor")):
        properties["upscale_factor"] = {"type": "number", **_limits(factor)}
    if texts(model.get("supported_frame_images")):
        properties["frame_images"] = {"type": "array", "items": _REFERENCE, "maxItems": 2}
    properties["input_references"] = {"type": "array", "items": _REFERENCE}
    upscales = "upscale_factor" in properties or "creativity" in properties
    return {
        "type": "object",
        "properties": {**properties, "provider": _ROUTING},
        "required": [] if upscales else ["prompt"],
    }


def speech_schema(model: Fields) -> Schema:
    """The input of a speech model, with its voices."""
    voices = texts(model.get("supported_voices"))
    voice: Schema = {"type": "string", "minLength": 1}
    if voices:
        voice = {"type": "string", "enum": voices, "default": voices[0]}
    return {
        "type": "object",
        "properties": {
            "input": {"type": "string", "minLength": 1, "description": "What is said."},
            "voice": voice,
            "response_format": {"type": "string", "enum": ["mp3", "pcm"], "default": "mp3"},
            "speed": {"type": "number", "minimum": 0.25, "maximum": 4},
            "provider": _ROUTING,
        },
        "required": ["input"],
    }


def image_price(body: Any) -> Price | None:
    """The highest price of one picture among an image model's endpoints: the router chooses one of them."""
    endpoints = objects(fields(body).get("endpoints"))
    lines = [line for endpoint in endpoints for line in objects(endpoint.get("pricing"))]
    for unit in ("image", "megapixel"):
        found = [
            line.get("cost_usd")
            for line in lines
            if line.get("billable") == "output_image" and line.get("unit") == unit
        ]
        if price := _highest(found, unit, "OpenRouter's endpoints of this model"):
            return price
    return None


def video_price(model: Fields) -> Price | None:
    """The highest price of a second, or the price of a run, among the SKUs of a video model."""
    skus = fields(model.get("pricing_skus"))
    seconds = [
        _number(value) / (100 if "cents" in name else 1)
        for name, value in skus.items()
        if "second" in name and "reference" not in name and "input" not in name
    ]
    source = "OpenRouter's list of video models"
    return _highest(seconds, "second", source) or _highest([skus.get("generate")], "run", source)


def texts(values: Any) -> list[str]:
    """The texts of a list."""
    return [item[:100] for item in rows(values)[:500] if isinstance(item, str) and item]


def text(told: Mapping[str, Any], name: str) -> str:
    """A field of theirs; it may be missing, null or of another type."""
    value = told.get(name)
    return value.strip() if isinstance(value, str) else ""


def _described(name: str, descriptor: Fields) -> Schema:
    """One capability descriptor as JSON Schema."""
    known = dict(_TYPES.get(name, {}))
    match descriptor.get("type"):
        case "enum" if values := _values(descriptor.get("values")):
            return (
                {"enum": values}
                if any(not isinstance(v, str) for v in values)
                else {
                    "type": "string",
                    "enum": values,
                }
            )
        case "range":
            limits = _limits(descriptor)
            if name == "input_references":
                return {**known, "maxItems": int(limits.get("maximum", 16))}
            whole = all(isinstance(limit, int) for limit in limits.values())
            return {**known, "type": known.get("type", "integer" if whole else "number"), **limits}
        case _:
            # "boolean" says only that the parameter is accepted.
            return known


def _limits(descriptor: Fields) -> Schema:
    found: Schema = {}
    for ours, theirs in (("minimum", "min"), ("maximum", "max")):
        limit: Any = descriptor.get(theirs)
        if isinstance(limit, int | float) and not isinstance(limit, bool):
            found[ours] = int(limit) if float(limit).is_integer() else limit
    return found


def _values(values: Any) -> list[Any]:
    """The short texts and whole numbers of a list."""
    found = [
        v[:100] if isinstance(v, str) else v for v in rows(values)[:200] if isinstance(v, str | int)
    ]
    return [v for v in found if not isinstance(v, bool)]


def output_modalities(model: Fields) -> list[str]:
    """What it says that it makes."""
    return texts(fields(model.get("architecture")).get("output_modalities"))


def _highest(amounts: Iterable[Any], unit: str, source: str) -> Price | None:
    known = [amount for told in amounts if (amount := _number(told)) > 0]
    if not known:
        return None
    several = " (the highest of several)" if len(set(known)) > 1 else ""
    return Price(unit=unit, amount=max(known), source=source + several)


def _number(value: Any) -> float:
    try:
        amount = 0.0 if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return 0.0
    return amount if math.isfinite(amount) else 0.0
