"""What a job does to credits: held at the start, settled or given back at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from credits_house import DAY_MS, NOW, WORKSPACE, Till, cost_of, job_of, till
from flexura.domain.credit_rules import CreditRules
from flexura.domain.credits import MICRO, Account, CreditEntry
from flexura.domain.errors import BudgetExceeded, InsufficientCredits
from flexura.domain.job import Caller, Job
from flexura.domain.workspace import ApiKey, Workspace
from flexura.ports.records import Tx
from flexura.services.transitions import Origin

pytestmark = pytest.mark.anyio


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Till]:
    async with till(tmp_path) as found:
        yield found


async def entries_of(desk: Till, job: Job) -> list[CreditEntry]:
    found = await desk.records.find(CreditEntry, job_id=job.id)
    return sorted(found, key=lambda entry: entry.kind != "reserve")


async def numbers(desk: Till) -> tuple[float, float, float]:
    """Credits granted, reserved, spent."""
    account = await desk.account()
    return account.granted / MICRO, account.reserved / MICRO, account.spent / MICRO


async def test_an_order_holds_its_estimate_and_settles_what_it_cost(desk: Till) -> None:
    await desk.credits.grant(WORKSPACE, 10 * MICRO)
    job = await desk.order(3)
    assert job.reserved == 3 * MICRO
    assert await numbers(desk) == (10, 3, 0)
    ended = await desk.end(job, cost=cost_of(2.5))
    assert ended.reserved == 0
    assert await numbers(desk) == (10, 0, 2.5)
    held, settled = await entries_of(desk, job)
    assert (held.kind, held.reserved, settled.kind) == ("reserve", 3 * MICRO, "settle")
    assert (settled.reserved, settled.spent) == (-3 * MICRO, 2_500_000)


async def test_a_metered_workspace_without_credits_is_refused_with_the_amounts(desk: Till) -> None:
    await desk.credits.grant(WORKSPACE, 2 * MICRO)
    with pytest.raises(InsufficientCredits) as refused:
        await desk.order(2.5)
    assert refused.value.details == {"required": 2.5, "available": 2}
    assert "credits" in refused.value.next_step
    await desk.credits.grant(WORKSPACE, -2 * MICRO)
    with pytest.raises(InsufficientCredits, match="0 are left"):
        await desk.order(0.5)
    assert await numbers(desk) == (0, 0, 0)


async def test_an_account_that_nobody_set_up_is_unlimited_and_counts(desk: Till) -> None:
    await desk.end(await desk.order(500), cost=cost_of(700))
    account = await desk.account()
    assert (account.metered, account.spent) == (False, 700 * MICRO)
    assert (await desk.credits.overview(WORKSPACE)).today == 700 * MICRO


async def test_what_is_free_leaves_no_trace(desk: Till) -> None:
    await desk.credits.grant(WORKSPACE, MICRO)
    job = await desk.order(0)
    await desk.end(job, cost=cost_of(0))
    assert await entries_of(desk, job) == []


@pytest.mark.parametrize(
    ("state", "code"), [("failed", "content_policy"), ("canceled", "canceled")]
)
async def test_a_failed_or_canceled_order_is_given_back(desk: Till, state: str, code: str) -> None:
    job = await desk.order(3)
    await desk.end(job, state, error_code=code)
    assert await numbers(desk) == (0, 0, 0)
    _, refund = await entries_of(desk, job)
    assert (refund.kind, refund.note) == ("refund", code)


async def test_an_unknown_outcome_is_settled_at_what_was_held(desk: Till) -> None:
    job = await desk.order(3)
    await desk.end(job, "failed", error_code="outcome_unknown")
    assert await numbers(desk) == (0, 0, 3)
    assert "may have charged" in (await entries_of(desk, job))[1].note


async def test_a_failed_job_of_steps_pays_for_the_steps_that_were_bought(desk: Till) -> None:
    job = await desk.order(6, template=True)
    await desk.end(job, "failed", error_code="provider_error", cost=cost_of(2))
    assert await numbers(desk) == (0, 0, 2)
    free = await desk.order(6, template=True, cost=cost_of(6))
    await desk.end(free, "canceled", error_code="canceled", cost=None)
    assert await numbers(desk) == (0, 0, 2)


async def test_the_steps_of_a_job_move_nothing(desk: Till) -> None:
    parent = await desk.order(5, template=True)
    step = await desk.order(5, parent_id=parent.id, step="a")
    await desk.end(step, cost=cost_of(5))
    assert step.reserved == 0
    assert await numbers(desk) == (0, 5, 0)


async def test_what_costs_more_than_was_held_is_charged_as_far_as_the_credits_go(
    desk: Till,
) -> None:
    await desk.credits.grant(WORKSPACE, 10 * MICRO)
    first, second = await desk.order(3), await desk.order(3)
    await desk.end(first, cost=cost_of(5))
    assert await numbers(desk) == (10, 3, 5)
    await desk.end(second, cost=cost_of(9))
    assert await numbers(desk) == (10, 0, 10)
    assert "4 credits beyond" in (await entries_of(desk, second))[1].note


async def test_a_budget_refuses_what_is_beyond_it_and_says_when_it_renews(desk: Till) -> None:
    budget = await desk.credits.set_budget(WORKSPACE, "day", 5 * MICRO)
    await desk.order(3)
    with pytest.raises(BudgetExceeded) as refused:
        await desk.order(3)
    assert refused.value.details == {
        "required": 3,
        "available": 2,
        "budget": budget.budget.id,
        "period": "day",
        "renews_at": "2026-11-23T00:00:00Z",
    }
    desk.now += DAY_MS
    assert (await desk.order(5)).reserved == 5 * MICRO


async def test_two_budgets_and_the_account_hold_all_or_nothing(desk: Till) -> None:
    await desk.credits.grant(WORKSPACE, 100 * MICRO)
    await desk.credits.set_budget(WORKSPACE, "day", 50 * MICRO)
    await desk.credits.set_budget(WORKSPACE, "month", 4 * MICRO)
    with pytest.raises(BudgetExceeded, match="a month"):
        await desk.order(5)
    assert await numbers(desk) == (100, 0, 0)
    assert all(budget.reserved == 0 for budget in await desk.credits.budgets(WORKSPACE))


async def test_a_job_is_settled_in_the_window_that_it_was_ordered_in(desk: Till) -> None:
    await desk.credits.set_budget(WORKSPACE, "day", 5 * MICRO)
    job = await desk.order(4)
    desk.now += DAY_MS
    await desk.end(job, cost=cost_of(4))
    (today,) = await desk.credits.budgets(WORKSPACE)
    assert (today.spent, today.reserved) == (0, 0)
    use = await desk.records.budget_use(today.budget.id, "2026-11-22")
    assert (use.spent, use.reserved) == (4 * MICRO, 0)


async def test_a_budget_set_while_a_job_runs_does_not_count_it(desk: Till) -> None:
    job = await desk.order(4)
    await desk.credits.set_budget(WORKSPACE, "day", 5 * MICRO)
    await desk.end(job, cost=cost_of(4))
    (budget,) = await desk.credits.budgets(WORKSPACE)
    assert (budget.spent, budget.reserved, budget.left) == (0, 0, 5 * MICRO)


async def test_the_budget_of_a_key_binds_that_key_alone(desk: Till) -> None:
    await add_key(desk, "key_a")
    await desk.credits.set_budget(WORKSPACE, "total", 2 * MICRO, "key_a")
    with pytest.raises(BudgetExceeded, match="this API key"):
        await desk.order(3, key_id="key_a")
    await desk.order(3, key_id="key_b")


async def test_the_budget_of_a_rotated_key_binds_the_old_one_too(desk: Till) -> None:
    await add_key(desk, "key_old", replaced_by="key_new")
    await add_key(desk, "key_new")
    await desk.credits.set_budget(WORKSPACE, "total", 5 * MICRO, "key_new")
    job = await desk.order(3, key_id="key_old")
    with pytest.raises(BudgetExceeded):
        await desk.order(3, key_id="key_old")
    await desk.end(job, cost=cost_of(1))
    (budget,) = await desk.credits.budgets(WORKSPACE)
    assert (budget.spent, budget.reserved) == (MICRO, 0)


async def add_key(desk: Till, key_id: str, **changes: Any) -> None:
    key = ApiKey(key_id, WORKSPACE, key_id, key_id, key_id, frozenset({"generate"}), NOW, **changes)
    await desk.records.transact(lambda tx: tx.insert(key))


async def test_an_unknown_price_is_refused_where_credits_count(desk: Till) -> None:
    await desk.credits.grant(WORKSPACE, 100 * MICRO)
    with pytest.raises(BudgetExceeded, match="price of fake:one is unknown"):
        await desk.order(None)
    with pytest.raises(BudgetExceeded):
        await desk.order(None, cost=cost_of(1, "EUR"))


async def test_an_unknown_price_is_allowed_where_nothing_is_counted(desk: Till) -> None:
    job = await desk.order(None)
    await desk.end(job, cost=None)
    assert [entry.note for entry in await entries_of(desk, job)] == ["price unknown"] * 2
    known = await desk.order(None)
    await desk.end(known, cost=cost_of(7))
    assert await numbers(desk) == (0, 0, 7)


async def test_a_cap_holds_and_charges_no_more_than_it_says(tmp_path: Path) -> None:
    async with till(tmp_path, CreditRules(unknown_price="cap:4")) as desk:
        await desk.credits.grant(WORKSPACE, 20 * MICRO)
        low, high, unknown = [await desk.order(None) for _ in range(3)]
        assert low.reserved == 4 * MICRO
        await desk.end(low, cost=cost_of(1))
        await desk.end(high, cost=cost_of(9))
        await desk.end(unknown, cost=None)
        assert await numbers(desk) == (20, 0, 9)
        assert "5 credits beyond the limit" in (await entries_of(desk, high))[1].note


async def test_a_workspaces_own_policy_wins(tmp_path: Path) -> None:
    async with till(tmp_path, CreditRules(unknown_price="allow"), unknown_price="refuse") as desk:
        with pytest.raises(BudgetExceeded):
            await desk.order(None)


async def test_a_running_job_may_hold_more_where_there_is_more(desk: Till) -> None:
    await desk.credits.grant(WORKSPACE, 10 * MICRO)
    job = await desk.order(3, template=True)

    async def extend(job: Job, credits: int) -> bool:
        return await desk.records.transact(lambda tx: desk.money.extend(tx, job, credits * MICRO))

    assert await extend(job, 5)
    assert await numbers(desk) == (10, 8, 0)
    assert not await extend(job, 5)
    assert not await extend(job.evolve(attempt=9), 1)
    ended = await desk.end(job, cost=cost_of(7))
    assert await numbers(desk) == (10, 0, 7)
    assert not await extend(ended, 1)


async def test_nothing_is_settled_twice_however_often_it_is_asked(desk: Till) -> None:
    job = await desk.order(3)
    ended = await desk.end(job, cost=cost_of(2))
    for _ in range(3):
        await desk.records.transact(lambda tx: desk.money.release(tx, job, ended))
    assert await numbers(desk) == (0, 0, 2)
    assert len(await entries_of(desk, job)) == 2


async def test_a_refused_order_leaves_nothing_behind(desk: Till) -> None:
    await desk.credits.set_budget(WORKSPACE, "day", MICRO)
    job = job_of(5)
    with pytest.raises(BudgetExceeded):
        await desk.transitions.accept(job, Caller(WORKSPACE), Origin("test"))

    def look(tx: Tx) -> tuple[Job | None, Account | None]:
        return tx.job(job.id), tx.get(Account, WORKSPACE)

    assert await desk.records.transact(look) == (None, None)
    assert await desk.records.find(CreditEntry) == []


@pytest.mark.parametrize("amount", [-1.0, float("nan"), float("inf"), True, "3"])
async def test_a_cost_that_is_nonsense_is_unknown(amount: Any) -> None:
    assert CreditRules().micro({"amount": amount, "currency": "USD"}) is None


async def test_amounts_are_exact_and_rounded_up() -> None:
    rules = CreditRules(credit_usd=0.03)
    assert rules.micro({"amount": 0.03, "currency": "usd"}) == MICRO
    assert rules.micro({"amount": 0.01, "currency": "USD"}) == 333_334
    assert CreditRules().micro({"amount": 0.000001}) == 100


async def test_the_workspace_is_known(desk: Till) -> None:
    assert (await desk.credits.workspace("team")).id == WORKSPACE
    assert isinstance(await desk.credits.workspace(WORKSPACE), Workspace)
