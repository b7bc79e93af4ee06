"""The credits of a workspace: what was granted, what is left, what its budgets allow, what it spent.

Jobs move credits by themselves (`services/money.py`); this is what operators and users do and see.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flexura.domain.credit_rules import CreditRules
from flexura.domain.credits import (
    MICRO,
    PERIODS,
    Account,
    Budget,
    CreditEntry,
    Period,
    in_words,
    renews_at,
    window_of,
)
from flexura.domain.errors import Conflict, Forbidden, InvalidRequest, NotFound
from flexura.domain.ids import new_id
from flexura.domain.workspace import ApiKey, Workspace
from flexura.ports.records import Records, Tx
from flexura.services.clock import now_ms
from flexura.services.shared import Shared

Noted = Callable[[Tx, Account], None]
"""Called in the transaction that changed an account."""
MOST_BUDGETS = 1000
_MOMENT = 0.05
"""Seconds in which what another process changed may not show in the line about what is left."""
_WHEN = {"day": "today", "month": "this month", "total": "in all"}


@dataclass(frozen=True)
class BudgetNow:
    """A budget and what it has seen in its present window; amounts in microcredits."""

    budget: Budget
    spent: int
    reserved: int
    renews_at: int | None
    """When it begins again (ms since 1970); None = never."""

    @property
    def left(self) -> int:
        """What may still be ordered; 0 where a budget was lowered below its use."""
        return max(0, self.budget.most - self.spent - self.reserved)


@dataclass(frozen=True)
class Overview:
    """Everything that a workspace's account page shows."""

    workspace: Workspace
    account: Account
    budgets: tuple[BudgetNow, ...]
    today: int
    """Microcredits spent by what was ordered today, by UTC."""
    month: int


