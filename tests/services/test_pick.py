"""Which model is picked when none is named."""

from __future__ import annotations

from typing import Any

import pytest

from doubles import model
from flexura.domain.errors import ProviderUnavailable
from flexura.domain.generation import GenerationRequest
from flexura.domain.model import Kind, Price
from flexura.services.pick import Policy, pick, task_of


def order(prompt: str, media: Kind = "image", **options: Any) -> GenerationRequest:
    return GenerationRequest(kind=media, prompt=prompt, options=options)


@pytest.mark.parametrize(
    ("prompt", "options", "task"),
    [
        ("calm ambient background music", {}, "text-to-music"),
        ("a coin pickup", {}, "text-to-sound"),
        ("button click", {}, "text-to-sound"),
        ("lo-fi beat with rain sounds", {}, "text-to-music"),
        ("narrate: welcome to the tour", {}, "text-to-speech"),
        ("hello", {"voice": "f3"}, "text-to-speech"),
        ("hello", {"kind": "sfx"}, "text-to-sound"),
        ("something", {}, "text-to-music"),
    ],
)
def test_the_kind_of_audio_is_read_from_options_or_words(
    prompt: str, options: dict[str, Any], task: str
) -> None:
    assert task_of(order(prompt, "audio", **options), []) == task


@pytest.mark.parametrize(
    ("kind", "roles", "task"),
    [
        ("image", [], "text-to-image"),
        ("image", ["image"], "image-to-image"),
        ("video", [], "text-to-video"),
        ("video", ["image"], "image-to-video"),
        ("video", ["video", "audio"], "video-to-video"),
        ("audio", ["video"], "video-to-video"),
    ],
)
def test_inputs_decide_the_task(kind: Kind, roles: list[str], task: str) -> None:
    assert task_of(order("x", kind), roles) == task


def price(amount: float) -> Price:
    return Price(unit="image", amount=amount, source="test")


def test_the_cheapest_able_model_is_picked_and_an_unknown_price_comes_last() -> None:
    models = [model("a", price=None), model("b", price=price(0.3)), model("c", price=price(0.1))]
    assert pick(models, order("x"), "text-to-image", Policy()).upstream_id == "c"


def test_a_preferred_provider_goes_before_a_cheaper_one() -> None:
    models = [model("a", price=price(0.1)), model("b", "liked", price=price(9))]
    picked = pick(models, order("x"), "text-to-image", Policy(prefer=("liked",)))
    assert picked.provider == "liked"


def test_the_asked_format_goes_before_everything() -> None:
    schema = {"properties": {"format": {"type": "string", "enum": ["svg"]}}}
    models = [model("a", price=price(0)), model("b", input_schema=schema, price=price(5))]
    assert pick(models, order("x", format="svg"), "text-to-image", Policy()).upstream_id == "b"


def test_stale_and_retired_models_are_not_picked() -> None:
    models = [model("a", stale=True), model("b", status="deprecated")]
    with pytest.raises(ProviderUnavailable) as refusal:
        pick(models, order("x"), "text-to-image", Policy())
    assert "model_catalog" in refusal.value.next_step
