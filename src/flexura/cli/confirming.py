"""Orders above the operator's limit: whoever said yes to the price at the terminal is not asked once more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from flexura.client import Accepted
from flexura.client.answers import Cost
from flexura.domain.errors import BudgetExceeded

Submit = Callable[[Mapping[str, Any]], Awaitable[Accepted]]


async def ordered(order: Mapping[str, Any], agreed: Cost | None, submit: Submit) -> Accepted:
    """Order, and confirm it where that is wanted and the person agreed to at least that price.

    Raises BudgetExceeded for a price that nobody agreed to, and what `submit` raises.
    """
    try:
        return await submit(order)
    except BudgetExceeded as refused:
        token: Any = refused.details.get("confirm")
        price: Any = refused.details.get("required")
        if agreed is None or agreed.currency != "USD" or not isinstance(token, str):
            raise
        if not isinstance(price, int | float) or price > agreed.amount:
            raise
    return await submit({**order, "options": {**order.get("options", {}), "confirm": token}})
