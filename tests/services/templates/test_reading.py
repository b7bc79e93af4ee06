"""A document becomes a template, or a message that says where it is wrong and what is allowed."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexura.domain.errors import FlexuraError, InvalidRequest
from flexura.services.templates.reading import document_of, read, read_yaml
from flexura.services.templates.yaml_text import load_yaml
from template_house import DOCUMENT, document

_BROKEN: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"slug": "Hero 1"}, "slug", "Lower-case letters"),
    ({"stepz": []}, "stepz", "Did you mean steps?"),
    ({"steps": []}, "steps", "Correct steps"),
    ({"steps__0__promt": "x"}, "steps[0].promt", "Did you mean prompt?"),
    ({"steps__0__uses": "imgae"}, "steps[0].uses", "Did you mean image?"),
    ({"steps__0__n": 9}, "steps[0].n", "1 to 8"),
    ({"steps__0__n": True}, "steps[0].n", "Correct"),
    ({"steps__0__n": "4"}, "steps[0].n", "{{ inputs.NAME }}"),
    ({"steps__0__n": "{{ inputs.subject }}"}, "steps[0].n", "NUMBER input"),
    ({"steps__0__prompt": ""}, "steps[0].prompt", "Say in words"),
    ({"steps__0__prompt": "{{ inputs.subjct }}"}, "steps[0].prompt", "Did you mean subject?"),
    ({"steps__0__prompt": "{{ steps.pik.outputs }}"}, "steps[0].prompt", "Did you mean pick?"),
    ({"steps__0__prompt": "{{ 1 + 1 }}"}, "steps[0].prompt", "{{ inputs.NAME }}"),
    ({"steps__0__prompt": "{{ inputs.subject"}, "steps[0].prompt", "{{ inputs.NAME }}"),
    ({"steps__0__prompt": "{{ secrets.key }}"}, "steps[0].prompt", "{{ inputs.NAME }}"),
    ({"steps__0__prompt": "{{ item }}"}, "steps[0].prompt", "Add each"),
    ({"steps__0__options": {"a": ["{{ inputs.nope }}"]}}, "steps[0].options", "Declared inputs"),
    ({"steps__0__each": "{{ inputs.subject }}"}, "steps[0].each", "many: true: items"),
    ({"steps__0__each": "items"}, "steps[0].each", "{{ inputs.NAME }}"),
    ({"steps__0__needs": ["nope"]}, "steps[0].needs[0]", "Steps: draw, pick"),
    ({"steps__0__model": "vendor:some-model"}, "steps[0].model", "policy:cheapest"),
    ({"steps__0__model": "policy:bst"}, "steps[0].model", "policy:cheapest"),
    ({"steps__1__model": "policy:best"}, "steps[1].model", "Allowed: id, inputs, needs"),
    ({"steps__1__id": "draw"}, "steps[1].id", "another id"),
    ({"steps__2__inputs": []}, "steps[2].inputs", "Name what it starts from"),
    ({"steps__2__inputs": ["art_1"]}, "steps[2].inputs[0]", "{{ inputs.NAME }}"),
    ({"steps__2__inputs": ["msk={{ steps.pick.outputs }}"]}, "steps[2].inputs[0]", "Known: mask"),
    ({"steps__2__prompt": "{{ steps.draw.text }}"}, "steps[2].prompt", "steps.draw.outputs"),
    ({"steps__2__prompt": "{{ steps.send.outputs }}"}, "steps[2].prompt", "makes something"),
    ({"inputs__1__id": "subject"}, "inputs[1].id", "another id"),
    ({"inputs__0__type": "CHOICE"}, "inputs[0].choices", "List the choices"),
    ({"inputs__0__choices": ["a"]}, "inputs[0].choices", "List the choices"),
    ({"inputs__0__minimum": 1}, "inputs[0].minimum", "Leave it out"),
    ({"inputs__1__minimum": 9}, "inputs[1].minimum", "Exchange"),
    ({"inputs__1__default": 99}, "inputs[1].default", "at most 8"),
    ({"inputs__2__default": "wld"}, "inputs[2].default", "Did you mean wild?"),
    ({"inputs__3__default": "x"}, "inputs[3].default", "as a list"),
    ({"inputs__0__most": 3}, "inputs[0].most", "many: true"),
    ({"outputs": ["send"]}, "outputs[0]", "Steps that do: draw, pick, enlarge"),
    ({"views": ["preset"]}, "views", "one step"),
)


@pytest.mark.parametrize(("changes", "field", "step"), _BROKEN)
def test_every_mistake_names_its_place_and_what_is_allowed(
    changes: dict[str, Any], field: str, step: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read(document(**changes))
    assert caught.value.field == field
    assert field in caught.value.message
    assert step in caught.value.next_step


def test_a_circle_is_shown_as_the_way_round() -> None:
    with pytest.raises(InvalidRequest, match=r"draw -> enlarge -> pick -> draw"):
        read(document(steps__0__needs=["enlarge"]))


def test_a_result_is_needed_and_publishing_comes_last_and_once() -> None:
    search = {"id": "find", "uses": "search", "prompt": "x"}
    with pytest.raises(InvalidRequest, match="none that gives a file"):
        read(document(steps=[search]))
    again = [*DOCUMENT["steps"], {"id": "twice", "uses": "publish"}]
    with pytest.raises(InvalidRequest, match="a second time"):
        read(document(steps=again))
    with pytest.raises(InvalidRequest, match="after publishing"):
        read(document(steps__0__needs=["send"], steps__3__inputs=["{{ inputs.subject }}"]))


def test_a_search_step_takes_the_options_of_search_alone() -> None:
    find = {"id": "find", "uses": "search", "prompt": "x", "options": {"max_result": 3}}
    with pytest.raises(InvalidRequest) as caught:
        read(document(steps=[find, DOCUMENT["steps"][0]]))
    assert caught.value.field == "steps[0].options.max_result"
    assert "Did you mean max_results?" in caught.value.next_step


def test_what_is_approved_and_published_is_what_the_step_before_gave() -> None:
    template = read(DOCUMENT)
    assert template.step("pick").inputs == ("{{ steps.draw.outputs }}",)
    assert template.step("send").inputs == ("{{ steps.enlarge.outputs }}",)


def test_a_template_written_out_and_read_again_is_the_same() -> None:
    template = read(document(inputs__1__default=0, inputs__1__minimum=0))
    assert read(document_of(template)) == template
    assert read(json.loads(json.dumps(document_of(template)))) == template


def test_a_number_of_json_counts_whether_or_not_it_has_a_point() -> None:
    assert read(document(steps__0__n=2.0)).steps[0].n == 2


@pytest.mark.anyio
async def test_yaml_means_what_people_mean() -> None:
    text = b"size: 16:9\nsound: on\ndate: 2026-11-22\ncount: 4\nratio: 1.5\nmute: false\nnone: ~\n"
    assert await read_yaml(text) == {
        "size": "16:9",
        "sound": "on",
        "date": "2026-11-22",
        "count": 4,
        "ratio": 1.5,
        "mute": False,
        "none": None,
    }


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: &x 1\nb: *x", "line 2: aliases"),
        ("a: [", "line"),
        ("a: 1\na: 2", "comes twice"),
        ("1: 2", "not a text"),
        ("!!python/object:os.system {}", "tags"),
        ("a: " + "[" * 50, "deeper than"),
        ("\x00", "control characters"),
        ("x" * 300_000, "over 256 kB"),
    ],
)
def test_yaml_that_could_do_harm_is_refused_with_its_line(text: str, why: str) -> None:
    with pytest.raises(InvalidRequest, match=why):
        load_yaml(text)


def test_a_bomb_of_aliases_costs_nothing() -> None:
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"]
    lines += [f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    begun = time.process_time()
    with pytest.raises(InvalidRequest, match="aliases"):
        load_yaml("\n".join(lines))
    assert time.process_time() - begun < 1


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_but_never_breaks_the_reader(text: str) -> None:
    try:
        value = load_yaml(text)
        if isinstance(value, dict):
            read(value)
    except FlexuraError as error:
        assert error.message


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.sampled_from(["slug", "inputs", "steps", "outputs", "views", "name"]), _JSON)
def test_any_json_in_any_field_is_read_or_refused(name: str, value: Any) -> None:
    try:
        read(document(**{name: value}))
    except InvalidRequest as error:
        assert error.message


@given(st.sampled_from([*DOCUMENT["steps"][0], "options", "each", "inputs", "needs"]), _JSON)
def test_any_json_in_any_field_of_a_step_is_read_or_refused(name: str, value: Any) -> None:
    try:
        read(document(**{f"steps__0__{name}": value}))
    except InvalidRequest as error:
        assert error.message
