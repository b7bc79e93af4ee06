"""Who said yes to a price at the terminal does not have to copy a token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from flexura.cli import confirming
from flexura.client import Accepted
from flexura.client.answers import Cost
from flexura.domain.errors import BudgetExceeded

pytestmark = pytest.mark.anyio
ORDER: dict[str, Any] = {"prompt": "a fox", "options": {"size": "64x64"}}


class Careful:
    """A gateway that wants orders of 0.08 USD confirmed."""

    def __init__(self, **details: Any) -> None:
        self.details = details
        self.sent: list[Mapping[str, Any]] = []

    async def submit(self, order: Mapping[str, Any]) -> Accepted:
        self.sent.append(order)
        if order["options"].get("confirm") == "yes_1":
            return Accepted(job_id="job_1", status="queued")
        raise BudgetExceeded("Confirm it.", **self.details)


async def test_the_price_that_was_agreed_to_is_confirmed() -> None:
    gateway = Careful(confirm="yes_1", required=0.08)
    made = await confirming.ordered(ORDER, Cost(amount=0.08), gateway.submit)
    assert made.job_id == "job_1"
    assert [order["options"]["size"] for order in gateway.sent] == ["64x64", "64x64"]


@pytest.mark.parametrize(
    ("agreed", "details"),
    [
        (None, {"confirm": "yes_1", "required": 0.08}),
        (Cost(amount=0.05), {"confirm": "yes_1", "required": 0.08}),
        (Cost(amount=0.08, currency="EUR"), {"confirm": "yes_1", "required": 0.08}),
        (Cost(amount=0.08), {"required": 8, "available": 3}),
    ],
)
async def test_nothing_else_is(agreed: Cost | None, details: dict[str, Any]) -> None:
    gateway = Careful(**details)
    with pytest.raises(BudgetExceeded):
        await confirming.ordered(ORDER, agreed, gateway.submit)
    assert len(gateway.sent) == 1
