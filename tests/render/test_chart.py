"""Charts show the numbers they are given."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flexura.render.pictures.chart.axes import ticks
from flexura.render.pictures.chart.data import kind, series, title
from flexura.render.pictures.chart.marks import monotone
from flexura.render.pictures.chart.painter import paint
from flexura.render.random import rng
from flexura.render.words import read
from render.sheets import sheet


@pytest.mark.parametrize(
    ("prompt", "data", "labels", "values"),
    [
        ("bar chart of sales 2021: 10, 2022: 20", "", ("2021", "2022"), (10, 20)),
        ("bar chart of a: 1, b: 2", "", ("a", "b"), (1, 2)),
        ("chart", "Alpha: 1,200, Beta: -3.5", ("Alpha", "Beta"), (1200, -3.5)),
        ("pie chart of browsers: Chrome: 64%, Safari: 19%", "", ("Chrome", "Safari"), (64, 19)),
        ("chart", "x: $5k; y: $2M", ("x", "y"), (5000, 2_000_000)),
        ("chart", "New York: 3, San Juan: 4", ("New York", "San Juan"), (3, 4)),
    ],
)
def test_numbers_are_read(
    prompt: str, data: str, labels: tuple[str, ...], values: tuple[float, ...]
) -> None:
    found = series(read(prompt), {"data": data}, rng("x"))
    assert (found.labels, found.values, found.sample) == (labels, values, False)


def test_without_numbers_the_chart_says_that_they_are_made_up() -> None:
    assert [w.code for w in paint(sheet("line chart of revenue")).warnings] == ["sample_data"]
    assert paint(sheet("line chart of a: 1, b: 2")).warnings == ()


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("bar chart", "bar"),
        ("donut chart", "donut"),
        ("revenue over time", "line"),
        ("area chart", "area"),
    ],
)
def test_the_words_choose_the_kind(prompt: str, name: str) -> None:
    words = read(prompt)
    assert kind(words, series(words, {}, rng(prompt))) == name


def test_the_title_is_the_subject() -> None:
    assert title(read("bar chart of sales 2021: 10, 2022: 20"), {}) == "Sales"
    assert title(read("dark line chart of monthly revenue, purple"), {}) == "Monthly revenue"
    assert title(read('line chart "Growth"'), {}) == "Growth"
    assert title(read("chart"), {"text": "Mine"}) == "Mine"


@example(low=-6.1e-05, high=100100.0, most=2)
@given(st.floats(-1e6, 0), st.floats(0, 1e6), st.integers(2, 8))
def test_ticks_are_round_even_and_span_the_values(low: float, high: float, most: int) -> None:
    found = ticks(low, high + 1, most)
    unseen = (found[1] - found[0]) * 1e-6
    assert found[0] <= low + unseen
    assert found[-1] >= high - unseen
    assert len(found) <= most + 3
    steps = np.diff(found)
    assert np.allclose(steps, steps[0])


def test_the_tallest_bar_is_the_greatest_value() -> None:
    image = paint(sheet("bar chart", 300, 240, data="a: 10, b: 40, c: 20", palette="#cc0000")).image
    pixels = np.asarray(image.convert("RGB"), dtype=int)
    red = (pixels[..., 0] - pixels[..., 2]) > 60
    heights = red.sum(axis=0)
    thirds = [heights[60:130].max(), heights[130:200].max(), heights[200:290].max()]
    assert thirds[1] > thirds[2] > thirds[0]
    assert thirds[1] / thirds[0] == pytest.approx(4, rel=0.15)


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=12))
def test_the_smooth_line_never_overshoots(values: list[float]) -> None:
    path = monotone([(i * 10.0, value) for i, value in enumerate(values)])
    _, top, _, bottom = path.bounds()
    assert top >= min(values) - 1e-6
    assert bottom <= max(values) + 1e-6


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=120), st.sampled_from(["bar", "line", "area", "donut"]))
def test_any_data_text_makes_a_chart(data: str, name: str) -> None:
    assert paint(sheet(f"{name} chart", 120, 90, data=data)).image.size == (120, 90)
