"""What an order will cost, before anything is bought: the vendor's unit price times what is asked for."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from flexura.domain.generation import GenerationRequest
from flexura.domain.model import Model
from flexura.services import mapping
from flexura.services.comparable import CURRENCY, Amounts, cost
from flexura.services.fit_size import pixels
from flexura.services.fit_values import number_of, seconds_of

_PER_CALL = re.compile(r"\b(run|request|prediction|generation|call|job)s?\b", re.IGNORECASE)


def estimate(
    model: Model, request: GenerationRequest, options: Mapping[str, Any], n: int
) -> dict[str, Any] | None:
    """The price of `n` variants made with this payload; None where it cannot be known before.

    `quantity` counts the price's own `unit`. What the payload leaves to the vendor (pixels, seconds) and what
    only the result tells (tokens, seconds of computing) makes the price unknown, never nothing.
    """
    price = model.price
    if price is None:
        return None
    amounts = Amounts(
        outputs=_calls(options, n) if _PER_CALL.search(price.unit) else n,
        megapixels=(pixels(options, video=request.kind == "video") or math.nan) / 1e6,
        seconds=_seconds(model, options),
        characters=float(len(request.prompt) * n),
    )
    # Asked for the amount of units, so that any currency will do and nothing is rounded in between.
    unit_price = price.model_copy(update={"amount": 1.0, "currency": CURRENCY})
    quantity = cost(unit_price, amounts)
    if quantity is not None and not math.isfinite(quantity):
        quantity = None
    if quantity is None and price.amount:
        return None
    return {
        "amount": round(price.amount * (quantity or 0), 6),
        "currency": price.currency,
        "source": price.source,
        "unit": price.unit,
        "quantity": round(quantity, 6) if quantity is not None else None,
    }


def _calls(options: Mapping[str, Any], n: int) -> int:
    """How often the vendor is called for `n` variants."""
    counts = (number_of(options.get(name)) for name in mapping.COUNT)
    each = next((int(c) for c in counts if c is not None and c >= 1), 1)
    return -(-n // each)


def _seconds(model: Model, options: Mapping[str, Any]) -> float:
    """The duration that the payload asks for; NaN where it does not tell."""
    for name in mapping.SECONDS:
        if (seconds := seconds_of(options.get(name))) is not None and seconds > 0:
            return seconds
    for name in mapping.MILLISECONDS:
        if (told := number_of(options.get(name))) is not None and told > 0:
            return told / 1000
    frames = (number_of(options.get(name)) for name in mapping.FRAMES)
    rates = (number_of(options.get(name)) for name in mapping.FPS)
    frame_count = next((f for f in frames if f), None)
    rate = next((r for r in rates if r), None)
    return frame_count / rate if frame_count and rate and "video" in model.kinds else math.nan
