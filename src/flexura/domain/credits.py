"""Money inside the gateway: accounts, budgets, and the entries that they are the sums of.

Amounts are whole microcredits, so sums are exact. One credit is a configured amount of money (0.01 USD unless
the operator says otherwise).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

MICRO = 1_000_000
"""Microcredits in one credit."""
MOST_CREDITS = 1_000_000_000
"""No single amount is larger, so that sums fit 64 bits for as long as anybody counts."""
EntryKind = Literal["grant", "reserve", "settle", "refund"]
Period = Literal["day", "month", "total"]
PERIODS: tuple[Period, ...] = ("day", "month", "total")


@dataclass(frozen=True, slots=True)
class Account:
    """The credits of a workspace. `metered` accounts refuse what they cannot pay; others only count."""

    workspace_id: str
    metered: bool = False
    granted: int = 0
    spent: int = 0
    reserved: int = 0

    @property
    def available(self) -> int:
        """Microcredits that may still be reserved."""
        return self.granted - self.spent - self.reserved


@dataclass(frozen=True, slots=True)
class CreditEntry:
    """One line of the ledger, never changed. An account is the sum of its entries, field by field."""

    id: str
    workspace_id: str
    kind: EntryKind
    at: int
    granted: int = 0
    reserved: int = 0
    spent: int = 0
    job_id: str = ""
    key_id: str = ""
    note: str = ""
    budgets: tuple[str, ...] = ()
    """The budgets that a reservation counts in: what gives it back must find the same ones."""


@dataclass(frozen=True, slots=True)
class Budget:
    """At most `most` microcredits in each period, for a workspace (empty `key_id`) or for one key."""

    id: str
    workspace_id: str
    period: Period
    most: int
    created_at: int
    key_id: str = ""


@dataclass(frozen=True, slots=True)
class BudgetUse:
    """What a budget has seen in one window of its period (`2026-11-22`, `2026-11`, or `all`).

    A workspace's own id in place of a budget's counts what the workspace spent.
    """

    budget_id: str
    window: str
    reserved: int = 0
    spent: int = 0


def window_of(period: Period, at: int) -> str:
    """The window of a period around a moment (ms since 1970), by UTC: `2026-11-22`, `2026-11`, `all`."""
    moment = datetime.fromtimestamp(at / 1000, UTC)
    return {"day": f"{moment:%Y-%m-%d}", "month": f"{moment:%Y-%m}", "total": "all"}[period]


def renews_at(period: Period, at: int) -> int | None:
    """When the window around a moment ends (both in ms since 1970); None for a total, which never does."""
    day = datetime.fromtimestamp(at / 1000, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if period == "total":
        return None
    # Some day of the next month, moved to its first.
    following = day + timedelta(days=1) if period == "day" else day.replace(day=28) + timedelta(4)
    first = following if period == "day" else following.replace(day=1)
    return int(first.timestamp()) * 1000


def in_credits(micro: int) -> float:
    """Microcredits as credits, for showing; whole numbers stay whole."""
    whole, rest = divmod(micro, MICRO)
    return whole if not rest else round(micro / MICRO, 6)


def in_words(micro: int) -> str:
    """Microcredits as credits, for reading: `1,234.5`."""
    return f"{micro / MICRO:,.6f}".rstrip("0").rstrip(".")
