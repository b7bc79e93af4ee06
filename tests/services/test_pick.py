"""Which model is picked when none is named."""

from __future__ import annotations

from typing import Any

import pytest

from doubles import model
from flexura.domain.generation import GenerationRequest
from flexura.domain.model import Kind, Model, ModelStats, Price
from flexura.services.pick import Market, Policy, pick, task_of


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
        ("image", ["image", "mask"], "image-to-image"),
        ("video", [], "text-to-video"),
        ("video", ["image"], "image-to-video"),
        ("video", ["first_frame", "last_frame"], "image-to-video"),
        ("video", ["video", "audio"], "video-to-video"),
        ("video", ["image", "audio"], "video-to-video"),
        ("video", ["audio"], "audio-to-video"),
        ("audio", ["video"], "video-to-audio"),
        ("audio", ["audio"], "audio-to-audio"),
    ],
)
def test_inputs_decide_the_task(kind: Kind, roles: list[str], task: str) -> None:
    assert task_of(order("x", kind), roles) == task


def price(amount: float, unit: str = "image") -> Price:
    return Price(unit=unit, amount=amount, source="test")


def ran(p50: float) -> ModelStats:
    return ModelStats(runs=5, failure_rate=0, p50=p50, p95=p50 * 2)


def best(
    models: list[Model],
    policy: Policy | None = None,
    market: Market | None = None,
    max_cost: float | None = None,
    **options: Any,
) -> str:
    request = order("x", **options).model_copy(update={"max_cost": max_cost})
    return pick(models, request, "text-to-image", policy or Policy(), market).models[0].id


A, B = model("a", "one", price=price(0.3)), model("b", "two", price=price(0.1))
UNKNOWN = model("u", "three", price=None)
DRAWN = model("canvas", "embedded", price=price(0, "file"))


def test_the_cheapest_able_model_is_picked_and_an_unknown_price_comes_last() -> None:
    assert best([UNKNOWN, A, B]) == "two:b"
    assert best([UNKNOWN]) == "three:u"


def test_prices_are_compared_for_this_order() -> None:
    by_size = model("m", price=price(0.01, "megapixel"))
    by_image = model("i", price=price(0.02))
    assert best([by_size, by_image]) == "fake:m"
    assert best([by_size, by_image], size="2048x2048") == "fake:i"
    assert best([by_size, by_image], width=2048, height=2048) == "fake:i"
    seconds = model("s", kinds=("video",), tasks=("text-to-video",), price=price(0.1, "second"))
    clip = model("c", kinds=("video",), tasks=("text-to-video",), price=price(0.4, "video"))
    for asked, name in ((2, "fake:s"), (8, "fake:c"), (0, "fake:c")):
        request = order("x", "video", seconds=asked)
        ranking = pick([seconds, clip], request, "text-to-video", Policy())
        assert ranking.models[0].id == name


def test_the_fastest_is_the_one_that_ran_fastest_here() -> None:
    market = Market({"one:a": ran(3), "three:u": ran(2)})
    assert best([A, B, UNKNOWN], Policy(order="fastest"), market) == "three:u"
    assert best([A, B, UNKNOWN], Policy(order="fastest")) == "two:b"


def test_the_best_is_the_dearest_that_is_known_and_a_preferred_provider_goes_first() -> None:
    assert best([UNKNOWN, A, B], Policy(order="best")) == "one:a"
    assert best([UNKNOWN, A, B], Policy(order="best", prefer=("two",))) == "two:b"
    assert best([A, B, DRAWN], Policy(prefer=("nobody", "one"))) == "one:a"


def test_what_is_drawn_by_procedure_is_the_last_resort() -> None:
    assert best([DRAWN, A]) == "one:a"
    assert best([DRAWN, UNKNOWN]) == "three:u"
    assert best([DRAWN]) == "embedded:canvas"


@pytest.mark.parametrize("order_", ["cheapest", "fastest", "best"])
def test_what_is_drawn_is_taken_when_it_is_preferred_or_the_rest_is_too_dear(order_: Any) -> None:
    preferring = Policy(prefer=("embedded",), order=order_)
    assert best([A, DRAWN], preferring) == "embedded:canvas"
    assert best([A, DRAWN], Policy(order=order_, provider="embedded")) == "embedded:canvas"
    assert best([A, UNKNOWN, DRAWN], Policy(order=order_), max_cost=0.05) == "embedded:canvas"
    assert best([A, B, DRAWN], Policy(order=order_), max_cost=0.2) == "two:b"


