"""Values are checked against what a template declares."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexura.domain.errors import InputValidationError
from flexura.domain.template import INPUT_TYPES, Template, TemplateInput
from flexura.services.templates.reading import read
from flexura.services.templates.values import bind, is_source
from template_house import DOCUMENT, document

TEMPLATE = read(DOCUMENT)
PHOTO = read(
    {
        "slug": "photo",
        "inputs": [{"id": "photo", "type": "IMAGE_URL"}, {"id": "more", "type": "IMAGE_URL", "many": True,
                                                         "required": False, "most": 2}],
        "steps": [{"id": "a", "uses": "transform", "prompt": "x", "inputs": ["{{ inputs.photo }}"]}],
    }
)  # fmt: skip


def test_values_come_in_the_declared_order_with_defaults() -> None:
    assert list(bind(TEMPLATE, {"mood": "wild", "subject": "fox"}).items()) == [
        ("subject", "fox"),
        ("count", 4),
        ("mood", "wild"),
        ("items", []),
    ]


@pytest.mark.parametrize(
    ("values", "field", "step"),
    [
        ({}, "inputs.subject", "text of 1 to 20000"),
        ({"subject": "x", "moood": "wild"}, "inputs.moood", "Did you mean mood?"),
        ({"subject": 3}, "inputs.subject", "text"),
        ({"subject": " "}, "inputs.subject", "text"),
        ({"subject": "x" * 20_001}, "inputs.subject", "20000"),
        ({"subject": "a\x00b"}, "inputs.subject", "Remove"),
        ({"subject": "x", "count": 9}, "inputs.count", "at least 1 and at most 8"),
        ({"subject": "x", "count": True}, "inputs.count", "a number"),
        ({"subject": "x", "count": "4"}, "inputs.count", "a number"),
        ({"subject": "x", "count": 10**400}, "inputs.count", "a number"),
        ({"subject": "x", "mood": "wld"}, "inputs.mood", "Did you mean wild?"),
        ({"subject": "x", "items": "a"}, "inputs.items", "a list of 1 to 50"),
        ({"subject": "x", "items": []}, "inputs.items", "1 to 50"),
        ({"subject": "x", "items": ["a"] * 51}, "inputs.items", "1 to 50"),
        ({"subject": "x", "items": ["a", 2]}, "inputs.items[1]", "text"),
        ({"subject": "x", "items": [{"a": 1}]}, "inputs.items[0]", "prompt"),
    ],
)
def test_what_does_not_fit_names_the_input_and_what_is_allowed(
    values: dict[str, Any], field: str, step: str
) -> None:
    with pytest.raises(InputValidationError) as caught:
        bind(TEMPLATE, values)
    assert caught.value.field == field
    assert step in caught.value.next_step


@pytest.mark.parametrize(
    ("source", "taken"),
    [
        ("https://example.org/a.jpg", True),
        ("HTTPS://example.org", True),
        ("data:image/png;base64,AAAA", True),
        ("art_01HZX8C2J9MX", True),
        ("job_01HZX8C2J9MX", True),
        ("run_01HZX8C2J9MX", True),
        ("http://example.org/a.jpg", False),
        ("https://user:secret@example.org/", False),
        ("file:///etc/passwd", False),
        ("/etc/passwd", False),
        ("mask=art_01HZX8C2J9MX", False),
        ("https://", False),
        ("", False),
    ],
)
def test_a_file_is_named_by_url_data_uri_or_id_and_by_no_path(source: str, taken: bool) -> None:
    assert is_source(source) is taken
    if taken:
        assert bind(PHOTO, {"photo": source})["photo"] == source
    else:
        with pytest.raises(InputValidationError, match="photo"):
            bind(PHOTO, {"photo": source})


def test_a_template_may_allow_fewer_items() -> None:
    with pytest.raises(InputValidationError) as caught:
        bind(PHOTO, {"photo": "art_1", "more": ["art_1"] * 3})
    assert "1 to 2" in caught.value.next_step


def test_an_item_may_be_an_object_where_the_steps_name_its_fields() -> None:
    template = read(
        document(
            steps__0__each="{{ inputs.items }}", steps__0__prompt="{{ item.title }} {{ item.n }}"
        )
    )
    items = [{"title": "a", "n": 1}]
    assert bind(template, {"subject": "x", "items": items})["items"] == items
    for wrong in ["a", {"title": "a", "nn": 1}, {"title": ["a"]}]:
        with pytest.raises(InputValidationError):
            bind(template, {"subject": "x", "items": [wrong]})


def test_an_item_with_a_prompt_alone_is_its_prompt() -> None:
    assert bind(TEMPLATE, {"subject": "x", "items": [{"prompt": "a"}, "b"]})["items"] == ["a", "b"]


_ANY = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text())


@given(st.sampled_from(INPUT_TYPES), st.booleans(), _ANY)
def test_any_value_is_taken_or_refused(kind: Any, many: bool, value: Any) -> None:
    choices = ("a", "b") if kind == "CHOICE" else ()
    declared = TemplateInput("x", kind, many=many, choices=choices)
    template = Template("", "", "t", 1, "T", 0, inputs=(declared,))
    try:
        bind(template, {"x": value})
    except InputValidationError as error:
        assert error.field.startswith("inputs.x")