class Credits:
    """Accounts, grants, the ledger and budgets."""

    def __init__(
        self,
        records: Records,
        rules: CreditRules | None = None,
        now: Callable[[], int] = now_ms,
    ) -> None:
        self._records = records
        self.rules = rules or CreditRules()
        self._now = now
        self._left = Shared[str](_MOMENT)
        records.on_commit(self._left.forget)

    async def workspace(self, which: str) -> Workspace:
        """The workspace of that id or name. Raises NotFound naming the known ones."""
        found = await self._records.get(Workspace, which)
        if found is not None:
            return found
        known = await self._records.workspaces()
        names = ", ".join(w.name for w in known[:20]) or "none"
        named = next((w for w in known if w.name == which), None)
        if named is None:
            raise NotFound(
                f"There is no workspace {which[:60]!r}.", next_step=f"Known workspaces: {names}."
            )
        return named

    async def account(self, workspace_id: str) -> Account:
        """The account; one that nothing moved yet is unlimited and empty."""
        return await self._records.get(Account, workspace_id) or Account(workspace_id)

    async def accounts(self) -> list[tuple[Workspace, Account]]:
        """Every workspace with its account, by name."""
        known = sorted(await self._records.workspaces(), key=lambda workspace: workspace.name)
        return [(workspace, await self.account(workspace.id)) for workspace in known]

    async def overview(self, which: str) -> Overview:
        """The whole picture of a workspace, by its id or name. Raises NotFound."""
        workspace, now = await self.workspace(which), self._now()

        async def spent(period: Period) -> int:
            return (await self._records.budget_use(workspace.id, window_of(period, now))).spent

        return Overview(
            workspace=workspace,
            account=await self.account(workspace.id),
            budgets=tuple(await self.budgets(workspace.id)),
            today=await spent("day"),
            month=await spent("month"),
        )

    async def left(self, workspace_id: str, key_id: str) -> str:
        """What a key may still order, in a few words: the nearest of its limits; empty if there is none."""
        names = workspace_id, key_id
        return await self._left.get(names, lambda: self._left_of(*names))

    async def _left_of(self, workspace_id: str, key_id: str) -> str:
        budgets = [
            await self._now_of(budget)
            for budget in await self._records.find(Budget, workspace_id=workspace_id)
            if budget.key_id in ("", key_id)
        ]
        account = await self.account(workspace_id)
        tightest = min(budgets, key=lambda budget: budget.left, default=None)
        if account.metered and (tightest is None or account.available <= tightest.left):
            return f"{in_words(account.available // MICRO * MICRO)} credits left"
        if tightest is None:
            return ""
        left, most = self.rules.usd(tightest.left), self.rules.usd(tightest.budget.most)
        return f"${left:.2f} of ${most:.2f} left {_WHEN[tightest.budget.period]}"

    async def grant(
        self,
        workspace_id: str,
        micro: int,
        note: str = "",
        *,
        metered: bool = True,
        noted: Noted = lambda tx, account: None,
    ) -> Account:
        """Give credits, or with a negative amount take back what of it is still available.

        A grant makes the account metered: from then on it pays for everything. Raises InvalidRequest for
        nothing, Conflict when there is nothing to take back.
        """
        if micro == 0:
            raise InvalidRequest(
                "A grant of 0 credits changes nothing.",
                field="credits",
                next_step="Name an amount.",
            )

        def work(tx: Tx) -> Account:
            account = tx.get(Account, workspace_id) or Account(workspace_id)
            given = micro
            if micro < 0:
                given = -min(-micro, max(0, account.available)) if account.metered else 0
                if not given:
                    raise Conflict(
                        "The workspace has no granted credits left to take back.",
                        next_step="`flexura credits list` shows what every workspace has.",
                    )
            self._meter(tx, account, metered=metered)
            changed = self._give(tx, workspace_id, given, note)
            noted(tx, changed)
            return changed

        return await self._records.transact(work)

    async def meter(self, workspace_id: str, *, metered: bool) -> Account:
        """Make an account pay for what it orders, or let it order without limit. Its spend is kept."""

        def work(tx: Tx) -> Account:
            account = tx.get(Account, workspace_id) or Account(workspace_id)
            self._meter(tx, account, metered=metered)
            return tx.get(Account, workspace_id) or account

        return await self._records.transact(work)

    async def entries(
        self, workspace_id: str, limit: int, before: tuple[int, str] | None = None
    ) -> list[CreditEntry]:
        """The ledger, newest first; `before` is the time and the id of the last entry of the page before."""
        return await self._records.find(
            CreditEntry, limit=limit, newest_first=True, before=before, workspace_id=workspace_id
        )

    async def budgets(self, workspace_id: str) -> list[BudgetNow]:
        """Every budget of a workspace and of its keys, as they are now."""
        found = await self._records.find(Budget, workspace_id=workspace_id)
        return [await self._now_of(budget) for budget in found]

    async def set_budget(
        self,
        workspace_id: str,
        period: Period,
        most: int,
        key_id: str = "",
        noted: Callable[[Tx, Budget], None] = lambda tx, budget: None,
        *,
        operator: bool = True,
    ) -> BudgetNow:
        """Allow at most `most` microcredits in each period; replaces the budget of that key and period.

        It counts what is ordered from now on. Raises InvalidRequest, NotFound for a key of nobody here, or
        Forbidden where somebody else than the operator would lift what binds the whole workspace.
        """
        if period not in PERIODS or most < 0:
            raise InvalidRequest(
                "A budget is an amount of at least 0 for a day, a month or in total.",
                field="period" if period not in PERIODS else "credits",
                next_step=f"Allowed periods: {', '.join(PERIODS)}.",
            )

        def work(tx: Tx) -> Budget:
            if key_id:
                _check_key(tx, workspace_id, key_id)
            same = tx.find(Budget, workspace_id=workspace_id, key_id=key_id, period=period)
            if same:
                if not operator and most > same[0].most:
                    _check_liftable(same[0])
                budget = tx.change(Budget, same[0].id, most=most) or same[0]
            else:
                if len(tx.find(Budget, workspace_id=workspace_id)) >= MOST_BUDGETS:
                    raise Conflict(
                        f"A workspace has at most {MOST_BUDGETS} budgets.",
                        next_step="Remove one first (`flexura credits budget remove`).",
                    )
                budget = Budget(new_id("bud"), workspace_id, period, most, self._now(), key_id)
                tx.insert(budget)
            noted(tx, budget)
            return budget

        return await self._now_of(await self._records.transact(work))

    async def remove_budget(
        self, workspace_id: str, budget_id: str, *, operator: bool = True
    ) -> Budget:
        """Remove a budget; what it guarded goes on without it. Raises NotFound, or Forbidden as above."""

        def work(tx: Tx) -> Budget:
            budget = tx.get(Budget, budget_id)
            if budget is None or budget.workspace_id != workspace_id:
                raise NotFound(
                    f"There is no budget {budget_id[:60]!r} in this workspace.",
                    next_step="GET /api/v1/budgets or `flexura credits budget list` shows them.",
                )
            if not operator:
                _check_liftable(budget)
            tx.remove(Budget, budget_id)
            return budget

        return await self._records.transact(work)

    def seen(self, tx: Tx, budget: Budget) -> BudgetNow:
        """A budget as it is in this transaction."""
        now = self._now()
        use = tx.budget_use(budget.id, window_of(budget.period, now))
        return BudgetNow(budget, use.spent, use.reserved, renews_at(budget.period, now))

    async def _now_of(self, budget: Budget) -> BudgetNow:
        now = self._now()
        use = await self._records.budget_use(budget.id, window_of(budget.period, now))
        return BudgetNow(budget, use.spent, use.reserved, renews_at(budget.period, now))

    def _meter(self, tx: Tx, account: Account, *, metered: bool) -> None:
        """Set how an account pays. What it used while it was unlimited does not count against it."""
        if tx.get(Account, account.workspace_id) is None:
            tx.insert(account)
        if metered and not account.metered and account.available < 0:
            note = "what was used before the account was metered"
            self._give(tx, account.workspace_id, -account.available, note)
        if metered != account.metered:
            tx.change(Account, account.workspace_id, metered=metered)

    def _give(self, tx: Tx, workspace_id: str, micro: int, note: str) -> Account:
        """Change what was granted, with its entry."""
        if not tx.move_account(workspace_id, granted=micro):
            raise RuntimeError(f"the account of {workspace_id} changed while it was being changed")
        entry = CreditEntry(
            new_id("cr"), workspace_id, "grant", self._now(), granted=micro, note=note[:200]
        )
        tx.insert(entry)
        found = tx.get(Account, workspace_id)
        assert found is not None, "it was just changed"
        return found


def _check_liftable(budget: Budget) -> None:
    """Raises Forbidden for what binds a whole workspace: only whoever runs the gateway lifts it."""
    if not budget.key_id:
        raise Forbidden(
            "The budget binds the whole workspace; only whoever runs this gateway may lift it.",
            next_step="Ask the operator (`flexura credits budget set`); a lower one can be set by you.",
        )


def _check_key(tx: Tx, workspace_id: str, key_id: str) -> None:
    key = tx.get(ApiKey, key_id)
    if key is None or key.workspace_id != workspace_id or key.revoked_at:
        raise NotFound(
            f"There is no active key {key_id[:60]!r} in this workspace.",
            field="key_id",
            next_step=f"`flexura keys list --workspace {workspace_id}` shows the ids.",
        )
