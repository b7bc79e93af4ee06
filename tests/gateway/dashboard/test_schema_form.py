"""A form made from a stranger's JSON Schema, and what is read from it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doubles import model
from flexura.gateway.dashboard.form_values import read_options
from flexura.gateway.dashboard.model_form import form_of
from flexura.gateway.dashboard.option_words import option_table
from flexura.gateway.dashboard.render import environment
from flexura.gateway.dashboard.schema_form import Field, fields_of
from flexura.gateway.dashboard.visit import Form
from flexura.services.schema_bounds import Unusable, bounded


def one(told: dict[str, Any], *, required: bool = False) -> Field:
    """The control of one property."""
    (found,) = fields_of(
        {"type": "object", "properties": {"it": told}, "required": ["it"] if required else []}
    )
    return found


def read(told: dict[str, Any], *sent: tuple[str, str]) -> Any:
    """What is read of one property; the problem's words where it cannot be."""
    found = read_options([one(told)], Form(list(sent)))
    return found.problems.get("o.it") or found.options.get("it")


@pytest.mark.parametrize(
    ("told", "widget"),
    [
        ({"type": "string"}, "text"),
        ({"type": "string", "maxLength": 5000}, "area"),
        ({"type": "string", "enum": ["a", "b"]}, "radio"),
        ({"type": "string", "enum": list("abcdefgh")}, "choice"),
        ({"type": "integer"}, "number"),
        ({"type": ["number", "null"]}, "number"),
        ({"type": "boolean", "default": True}, "flag"),
        ({"type": "boolean"}, "radio"),
        ({"type": "array", "items": {"type": "string"}}, "list"),
        ({"type": "array", "items": {"enum": ["a", "b"]}}, "several"),
        ({"type": "array", "items": {"type": "object"}}, "json"),
        ({"type": "object", "properties": {"a": {"type": "string"}}}, "group"),
        ({"type": "object"}, "json"),
        ({}, "json"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "number"),
        ({"anyOf": [{"enum": ["a"]}, {"type": "string"}]}, "text"),
        ({"oneOf": [{"const": "a"}, {"const": "b"}]}, "radio"),
        ({"anyOf": [{"enum": ["a"]}, {"type": "object", "properties": {"w": {}}}]}, "either"),
        ({"type": ["string", "integer"]}, "text"),
        ({"allOf": [{"type": "string", "enum": ["a"]}]}, "radio"),
        ({"type": "strange"}, "json"),
    ],
)
def test_each_kind_of_property_has_its_control(told: dict[str, Any], widget: str) -> None:
    assert one(told).widget == widget


@pytest.mark.parametrize(
    ("told", "sent", "value"),
    [
        ({"type": "string"}, "a fox", "a fox"),
        ({"type": "string", "default": "x"}, "x", None),
        ({"type": "string"}, "  ", None),
        ({"type": "integer", "minimum": 1, "maximum": 9}, "7", 7),
        ({"type": "integer"}, "7.5", "This is not a whole number."),
        ({"type": "integer", "minimum": 1, "maximum": 9}, "10", "Allowed: 1 to 9."),
        ({"type": "number"}, "0,5", 0.5),
        ({"type": "number"}, "nan", "This is not a number."),
        ({"type": "number"}, "1e999", "This is not a number."),
        ({"type": "number", "default": 0.5}, "0.5", None),
        ({"enum": ["a", 2, None]}, "2", 2),
        ({"enum": ["a"]}, '"b"', "The model does not offer this any more. Choose another one."),
        ({"type": "boolean"}, "true", True),
        ({"type": "boolean"}, "false", False),
        ({"type": "array", "items": {"type": "integer"}}, "1\r\n\r\n2", [1, 2]),
        ({"type": "array", "items": {"type": "string"}, "maxItems": 1}, "a\nb", "At most 1 lines."),
        ({"type": ["string", "integer"]}, "5", 5),
        ({"type": ["string", "integer"]}, "auto", "auto"),
        ({}, '{"a": [1]}', {"a": [1]}),
        ({}, "{", 'This is not JSON, such as {"a": 1}, [1, 2] or "a word".'),
        ({}, "NaN", 'This is not JSON, such as {"a": 1}, [1, 2] or "a word".'),
    ],
)
def test_what_is_sent_becomes_a_value_or_a_plain_refusal(
    told: dict[str, Any], sent: str, value: Any
) -> None:
    assert read(told, ("o.it", sent)) == value


def test_a_box_that_is_not_ticked_says_no_only_where_yes_was_the_default() -> None:
    yes, no = {"type": "boolean", "default": True}, {"type": "boolean", "default": False}
    assert read(yes, ("o.it?", "1")) is False
    assert read(yes, ("o.it?", "1"), ("o.it", "true")) is None
    assert read(no, ("o.it?", "1"), ("o.it", "true")) is True
    assert read(no, ("o.it?", "1")) is None
    assert read(yes) is None


