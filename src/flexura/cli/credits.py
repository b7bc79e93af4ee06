"""`flexura credits`: credits and budgets of workspaces, straight from this machine's database.

No gateway has to run; a running one sees the change at once.
"""

from __future__ import annotations

import asyncio
from typing import Any

import click

from flexura import settings
from flexura.cli import exit_codes
from flexura.cli.screen import Screen
from flexura.domain.credit_rules import read_micro
from flexura.domain.credits import PERIODS, Account, Period, in_credits, in_words
from flexura.domain.workspace import Workspace
from flexura.gateway.rest.account.words import budget_record, entry_record
from flexura.local import keys as local_keys
from flexura.runtime import open_credits
from flexura.services.clock import iso
from flexura.services.credits import BudgetNow, Credits

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
_SHOWN = 20


@click.group(help="Grant credits, look at the ledger, set budgets. Amounts: 500 (credits) or 5usd.")
def credits() -> None:
    """No gateway has to run; a running one sees the change at once."""


@credits.group(help="What a workspace or one of its keys may order in each period.")
def budget() -> None:
    """A budget counts what is ordered from the moment it is set."""


@credits.command(
    short_help="Give a workspace credits, or take some back.",
    help="Give a workspace credits; a negative AMOUNT takes back what is left. It pays for all from then on.",
    context_settings={"ignore_unknown_options": True},
)
@click.argument("workspace")
@click.argument("amount")
@click.option("--note", default="", help="Why; it stands in the ledger.")
@_JSON
def grant(workspace: str, amount: str, note: str, as_json: bool) -> int:
    async def work(found: Credits, screen: Screen) -> None:
        named = await found.workspace(workspace)
        micro = read_micro(amount, found.rules)
        account = await found.grant(named.id, micro, note)
        _tell_account(named, account, screen)

    return _run(work, as_json)


@credits.command("list", help="What every workspace has, or the last entries of one.")
@click.argument("workspace", default="")
@_JSON
def list_credits(workspace: str, as_json: bool) -> int:
    async def work(found: Credits, screen: Screen) -> None:
        if workspace:
            await _tell_entries(found, workspace, screen)
        else:
            await _tell_all(found, screen)

    return _run(work, as_json)


@credits.command("set", help="Let a workspace order without limit, or only what its credits pay.")
@click.argument("workspace")
@click.argument("how", type=click.Choice(["metered", "unlimited"]))
@_JSON
def set_account(workspace: str, how: str, as_json: bool) -> int:
    async def work(found: Credits, screen: Screen) -> None:
        named = await found.workspace(workspace)
        account = await found.meter(named.id, metered=how == "metered")
        _tell_account(named, account, screen)

    return _run(work, as_json)


@budget.command(
    "set",
    help="Allow at most AMOUNT in each period.",
    context_settings={"ignore_unknown_options": True},
)
@click.argument("workspace")
@click.argument("amount")
@click.option("--period", type=click.Choice(PERIODS), default="day", show_default=True)
@click.option("--key", "key_id", default="", help="Of one key, by its id (`flexura keys list`).")
@_JSON
def set_budget(workspace: str, amount: str, period: Period, key_id: str, as_json: bool) -> int:
    async def work(found: Credits, screen: Screen) -> None:
        named = await found.workspace(workspace)
        micro = read_micro(amount, found.rules)
        now = await found.set_budget(named.id, period, micro, key_id)
        screen.object(budget_record(now))
        _tell_budget(now, screen)

    return _run(work, as_json)


@budget.command("list", help="The budgets of a workspace and what is left of them.")
@click.argument("workspace", default="default")
@_JSON
def list_budgets(workspace: str, as_json: bool) -> int:
    async def work(found: Credits, screen: Screen) -> None:
        listed = await found.budgets((await found.workspace(workspace)).id)
        screen.object({"budgets": [budget_record(now) for now in listed]})
        for now in listed:
            _tell_budget(now, screen)
        if not listed:
            screen.say(f"The workspace {workspace} has no budgets.")

    return _run(work, as_json)


@budget.command("remove", help="Remove a budget, by its id.")
@click.argument("workspace")
@click.argument("budget_id")
@_JSON
def remove_budget(workspace: str, budget_id: str, as_json: bool) -> int:
    async def work(found: Credits, screen: Screen) -> None:
        named = await found.workspace(workspace)
        gone = await found.remove_budget(named.id, budget_id)
        screen.object({"id": gone.id, "removed": True})
        screen.say(f"{gone.id} is removed.")

    return _run(work, as_json)


def _run(work: Any, as_json: bool) -> int:
    async def opened() -> None:
        async with open_credits(settings.load()) as (found, first):
            if first:
                # The key that a new database starts with belongs to this machine's user.
                local_keys.keep(local_keys.LOCAL, first)
            await work(found, Screen(as_json))

    asyncio.run(opened())
    return exit_codes.OK


async def _tell_all(found: Credits, screen: Screen) -> None:
    listed = await found.accounts()
    screen.object({"accounts": [_account_record(w, a) for w, a in listed]})
    width = max(len(workspace.name) for workspace, _ in listed)
    for workspace, account in listed:
        screen.data(f"{workspace.name:<{width}}  {_has(account)}")


async def _tell_entries(found: Credits, which: str, screen: Screen) -> None:
    workspace = await found.workspace(which)
    entries = await found.entries(workspace.id, _SHOWN)
    account = await found.account(workspace.id)
    shown = {"entries": [entry_record(entry) for entry in entries]}
    screen.object({**_account_record(workspace, account), **shown})
    for entry in entries:
        moved = [
            f"{name} {'+' if micro > 0 else ''}{in_words(micro)}"
            for name in ("granted", "reserved", "spent")
            if (micro := getattr(entry, name))
        ]
        facts = (iso(entry.at), f"{entry.kind:<7}", ", ".join(moved), entry.job_id, entry.note)
        screen.data("  ".join(fact for fact in facts if fact))
    screen.say(f"{workspace.name}: {_has(account)}")


def _tell_account(workspace: Workspace, account: Account, screen: Screen) -> None:
    screen.object(_account_record(workspace, account))
    screen.data(f"{workspace.name}: {_has(account)}")


def _tell_budget(now: BudgetNow, screen: Screen) -> None:
    whose = now.budget.key_id or "workspace"
    left, most = in_words(now.left), in_words(now.budget.most)
    screen.data(f"{now.budget.id}  {whose}  {left} of {most} credits left  ({now.budget.period})")


def _has(account: Account) -> str:
    spent = f"{in_words(account.spent)} spent, {in_words(account.reserved)} held"
    if not account.metered:
        return f"unlimited; {spent}"
    return f"{in_words(account.available)} of {in_words(account.granted)} credits left; {spent}"


def _account_record(workspace: Workspace, account: Account) -> dict[str, Any]:
    return {
        "workspace": workspace.id,
        "name": workspace.name,
        "metered": account.metered,
        "available": in_credits(account.available) if account.metered else None,
        "granted": in_credits(account.granted),
        "spent": in_credits(account.spent),
        "reserved": in_credits(account.reserved),
    }
