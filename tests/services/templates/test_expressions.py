"""Expressions name values and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexura.domain.errors import InvalidRequest
from flexura.services.templates.expressions import expressions, references, render, sources

SCOPE: dict[str, Any] = {
    "inputs": {"subject": "fox", "count": 4, "size": 2.0, "left_out": None, "many": ["a", "b"]},
    "steps": {"draw": {"outputs": ["art_1", "art_2"]}, "find": {"text": "found"}},
    "item": {"title": "T", "n": 1},
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ inputs.subject }}", "fox"),
        ("{{inputs.count}}", 4),
        ("  {{ inputs.count }}  ", 4),
        ("{{ steps.draw.outputs }}", ["art_1", "art_2"]),
        ("{{ steps.draw.outputs.1 }}", "art_2"),
        ("{{ inputs.left_out }}", None),
        ("{{ item }}", {"title": "T", "n": 1}),
        ("a {{ inputs.subject }} x{{ inputs.count }} {{ inputs.size }}", "a fox x4 2"),
        ("[{{ inputs.left_out }}]", "[]"),
        ("{{ inputs.many }}!", "a, b!"),
        ("{{ item.title }}: {{ steps.find.text }}", "T: found"),
        ('{{ inputs.left_out | default("calm") }}', "calm"),
        ('{{ steps.draw.outputs.7 | default("none") }}', "none"),
        ("{{ inputs.left_out | default(3) }}", 3),
        ("no expression", "no expression"),
        ("{ {inputs.subject} }", "{ {inputs.subject} }"),
    ],
)
def test_a_whole_expression_keeps_its_type_and_others_become_text(text: str, value: Any) -> None:
    assert render(text, SCOPE) == value


def test_lists_and_objects_are_rendered_part_by_part() -> None:
    options = {"size": "{{ inputs.count }}", "more": ["{{ inputs.subject }}", 1], "plain": True}
    assert render(options, SCOPE) == {"size": 4, "more": ["fox", 1], "plain": True}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ steps.later.outputs }}", "no steps.later"),
        ("{{ steps.draw.outputs.7 }}", "no steps.draw.outputs.7"),
        ("x {{ item }}", "an object|An object"),
        ("{{ __class__.x }}", "no __class__"),
        ("{{ inputs.subject.__class__ }}", "no inputs.subject.__class__"),
        ("{{ inputs['subject'] }}", "cannot be read"),
        ('{{ inputs.subject | default("\\x") }}', "cannot be read"),
    ],
)
def test_what_is_not_there_is_told(text: str, said: str) -> None:
    with pytest.raises(InvalidRequest, match=said):
        render(text, SCOPE)


@given(st.text())
def test_a_value_is_never_read_as_an_expression(value: str) -> None:
    scope = {"inputs": {"a": value, "b": "{{ inputs.secret }}", "secret": "s3cret"}}
    assert render("<{{ inputs.a }}|{{ inputs.b }}>", scope) == f"<{value}|{{{{ inputs.secret }}}}>"
    assert render("{{ inputs.a }}", scope) == value


@given(st.text(alphabet="{}inputs.stepm |default(\"')0123 ", max_size=40))
def test_any_text_is_rendered_or_refused(text: str) -> None:
    try:
        list(expressions(text))
        render(text, SCOPE)
    except InvalidRequest as error:
        assert error.next_step


def test_references_are_the_steps_that_are_named_anywhere() -> None:
    value = {"a": ["{{ steps.one.outputs }}"], "b": "x {{ steps.two.text }} {{ inputs.three }}"}
    assert references((value, "{{ steps.four.outputs.0 }}")) == {"one", "two", "four"}


def test_sources_are_flat_keep_their_role_and_leave_out_what_is_missing() -> None:
    named = (
        "mask={{ inputs.left_out }}",
        "{{ steps.draw.outputs }}",
        "reference={{ steps.draw.outputs }}",
        "first_frame={{ steps.draw.outputs.0 }}",
    )
    assert sources(named, SCOPE) == [
        "art_1",
        "art_2",
        "reference=art_1",
        "reference=art_2",
        "first_frame=art_1",
    ]
