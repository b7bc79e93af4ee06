"""Several bodies of one model as one schema, and back: what is published, what is chosen, what is wrapped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flexura.ports.provider import InputFile
from flexura.providers.input_variants import (
    Variant,
    alternatives,
    chosen,
    list_names,
    media_of,
    merged,
    placed,
    plain,
)

URI = {"type": "string"}


def variant(path: str, required: list[str] | None = None, **properties: Any) -> Variant:
    schema = {"type": "object", "properties": properties, "required": required or []}
    return Variant(path, schema)


WORDS = variant(
    "/words",
    ["mode", "prompt", "ratio"],
    mode={"type": "string", "const": "w"},
    prompt={"type": "string", "maxLength": 100},
    ratio={"type": "string", "enum": ["1:1", "16:9"]},
    seconds={"type": "integer", "minimum": 2, "maximum": 10},
)
FRAME = variant(
    "/frame",
    ["mode", "prompt", "ratio", "image"],
    mode={"type": "string", "const": "f"},
    prompt={"type": "string", "maxLength": 50},
    ratio={"type": "string", "enum": ["16:9", "4:3"]},
    seconds={"type": "integer", "minimum": 5, "maximum": 20},
    image=URI,
)


def file(mime: str, role: str, slot: str = "") -> InputFile:
    return InputFile(Path("x"), mime, "0", role, slot)


def test_what_the_merged_schema_allows_every_variant_allows() -> None:
    schema = merged([WORDS, FRAME])
    properties = schema["properties"]
    assert properties["ratio"] == {"type": "string", "enum": ["16:9"], "default": "16:9"}
    assert (properties["seconds"]["minimum"], properties["seconds"]["maximum"]) == (5, 10)
    assert properties["prompt"]["maxLength"] == 50
    assert schema["required"] == ["prompt"]
    assert "mode" not in properties and "image" in properties


def test_hidden_properties_are_not_published() -> None:
    assert list(merged([FRAME], hidden=("seconds", "ratio"))["properties"]) == ["prompt", "image"]


def test_no_variant_is_an_empty_schema() -> None:
    assert merged([]) == {"type": "object", "properties": {}, "required": []}


@pytest.mark.parametrize(
    ("schema", "kept"),
    [
        ({"type": "integer", "minimum": 64, "default": 0}, None),
        ({"type": "integer", "minimum": 64, "default": 64}, 64),
        ({"type": "string", "default": ""}, None),
        ({"type": ["boolean", "null"], "default": False}, False),
    ],
)
def test_a_default_that_its_own_schema_refuses_is_dropped(schema: Any, kept: Any) -> None:
    assert merged([variant("/", None, x=schema)])["properties"]["x"].get("default") == kept


@pytest.mark.parametrize(
    ("schema", "published"),
    [
        ({"type": ["string", "null"]}, {"type": "string"}),
        (
            {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]},
            {"type": "integer", "minimum": 1},
        ),
        ({"type": ["string", "null"], "enum": ["a", None]}, {"type": "string", "enum": ["a"]}),
        (
            {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "string", "const": "auto"}]},
            {"type": "string", "enum": ["a", "auto"]},
        ),
        ({"anyOf": [{"type": "string", "enum": ["a"]}, URI]}, {"type": "string"}),
        (
            {
                "anyOf": [{"type": "integer"}, {"type": "string", "const": "auto"}],
                "default": "auto",
            },
            {
                "anyOf": [{"type": "integer"}, {"type": "string", "const": "auto"}],
                "default": "auto",
            },
        ),
        (
            {
                "type": "array",
                "items": {"type": "object", "properties": {"uri": URI}, "required": ["uri"]},
            },
            {"type": "array", "items": {"type": "string"}},
        ),
        ({"type": "object", "properties": {"a": URI, "b": URI}, "required": ["a", "b"]}, None),
    ],
)
def test_a_property_is_published_plainly(schema: Any, published: Any) -> None:
    assert plain(schema) == (schema if published is None else published)


def test_values_are_wrapped_where_the_vendor_wants_it() -> None:
    voice = {
        "type": "object",
        "properties": {"type": {"const": "preset"}, "id": {"type": "string", "enum": ["A"]}},
        "required": ["type", "id"],
    }
    item = {"type": "object", "properties": {"uri": URI, "tag": URI}, "required": ["uri"]}
    way = variant("/", None, voice=voice, references={"type": "array", "items": item}, image=URI)
    assert plain(voice) == {"type": "string", "enum": ["A"]}
    told = {"voice": "A", "references": ["u", {"uri": "v", "tag": "t"}], "image": "i", "other": 1}
    assert way.body(told) == {
        "voice": {"type": "preset", "id": "A"},
        "references": [{"uri": "u"}, {"uri": "v", "tag": "t"}],
        "image": "i",
    }


def test_what_is_given_decides_the_variant() -> None:
    both = [FRAME, WORDS]
    assert chosen(both, {"prompt", "ratio"}, set()) is WORDS
    assert chosen(both, {"prompt", "ratio"}, {"image"}) is FRAME
    assert WORDS.body({"prompt": "p", "image": "i"}) == {"prompt": "p", "mode": "w"}


def test_inputs_without_a_place_get_the_first_free_one_of_their_medium() -> None:
    properties = {
        "start_image": URI,
        "mask_image": URI,
        "image_size": {"type": "string", "enum": ["a"]},
        "end_image": URI,
        "video": URI,
    }
    files = [
        file("image/png", "last_frame"),
        file("image/png", "mask"),
        file("image/png", "image"),
        file("video/mp4", "video"),
        file("audio/wav", "audio"),
    ]
    found = {slot: f.role for slot, f in placed(files, properties)}
    assert found == {
        "mask_image": "mask",
        "start_image": "image",
        "video": "video",
        "end_image": "last_frame",
    }


def test_a_list_takes_as_many_as_there_are() -> None:
    frames = {"anyOf": [URI, {"type": "array", "items": URI}]}
    way = variant("/", None, keyframes=frames)
    assert list_names([way]) == {"keyframes"}
    two = [file("image/png", "image"), file("image/png", "image")]
    properties = merged([way])["properties"]
    assert [s for s, _ in placed(two, properties, list_names([way]))] == ["keyframes"] * 2
    assert [s for s, _ in placed(two, properties)] == ["keyframes"]
    assert [s for s, _ in placed([file("image/png", "image", "a[]")], properties)] == ["a"]


@pytest.mark.parametrize(
    ("name", "schema", "media"),
    [
        ("promptImage", URI, "image"),
        ("input_image_2", URI, "image"),
        ("referenceVideos", {"type": "array", "items": URI}, "video"),
        ("image_prompt_strength", {"type": "number"}, ""),
        ("image_size", {"type": "string", "enum": ["a"]}, ""),
        ("generate_audio", {"type": "boolean"}, ""),
        ("prompt", URI, ""),
    ],
)
def test_a_property_for_files_is_known_by_its_name_and_type(
    name: str, schema: Any, media: str
) -> None:
    assert media_of(name, schema) == media


def test_alternatives_are_the_objects_of_a_choice() -> None:
    one, two = {"type": "object"}, {"properties": {}}
    assert alternatives({"oneOf": [one, {"type": "null"}, two, {"type": "string"}]}) == [one, two]
    assert alternatives({"type": "object", "properties": {"a": URI}})
    assert alternatives({"type": "string"}) == []
