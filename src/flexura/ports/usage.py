"""What was ordered and what it came to, summed up by the store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

By = Literal["day", "model", "key", "project", "workspace"]
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class UsageLine:
    """The orders of one day, model, key, project or workspace. Steps of orders count within these."""

    by: By
    name: str
    """What the orders have in common; a day is the number of days since 1970, by UTC."""
    jobs: int
    failed: int
    paid: int
    """Orders that were charged something."""
    spent: int
    """Microcredits, by the ledger."""
