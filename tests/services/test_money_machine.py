"""Credits under every interleaving that hypothesis finds, over a real store: no sum and no guard is broken.

`LONG=1` runs the long form: 1,000 examples of 50 steps.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from credits_house import DAY_MS, NOW, WORKSPACE, Quiet, cost_of, job_of
from flexura.domain.credit_rules import CreditRules
from flexura.domain.credits import (
    MICRO,
    PERIODS,
    Account,
    Budget,
    CreditEntry,
    Period,
    window_of,
)
from flexura.domain.errors import BudgetExceeded, Conflict, InsufficientCredits
from flexura.domain.job import Caller, Job
from flexura.domain.workspace import Workspace
from flexura.ports.records import Tx
from flexura.services.credits import Credits
from flexura.services.money import Money
from flexura.services.transitions import Origin, Transitions
from flexura.storage.migrate import migrate
from flexura.storage.sqlite import SqliteRecords

LONG = os.environ.get("LONG") == "1"
KEYS = ("key_1", "key_2")
AMOUNTS = st.one_of(st.none(), st.integers(0, 12).map(lambda half: half / 2))
"""Credits that a job is estimated at or costs; None = unknown."""
PICK = st.integers(0, 10**6)
ENDS = (
    ("failed", "content_policy"),
    ("failed", "outcome_unknown"),
    ("canceled", "canceled"),
)


class Ledger(RuleBasedStateMachine):
    """One workspace with two keys, orders that come and go, and an operator who changes everything."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="ledger-")
        self.path = Path(self.folder.name) / "flexura.db"
        self.loop = asyncio.Runner()
        self.now = NOW
        self.running: list[str] = []
        self.ended: list[tuple[Job, Job]] = []
        # Above `most` only where a budget was lowered below its use; from there it only shrinks.
        self.ceilings: dict[tuple[str, str], int] = {}
        migrate(self.path)
        self._open()
        self.do(lambda tx: tx.insert(Workspace(WORKSPACE, "team", NOW)))

    def _open(self) -> None:
        async def opened() -> SqliteRecords:
            return SqliteRecords(self.path)

        self.records = self.loop.run(opened())
        clock: Callable[[], int] = lambda: self.now  # noqa: E731
        self.money = Money(CreditRules(), clock)
        self.credits = Credits(self.records, CreditRules(), clock)
        quiet: Any = Quiet()
        self.transitions = Transitions(self.records, self.money, quiet, quiet)

    def teardown(self) -> None:
        self.loop.run(self.records.aclose())
        self.loop.close()
        self.folder.cleanup()

    def do(self, work: Callable[[Tx], Any]) -> Any:
        return self.loop.run(self.records.transact(work))

    @rule(
        orders=st.lists(
            st.tuples(AMOUNTS, st.sampled_from(KEYS), st.booleans()), min_size=1, max_size=5
        )
    )
    def submit(self, orders: list[tuple[float | None, str, bool]]) -> None:
        for price, key, template in orders:
            self._submit(job_of(price, key_id=key, created_at=self.now, template=template), price)

    def _submit(self, job: Job, price: float | None) -> None:
        before = self.do(_account)
        try:
            caller = Caller(WORKSPACE, job.key_id)
            made = self.loop.run(self.transitions.accept(job, caller, Origin("test"))).job
        except (InsufficientCredits, BudgetExceeded) as refused:
            assert "required" in refused.details or "unknown" in refused.message
            assert self.do(lambda tx: tx.job(job.id)) is None
            assert self.do(_account) == before
            return
        assert price is None or made.reserved == price * MICRO
        self.running.append(made.id)

    @precondition(lambda self: self.running)
    @rule(actual=st.lists(AMOUNTS, min_size=1, max_size=4))
    def complete(self, actual: list[float | None]) -> None:
        for cost in actual[: len(self.running)]:
            self._end(0, state="completed", cost=cost_of(cost))

    @precondition(lambda self: self.running)
    @rule(ends=st.lists(st.tuples(PICK, st.sampled_from(ENDS), AMOUNTS), min_size=1, max_size=4))
    def end(self, ends: list[tuple[int, tuple[str, str], float | None]]) -> None:
        for pick, (state, code), actual in ends:
            if self.running:
                cost = None if code == "content_policy" else cost_of(actual)
                self._end(pick, state=state, error_code=code, cost=cost)

    def _end(self, pick: int, **changes: Any) -> None:
        job_id = self.running.pop(pick % len(self.running))

        def work(tx: Tx) -> tuple[Job, Job | None]:
            job = tx.job(job_id)
            assert job is not None
            return job, self.transitions.end(tx, job, **changes)

        before, ended = self.do(work)
        assert ended is not None
        self.ended.append((before, ended))
        account = self.do(_account)
        assert self.do(lambda tx: self.transitions.end(tx, before, **changes)) is None
        self.do(lambda tx: self.money.release(tx, before, ended))
        assert self.do(_account) == account

    @precondition(lambda self: self.running)
    @rule(pick=PICK, more=st.integers(0, 3))
    def extend(self, pick: int, more: int) -> None:
        job_id = self.running[pick % len(self.running)]

        def work(tx: Tx) -> tuple[Job, bool, Job]:
            before = tx.job(job_id)
            assert before is not None
            done = self.money.extend(tx, before, more * MICRO)
            return before, done, cast("Job", tx.job(job_id))

        before, done, after = self.do(work)
        assert after.reserved == before.reserved + (more * MICRO if done else 0)

    @rule(amount=st.integers(-8, 20).filter(bool))
    def grant(self, amount: int) -> None:
        try:
            self.loop.run(self.credits.grant(WORKSPACE, amount * MICRO))
        except Conflict:
            assert amount < 0

    @rule(
        period=st.sampled_from(PERIODS),
        most=st.integers(0, 20),
        key=st.sampled_from(("", *KEYS)),
    )
    def set_budget(self, period: Period, most: int, key: str) -> None:
        # Straight into the store for keys that nobody made: the service would refuse those.
        def work(tx: Tx) -> None:
            same = tx.find(Budget, workspace_id=WORKSPACE, key_id=key, period=period)
            if same:
                tx.change(Budget, same[0].id, most=most * MICRO)
            else:
                name = f"bud_{key}{period}{self.now}{len(self.ceilings)}"
                tx.insert(Budget(name, WORKSPACE, period, most * MICRO, self.now, key))

        if key:
            self.do(work)
        else:
            self.loop.run(self.credits.set_budget(WORKSPACE, period, most * MICRO))
        for budget in self.do(lambda tx: tx.find(Budget)):
            for window, use in self._uses(budget).items():
                self.ceilings[budget.id, window] = max(budget.most, sum(use))

    @rule(pick=PICK)
    def remove_budget(self, pick: int) -> None:
        budgets = self.do(lambda tx: tx.find(Budget))
        if budgets:
            gone = budgets[pick % len(budgets)]
            self.loop.run(self.credits.remove_budget(WORKSPACE, gone.id))

    @rule(policy=st.sampled_from(("", "allow", "refuse", "cap:2")), metered=st.booleans())
    def the_operator_changes_policies(self, policy: str, metered: bool) -> None:
        self.do(lambda tx: tx.change(Workspace, WORKSPACE, policy={"unknown_price": policy}))
        self.loop.run(self.credits.meter(WORKSPACE, metered=metered))

    @rule(days=st.sampled_from((0.3, 1, 12)))
    def time_passes(self, days: float) -> None:
        self.now += int(days * DAY_MS)

    @rule()
    def restart(self) -> None:
        self.loop.run(self.records.aclose())
        self._open()

    def _uses(self, budget: Budget) -> dict[str, tuple[int, int]]:
        return self.do(lambda tx: _uses(tx, budget, self._jobs(tx)))

    def _jobs(self, tx: Tx) -> dict[str, Job]:
        ids = {*self.running, *(ended.id for _, ended in self.ended)}
        return {i: job for i in ids if (job := tx.job(i))}

    @invariant()
    def the_books_are_right(self) -> None:
        self.do(self._check)

    def _check(self, tx: Tx) -> None:
        entries, jobs = tx.find(CreditEntry, limit=10_000), self._jobs(tx)
        _check_account(_account(tx), entries)
        _check_jobs(jobs, entries)
        _check_spend(tx, jobs, entries)
        for budget in tx.find(Budget):
            counted: dict[str, list[int]] = defaultdict(lambda: [0, 0])
            for entry in entries:
                if budget.id in entry.budgets:
                    window = window_of(budget.period, jobs[entry.job_id].created_at)
                    counted[window][0] += entry.reserved
                    counted[window][1] += entry.spent
            for window, use in _uses(tx, budget, jobs).items():
                assert use == tuple(counted[window])
                assert min(use) >= 0
                assert sum(use) <= self.ceilings.get((budget.id, window), budget.most)
                self.ceilings[budget.id, window] = max(budget.most, sum(use))


