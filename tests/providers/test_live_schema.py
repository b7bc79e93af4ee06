"""Vendors' OpenAPI schemas become JSON Schema 2020-12 that stands alone, whatever a vendor sends."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexura.providers.live_schema import component, input_schema, request_body, schema

Draft = jsonschema.Draft202012Validator
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
WRITTEN = (
    {"type": "string", "enum": [1], "const": 1, "default": None, "nullable": True, "minimum": 1},
    {"exclusiveMinimum": True, "maximum": 1, "maxLength": 1, "minItems": 1, "multipleOf": 1},
    {"properties": {}, "items": {}, "prefixItems": [], "required": [], "additionalProperties": {}},
    {
        "anyOf": [],
        "allOf": [],
        "oneOf": [],
        "$ref": "",
        "uniqueItems": True,
        "pattern": "",
        "x-order": 1,
    },
    {"title": "", "description": "", "format": "", "example": 1, "examples": []},
    {"x-fal-order-properties": []},
)
KEYWORDS = st.sampled_from([word for some in WRITTEN for word in some])
WORDS = st.sampled_from(["string", "object", "array", "null", "#", "#/components/schemas/A", "a"])
SCHEMAS = st.recursive(
    JSON | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYWORDS | WORDS, inner, max_size=6)
    ),
    max_leaves=25,
)


def document(**schemas: Any) -> dict[str, Any]:
    return {"openapi": "3.0.4", "components": {"schemas": schemas}}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def of(**properties: Any) -> dict[str, Any]:
    """The converted properties of an input."""
    found = input_schema({"type": "object", "properties": properties})
    assert found is not None
    Draft.check_schema(found)
    return found["properties"]


@given(SCHEMAS | JSON, SCHEMAS)
def test_whatever_comes_it_is_a_valid_schema_or_nothing(node: Any, other: Any) -> None:
    root = {"components": {"schemas": {"A": other, "B": node}}}
    for found in (schema(node, root), input_schema(node, root), schema(ref("A"), root)):
        if found is not None:
            Draft.check_schema(found)
            json.dumps(found, allow_nan=False)


@given(SCHEMAS)
def test_whatever_stands_in_a_document_finding_its_parts_never_raises(root: Any) -> None:
    component(root, "Input")
    request_body(root)
    request_body({"paths": root})
    request_body({"paths": {"/x": root}})


@pytest.mark.parametrize("junk", [None, 7, "text", [], False, {}, {"type": "string"}, {"type": 3}])
def test_what_is_no_object_schema_is_no_input(junk: Any) -> None:
    assert input_schema(junk) is None


def test_a_nullable_property_takes_null_as_2020_12_says_it() -> None:
    found = of(
        seed={"type": "integer", "nullable": True, "title": "Seed", "description": "A seed."}
    )
    assert found["seed"] == {"type": ["integer", "null"], "description": "A seed."}
    Draft(found["seed"]).validate(None)


def test_a_nullable_choice_offers_null_too() -> None:
    found = of(
        size={"enum": ["a", "b"], "type": "string", "nullable": True},
        ref={"anyOf": [{"type": "string"}, {"type": "integer"}], "nullable": True},
    )
    assert found["size"] == {"type": ["string", "null"], "enum": ["a", "b", None]}
    assert found["ref"]["anyOf"][-1] == {"type": "null"}


def test_a_string_or_null_is_told_in_one_type_with_what_stands_beside() -> None:
    found = of(
        url={
            "anyOf": [{"type": "string", "format": "uri"}, {"type": "null"}],
            "description": "Image.",
        }
    )
    assert found["url"] == {"type": ["string", "null"], "format": "uri", "description": "Image."}


def test_boolean_exclusive_bounds_become_numbers() -> None:
    found = of(
        a={
            "type": "number",
            "minimum": 0,
            "exclusiveMinimum": True,
            "maximum": 1,
            "exclusiveMaximum": False,
        },
        b={"type": "integer", "exclusiveMinimum": 0, "maximum": 14142},
    )
    assert found["a"] == {"type": "number", "exclusiveMinimum": 0, "maximum": 1}
    assert found["b"] == {"type": "integer", "exclusiveMinimum": 0, "maximum": 14142}


def test_an_example_becomes_examples() -> None:
    found = of(
        a={"type": "string", "example": "a fox"}, b={"type": "string", "examples": ["x", "y"]}
    )
    assert found["a"]["examples"] == ["a fox"]
    assert found["b"]["examples"] == ["x"]


def test_an_enum_behind_all_of_is_merged_into_its_property() -> None:
    """As cog writes a choice: the reference in `allOf`, default and description beside it."""
    root = document(
        aspect_ratio={
            "enum": ["1:1", "16:9"],
            "type": "string",
            "title": "x",
            "description": "An enumeration.",
        },
    )
    node = {
        "type": "object",
        "properties": {
            "aspect_ratio": {
                "allOf": [ref("aspect_ratio")],
                "default": "1:1",
                "description": "Aspect ratio of the image",
                "x-order": 1,
            }
        },
    }
    found = input_schema(node, root)
    assert found is not None
    assert found["properties"]["aspect_ratio"] == {
        "type": "string",
        "enum": ["1:1", "16:9"],
        "default": "1:1",
        "description": "Aspect ratio of the image",
    }


def test_parts_of_all_of_that_contradict_stay_apart() -> None:
    found = schema(
        {"allOf": [{"type": "string"}, {"type": "string", "maxLength": 3}, {"type": "integer"}]}
    )
    assert found == {"type": "string", "maxLength": 3, "allOf": [{"type": "integer"}]}


def test_local_references_are_put_in_place_and_nothing_points_outside() -> None:
    root = document(
        ImageSize={"type": "object", "properties": {"width": {"type": "integer"}}, "title": "S"}
    )
    node = {
        "type": "object",
        "properties": {
            "image_size": {
                "anyOf": [ref("ImageSize"), {"enum": ["square"], "type": "string"}],
                "title": "S",
            },
            "far": {"$ref": "https://evil.example/schema.json", "description": "Elsewhere."},
            "gone": ref("Nowhere"),
        },
    }
    found = input_schema(node, root)
    assert found is not None
    assert found["properties"] == {
        "image_size": {
            "anyOf": [
                {"type": "object", "properties": {"width": {"type": "integer"}}},
                {"type": "string", "enum": ["square"]},
            ]
        },
        "far": {"description": "Elsewhere."},
        "gone": {},
    }
    assert "$ref" not in json.dumps(found)


def test_a_schema_that_contains_itself_ends() -> None:
    node = {"type": "object", "properties": {"child": ref("Node"), "name": {"type": "string"}}}
    found = input_schema(ref("Node"), document(Node=node))
    assert found is not None
    assert found["properties"] == {"child": {}, "name": {"type": "string"}}


def test_a_schema_that_grows_without_end_is_refused() -> None:
    """Twelve levels of ten references each would be 10^12 nodes."""
    levels = {
        f"L{i}": {"type": "object", "properties": {f"p{j}": ref(f"L{i + 1}") for j in range(10)}}
        for i in range(12)
    }
    assert input_schema(ref("L0"), document(**levels)) is None


def test_a_schema_that_is_too_deep_takes_everything_below() -> None:
    node: dict[str, Any] = {"type": "string"}
    for _ in range(100):
        node = {"type": "object", "properties": {"in": node}}
    found = input_schema(node)
    assert found is not None
    assert len(json.dumps(found)) < 1500


def test_properties_stand_in_the_vendors_order() -> None:
    ordered = {
        "type": "object",
        "properties": {
            n: {"type": "string", "x-order": o} for n, o in zip("abc", [2, 0, 1], strict=True)
        },
    }
    found = input_schema(ordered)
    assert found is not None
    assert list(found["properties"]) == ["b", "c", "a"]
    fal = {
        "type": "object",
        "x-fal-order-properties": ["prompt", "gone", "seed"],
        "properties": {"seed": {}, "extra": {}, "prompt": {}},
    }
    found = input_schema(fal)
    assert found is not None
    assert list(found["properties"]) == ["prompt", "seed", "extra"]


def test_titles_go_and_descriptions_are_cut_and_cleaned() -> None:
    found = of(a={"type": "string", "title": "A", "description": "x\u202e\n" + "word " * 200})
    assert "title" not in found["a"]
    assert len(found["a"]["description"]) <= 300
    assert "\n" not in found["a"]["description"] and "\u202e" not in found["a"]["description"]


def test_a_strangers_pattern_is_not_kept() -> None:
    assert of(a={"type": "string", "pattern": "(a+)+$"})["a"] == {"type": "string"}


def test_a_default_that_the_schema_refuses_is_not_kept() -> None:
    found = of(
        a={"type": "integer", "default": None},
        b={"type": "string", "enum": ["x"], "default": "y"},
        c={"type": "integer", "default": 3},
        d={"anyOf": [{"type": "string"}, {"type": "object"}], "default": {"width": 1}},
        e={"type": "integer", "nullable": True, "default": None},
    )
    assert [name for name, inner in found.items() if "default" in inner] == ["c", "d", "e"]


def test_required_names_only_what_is_there() -> None:
    node = {
        "type": "object",
        "properties": {"a": {"required": True}},
        "required": ["a", "a", "b", 7, ["x"]],
    }
    found = input_schema(node)
    assert found == {"type": "object", "properties": {"a": {}}, "required": ["a"]}


def test_the_request_body_is_that_of_the_post_operation() -> None:
    """As fal writes its documents: status, cancel and result beside the one POST."""
    root = {
        **document(FluxInput={"type": "object", "properties": {"prompt": {"type": "string"}}}),
        "paths": {
            "/a/requests/{request_id}/status": {"get": {}},
            "/a/requests/{request_id}/cancel": {"put": {}},
            "/a": {
                "post": {
                    "requestBody": {"content": {"application/json": {"schema": ref("FluxInput")}}}
                }
            },
        },
    }
    found = input_schema(request_body(root), root)
    assert found == {"type": "object", "properties": {"prompt": {"type": "string"}}}


def test_a_huge_choice_is_left_open_and_huge_values_are_dropped() -> None:
    found = of(
        voice={"type": "string", "enum": [f"voice-{i}" for i in range(5000)], "default": "voice-1"},
        x={"type": "string", "default": "x" * 10_000},
    )
    assert found == {"voice": {"type": "string", "default": "voice-1"}, "x": {"type": "string"}}
