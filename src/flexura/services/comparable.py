"""What a model's price comes to for an order, so that models with different units can be compared.

An estimate for sorting and picking, from what the order says and from what is usual where it says
nothing. The price that an order is accepted at is worked out from the options that the model really gets.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from flexura.domain.generation import GenerationRequest
from flexura.domain.model import Kind, Model, Price

USUAL_MEGAPIXELS = 1.048576  # 1024 by 1024 pixels
USUAL_SECONDS: dict[Kind, float] = {"image": 1.0, "video": 5.0, "audio": 30.0}
USUAL_CHARACTERS = 1000.0
CURRENCY = "USD"
"""Prices in another one cannot be compared, and count as unknown."""

_PIXELS = re.compile(r"^\s*(\d{1,5})\s*[x\u00d7*]\s*(\d{1,5})\s*$")
_UNIT = re.compile(
    r"^(?:per\s+)?(?:(\d+(?:[.,]\d+)?)\s*(k|m|thousand|million)?\s+)?(?:\w+\s+)?(\w+?)s?$",
    re.IGNORECASE,
)
_SCALE = {"": 1.0, "k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6}
_NOT_OF_THE_OUTPUT = re.compile(r"compute|gpu|token|hardware|input", re.IGNORECASE)


@dataclass(frozen=True)
class Amounts:
    """How much of each thing that vendors charge for an order takes."""

    outputs: float = 1.0
    megapixels: float = USUAL_MEGAPIXELS
    seconds: float = USUAL_SECONDS["video"]
    characters: float = USUAL_CHARACTERS


_OF_UNIT: dict[str, Callable[[Amounts], float]] = {
    **dict.fromkeys(
        ("image", "picture", "output", "file", "run", "request", "generation", "prediction"),
        lambda a: a.outputs,
    ),
    **dict.fromkeys(("video", "audio", "song", "track", "call", "job"), lambda a: a.outputs),
    **dict.fromkeys(("megapixel", "mp"), lambda a: a.outputs * a.megapixels),
    **dict.fromkeys(("second", "sec"), lambda a: a.outputs * a.seconds),
    **dict.fromkeys(("minute", "min"), lambda a: a.outputs * a.seconds / 60),
    "hour": lambda a: a.outputs * a.seconds / 3600,
    **dict.fromkeys(("character", "char"), lambda a: a.characters),
}


def usual_cost(model: Model) -> float | None:
    """USD for one usual output: 1024x1024, 5 s of video, 30 s of sound, 1,000 characters; None: unknown."""
    return cost(model.price, Amounts(seconds=USUAL_SECONDS[model.kinds[0]]))


def cost(price: Price | None, amounts: Amounts) -> float | None:
    """USD for these amounts; None where the price is unknown or its unit cannot be told from the order."""
    if price is None:
        return None
    if not price.amount:
        return 0.0
    unit = _UNIT.match(price.unit.strip().replace("_", " "))
    if unit is None or price.currency.upper() != CURRENCY or _NOT_OF_THE_OUTPUT.search(price.unit):
        return None
    per = float((unit[1] or "1").replace(",", "")) * _SCALE[(unit[2] or "").lower()]
    of = _OF_UNIT.get(unit[3].lower())
    return price.amount * of(amounts) / per if of and per else None


def amounts_of(request: GenerationRequest) -> Amounts:
    """What the order takes, with the usual where it says nothing."""
    options = request.options
    width, height = _sides(options)
    asked = options.get("seconds")
    seconds = float(asked) if isinstance(asked, int | float) and asked > 0 else 0.0
    return Amounts(
        outputs=request.n,
        megapixels=width * height / 1e6 if width and height else USUAL_MEGAPIXELS,
        seconds=seconds or USUAL_SECONDS[request.kind],
        characters=float(len(request.prompt) * request.n),
    )


def _sides(options: dict[str, object]) -> tuple[float, float]:
    size = options.get("size")
    if isinstance(size, str) and (pixels := _PIXELS.match(size)):
        return float(pixels[1]), float(pixels[2])
    sides = [options.get("width"), options.get("height")]
    width, height = (float(s) if isinstance(s, int | float) and s > 0 else 0.0 for s in sides)
    return width, height