def _uses(tx: Tx, budget: Budget, jobs: dict[str, Job]) -> dict[str, tuple[int, int]]:
    """What the store says that a budget has seen, reserved and spent, by window."""
    windows = {window_of(budget.period, job.created_at) for job in jobs.values()}
    uses = {window: tx.budget_use(budget.id, window) for window in windows}
    return {window: (use.reserved, use.spent) for window, use in uses.items()}


def _check_account(account: Account, entries: list[CreditEntry]) -> None:
    """It is the sum of its entries, field by field, and owes nothing if it is metered."""
    assert account.granted == sum(entry.granted for entry in entries)
    assert account.reserved == sum(entry.reserved for entry in entries)
    assert account.spent == sum(entry.spent for entry in entries)
    assert min(account.reserved, account.spent) >= 0
    assert account.available >= 0 or not account.metered


def _check_jobs(jobs: dict[str, Job], entries: list[CreditEntry]) -> None:
    """A job that ended holds nothing, and was settled or refunded once."""
    held, closed = Counter[str](), Counter[str]()
    for entry in entries:
        held[entry.job_id] += entry.reserved
        closed[entry.job_id] += entry.kind in ("settle", "refund")
    for job in jobs.values():
        assert held[job.id] == job.reserved
        assert closed[job.id] <= 1
        assert (job.final and not job.reserved) or not closed[job.id]


def _check_spend(tx: Tx, jobs: dict[str, Job], entries: list[CreditEntry]) -> None:
    """What was spent is counted by day and month."""
    spent = Counter[str]()
    for entry in entries:
        for period in ("day", "month") if entry.job_id else ():
            spent[window_of(period, jobs[entry.job_id].created_at)] += entry.spent
    for window, amount in spent.items():
        assert tx.budget_use(WORKSPACE, window).spent == amount


def _account(tx: Tx) -> Account:
    return tx.get(Account, WORKSPACE) or Account(WORKSPACE)


def test_no_interleaving_breaks_the_ledger() -> None:
    examples, steps = (1000, 50) if LONG else (30, 30)
    run_state_machine_as_test(
        Ledger,
        settings=hypothesis.settings(
            hypothesis.settings(),
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=(
                hypothesis.HealthCheck.too_slow,
                hypothesis.HealthCheck.filter_too_much,
            ),
        ),
    )