def test_when_nothing_is_within_the_limit_the_best_one_is_named_for_the_refusal() -> None:
    assert best([A, B, UNKNOWN], max_cost=0.01) == "two:b"


SVG = {"properties": {"format": {"type": "string", "enum": ["svg"]}}}
PNG = {"properties": {"output_format": {"type": "string", "enum": ["png", "jpg"]}}}


@pytest.mark.parametrize(
    ("wanted", "name"), [("svg", "embedded:v"), ("jpeg", "fake:p"), ("webp", "fake:q")]
)
def test_who_makes_the_asked_format_goes_before_who_does_not(wanted: str, name: str) -> None:
    drawn = model("v", "embedded", input_schema=SVG, price=price(0))
    png = model("p", input_schema=PNG, price=price(5))
    silent = model("q", input_schema={"properties": {}}, price=price(1))
    assert best([drawn, png, silent], format=wanted) == name


def test_a_sound_format_is_known_by_its_first_part() -> None:
    schema = {"properties": {"output_format": {"enum": ["mp3_44100_128", "pcm_16000"]}}}
    other = {"properties": {"output_format": {"enum": ["audio/wav"]}}}
    sound = {"kinds": ("audio",), "tasks": ("text-to-music",)}
    models = [model("w", input_schema=other, **sound), model("m", input_schema=schema, **sound)]
    for wanted, name in (("mp3", "fake:m"), ("wav", "fake:w")):
        request = order("x", "audio", format=wanted)
        assert pick(models, request, "text-to-music", Policy()).models[0].id == name


def test_a_limited_model_comes_after_all_that_work_as_they_stand() -> None:
    limited = model("a", status="limited", price=price(0.01))
    assert best([limited, model("b", price=price(0.1))]) == "fake:b"
    assert best([limited, DRAWN]) == "embedded:canvas"
    assert best([limited]) == "fake:a"


def test_a_provider_that_is_left_alone_is_passed_over_and_the_reason_told() -> None:
    market = Market(rest=lambda name: 12.0 if name == "two" else 0.0)
    ranking = pick([A, B, DRAWN], order("x"), "text-to-image", Policy(), market)
    assert [m.id for m in ranking.models] == ["one:a", "embedded:canvas"]
    assert "passed over: two (failing, left alone for 12 s)" in ranking.why(ranking.models[0])


def test_stale_and_retired_models_are_not_picked() -> None:
    models = [model("a", stale=True), model("b", status="deprecated")]
    ranking = pick(models, order("x"), "text-to-image", Policy())
    assert ranking.models == ()
    assert "model_catalog" in ranking.nobody().next_step
    assert "its last list is stale" in ranking.nobody().message


def test_a_model_made_for_video_also_makes_its_sound() -> None:
    montage = model("m", kinds=("video", "audio"), tasks=("video-to-video",))
    ranking = pick([montage], order("x", "audio"), "video-to-audio", Policy())
    assert ranking.models == (montage,)


@pytest.mark.parametrize(
    ("policy", "market", "says"),
    [
        (Policy(), None, "the cheapest of 2 live models, about 0.1 USD"),
        (
            Policy(order="best"),
            None,
            "the best of 2 live models as far as prices tell, about 0.3 USD",
        ),
        (
            Policy(order="fastest"),
            Market({"one:a": ran(3)}),
            "the fastest of 2 live models by its own runs here, 3 s",
        ),
        (Policy(order="fastest"), None, "no run of any is measured, so the cheapest of 2"),
        (Policy(prefer=("one",)), None, "of a preferred provider, the cheapest of"),
        (Policy(provider="one"), None, "the only live model"),
    ],
)
def test_why_is_told_in_one_sentence(policy: Policy, market: Market | None, says: str) -> None:
    ranking = pick([A, B], order("x"), "text-to-image", policy, market)
    why = ranking.why(ranking.models[0])
    assert says in why
    assert why.endswith(".") and ". " not in why
    assert why.startswith(f"{ranking.models[0].id} was picked for text-to-image")


@pytest.mark.parametrize("wish", ["cheapest", "fastest", "best"])
def test_what_the_embedded_provider_draws_does_not_hang_on_which_of_its_models_was_quick(
    wish: Any,
) -> None:
    canvas, vector = (model(n, "embedded", price=price(0.0)) for n in ("canvas", "vector"))
    quick = Market({vector.id: ModelStats(runs=9, failure_rate=0.0, p50=0.1, p95=0.2)})
    found = pick([canvas, vector], order("a fox"), "text-to-image", Policy(order=wish), quick)
    assert found.models[0] is canvas
