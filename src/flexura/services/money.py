"""Credits of jobs: held when an order is accepted, settled or given back when it ends.

Only what a caller ordered moves credits, not the steps of it. Whatever moves is in the ledger, and every
guard is looked at before the first write: the account and each budget in its own window. So no interleaving
of orders spends more than there is, and no job is settled or given back twice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flexura.domain.credit_rules import CreditRules
from flexura.domain.credits import (
    Account,
    Budget,
    CreditEntry,
    EntryKind,
    in_credits,
    in_words,
    renews_at,
    window_of,
)
from flexura.domain.errors import BudgetExceeded, FlexuraError, InsufficientCredits
from flexura.domain.ids import new_id
from flexura.domain.job import TEMPLATE_PROVIDER, Job
from flexura.domain.workspace import ApiKey, Workspace
from flexura.ports.records import NO_LIMIT, Tx
from flexura.services.charging import may_be_charged, share_bought
from flexura.services.clock import iso, now_ms

_UNKNOWN = "price unknown"
_CAPPED = "price unknown: held up to a limit"
_MOST_ROTATIONS = 100


@dataclass(frozen=True)
class _Hold:
    """What a job holds by the ledger."""

    reserved: int
    budgets: tuple[Budget, ...]
    capped: bool
    over: bool
    """Settled or given back already."""


class Money:
    """Every movement of credits that a job causes."""

    def __init__(self, rules: CreditRules | None = None, now: Callable[[], int] = now_ms) -> None:
        self._rules = rules or CreditRules()
        self._now = now

    def reserve(self, tx: Tx, job: Job) -> Job:
        """Hold what the job is estimated to cost; the job, with `reserved` set.

        Raises InsufficientCredits (with `required`, `available`) or BudgetExceeded, before any write.
        """
        if job.parent_id:
            return job
        estimate, note = self._rules.micro(job.cost), ""
        if estimate == 0:
            return job
        account = _account(tx, job.workspace_id)
        if estimate is None:
            estimate, note = self._unknown(tx, job, account)
        budgets = budgets_of(tx, job.workspace_id, job.key_id)
        # Where nothing is left, nothing is ordered: a price that nobody knows is not 0.
        refusal = self._refusal(tx, job, account, budgets, max(1, estimate))
        if refusal is not None:
            raise refusal
        self._move(tx, job, budgets, "reserve", reserved=estimate, note=note)
        return job.evolve(reserved=estimate)

    def extend(self, tx: Tx, job: Job, more: int) -> bool:
        """Hold `more` microcredits for a running job whose price rose; False, and nothing changed, where
        account or budgets do not allow it, or the job has ended or another worker has it."""
        row = tx.job(job.id)
        if row is None or row.final or row.attempt != job.attempt or row.parent_id:
            return False
        if more <= 0:
            return True
        hold = _hold(tx, row)
        budgets = hold.budgets
        account = _account(tx, row.workspace_id)
        if hold.over or self._refusal(tx, row, account, budgets, more) is not None:
            return False
        self._move(tx, row, budgets, "reserve", reserved=more, note="the price rose")
        tx.update_job(row.id, attempt=row.attempt, reserved=row.reserved + more)
        return True

    def cover(self, tx: Tx, job: Job, cost: Mapping[str, Any]) -> bool:
        """Hold at least what a running job costs by now; False where `extend` cannot."""
        return self.extend(tx, job, (self._rules.micro(cost) or 0) - job.reserved)

    def release(self, tx: Tx, before: Job, ended: Job) -> None:
        """Settle what an ended job really cost, or give back what was held; once, however often it is asked.

        What lies beyond what is held and what account and budgets still allow is not charged; the entry says
        how much that was.
        """
        if ended.parent_id:
            return
        hold = _hold(tx, ended)
        if hold.over:
            return
        cost, note = self._cost(before, ended, hold)
        if cost is None:
            if hold.reserved:
                self._move(tx, ended, hold.budgets, "refund", reserved=-hold.reserved, note=note)
            return
        charged = cost
        if cost > hold.reserved:
            charged = min(cost, hold.reserved + self._headroom(tx, ended, hold.budgets))
        if charged < cost:
            beyond = f"{in_words(cost - charged)} credits beyond what was allowed"
            note = f"{note}; {beyond}" if note else beyond
        if hold.reserved or charged or note:
            self._move(
                tx, ended, hold.budgets, "settle", reserved=-hold.reserved, spent=charged, note=note
            )

    def _cost(self, before: Job, ended: Job, hold: _Hold) -> tuple[int | None, str]:
        """What to charge, in microcredits, and why; None = nothing, all is given back."""
        actual = self._rules.micro(ended.cost)
        if not ended.succeeded:
            # Steps that were really bought stay bought, though the whole did not come about.
            if before.provider == TEMPLATE_PROVIDER and ended.cost is not None:
                return (hold.reserved, _UNKNOWN) if actual is None else (actual, ended.state)
            if may_be_charged(ended):
                charged = math.ceil(hold.reserved * share_bought(ended))
                return charged, f"{ended.error_code}: the vendor may have charged"
            return None, ended.error_code or ended.state
        if actual is None:
            return hold.reserved, _UNKNOWN
        if hold.capped and actual > hold.reserved:
            beyond = in_words(actual - hold.reserved)
            return hold.reserved, f"{beyond} credits beyond the limit for unknown prices"
        return actual, ""

    def _unknown(self, tx: Tx, job: Job, account: Account) -> tuple[int, str]:
        """What is held for a price that nobody knows. Raises BudgetExceeded where that is refused."""
        workspace = tx.get(Workspace, job.workspace_id)
        policy: dict[str, Any] = workspace.policy if workspace else {}
        unknown = self._rules.unknown(policy, metered=account.metered)
        if unknown.manner == "refuse":
            raise BudgetExceeded(
                f"The price of {job.model_id} is unknown, and this workspace orders nothing whose price is.",
                field="model",
                next_step="Choose a model with a price (model_catalog shows it), or ask the operator to set "
                "unknown_price to allow or cap:N.",
            )
        return (unknown.cap, _CAPPED) if unknown.manner == "cap" else (0, _UNKNOWN)

    def _refusal(
        self, tx: Tx, job: Job, account: Account, budgets: Sequence[Budget], more: int
    ) -> FlexuraError | None:
        """Why `more` cannot be held; None where it can."""
        if more > account.available and account.metered:
            return InsufficientCredits(
                f"The order needs {in_words(more)} credits; {in_words(account.available)} are left.",
                next_step="Order something cheaper, or ask for credits (`flexura credits grant`).",
                required=in_credits(more),
                available=in_credits(account.available),
            )
        for budget in budgets:
            use = tx.budget_use(budget.id, window_of(budget.period, job.created_at))
            left = max(0, budget.most - use.spent - use.reserved)
            if more > left:
                return _over_budget(budget, job.created_at, more, left)
        return None

    def _headroom(self, tx: Tx, job: Job, budgets: Sequence[Budget]) -> int:
        """What may be charged beyond what is held."""
        account = _account(tx, job.workspace_id)
        left = [account.available] if account.metered else []
        for budget in budgets:
            use = tx.budget_use(budget.id, window_of(budget.period, job.created_at))
            left.append(budget.most - use.spent - use.reserved)
        # Without any guard, whatever it cost.
        return max(0, min(left)) if left else NO_LIMIT

    def _move(
        self,
        tx: Tx,
        job: Job,
        budgets: Sequence[Budget],
        kind: EntryKind,
        *,
        reserved: int,
        spent: int = 0,
        note: str = "",
    ) -> None:
        """Change account and budgets and write the entry. What a guard refuses here rolls everything back."""
        moved = not (reserved or spent)
        if not moved:
            # Where something is held there is an account; read all the same before budgets, as whoever orders
            # has both in this order.
            if (budgets or reserved >= 0) and tx.get(Account, job.workspace_id) is None:
                tx.insert(Account(job.workspace_id))
            moved = tx.move_account(job.workspace_id, reserved=reserved, spent=spent)
            for budget in budgets:
                window = window_of(budget.period, job.created_at)
                moved &= tx.move_budget(
                    budget.id, window, budget.most, reserved=reserved, spent=spent
                )
        if not moved:
            raise RuntimeError(f"the credits of {job.id} changed while they were being moved")
        if spent:
            _count(tx, job, spent)
        tx.insert(
            CreditEntry(
                id=new_id("cr"),
                workspace_id=job.workspace_id,
                kind=kind,
                at=self._now(),
                reserved=reserved,
                spent=spent,
                job_id=job.id,
                key_id=job.key_id,
                note=note[:200],
                budgets=tuple(budget.id for budget in budgets),
            )
        )


def _account(tx: Tx, workspace_id: str) -> Account:
    return tx.get(Account, workspace_id) or Account(workspace_id)


def budgets_of(tx: Tx, workspace_id: str, key_id: str) -> tuple[Budget, ...]:
    """The budgets that count what a key orders: the workspace's, its own, and those of the keys after it.

    A rotated key works on for a while, and its budget has moved on to the new one.
    """
    found = tx.find(Budget, workspace_id=workspace_id)
    if not any(budget.key_id and budget.key_id != key_id for budget in found):
        return tuple(found)
    keys, following = {"", key_id}, key_id
    for _ in range(_MOST_ROTATIONS):
        key = tx.get(ApiKey, following) if following else None
        if key is None or key.replaced_by in keys:
            break
        following = key.replaced_by
        keys.add(following)
    return tuple(budget for budget in found if budget.key_id in keys)


def _hold(tx: Tx, job: Job) -> _Hold:
    """What the ledger says that a job holds, and in which budgets that still exist."""
    entries = tx.find(CreditEntry, job_id=job.id)
    if not entries:
        return _Hold(0, budgets_of(tx, job.workspace_id, job.key_id), capped=False, over=False)
    named = dict.fromkeys(budget_id for entry in entries for budget_id in entry.budgets)
    budgets = [tx.get(Budget, budget_id) for budget_id in named]
    return _Hold(
        reserved=sum(entry.reserved for entry in entries),
        budgets=tuple(budget for budget in budgets if budget is not None),
        capped=any(entry.note == _CAPPED for entry in entries),
        over=any(entry.kind in ("settle", "refund") for entry in entries),
    )


def _count(tx: Tx, job: Job, spent: int) -> None:
    """What a workspace spent by day and month, for showing; nothing is refused by it."""
    for period in ("day", "month"):
        tx.move_budget(
            job.workspace_id, window_of(period, job.created_at), NO_LIMIT, reserved=0, spent=spent
        )


def _over_budget(budget: Budget, at: int, required: int, available: int) -> BudgetExceeded:
    renewed = renews_at(budget.period, at)
    whose = "this API key" if budget.key_id else "the workspace"
    limit = {"day": "a day", "month": "a month", "total": "in all"}[budget.period]
    wait = f"Wait until {iso(renewed)}, or raise" if renewed else "Raise"
    return BudgetExceeded(
        f"The order needs {in_words(required)} credits; the budget of {whose} "
        f"({in_words(budget.most)} {limit}) has {in_words(available)} left.",
        next_step=f"{wait} the budget (`flexura credits budget set`), or order something cheaper.",
        required=in_credits(required),
        available=in_credits(available),
        budget=budget.id,
        period=budget.period,
        renews_at=iso(renewed) if renewed else None,
    )
