"""What a build may spend, and has spent. A watch has one purse for all of its builds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flexura.domain.errors import BudgetExceeded

if TYPE_CHECKING:
    from flexura.client.answers import Cost

_NEXT = (
    "Raise the budget (in flexura.toml, or --max-cost), build some of them by name, or choose cheaper"
    " models."
)


class Purse:
    """A limit in USD, and what is left of it. What is taken counts until it is settled."""

    def __init__(self, limit: float | None) -> None:
        self.limit = limit
        self.spent = 0.0

    def check(self, total: float) -> None:
        """Raises BudgetExceeded when that much more would be too much."""
        if self.limit is None or self.spent + total <= self.limit + 1e-9:
            return
        before = f" after {self.spent:g} USD that were spent" if self.spent else ""
        raise BudgetExceeded(
            f"It would cost {total:.6g} USD{before}, more than the budget of {self.limit:g} USD. "
            "Nothing of it was ordered.",
            next_step=_NEXT,
        )

    def amount(self, cost: Cost | None) -> float:
        """What counts for an estimate. Raises BudgetExceeded for an unknown one, where there is a limit."""
        if cost is not None and cost.currency == "USD":
            return cost.amount
        if self.limit is None:
            return 0.0
        raise BudgetExceeded(
            "Its price is unknown, so the budget cannot be kept.",
            next_step="Name a model whose price is known (`flexura models`), or build without a budget.",
        )

    def take(self, cost: Cost | None) -> float:
        """Reserve an estimate before it is ordered; what was taken. Raises BudgetExceeded."""
        amount = self.amount(cost)
        self.check(amount)
        self.spent += amount
        return amount

    def settle(self, taken: float, cost: Cost | None, *, free: bool = False) -> None:
        """Count what it really cost instead; an order that came to nothing is `free`."""
        if free:
            self.spent -= taken
        elif cost is not None and cost.currency == "USD":
            self.spent += cost.amount - taken
