"""Above a limit an order is confirmed: the token passes the same order at that price, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from credits_house import NOW, WORKSPACE, Till, cost_of, till
from flexura.domain.credit_rules import CreditRules
from flexura.domain.errors import BudgetExceeded, InvalidRequest
from flexura.services.confirm import Confirmations, taken_out

pytestmark = pytest.mark.anyio
RULES = CreditRules(confirm_above=1.0)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Till]:
    async with till(tmp_path, RULES) as found:
        yield found


class Asking:
    """One gateway that wants confirmations; `now` is its clock."""

    def __init__(self, desk: Till, secret: str = "secret", rules: CreditRules = RULES) -> None:
        self.now = NOW
        self.desk = desk
        self.confirmations = Confirmations(desk.records, secret, rules, lambda: self.now)

    async def check(
        self, credits: float | None, token: str = "", order: str = "fox", workspace: str = WORKSPACE
    ) -> str:
        """Empty if the order passes, else the token that would let it pass."""
        try:
            await self.desk.records.transact(
                lambda tx: self.confirmations.check(tx, workspace, order, cost_of(credits), token)
            )
        except BudgetExceeded as refused:
            assert refused.details["confirm"] in refused.next_step
            return str(refused.details["confirm"])
        return ""


async def test_the_same_order_with_its_token_passes(desk: Till) -> None:
    asking = Asking(desk)
    assert await asking.check(100) == ""
    token = await asking.check(101)
    assert await asking.check(101, token) == ""
    assert await asking.check(90, token) == ""
    assert await Asking(desk).check(101, token) == "", "a gateway that was restarted knows it"


async def test_the_token_passes_nothing_else(desk: Till) -> None:
    asking = Asking(desk)
    token = await asking.check(200)
    assert await asking.check(201, token)
    assert await asking.check(200, token, order="cat")
    assert await asking.check(200, token, workspace="ws_2")
    assert await Asking(desk, "another secret").check(200, token)
    forged = token.replace("_2000000_", "_9000000_")
    assert forged != token
    assert await asking.check(900, forged)


async def test_it_is_good_for_a_quarter_of_an_hour(desk: Till) -> None:
    asking = Asking(desk)
    token = await asking.check(200)
    asking.now += 15 * 60_000
    assert await asking.check(200, token) == ""
    asking.now += 1
    assert await asking.check(200, token)


async def test_without_a_limit_or_a_price_nothing_is_confirmed(desk: Till) -> None:
    assert await Asking(desk, rules=CreditRules()).check(10_000) == ""
    assert await Asking(desk).check(None) == ""


async def test_a_workspace_has_its_own_limit(tmp_path: Path) -> None:
    async with till(tmp_path, RULES, confirm_above=5) as desk:
        asking = Asking(desk)
        assert await asking.check(500) == ""
        assert await asking.check(501)
        assert await asking.confirmations.needed(WORKSPACE, cost_of(501))
        assert not await asking.confirmations.needed(WORKSPACE, cost_of(500))


@pytest.mark.parametrize("token", ["please", "yes_1_2_3", "yes_" + "9" * 400])
async def test_what_is_no_token_is_a_mistake(desk: Till, token: str) -> None:
    with pytest.raises(InvalidRequest, match="no confirmation token"):
        await Asking(desk).check(200, token)


async def test_the_token_is_taken_out_of_the_options() -> None:
    assert taken_out({"mood": "wild", "confirm": "t"}) == ({"mood": "wild"}, "t")
    assert taken_out({"confirm": None}) == ({}, "")
    wrong: Any
    for wrong in (1, ["t"], "x" * 201):
        with pytest.raises(InvalidRequest):
            taken_out({"confirm": wrong})
