"""Single properties in the odd shapes that vendors give them."""

from __future__ import annotations

from typing import Any

import pytest

from doubles import model
from flexura.domain.errors import InvalidRequest
from flexura.domain.model import Kind
from flexura.services.options import fit

Schema = dict[str, Any]


def sent(name: str, schema: Schema, options: dict[str, Any], kind: Kind = "image") -> Any:
    """What stands in the one property that the model has."""
    offered = model("x", input_schema={"properties": {name: schema}}, max_n=1, kinds=(kind,))
    found = fit(offered, options)
    assert [w for w in found.warnings if w.code != "option_adjusted"] == []
    return found.options.get(name)


TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}


def one_of(*words: Any) -> Schema:
    return {"enum": [*words]}


TAKEN: list[tuple[str, Schema, dict[str, Any], Any]] = [
    ("transparent_background", {"type": "boolean"}, {"background": "transparent"}, True),
    ("transparent_background", {"type": "boolean"}, {"background": "opaque"}, False),
    ("enable_audio", one_of("on", "off"), {"sound": True}, "on"),
    ("with_audio", one_of("No", "Yes"), {"sound": "false"}, "No"),
    ("duration", one_of("auto", 5, 10), {"seconds": "AUTO"}, "auto"),
    ("duration", one_of(5, 10), {"seconds": "10s"}, 10),
    ("duration", {"type": ["integer", "string"], "enum": [-1, 5]}, {"seconds": 5}, 5),
    (
        "duration",
        {"anyOf": [{"type": "null"}, {"type": "integer", "maximum": 9}]},
        {"seconds": 9},
        9,
    ),
    ("duration", one_of(-1, 4, 8), {"seconds": 4}, 4),
    ("duration_seconds", {"type": "number", "maximum": 22}, {"seconds": 0.5}, 0.5),
    ("num_frames", {**WHOLE, "multipleOf": 8, "minimum": 10}, {"seconds": 0.44}, 16),
    ("num_frames", {**WHOLE, "multipleOf": 8, "maximum": 50}, {"seconds": 2.05}, 48),
    ("num_frames", one_of(49, 81), {"seconds": 3.4}, 81),
    ("mime_type", TEXT, {"format": "mp3"}, "audio/mpeg"),
    ("mime_type", TEXT, {"format": "jpg"}, "image/jpeg"),
    ("output_format", TEXT, {"format": "webp"}, "webp"),
    ("output_format", one_of("audio/mpeg", "audio/wav"), {"format": "mp3"}, "audio/mpeg"),
    ("output_format", one_of("mp3_22050_32", "mp3_44100_64"), {"format": "mp3"}, "mp3_44100_64"),
    ("output_format", one_of("JPEG", "PNG"), {"format": "image/png"}, "PNG"),
    ("language", one_of("en-US", "pt-BR"), {"language": "pt"}, "pt-BR"),
    ("language", one_of("en-US", "pt-BR"), {"language": "en_GB"}, "en-US"),
    ("language", TEXT, {"language": "xx"}, "xx"),
    ("quality", WHOLE, {"quality": "90"}, 90),
    ("quality", one_of("1", "2"), {"quality": 2}, "2"),
    ("voice", {"anyOf": [one_of("Aria"), TEXT]}, {"voice": "aria"}, "Aria"),
    ("voice", {"anyOf": [one_of("Aria"), TEXT]}, {"voice": "my own"}, "my own"),
    ("cfg_scale", {"type": "number"}, {"guidance": "7.5"}, 7.5),
    ("style", TEXT, {"style": 5}, "5"),
    ("loop", {"type": "boolean"}, {"loop": "true"}, True),
    ("tags", {"type": "array", "items": TEXT}, {"tags": ["a"]}, ["a"]),
    ("width", one_of(512, 1024), {"width": 600}, 512),
    ("width", TEXT, {"width": 640}, "640"),
    ("size", one_of("landscape", "portrait"), {"size": "9:16"}, "portrait"),
    ("image_size", one_of("portrait_3_2", "landscape_3_2"), {"size": "3:2"}, "landscape_3_2"),
    ("megapixels", {"type": "number", "minimum": 0.25, "maximum": 4}, {"size": "1000x1000"}, 1.0),
    ("resolution", one_of("480p", "720p"), {"size": "1280x720"}, "720p"),
    ("resolution", one_of("2K", "4K"), {"size": "4k"}, "4K"),
    ("output_quality", WHOLE, {"output_quality": None}, None),
]