def test_several_of_a_list_keep_their_order_and_nothing_else_comes_in() -> None:
    told = {"type": "array", "items": {"enum": ["a", "b", "c"]}, "default": ["a"]}
    sent = (("o.it?", "1"), ("o.it", '"a"'), ("o.it", '"c"'), ("o.it", '"evil"'))
    assert read(told, *sent) == ["a", "c"]
    assert read(told, *sent[:2]) is None
    assert read(told, ("o.it?", "1")) == []


def test_groups_and_alternatives_are_read_inside() -> None:
    size = {"type": "object", "properties": {"width": {"type": "integer"}, "a.b": {}}}
    assert read(size, ("o.it.width", "64"), ("o.it.a~1b", "1")) == {"width": 64, "a.b": 1}
    assert read(size) is None
    either = {"anyOf": [{"enum": ["square", "wide"]}, size]}
    assert read(either, ("o.it?", "0"), ("o.it.0", '"wide"'), ("o.it.1.width", "3")) == "wide"
    assert read(either, ("o.it?", "1"), ("o.it.0", '"wide"'), ("o.it.1.width", "3")) == {"width": 3}
    assert read(either, ("o.it?", "9"), ("o.it.0", '"wide"')) is None
    assert read(either, ("o.it?", ""), ("o.it.0", '"wide"')) is None


def test_what_the_gateway_asks_in_its_own_words_is_not_asked_twice() -> None:
    properties = {
        "prompt": {"type": "string"},
        "num_images": {"type": "integer", "maximum": 4},
        "seed": {"type": "integer"},
        "image_url": {"type": "string"},
        "mask_url": {"type": "string"},
        "voice": {"type": "string"},
        "image_size": {"type": "string", "enum": ["square", "portrait"]},
        "must": {"type": "string"},
        "rare": {"type": "string"},
    }
    schema = {
        "type": "object",
        "properties": properties,
        "required": ["prompt", "must", "mask_url"],
    }
    form = form_of(model("x", input_schema=schema))
    assert [f.key for f in form.own] == ["image_size", "voice", "must"]
    assert [f.key for f in form.more] == ["rare"]
    assert [(slot.role, slot.required) for slot in form.slots] == [("image", False), ("mask", True)]
    assert form.seeded and form.variants > 1


def test_ids_of_controls_are_different_and_plain() -> None:
    names = ["a b", "a.b", "a-b", "ä", '"><script>', "a~b", "a/b"]
    found = fields_of({"properties": {name: {"type": "string"} for name in names}})
    ids = [field.id for field in found]
    assert len(set(ids)) == len(names)
    assert all(one.replace("-", "").isalnum() and one.isascii() for one in ids)


_SCALAR = st.none() | st.booleans() | st.integers(-99, 99) | st.floats() | st.text(max_size=8)
_TYPE = st.sampled_from(["string", "number", "integer", "boolean", "array", "object", "null"])


def _schema(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {},
        optional={
            "type": _TYPE | st.lists(_TYPE, max_size=3) | _SCALAR,
            "enum": st.lists(_SCALAR, max_size=5) | _SCALAR,
            "const": _SCALAR,
            "default": _SCALAR | st.lists(_SCALAR, max_size=2),
            "minimum": _SCALAR,
            "exclusiveMaximum": _SCALAR,
            "maximum": _SCALAR,
            "multipleOf": _SCALAR,
            "maxLength": _SCALAR,
            "maxItems": _SCALAR,
            "title": _SCALAR,
            "description": _SCALAR,
            "items": inner | _SCALAR,
            "required": st.lists(_SCALAR, max_size=2) | _SCALAR,
            "properties": st.dictionaries(st.text(max_size=6), inner, max_size=3) | _SCALAR,
            "anyOf": st.lists(inner, max_size=3) | _SCALAR,
            "oneOf": st.lists(inner, max_size=3),
            "allOf": st.lists(inner, max_size=2),
        },
    )


@given(st.recursive(st.just({}) | _SCALAR, _schema, max_leaves=8), st.data())
def test_no_schema_is_too_strange_for_a_form(told: Any, data: st.DataObject) -> None:
    try:
        schema = bounded({"type": "object", "properties": {"it": told, "that": {"type": "string"}}})
    except Unusable:
        return
    fields = fields_of(schema)
    assert len(fields) == len(schema["properties"])
    assert list(option_table(fields))
    fields_template = environment().get_template("models/_fields.html")
    shown = "".join(
        fields_template.module.control(f, Form([]), False, {})  # type: ignore[attr-defined]
        for f in fields
    )
    names = [part.partition('"')[0] for part in shown.split(' name="')[1:]]
    sent = [(name.replace("&#34;", '"'), data.draw(st.text(max_size=6))) for name in names[:6]]
    found = read_options(fields, Form(sent))
    json.dumps(found.options, allow_nan=False)
