"""Whether an order of some price would be paid for, told before it is placed. What decides is placing it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flexura.domain.credits import in_words
from flexura.services.credits import Credits

_WHEN = {"day": "today", "month": "this month", "total": "in all"}


async def shortfall(
    credits: Credits, workspace_id: str, key_id: str, cost: Mapping[str, Any] | None
) -> str:
    """Why account or budgets would refuse this now, in one sentence; empty where they would not."""
    needed = credits.rules.micro(cost)
    if not needed:
        return ""
    account = await credits.account(workspace_id)
    if account.metered and needed > account.available:
        return f"This needs {in_words(needed)} credits; {in_words(max(0, account.available))} are left."
    budgets = [b for b in await credits.budgets(workspace_id) if b.budget.key_id in ("", key_id)]
    tightest = min(budgets, key=lambda budget: budget.left, default=None)
    if tightest is None or needed <= tightest.left:
        return ""
    whose = "of this key" if tightest.budget.key_id else "of the workspace"
    left = credits.rules.usd(tightest.left)
    return f"The budget {whose} has ${left:,.2f} left {_WHEN[tightest.budget.period]}."
