"""What a workspace ordered in the last days, and what that came to: by day, model, key and project.

Money is the ledger's: what orders were charged when they ended, on the day they were ordered, by UTC, as
budgets count it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flexura.domain.credit_rules import CreditRules
from flexura.domain.workspace import ApiKey
from flexura.ports.records import Records
from flexura.ports.usage import DAY_MS, By, UsageLine
from flexura.services.clock import now_ms
from flexura.services.shared import Shared

SPANS = (7, 30, 90)
"""Days that can be looked at."""
MOST_LINES = 200
"""Of models, keys and projects the dearest; all others count as one."""
_KEPT = 3.0
"""Seconds for which a report is good enough for whoever looks again."""
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Spent:
    """What some orders came to."""

    name: str
    jobs: int = 0
    failed: int = 0
    paid: int = 0
    usd: float = 0.0

    @property
    def mean(self) -> float | None:
        """USD of an order that was charged something; None where there was none."""
        return self.usd / self.paid if self.paid else None


@dataclass(frozen=True)
class Report:
    """The use of some days, up to today. A day's name is its date; the lists are dearest first."""

    total: Spent
    days: tuple[Spent, ...]
    """Every day, the oldest first, those without orders too."""
    models: tuple[Spent, ...]
    keys: tuple[Spent, ...]
    """By the id of the key; without one: what nobody's key ordered."""
    projects: tuple[Spent, ...]
    workspaces: tuple[Spent, ...] = ()
    """By id, where all of them were asked for."""


class Usage:
    """Reports of use."""

    def __init__(
        self,
        records: Records,
        rules: CreditRules | None = None,
        now: Callable[[], int] = now_ms,
    ) -> None:
        self._records = records
        self._rules = rules or CreditRules()
        self._now = now
        self._known = Shared[Report](_KEPT)

    async def report(self, workspace_id: str, days: int) -> Report:
        """The use of a workspace (empty: of all of them) in the last `days`, today included."""
        today = self._now() // DAY_MS
        asked = (workspace_id, today, days)
        return await self._known.get(asked, lambda: self._made(workspace_id, today, days))

    async def key_names(self, workspace_id: str) -> dict[str, str]:
        """What the keys of a workspace are called, by their ids, the revoked ones too."""
        keys: Sequence[ApiKey] = await self._records.keys(workspace_id)
        return {key.id: key.name for key in keys}

    async def _made(self, workspace_id: str, today: int, days: int) -> Report:
        first = today - days + 1
        lines = await self._records.usage(
            workspace_id, first * DAY_MS, (today + 1) * DAY_MS, max(MOST_LINES, days)
        )
        by_day = {int(line.name): line for line in lines if line.by == "day"}
        empty = UsageLine("day", "", 0, 0, 0, 0)
        shown = [self._spent(by_day.get(n, empty), date_of(n)) for n in range(first, today + 1)]
        return Report(
            total=self._spent(_sum(by_day.values()), "total"),
            days=tuple(shown),
            models=self._of(lines, "model"),
            keys=self._of(lines, "key"),
            projects=self._of(lines, "project"),
            workspaces=self._of(lines, "workspace"),
        )

    def _of(self, lines: Sequence[UsageLine], by: By) -> tuple[Spent, ...]:
        return tuple(self._spent(line, line.name) for line in lines if line.by == by)

    def _spent(self, line: UsageLine, name: str) -> Spent:
        return Spent(name, line.jobs, line.failed, line.paid, self._rules.usd(line.spent))


def _sum(lines: Iterable[UsageLine]) -> UsageLine:
    found = list(lines)
    return UsageLine(
        "day",
        "",
        sum(line.jobs for line in found),
        sum(line.failed for line in found),
        sum(line.paid for line in found),
        sum(line.spent for line in found),
    )


def date_of(day: int) -> str:
    """The date of a day that is counted from 1970."""
    return (_EPOCH + timedelta(days=day)).isoformat()
