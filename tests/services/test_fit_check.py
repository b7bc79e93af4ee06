"""A schema is a stranger's: it may not hang the gateway, make it fetch anything, or break it."""

from __future__ import annotations

import time
from typing import Any

import pytest

from doubles import model
from flexura.domain.errors import InvalidRequest
from flexura.services.fit_check import problems
from flexura.services.fit_schema import read_schema
from flexura.services.options import fit

Schema = dict[str, Any]


def fanned_out(keyword: str, width: int, deep: int) -> Schema:
    """References that multiply at every step."""
    steps = {f"d{i}": {keyword: [{"$ref": f"#/$defs/d{i + 1}"}] * width} for i in range(deep)}
    return {
        "$defs": steps | {f"d{deep}": {"type": "string"}},
        "properties": {"a": {"$ref": "#/$defs/d0"}},
    }


HOSTILE: dict[str, Schema] = {
    "a pattern that backtracks for ever": {"properties": {"a": {"pattern": "^(a+)+$"}}},
    "a pattern that is huge when compiled": {
        "properties": {"a": {"pattern": "(((a{99}){99}){99}){99}"}}
    },
    "a pattern for names": {"patternProperties": {"^(a+)+$": {"type": "object"}}},
    "a pattern beside other properties": {
        "patternProperties": {"^(b+)+$": {}},
        "additionalProperties": {"type": "string"},
    },
    "a pattern in what is not evaluated": {
        "patternProperties": {"^(b+)+$": {}},
        "unevaluatedProperties": False,
    },
    "a remote reference": {"properties": {"a": {"$ref": "http://127.0.0.1:9/schema"}}},
    "a reference to itself": {"$ref": "#"},
    "a reference to what it denies": {"not": {"$ref": "#"}},
    "a dynamic reference": {"$dynamicAnchor": "x", "$dynamicRef": "#x"},
    "choices that multiply": fanned_out("anyOf", 3, 30),
    "conditions that multiply": fanned_out("allOf", 30, 20),
    "a deep nest": {
        "properties": {"a": {"items": {"items": {"items": {"$ref": "#/properties/a"}}}}}
    },
    "keywords of the wrong type": {
        "type": 5,
        "required": 7,
        "properties": {"a": {"minimum": "x", "enum": 5, "multipleOf": 0, "maxLength": []}},
    },
    "properties that are none": {"properties": ["a"], "allOf": {"a": 1}, "anyOf": 3},
    "a schema that is no object": {"properties": {"a": True, "b": None, "c": [1]}},
    "numbers out of this world": {"properties": {"a": {"maximum": 1e400, "default": float("nan")}}},
    "a name in disguise": {"properties": {"a": {"enum": ["\u202egnp", "x" * 10_000]}}},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_schema_takes_no_time_and_breaks_nothing(name: str) -> None:
    long = "a" * 20_000 + "!"
    begun = time.process_time()
    for value in (long, 1, [long] * 50, {"a": [[[[1]]]]}):
        try:
            fitted = fit(
                model("x", input_schema={**HOSTILE[name], "additionalProperties": True}),
                {"a": value},
            )
        except InvalidRequest as refusal:
            assert refusal.next_step and len(refusal.next_step) < 4000
        else:
            assert isinstance(fitted.options, dict)
    assert time.process_time() - begun < 5, (
        "a bound is missing; the slowest needs well under a second"
    )


def test_a_pattern_is_checked_in_linear_time_and_skipped_if_it_cannot_be() -> None:
    assert problems({"properties": {"a": {"pattern": "^[a-z]+$"}}}, {"a": "A"})
    assert not problems({"properties": {"a": {"pattern": "^[a-z]+$"}}}, {"a": "a"})
    assert not problems({"properties": {"a": {"pattern": "(?!a)b"}}}, {"a": "c"})
    assert not problems({"properties": {"a": {"pattern": f"^{'b' * 2000}$"}}}, {"a": "c"})


def test_local_references_and_alternatives_are_followed() -> None:
    schema: Schema = {
        "$defs": {"mood": {"enum": ["calm", "wild"]}, "side": {"type": "integer", "maximum": 9}},
        "properties": {
            "mood": {"allOf": [{"$ref": "#/$defs/mood"}], "default": "calm"},
            "box": {
                "anyOf": [
                    {"type": "object", "properties": {"w": {"$ref": "#/$defs/side"}}},
                    {"enum": ["big"]},
                ]
            },
        },
    }
    read = read_schema(schema).properties
    assert (read["mood"].words, read["mood"].closed, read["mood"].default) == (
        ("calm", "wild"),
        True,
        "calm",
    )
    assert read["box"].fields["w"].high == 9 and read["box"].words == ("big",)
    assert problems(schema, {"mood": "sad"})[0].path == ("mood",)
    assert problems(schema, {"box": {"w": 10}}) and not problems(schema, {"box": {"w": 3}})


def test_booleans_of_openapi_3_0_are_no_bounds() -> None:
    assert not problems({"properties": {"a": {"minimum": 0, "exclusiveMinimum": True}}}, {"a": 1})


def test_what_is_missing_is_named() -> None:
    assert problems({"required": ["a", "b"]}, {"a": 1})[0].missing == ("b",)
    either: Schema = {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}
    assert problems(either, {})[0].missing == ("a",)
    assert not problems(either, {"b": 1})
    assert problems({"dependentRequired": {"a": ["b"]}}, {"a": 1})
