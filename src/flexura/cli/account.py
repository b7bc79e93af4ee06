"""`flexura account`: plan, credits, budgets and spend of the workspace that the key is for."""

from __future__ import annotations

import asyncio

import click

from flexura.cli import exit_codes
from flexura.cli.connection import connected
from flexura.cli.screen import Screen
from flexura.client.account import AccountAnswer, BudgetAnswer
from flexura.client.account import account as ask

_BAR = 20
_WHEN = {"day": "today", "month": "this month", "total": "in all"}


@click.command(help="Show plan, credits, budgets and spend.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def account(as_json: bool) -> int:
    return asyncio.run(_show(Screen(as_json)))


async def _show(screen: Screen) -> int:
    async with connected() as connection:
        found = await ask(connection.client)
    screen.object(found.model_dump(mode="json"))
    _tell(found, screen)
    return exit_codes.OK


def _tell(found: AccountAnswer, screen: Screen) -> None:
    credits, usd = found.credits, found.credits.credit_usd
    screen.data(f"workspace  {click.style(found.name, bold=True)} ({found.plan})")
    if credits.available is None:
        screen.data("credits    unlimited")
    else:
        held = f", {credits.reserved:,g} held for running jobs" if credits.reserved else ""
        screen.data(
            f"credits    {credits.available:,g} left of {credits.granted:,g}"
            f" (${credits.available * usd:,.2f}){held}"
        )
    screen.data(f"today      {found.today:,g} credits (${found.today * usd:,.2f})")
    screen.data(f"month      {found.month:,g} credits (${found.month * usd:,.2f})")
    for budget in found.budgets:
        screen.data(f"budget     {_bar(budget)} {_budget(budget, usd)}")


def _budget(budget: BudgetAnswer, usd: float) -> str:
    whose = f" of {budget.key_id}" if budget.key_id else ""
    left, most = budget.left * usd, budget.most * usd
    return f"${left:,.2f} of ${most:,.2f} left {_WHEN.get(budget.period, budget.period)}{whose}"


def _bar(budget: BudgetAnswer) -> str:
    """How much of it is left, as a bar."""
    share = budget.left / budget.most if budget.most else 0.0
    full = round(min(1.0, max(0.0, share)) * _BAR)
    color = "green" if share > 0.5 else "yellow" if share > 0.1 else "red"
    return click.style("█" * full, fg=color) + click.style("░" * (_BAR - full), dim=True)