@pytest.mark.parametrize(("name", "schema", "options", "expected"), TAKEN)
def test_a_value_takes_the_propertys_own_form(
    name: str, schema: Schema, options: dict[str, Any], expected: Any
) -> None:
    found = sent(name, schema, options)
    assert found == expected and type(found) is type(expected)


REFUSED: list[tuple[str, Schema, dict[str, Any]]] = [
    ("seconds", WHOLE, {"seconds": "soon"}),
    ("seconds", WHOLE, {"seconds": True}),
    ("seconds", one_of(-1, 4, 8), {"seconds": 1}),
    ("quality", WHOLE, {"quality": 1.5}),
    ("quality", one_of("low"), {"quality": []}),
    ("voice", one_of("a"), {"voice": True}),
    ("width", WHOLE, {"width": 1.5}),
    ("fps", {**WHOLE, "maximum": 30}, {"fps": 60}),
    ("fps", WHOLE, {"fps": "fast"}),
    ("language", one_of("en"), {"language": "klingon"}),
]


@pytest.mark.parametrize(("name", "schema", "options"), REFUSED)
def test_nonsense_is_refused_by_its_name(
    name: str, schema: Schema, options: dict[str, Any]
) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        sent(name, schema, options)
    assert refusal.value.field == f"options.{name}"
    assert refusal.value.next_step.startswith("Allowed: ")


LOOKS_ALIKE: list[tuple[str, Schema, dict[str, Any]]] = [
    ("response_format", one_of("url", "b64_json"), {"format": "png"}),
    ("response_format", TEXT, {"format": "png"}),
    ("audio", TEXT, {"sound": True}),
    ("speed", one_of("fast", "turbo"), {"speed": 2}),
    ("length", one_of("short", "long"), {"seconds": 5}),
    ("background", {"type": "array"}, {"background": "opaque"}),
    ("width", WHOLE, {"height": 64}),
]


@pytest.mark.parametrize(("name", "schema", "options"), LOOKS_ALIKE)
def test_a_property_that_only_sounds_alike_is_left_alone(
    name: str, schema: Schema, options: dict[str, Any]
) -> None:
    offered = model("x", input_schema={"properties": {name: schema}}, max_n=1)
    found = fit(offered, options)
    assert name not in found.options
    assert [w.code for w in found.warnings] == ["option_not_supported"]


def test_a_film_says_4k_for_2160_lines() -> None:
    schema: Schema = {
        "properties": {"aspect_ratio": one_of("16:9"), "resolution": one_of("1080p", "4k")}
    }
    offered = model("x", input_schema=schema, max_n=1, kinds=("video",))
    found = fit(offered, {"size": "3840x2160"})
    assert found.options == {"aspect_ratio": "16:9", "resolution": "4k"} and not found.warnings


def test_a_side_and_a_ratio_give_the_other_side() -> None:
    schema: Schema = {"properties": {"width": WHOLE, "height": WHOLE}}
    offered = model("x", input_schema=schema)
    assert fit(offered, {"size": "2:1", "height": 300}).options == {"width": 600, "height": 300}


def test_a_ratio_stays_inside_of_the_ranges_of_the_sides() -> None:
    side = {**WHOLE, "minimum": 256, "maximum": 1024, "multipleOf": 64, "default": 1024}
    offered = model("x", input_schema={"properties": {"width": side, "height": side}})
    assert fit(offered, {"size": "16:9"}).options == {"width": 1024, "height": 576}
