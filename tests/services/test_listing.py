"""Searching in one state of the catalog."""

from __future__ import annotations

from typing import Any

import pytest

from doubles import model
from flexura.domain.errors import InvalidRequest
from flexura.domain.model import Model, ModelStats, Price
from flexura.services.comparable import usual_cost
from flexura.services.listing import Listing
from flexura.services.model_query import Wanted, read


def price(amount: float, unit: str = "image", currency: str = "USD") -> Price:
    return Price(unit=unit, amount=amount, currency=currency, source="test")


MODELS = (
    model("fox", "a", description="Paints animals.", price=price(0.3)),
    model("wolf", "a", description="Paints a fox, badly.", price=price(0.1)),
    model("bear", "b", kinds=("video",), tasks=("text-to-video",), price=price(0.05, "second")),
    model("hare", "b", status="deprecated", price=None),
)


def found(query: str = "", stats: dict[str, ModelStats] | None = None, **filters: Any) -> list[str]:
    listing = Listing(1, "v", MODELS)
    return [MODELS[i].upstream_id for i in listing.search(read(query, filters), stats or {})]


def test_without_words_everything_is_listed_in_the_catalogs_order() -> None:
    assert found() == ["fox", "wolf", "bear", "hare"]


def test_a_word_in_the_name_counts_more_than_one_in_the_description() -> None:
    assert found("FOX") == ["fox", "wolf"]
    assert found("paints a:fox") == ["fox"]
    assert found("fox nothing") == []


@pytest.mark.parametrize(
    ("query", "filters", "names"),
    [
        ("", {"kind": "video"}, ["bear"]),
        ("kind:video", {}, ["bear"]),
        ("provider:a paints", {}, ["fox", "wolf"]),
        ("task:text-to-video", {}, ["bear"]),
        ("", {"task": "text-to-video", "provider": "a"}, []),
        ("status:deprecated", {}, ["hare"]),
        ("max_price:0.1", {}, ["wolf"]),
        ("", {"max_price": "0.25"}, ["wolf", "bear"]),
        ("provider:a", {"provider": "b"}, ["bear", "hare"]),
        ("sort:price", {}, ["wolf", "bear", "fox", "hare"]),
    ],
)
def test_filters_stand_among_the_words_or_beside_them(
    query: str, filters: dict[str, str], names: list[str]
) -> None:
    assert found(query, **filters) == names


def test_measured_speed_sorts_and_the_unmeasured_come_last() -> None:
    stats = {
        "b:bear": ModelStats(runs=3, failure_rate=0, p50=1.5, p95=2),
        "a:wolf": ModelStats(runs=3, failure_rate=0, p50=0.5, p95=2),
        "a:fox": ModelStats(runs=3, failure_rate=1),
    }
    assert found("", stats, sort="speed") == ["wolf", "bear", "fox", "hare"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "smell"),
        ("status", "gone"),
        ("sort", "colour"),
        ("max_price", "cheap"),
        ("max_price", "nan"),
        ("max_price", -1),
        ("limit", "0"),
        ("limit", "1001"),
        ("limit", "٣"),
        ("offset", "-1"),
    ],
)
def test_a_filter_that_means_nothing_is_refused_with_what_is_allowed(
    field: str, value: Any
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read("", {field: value})
    assert refused.value.field == field
    assert refused.value.next_step.startswith("Allowed")


def test_the_nearest_ids_are_those_that_look_alike() -> None:
    listing = Listing(1, "v", MODELS)
    assert listing.nearest("a:wolv")[0] == "a:wolf"
    assert listing.nearest("zzz") == ["a:fox", "a:wolf", "b:bear"]
    assert listing.nearest("fox", "video") == ["b:bear"]
    assert Listing(1, "v", ()).nearest("x") == []


@pytest.mark.parametrize(
    ("told", "cost"),
    [
        (price(0.04), 0.04),
        (price(0.04, "output_image"), 0.04),
        (price(0.02, "megapixel"), 0.02097152),
        (price(0.1, "seconds"), 0.1),
        (price(0.6, "per minute"), 0.01),
        (price(30, "1M characters"), 0.03),
        (price(0.3, "1000 characters"), 0.3),
        (price(0, "anything at all"), 0.0),
        (price(1, "compute second"), None),
        (price(1, "1M tokens"), None),
        (price(1, "credit"), None),
        (price(1, currency="EUR"), None),
        (None, None),
    ],
)
def test_prices_of_different_units_are_compared_by_a_usual_output(
    told: Price | None, cost: float | None
) -> None:
    assert usual_cost(model("x", price=told)) == (cost if cost is None else pytest.approx(cost))


def test_a_search_in_five_thousand_models_says_the_same_each_time() -> None:
    listing = Listing(1, "v", tuple(many(5000)))
    wanted = Wanted(words=("landscape", "fast"), sort="price")
    found = listing.search(wanted, {})
    assert len(found) > 100
    assert listing.search(wanted, {}) == found


def test_the_nearest_of_five_thousand_ids_are_found() -> None:
    listing = Listing(1, "v", tuple(many(5000)))
    assert listing.nearest("fake:maker-7/painter-1235-turb")[0].startswith("fake:maker-")


def many(count: int) -> list[Model]:
    words = ("landscape", "portrait", "fast", "detailed", "cartoon", "photo", "logo")
    return [
        model(
            f"maker-{i % 90}/painter-{i}-turbo",
            description=f"A {words[i % 7]} model, {words[(i * 3) % 5]}, number {i}. " * 4,
            price=price(i % 50 / 100) if i % 3 else None,
        )
        for i in range(count)
    ]
