"""The price of an order before it is bought: unit price times what the payload asks for, or unknown."""

from __future__ import annotations

from typing import Any

import pytest

from doubles import model
from flexura.domain.generation import GenerationRequest
from flexura.domain.model import Kind, Price
from flexura.services.price import estimate

Options = dict[str, Any]


def price_of(
    unit: str, options: Options, *, kind: Kind = "image", n: int = 1, prompt: str = "x" * 500
) -> dict[str, Any] | None:
    request = GenerationRequest(kind=kind, prompt=prompt, n=n)
    priced = model("x", kinds=(kind,), price=Price(unit=unit, amount=0.5, source="its list"))
    return estimate(priced, request, options, n)


KNOWN: list[tuple[str, Kind, Options, int, float]] = [
    ("image", "image", {}, 3, 3),
    ("file", "audio", {}, 2, 2),
    ("run", "image", {"num_images": 4}, 8, 2),
    ("run", "image", {}, 2, 2),
    ("megapixel", "image", {"width": 1000, "height": 2000}, 2, 4),
    ("megapixel", "image", {"image_size": "landscape_4_3"}, 1, 0.786432),
    ("megapixels", "image", {"image_size": {"width": 1000, "height": 500}}, 1, 0.5),
    ("megapixel", "image", {"size": "1024x1024"}, 1, 1.048576),
    ("megapixel", "image", {"aspect_ratio": "16:9", "resolution": "1K"}, 1, 1.048576),
    ("megapixel", "image", {"aspect_ratio": "16:9", "megapixels": "1"}, 1, 1),
    ("second", "video", {"duration": "8s"}, 2, 16),
    ("second", "video", {"duration": 5}, 1, 5),
    ("seconds", "video", {"seconds": "4"}, 1, 4),
    ("second", "video", {"num_frames": 81, "fps": 16}, 1, 5.0625),
    ("minute", "audio", {"music_length_ms": 90_000}, 1, 1.5),
    ("1000 characters", "audio", {}, 1, 0.5),
    ("character", "audio", {}, 2, 1000),
    ("1M characters", "audio", {}, 1, 0.0005),
]


@pytest.mark.parametrize(("unit", "kind", "options", "n", "quantity"), KNOWN)
def test_the_price_counts_the_unit_in_the_payload(
    unit: str, kind: Kind, options: Options, n: int, quantity: float
) -> None:
    told = price_of(unit, options, kind=kind, n=n)
    assert told is not None
    assert told["quantity"] == pytest.approx(quantity, rel=1e-6)
    assert told["amount"] == pytest.approx(quantity * 0.5, rel=1e-3)
    assert (told["unit"], told["source"], told["currency"]) == (unit, "its list", "USD")


UNKNOWN: list[tuple[str, Kind, Options]] = [
    ("1M tokens", "image", {}),
    ("output token", "audio", {}),
    ("compute second", "image", {}),
    ("second", "image", {}),
    ("second", "video", {}),
    ("second", "video", {"num_frames": 81}),
    ("second", "audio", {}),
    ("megapixel", "image", {}),
    ("megapixel", "image", {"aspect_ratio": "16:9"}),
    ("megapixel", "image", {"image_size": "auto"}),
    ("parsec", "image", {}),
    ("", "image", {}),
]


@pytest.mark.parametrize(("unit", "kind", "options"), UNKNOWN)
def test_what_only_the_result_tells_makes_the_price_unknown(
    unit: str, kind: Kind, options: Options
) -> None:
    assert price_of(unit, options, kind=kind) is None


def test_a_model_without_a_price_is_unknown_and_one_of_nothing_is_free() -> None:
    request = GenerationRequest(kind="image", prompt="x")
    assert estimate(model("x", price=None), request, {}, 1) is None
    free = model("x", price=Price(unit="gpu hour", amount=0, source="own machine"))
    told = estimate(free, request, {}, 1)
    assert told is not None and told["amount"] == 0


def test_another_currency_stays_what_it_is() -> None:
    priced = model("x", price=Price(unit="image", amount=2, currency="EUR", source="its list"))
    told = estimate(priced, GenerationRequest(kind="image", prompt="x"), {}, 2)
    assert told is not None and (told["amount"], told["currency"]) == (4, "EUR")
