"""Orders whose price nobody knows, where they are allowed: not where nothing is left to pay them with."""

from __future__ import annotations

from pathlib import Path

import pytest

from credits_house import WORKSPACE, cost_of, till
from flexura.domain.credit_rules import CreditRules
from flexura.domain.credits import MICRO
from flexura.domain.errors import BudgetExceeded, InsufficientCredits

pytestmark = pytest.mark.anyio


async def test_a_budget_that_is_used_up_takes_no_order_of_unknown_price(tmp_path: Path) -> None:
    async with till(tmp_path) as desk:
        await desk.credits.set_budget(WORKSPACE, "day", 5 * MICRO)
        await desk.end(await desk.order(None), cost=cost_of(9))
        with pytest.raises(BudgetExceeded):
            await desk.order(None)


async def test_a_workspace_without_credits_gets_nothing_of_unknown_price(tmp_path: Path) -> None:
    async with till(tmp_path, CreditRules(unknown_price="allow")) as desk:
        await desk.credits.grant(WORKSPACE, 3 * MICRO)
        await desk.end(await desk.order(None), cost=cost_of(3))
        with pytest.raises(InsufficientCredits):
            await desk.order(None)
        await desk.order(0)
