"""The prices of fal.ai: a price per unit from its list, else the average of past calls.

Sources: fal.ai/docs, platform APIs `GET /v1/models/pricing` (at most 50 endpoints) and
`POST /v1/models/pricing/estimate`; the billed units come as `x-fal-billable-units` with each result.
"""

from __future__ import annotations

import asyncio
import logging
import math
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flexura.domain.errors import FlexuraError
from flexura.domain.model import Kind, Price
from flexura.providers.api import Api
from flexura.providers.vendor_errors import tidy
from flexura.providers.vendor_json import fields, objects, words

log = logging.getLogger(__name__)
COMPUTABLE = frozenset({"image", "megapixel", "second", "minute", "run", "1000 characters"})
"""Units that are known before an order runs."""
_BATCH = 50
_AT_ONCE = 4
_FRESH_SECONDS = 3600.0
_PATIENCE_SECONDS = 8.0
"""How long a list of models waits for its prices; the rest is learned with the next list."""
_PATH = "/v1/models/pricing"
_UNITS = (
    (re.compile(r"(?:processed )?(?:mega ?pixels?|mp)"), "megapixel", 1.0),
    (re.compile(r"(?:generated )?images?"), "image", 1.0),
    (re.compile(r"(?:video |audio |output )?seconds?"), "second", 1.0),
    (re.compile(r"(?:video |audio |output )?minutes?"), "minute", 1.0),
    (re.compile(r"videos?|audios?|songs?|tracks?|runs?|requests?|calls?|generations?"), "run", 1.0),
    (re.compile(r"(?:1000|1,000|1k|thousand) ?(?:characters?|chars?)"), "1000 characters", 1.0),
    (re.compile(r"characters?|chars?"), "1000 characters", 1000.0),
)


@dataclass(frozen=True)
class Rate:
    """What one unit costs, in fal's own words."""

    amount: float
    unit: str
    currency: str


def number(value: Any) -> float | None:
    """A finite number that is not negative, also where it is written as text; None for anything else."""
    try:
        found = float(value) if isinstance(value, int | float | str) else math.nan
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) and found >= 0 and not isinstance(value, bool) else None


class PriceList:
    """What is known about prices. Whatever goes wrong leaves a price unknown and hides no model."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._known: dict[str, tuple[float, Rate | None]] = {}
        self._slots = asyncio.Semaphore(_AT_ONCE)

    def rate(self, endpoint: str) -> Rate | None:
        """The price of one unit as fal tells it."""
        return self._known.get(endpoint, (0.0, None))[1]

    def price(self, endpoint: str, kinds: Sequence[Kind]) -> Price | None:
        """The same in the words of the catalog."""
        rate = self.rate(endpoint)
        if rate is None:
            return None
        unit, factor = _in_our_words(rate.unit)
        if unit in ("second", "minute") and tuple(kinds) == ("image",):
            # A picture has no length: these are seconds of computing.
            unit = f"compute {unit}"
        amount = round(rate.amount * factor, 9)
        return Price(unit=unit, amount=amount, currency=rate.currency, source="fal.ai's price list")

    async def learn(self, endpoints: Sequence[str]) -> None:
        """Ask for the prices that are unknown or old."""
        now = time.monotonic()
        due = [e for e in endpoints if now - self._known.get(e, (-1e9, None))[0] > _FRESH_SECONDS]
        batches = [due[start : start + _BATCH] for start in range(0, len(due), _BATCH)]
        if not batches:
            return
        tasks = [asyncio.create_task(self._ask(batch)) for batch in batches]
        try:
            _, late = await asyncio.wait(tasks, timeout=_PATIENCE_SECONDS)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if late:
            log.info("fal.ai: %d price lists did not come in time", len(late))

    async def _ask(self, batch: Sequence[str]) -> None:
        try:
            async with self._slots:
                page = await self._api.get(_PATH, {"endpoint_id": list(batch)})
        except FlexuraError as error:
            if error.details.get("upstream_status") != 404:
                log.info("fal.ai tells no prices: %s", error.message)
                return
            if len(batch) > 1:
                # One endpoint that is not for sale spoils the whole batch: the halves are asked apart.
                half = len(batch) // 2
                await self._ask(batch[:half])
                await self._ask(batch[half:])
                return
            page = None
        told = {
            name: rate for name, rate in map(_rate, objects(fields(page).get("prices"))) if rate
        }
        for endpoint in batch:
            self._known[endpoint] = (time.monotonic(), told.get(endpoint))

    async def estimate(self, endpoint: str) -> Price | None:
        """What one call cost on average in the past; None where fal does not tell."""
        order = {
            "estimate_type": "historical_api_price",
            "endpoints": {endpoint: {"call_quantity": 1}},
        }
        try:
            answer = fields((await self._api.ask("POST", f"{_PATH}/estimate", json=order)).json())
        except FlexuraError as error:
            log.info("fal.ai estimates no price: %s", error.message)
            return None
        amount = number(answer.get("total_cost"))
        if not amount:
            return None
        source = "fal.ai's average of past calls"
        return Price(unit="run", amount=amount, currency=_currency(answer), source=source)


def _rate(row: dict[str, Any]) -> tuple[str, Rate | None]:
    """An endpoint and its price; a price of 0 is none that anybody pays, so it is unknown."""
    amount, unit = number(row.get("unit_price")), " ".join(words(row.get("unit")).lower().split())
    rate = Rate(amount, tidy(unit)[:40], _currency(row)) if amount and unit else None
    return words(row.get("endpoint_id")), rate


def _currency(row: dict[str, Any]) -> str:
    told = words(row.get("currency"))
    return told.upper() if re.fullmatch(r"[A-Za-z]{3}", told) else "USD"


def _in_our_words(unit: str) -> tuple[str, float]:
    for pattern, ours, factor in _UNITS:
        if pattern.fullmatch(unit):
            return ours, factor
    return unit.removesuffix("s"), 1.0
