"""A whole gateway whose clock is set by a day while a job runs: it buys once, and its sums stay exact."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from doubles import FakeProvider
from flexura.domain.credits import MICRO, Account, Budget, BudgetUse
from flexura.services.ledger_check import ledger_problems
from flexura.settings import Settings
from gateway_house import opened

pytestmark = pytest.mark.anyio
DAY_NS = 86_400_000_000_000


@pytest.mark.parametrize("jump", [DAY_NS, -DAY_NS])
async def test_a_job_that_runs_meanwhile_is_bought_once_and_settled_in_its_own_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump: int
) -> None:
    provider, real = FakeProvider(tmp_path), time.time_ns
    settings = Settings(home=tmp_path / "home", environment={}, lease_seconds=0.6)
    async with opened(settings, provider) as house:
        store = house.app.services
        assert store is not None
        [workspace] = await store.records.workspaces()
        await store.credits.grant(workspace.id, 100 * MICRO)
        budget = (await store.credits.set_budget(workspace.id, "day", 50 * MICRO)).budget
        provider.gate.clear()
        first = await house.order("before the jump")
        await provider.polled.wait()
        monkeypatch.setattr(time, "time_ns", lambda: real() + jump)
        second = await house.order("after the jump")
        provider.gate.set()
        for job_id in (first, second):
            assert (await house.ended(job_id))["status"] == "completed"
        assert provider.submitted == [first, second]
        assert await store.records.transact(ledger_problems) == []
        account = await store.records.get(Account, workspace.id)
        assert account is not None and (account.reserved, account.spent) == (0, 4 * MICRO)
        uses = await store.records.find(BudgetUse, budget_id=budget.id)
        assert [(use.reserved, use.spent) for use in uses] == [(0, 2 * MICRO)] * 2
        assert await store.records.get(Budget, budget.id) == budget
