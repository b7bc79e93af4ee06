"""Sizes, durations, prices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from flexura.cli import words
from flexura.client.answers import Asset, Cost


@pytest.mark.parametrize(
    ("count", "told"),
    [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (999_600, "1.0 MB"), (2_100_000_000, "2.1 GB")],
)
def test_sizes(count: int, told: str) -> None:
    assert words.size(count) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.04, "40 ms"), (0.8, "0.8 s"), (9.96, "10 s"), (59.7, "1 min 0 s"), (200, "3 min 20 s")],
)
def test_durations(seconds: float, told: str) -> None:
    assert words.duration(seconds) == told


@pytest.mark.parametrize(
    ("cost", "told"),
    [(None, "price unknown"), (Cost(amount=0), "free"), (Cost(amount=0.04), "0.04 USD")],
)
def test_an_unknown_price_is_never_free(cost: Cost | None, told: str) -> None:
    assert words.price(cost) == told


@pytest.mark.parametrize(
    ("measures", "told"),
    [
        ({"width": 64, "height": 48}, "64x48"),
        ({"seconds": 30.0}, "30 s"),
        ({"width": 64, "height": 48, "seconds": 2.5}, "64x48, 2.5 s"),
        ({}, ""),
    ],
)
def test_shapes(measures: dict[str, float], told: str) -> None:
    asset = Asset(artifact_id="a", url="u", name="n", mime="m", bytes=1, sha256="s", **measures)
    assert words.shape(asset) == told


@pytest.mark.parametrize(
    ("ago", "told"),
    [
        (timedelta(seconds=5), "5 s ago"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(hours=5), "5 h ago"),
        (timedelta(days=5), "5 days ago"),
        (timedelta(seconds=-5), "0 s ago"),
    ],
)
def test_ages(ago: timedelta, told: str) -> None:
    assert words.age((datetime.now(UTC) - ago).isoformat()) == told


def test_a_cut_line_says_so() -> None:
    assert words.cut("a  b\nc", 9) == "a b c"
    assert words.cut("abcdefghij", 5) == "abcd…"
