"""Options fitted to a model's own schema."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doubles import model
from flexura.domain.errors import InvalidRequest
from flexura.render import registry
from flexura.services.fit_slots import Given
from flexura.services.options import fit

ONE = model("one")


def test_defaults_are_filled_in() -> None:
    assert fit(ONE, {}).options == {"width": 1024, "height": 1024, "mood": "calm", "strength": 0.5}


@pytest.mark.parametrize("unset", [{"width": 0}, {"width": None}, {"size": ""}, {"steps": 0}])
def test_a_zero_of_a_canonical_option_means_not_given(unset: dict[str, Any]) -> None:
    fitted = fit(ONE, unset)
    assert fitted.options["width"] == 1024 and fitted.warnings == ()


def test_a_zero_of_the_models_own_option_is_a_value() -> None:
    assert fit(ONE, {"strength": 0}).options["strength"] == 0


@pytest.mark.parametrize(
    ("size", "sides"),
    [
        ("640x480", (640, 480)),
        (" 640 × 480 ", (640, 480)),  # noqa: RUF001
        ("1:1", (1024, 1024)),
        ("16:9", (1368, 768)),
        ("9:16", (768, 1368)),
    ],
)
def test_a_size_becomes_width_and_height(size: str, sides: tuple[int, int]) -> None:
    options = fit(ONE, {"size": size}).options
    assert (options["width"], options["height"]) == sides


def test_an_explicit_side_wins_over_the_size() -> None:
    assert fit(ONE, {"size": "640x480", "width": 320}).options["width"] == 320


def test_an_aspect_ratio_goes_to_a_model_that_takes_one() -> None:
    schema = {"properties": {"aspect_ratio": {"type": "string", "enum": ["16:9", "1:1"]}}}
    assert fit(model("two", input_schema=schema), {"size": "16 : 9"}).options == {
        "aspect_ratio": "16:9"
    }


@pytest.mark.parametrize("entry", registry.models(), ids=lambda entry: entry["name"])
def test_built_in_models_get_the_order_as_it_is(entry: dict[str, Any]) -> None:
    schema = entry["input_schema"]
    offered = model("x", input_schema=schema, takes_inputs=True, kinds=tuple(entry["kinds"]))
    given = [Given("image", "image/png"), Given("mask", "image/png"), Given("audio", "audio/wav")]
    found = fit(offered, {"seed": 7}, prompt="a fox", n=3, inputs=given)
    defaults = {n: p["default"] for n, p in schema["properties"].items() if "default" in p}
    assert found.options == defaults and found.warnings == ()
    assert (found.n, found.rounds, found.seed, found.seed_property) == (3, 1, 7, "")
    assert found.slots == ("", "", "")


def test_a_canonical_option_that_the_model_lacks_is_a_warning() -> None:
    fitted = fit(ONE, {"steps": 20})
    assert [w.code for w in fitted.warnings] == ["option_not_supported"]
    with pytest.raises(InvalidRequest):
        fit(ONE, {"steps": 20}, strict=True)


def test_a_required_option_is_asked_for() -> None:
    schema = {"properties": {"voice": {"type": "string"}}, "required": ["voice"]}
    with pytest.raises(InvalidRequest) as refusal:
        fit(model("two", input_schema=schema), {})
    assert refusal.value.field == "options.voice"


def test_several_providers_words_for_one_thing_are_told_by_the_callers_word() -> None:
    schema = {"properties": {"num_inference_steps": {"type": "integer", "maximum": 9}}}
    with pytest.raises(InvalidRequest) as refusal:
        fit(model("two", input_schema=schema), {"steps": 10})
    assert refusal.value.field == "options.steps"


def test_an_unknown_option_names_the_nearest_and_all_that_are_allowed() -> None:
    with pytest.raises(InvalidRequest) as refusal:
        fit(ONE, {"moood": "calm"})
    assert "Did you mean mood?" in refusal.value.next_step
    assert "height, mood, strength, width" in refusal.value.next_step


def test_options_that_exclude_each_other_are_refused_as_a_whole() -> None:
    schema = {
        "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
        "not": {"required": ["a", "b"]},
    }
    with pytest.raises(InvalidRequest, match="do not go together"):
        fit(model("two", input_schema=schema), {"a": "x", "b": "y"})


def test_an_option_that_another_one_needs_is_asked_for() -> None:
    schema = {
        "properties": {"loop": {"type": "boolean"}, "seconds": {"type": "number"}},
        "dependentRequired": {"loop": ["seconds"]},
    }
    with pytest.raises(InvalidRequest) as refusal:
        fit(model("two", input_schema=schema), {"loop": True})
    assert refusal.value.field == "options.seconds"


def test_a_changed_schema_counts_at_once() -> None:
    def narrow(most: int) -> dict[str, Any]:
        return {"properties": {"width": {"type": "integer", "maximum": most}}}

    assert fit(model("two", input_schema=narrow(100)), {"width": 90}).options == {"width": 90}
    with pytest.raises(InvalidRequest):
        fit(model("two", input_schema=narrow(50)), {"width": 90})


@given(
    st.dictionaries(
        st.sampled_from(["width", "height", "mood", "strength", "size", "steps", "bogus", "seed"]),
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False)
        | st.text(max_size=9),
    )
)
def test_whatever_is_asked_is_fitted_or_refused_with_a_next_step(asked: dict[str, Any]) -> None:
    try:
        options = fit(ONE, asked).options
    except InvalidRequest as refusal:
        assert refusal.next_step and refusal.field.startswith("options.")
    else:
        assert 16 <= options["width"] <= 4096 and options["mood"] in ("calm", "wild")
        assert 0 <= options["strength"] <= 1
