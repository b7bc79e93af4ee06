"""What operators and users do with credits: grants, taking back, budgets, the ledger, the rules."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from credits_house import WORKSPACE, Till, cost_of, till
from flexura.domain.credit_rules import CreditRules, read_micro, rules_from
from flexura.domain.credits import MICRO, in_credits, in_words, renews_at, window_of
from flexura.domain.errors import Conflict, InvalidRequest, NotFound
from flexura.services.clock import iso

pytestmark = pytest.mark.anyio


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Till]:
    async with till(tmp_path) as found:
        yield found


async def test_a_grant_meters_the_account_and_forgives_what_was_used_before(desk: Till) -> None:
    await desk.end(await desk.order(30), cost=cost_of(30))
    running = await desk.order(5)
    account = await desk.credits.grant(WORKSPACE, 100 * MICRO, "invoice 17")
    assert (account.metered, account.available) == (True, 100 * MICRO)
    await desk.end(running, cost=cost_of(5))
    assert (await desk.account()).available == 100 * MICRO


async def test_taking_back_stops_at_what_is_available(desk: Till) -> None:
    await desk.credits.grant(WORKSPACE, 10 * MICRO)
    await desk.order(4)
    account = await desk.credits.grant(WORKSPACE, -50 * MICRO)
    assert (account.granted, account.available) == (4 * MICRO, 0)
    with pytest.raises(Conflict, match="no granted credits left"):
        await desk.credits.grant(WORKSPACE, -MICRO)


async def test_nothing_is_taken_from_an_unlimited_account(desk: Till) -> None:
    with pytest.raises(Conflict):
        await desk.credits.grant(WORKSPACE, -MICRO)
    with pytest.raises(InvalidRequest):
        await desk.credits.grant(WORKSPACE, 0)


async def test_an_account_can_be_made_unlimited_again(desk: Till) -> None:
    await desk.credits.grant(WORKSPACE, MICRO)
    await desk.credits.meter(WORKSPACE, metered=False)
    assert (await desk.order(50)).reserved == 50 * MICRO


async def test_the_ledger_is_read_in_pages_newest_first(desk: Till) -> None:
    for amount in range(1, 8):
        desk.now += 1
        await desk.credits.grant(WORKSPACE, amount * MICRO)
    first = await desk.credits.entries(WORKSPACE, 3)
    last = first[-1]
    second = await desk.credits.entries(WORKSPACE, 9, (last.at, last.id))
    assert [entry.granted // MICRO for entry in (*first, *second)] == [7, 6, 5, 4, 3, 2, 1]


async def test_a_budget_is_replaced_and_removed(desk: Till) -> None:
    first = await desk.credits.set_budget(WORKSPACE, "day", 5 * MICRO)
    again = await desk.credits.set_budget(WORKSPACE, "day", 2 * MICRO)
    assert (again.budget.id, again.left) == (first.budget.id, 2 * MICRO)
    with pytest.raises(NotFound):
        await desk.credits.remove_budget("ws_2", first.budget.id)
    await desk.credits.remove_budget(WORKSPACE, first.budget.id)
    assert await desk.credits.budgets(WORKSPACE) == []


async def test_a_budget_for_somebody_elses_key_is_not_found(desk: Till) -> None:
    with pytest.raises(NotFound, match="no active key"):
        await desk.credits.set_budget(WORKSPACE, "day", MICRO, "key_unknown")


async def test_a_budget_lowered_below_its_use_has_nothing_left(desk: Till) -> None:
    await desk.credits.set_budget(WORKSPACE, "day", 10 * MICRO)
    job = await desk.order(8)
    lowered = await desk.credits.set_budget(WORKSPACE, "day", 2 * MICRO)
    assert (lowered.left, lowered.reserved) == (0, 8 * MICRO)
    await desk.end(job, cost=cost_of(8))
    assert (await desk.credits.budgets(WORKSPACE))[0].spent == 8 * MICRO


async def test_the_line_tells_the_nearest_limit(desk: Till) -> None:
    assert await desk.credits.left(WORKSPACE, "") == ""
    await desk.credits.set_budget(WORKSPACE, "day", 500 * MICRO)
    await desk.order(184)
    assert await desk.credits.left(WORKSPACE, "") == "$3.16 of $5.00 left today"
    await desk.credits.grant(WORKSPACE, 184 * MICRO)
    assert await desk.credits.left(WORKSPACE, "") == "184 credits left"


async def test_windows_are_those_of_utc() -> None:
    leap = 1_709_164_799_999  # 2024-02-28T23:59:59.999Z
    assert [window_of(p, leap) for p in ("day", "month", "total")] == [
        "2024-02-28",
        "2024-02",
        "all",
    ]
    ends = [renews_at("day", leap), renews_at("month", leap)]
    assert [iso(end or 0) for end in ends] == ["2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"]
    assert renews_at("total", leap) is None
    december = renews_at("month", 1_798_675_200_000) or 0
    assert iso(december) == "2027-01-01T00:00:00Z"


async def test_amounts_read_as_people_write_them() -> None:
    rules = CreditRules(credit_usd=0.02)
    assert read_micro("500", rules) == 500 * MICRO
    assert read_micro("-1_000.5", rules) == -1_000_500_000
    assert read_micro("$5", rules) == read_micro("5usd", rules) == 250 * MICRO
    assert (in_words(1_234_500_000), in_credits(2 * MICRO)) == ("1,234.5", 2)
    for nonsense in ("", "many", "5eur", "nan", "1e9", "9999999999"):
        with pytest.raises(InvalidRequest):
            read_micro(nonsense, rules)


async def test_the_rules_are_read_from_the_configuration() -> None:
    assert rules_from({}) == CreditRules()
    told = rules_from({"price_usd": 0.1, "unknown_price": "cap:20", "confirm_above": 2})
    assert told == CreditRules(0.1, "cap:20", 2.0)


@pytest.mark.parametrize(
    "table",
    [{"price_usd": 0}, {"price_usd": "1"}, {"unknown_price": "maybe"}, {"confirm_above": -1}],
)
async def test_a_rule_that_cannot_be_used_is_named(table: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        rules_from(table)
    assert refused.value.next_step
