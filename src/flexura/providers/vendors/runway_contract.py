"""What Runway's OpenAPI document says of each model, and what its endpoints take without the document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from flexura.domain.model import KINDS, Kind
from flexura.providers import live_schema
from flexura.providers.input_variants import Variant, alternatives, media_of, plain, takes_list

ENDPOINTS: dict[str, tuple[Kind, str]] = {
    "/v1/text_to_image": ("image", "text-to-image"),
    "/v1/text_to_video": ("video", "text-to-video"),
    "/v1/image_to_video": ("video", "image-to-video"),
    "/v1/video_to_video": ("video", "video-to-video"),
    "/v1/sound_effect": ("audio", "text-to-sound"),
    "/v1/text_to_speech": ("audio", "text-to-speech"),
}
_URI = {"type": "string"}
_PROMPT = {"promptText": {"type": "string", "minLength": 1}}
_RATIO = {"ratio": {"type": "string", "default": "1280:720"}}
_SEED = {"seed": {"type": "integer", "minimum": 0, "maximum": 4_294_967_295}}
_LENGTH = {"duration": {"type": "integer", "minimum": 2, "maximum": 10}}
_FRAME = {"type": "object", "properties": {"uri": _URI, "position": {"type": "string"}}}
_FRAMES = {"promptImage": {"anyOf": [_URI, {"type": "array", "items": _FRAME}]}}
_REFERENCE = {"type": "object", "properties": {"uri": _URI}, "required": ["uri"]}
_REFERENCES = {"referenceImages": {"type": "array", "items": _REFERENCE}}
_VOICE = {
    "type": "object",
    "properties": {
        "type": {"type": "string", "const": "runway-preset"},
        "presetId": {"type": "string"},
    },
    "required": ["type", "presetId"],
}
_PARAMETERS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "/v1/text_to_image": ({**_PROMPT, **_RATIO, **_SEED, **_REFERENCES}, ["promptText", "ratio"]),
    "/v1/text_to_video": ({**_PROMPT, **_RATIO, **_LENGTH, **_SEED}, ["promptText", "ratio"]),
    "/v1/image_to_video": (
        {**_FRAMES, **_PROMPT, **_RATIO, **_LENGTH, **_SEED},
        ["promptImage", "ratio"],
    ),
    "/v1/video_to_video": ({"videoUri": _URI, **_PROMPT, **_SEED}, ["videoUri", "promptText"]),
    "/v1/sound_effect": (
        {**_PROMPT, "duration": {"type": "number", "minimum": 0.5, "maximum": 30}},
        ["promptText"],
    ),
    "/v1/text_to_speech": ({**_PROMPT, "voice": _VOICE}, ["promptText", "voice"]),
}
# Words of an id to endpoints; the first that fits decides. Without one, the model makes video.
_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"upscal|avatar|isolation|dubbing|sts|scribe|processing|act|hdr", ()),
    (r"image", ("/v1/text_to_image",)),
    (r"sfx|sound|audio", ("/v1/sound_effect",)),
    (r"tts|speech|voice|multilingual", ("/v1/text_to_speech",)),
    (r"aleph|edit", ("/v1/video_to_video",)),
    (r"turbo", ("/v1/image_to_video",)),
)
_VIDEO = ("/v1/text_to_video", "/v1/image_to_video")


@dataclass(frozen=True)
class Contract:
    """The vendor's document, by model. `others` are models that only other endpoints take."""

    ways: dict[str, list[Variant]]
    others: frozenset[str]


def read(document: Any) -> Contract | None:
    """What the document says; None where it is not Runway's."""
    paths: Any = (
        cast("dict[str, Any]", document).get("paths") if isinstance(document, dict) else None
    )
    if not isinstance(paths, dict):
        return None
    ways: dict[str, list[Variant]] = {}
    others: set[str] = set()
    for path, item in cast("dict[str, Any]", paths).items():
        body = live_schema.request_body({"paths": {path: item}})
        for branch in alternatives(cast("dict[str, Any]", body)) if isinstance(body, dict) else ():
            name = _model(branch)
            schema = live_schema.schema(branch, document) if path in ENDPOINTS else None
            if name and schema:
                ways.setdefault(name, []).append(Variant(path, schema))
            elif name:
                others.add(name)
    return Contract(ways, frozenset(others)) if ways else None


def _model(branch: dict[str, Any]) -> str:
    properties: Any = branch.get("properties")
    told: Any = (
        cast("dict[str, Any]", properties).get("model") if isinstance(properties, dict) else None
    )
    name: Any = cast("dict[str, Any]", told).get("const") if isinstance(told, dict) else None
    return name if isinstance(name, str) else ""


def by_words(upstream_id: str) -> list[Variant]:
    """The endpoints that the words of an id point to, with the parameters that all their models have."""
    words = upstream_id.lower()
    fits = (paths for pattern, paths in _WORDS if re.search(rf"(?<![a-z])(?:{pattern})", words))
    return [Variant(path, _endpoint(path)) for path in next(fits, _VIDEO)]


def _endpoint(path: str) -> dict[str, Any]:
    properties, required = _PARAMETERS[path]
    return {"type": "object", "properties": properties, "required": required}


def kinds(paths: Iterable[str]) -> tuple[Kind, ...]:
    """What the endpoints make."""
    made = {ENDPOINTS[path][0] for path in paths}
    return tuple(kind for kind in KINDS if kind in made)


def tasks(ways: Sequence[Variant]) -> tuple[str, ...]:
    """What the endpoints do, in the catalog's words."""
    found: list[str] = []
    for way in ways:
        kind, task = ENDPOINTS[way.path]
        takes = {n: media_of(n, plain(schema)) for n, schema in way.properties.items()}
        if kind != "image":
            found.append(task)
            continue
        if "image" not in {takes[name] for name in way.needs}:
            found.append(task)
        if "image" in takes.values():
            found.append("image-to-image")
    return tuple(dict.fromkeys(found))


def for_kind(ways: Sequence[Variant], kind: Kind) -> list[Variant]:
    """Those that make this kind of media."""
    return [way for way in ways if ENDPOINTS[way.path][0] == kind]


def one_frame_only(way: Variant, slot: str) -> bool:
    """Whether a list of frames of this way holds nothing but the first one."""
    items = takes_list(way.properties.get(slot, {})) or {}
    place = cast("dict[str, Any]", items.get("properties", {})).get("position")
    if not isinstance(place, dict):
        return False
    told = cast("dict[str, Any]", place)
    return "last" not in told.get("enum", [told["const"]] if "const" in told else ["last"])


def added(way: Variant, held: Any, uri: str, role: str, slot: str) -> Any:
    """The value of a slot with one more file in it.

    A frame whose place in the video is known, and every further one, is named with its position.
    """
    items = takes_list(way.properties.get(slot, {}))
    if items is None:
        return uri
    framed = "position" in cast("dict[str, Any]", items.get("properties", {}))
    only_list = media_of(slot, plain(way.properties[slot])) and (
        plain(way.properties[slot]).get("type") == "array"
    )
    if not framed:
        rows = cast("list[Any]", held) if isinstance(held, list) else [held] if held else []
        return [*rows, uri] if only_list or rows else uri
    if held is None and role != "last_frame":
        return uri
    frame = {"uri": uri, "position": "last"}
    if held is None:
        return [frame]
    rows = (
        cast("list[Any]", held) if isinstance(held, list) else [{"uri": held, "position": "first"}]
    )
    return [*rows, frame]
