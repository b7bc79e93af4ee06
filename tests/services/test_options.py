"""Options fitted to a model's own schema."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doubles import model
from flexura.domain.errors import InvalidRequest
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
