"""Whether the ledger adds up: accounts and budgets are sums of entries, what is held belongs to open jobs.

Run it in one transaction (`await records.transact(ledger_problems)`) or on a connection that reads one state
of the store, or orders that come in meanwhile look like mistakes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from flexura.domain.credits import Account, Budget, BudgetUse, CreditEntry
from flexura.domain.workspace import Workspace
from flexura.ports.records import Tx

_BATCH = 1000
_MOST_WINDOWS = 100_000
_MOST = 20


def ledger_problems(tx: Tx) -> list[str]:
    """What does not add up, in words, at most 20 of it; empty = every sum is exact.

    Memory is bounded by the jobs that are open and the budgets, not by the length of the ledger.
    """
    problems: list[str] = []
    for workspace in tx.find(Workspace, limit=1_000_000):
        problems += _Ledger(tx, workspace.id).problems()
        if len(problems) >= _MOST:
            break
    return problems[:_MOST]


class _Ledger:
    """The entries of one workspace, added up."""

    def __init__(self, tx: Tx, workspace_id: str) -> None:
        self._tx, self._id = tx, workspace_id
        self._sums: Counter[str] = Counter()
        self._held: Counter[str] = Counter()
        """Job to what is held for it; those that came out at nothing are dropped."""
        self._of_budgets: dict[str, Counter[str]] = {}

    def problems(self) -> list[str]:
        for entry in _entries(self._tx, self._id):
            self._add(entry)
        return [*self._account(), *self._jobs(), *self._budgets()]

    def _add(self, entry: CreditEntry) -> None:
        amounts = {"granted": entry.granted, "reserved": entry.reserved, "spent": entry.spent}
        self._sums.update(amounts)
        for budget_id in entry.budgets:
            self._of_budgets.setdefault(budget_id, Counter()).update(amounts)
        if entry.job_id:
            self._held[entry.job_id] += entry.reserved
            if not self._held[entry.job_id]:
                del self._held[entry.job_id]

    def _account(self) -> list[str]:
        account = self._tx.get(Account, self._id) or Account(self._id)
        columns = {
            "granted": account.granted,
            "reserved": account.reserved,
            "spent": account.spent,
        }
        found = _differ(f"the account of {self._id}", columns, self._sums)
        by_window = self._used(self._id)
        # Counted by day and by month.
        if by_window["spent"] != 2 * account.spent:
            counted = f"{by_window['spent'] / 2:.0f} counted by day and month"
            found.append(f"{self._id}: {account.spent} spent, but {counted}")
        return found

    def _jobs(self) -> list[str]:
        found: list[str] = []
        for job_id, held in self._held.items():
            job = self._tx.job(job_id)
            has = 0 if job is None or job.final else job.reserved
            if has != held:
                state = "is not there" if job is None else f"is {job.state} and holds {has}"
                found.append(f"the ledger holds {held} for {job_id}, which {state}")
        return found

    def _budgets(self) -> list[str]:
        found: list[str] = []
        for budget in self._tx.find(Budget, workspace_id=self._id):
            entries = self._of_budgets.get(budget.id, Counter())
            del entries["granted"]
            found += _differ(f"the budget {budget.id}", self._used(budget.id), entries)
        return found

    def _used(self, budget_id: str) -> Counter[str]:
        """All windows of a budget together."""
        used: Counter[str] = Counter(reserved=0, spent=0)
        for use in self._tx.find(BudgetUse, limit=_MOST_WINDOWS, budget_id=budget_id):
            used.update({"reserved": use.reserved, "spent": use.spent})
        return used


def _entries(tx: Tx, workspace_id: str) -> Iterator[CreditEntry]:
    before: tuple[int, str] | None = None
    while True:
        batch = tx.find(
            CreditEntry, limit=_BATCH, newest_first=True, before=before, workspace_id=workspace_id
        )
        yield from batch
        if len(batch) < _BATCH:
            return
        before = (batch[-1].at, batch[-1].id)


def _differ(what: str, columns: Mapping[str, int], sums: Mapping[str, int]) -> list[str]:
    return [
        f"{what} has {columns[name]} {name}, its entries add up to {sums.get(name, 0)}"
        for name in columns
        if columns[name] != sums.get(name, 0)
    ]
