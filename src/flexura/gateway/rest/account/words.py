"""Accounts, budgets and the ledger as the API shows them; amounts in credits."""

from __future__ import annotations

from typing import Any

from flexura.domain.credit_rules import CreditRules
from flexura.domain.credits import Account, CreditEntry, in_credits
from flexura.services.clock import iso
from flexura.services.credits import BudgetNow, Overview
from flexura.services.limits import Quota


def credits_of(account: Account, rules: CreditRules) -> dict[str, Any]:
    """What an account has; `available` is null where it is unlimited."""
    return {
        "metered": account.metered,
        "available": in_credits(account.available) if account.metered else None,
        "granted": in_credits(account.granted),
        "spent": in_credits(account.spent),
        "reserved": in_credits(account.reserved),
        "credit_usd": rules.credit_usd,
    }


def budget_record(now: BudgetNow) -> dict[str, Any]:
    """A budget and what is left of it in its present window."""
    budget = now.budget
    return {
        "id": budget.id,
        "workspace": budget.workspace_id,
        "period": budget.period,
        "key_id": budget.key_id or None,
        "most": in_credits(budget.most),
        "spent": in_credits(now.spent),
        "reserved": in_credits(now.reserved),
        "left": in_credits(now.left),
        "renews_at": None if now.renews_at is None else iso(now.renews_at),
        "created_at": iso(budget.created_at),
    }


def account_page(seen: Overview, rules: CreditRules, quota: Quota | None) -> dict[str, Any]:
    """Everything about a workspace's money."""
    page: dict[str, Any] = {
        "workspace": seen.workspace.id,
        "name": seen.workspace.name,
        "plan": seen.workspace.plan,
        "credits": credits_of(seen.account, rules),
        "budgets": [budget_record(budget) for budget in seen.budgets],
        "today": in_credits(seen.today),
        "month": in_credits(seen.month),
    }
    if quota is not None:
        page["rate_limit"] = {
            "limit": quota.limit,
            "window_seconds": quota.window,
            "remaining": quota.remaining,
        }
    return page


def entry_record(entry: CreditEntry) -> dict[str, Any]:
    """One line of the ledger."""
    return {
        "id": entry.id,
        "kind": entry.kind,
        "at": iso(entry.at),
        "granted": in_credits(entry.granted),
        "reserved": in_credits(entry.reserved),
        "spent": in_credits(entry.spent),
        "job_id": entry.job_id or None,
        "key_id": entry.key_id or None,
        "note": entry.note,
    }
