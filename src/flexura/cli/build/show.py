"""What a build says: the plan before it begins, a line for each file, a summary; or all of it as JSON."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from flexura.cli import exit_codes
from flexura.cli.build.standing import KEPT, Left, Standing, State
from flexura.cli.build.steps import FREE, Action, Step
from flexura.cli.screen import Screen

if TYPE_CHECKING:
    from flexura.cli.build.run import Outcome

_DID = {
    Action.REUSE: ("up to date", "reused"),
    Action.KEEP: ("left alone", "kept"),
    Action.RECORD: ("noted", "reused"),
    Action.COPY: ("copied", "reused"),
    Action.FETCH: ("fetched", "reused"),
    Action.JOIN: ("made", "made"),
    Action.MAKE: ("made", "made"),
}
"""What was done: for a line, and the word of the summary that it counts for."""
_COLORS = {"made": "green", "reused": None, "kept": "yellow", "failed": "red"}


def plan(screen: Screen, steps: Sequence[Step], left: Sequence[Left], *, prune: bool) -> None:
    """What is going to be done, and why; nothing about what is up to date."""
    from flexura.cli import words

    for step in steps:
        if step.action is Action.REUSE:
            continue
        price = "" if step.action in FREE else words.price(step.cost)
        price = "priced later" if step.action is Action.LATER else price
        price = "" if step.problem is not None else price
        facts = " · ".join(fact for fact in (step.why, price, step.model) if fact)
        action = click.style(f"{step.action:<10}", fg="red" if step.problem else "cyan")
        screen.say(f"{action} {step.standing.asset.path}  {click.style(facts, dim=True)}")
        for message in step.warnings:
            screen.warn(message)
    leave(screen, left, prune=prune)


def leave(screen: Screen, left: Sequence[Left], *, prune: bool) -> None:
    """Files that nothing declares any more."""
    for file in left:
        if file.on_disk is None:
            continue
        if not file.unchanged:
            screen.say(f"{file.path} is no longer declared; it was changed by hand and stays.")
        elif prune:
            screen.say(f"{'remove':<10} {file.path}  no longer declared")
        else:
            screen.say(
                f"{file.path} is no longer declared; it stays (--prune, given now, removes it)."
            )


def total_of(steps: Sequence[Step]) -> tuple[float, int, int]:
    """What the orders of a plan cost together, how many there are, and of how many nobody knows the price."""
    orders = [s for s in steps if s.action in (Action.MAKE, Action.LATER)]
    known = [s.cost.amount for s in orders if s.cost is not None]
    return sum(known), len(orders), len(orders) - len(known)


def line(screen: Screen, outcome: Outcome) -> None:
    """One asset that is done with; nothing for what was up to date."""
    from flexura.cli import words

    if screen.as_json:
        return
    if outcome.problem is not None:
        screen.say(f"{click.style('failed    ', fg='red')} {outcome.path}")
        screen.failure(outcome.problem)
        return
    if outcome.action in (Action.REUSE, Action.KEEP):
        return
    told, counts = _DID[outcome.action]
    cost = words.price(outcome.cost) if outcome.job is not None else ""
    took = words.duration(outcome.seconds) if outcome.job is not None else ""
    facts = " · ".join(fact for fact in (outcome.model, cost, took) if fact)
    screen.data(
        f"{click.style(f'{told:<10}', fg=_COLORS[counts])} {outcome.path}  {facts}".rstrip()
    )
    for warned in outcome.job.warnings if outcome.job is not None else ():
        if warned.code != "option_not_supported":
            screen.warn(warned.message)


def counts_of(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """How many were made, reused, kept, and how many failed."""
    found = {"made": 0, "reused": 0, "kept": 0, "failed": 0}
    for outcome in outcomes:
        found["failed" if outcome.problem is not None else _DID[outcome.action][1]] += 1
    return found


def summary(screen: Screen, outcomes: Sequence[Outcome], spent: float) -> None:
    """The last line, and what to do about files that were left alone."""
    found = counts_of(outcomes)
    if not found["made"] and not found["failed"] and not found["kept"]:
        screen.say(f"{assets_are(found['reused'])} up to date; nothing was ordered.")
        return
    told = [f"{count} {word}" for word, count in found.items() if count]
    screen.say(f"{', '.join(told)}; {f'{spent:.6g} USD' if spent else 'at no cost'}.")
    if edited := [o.name for o in outcomes if o.action is Action.KEEP and o.problem is None]:
        names = " ".join(shlex.quote(name) for name in edited)
        screen.say(f"Left alone: {names}. Somebody's work lies there, or it failed before.")
        screen.next(
            f"`flexura build --force {names}` replaces it. To keep it, take the asset out of"
            " flexura.toml; the file stays."
        )


def record(
    outcomes: Sequence[Outcome], left: Sequence[Left], removed: Sequence[str], spent: float
) -> dict[str, Any]:
    """A build as `--json` tells it."""
    return {
        "ok": code_of(outcomes) == exit_codes.OK,
        **counts_of(outcomes),
        "cost_usd": round(spent, 6),
        "assets": [_outcome(outcome) for outcome in outcomes],
        "undeclared": _left(left),
        "removed": list(removed),
    }


def planned(steps: Sequence[Step], left: Sequence[Left]) -> dict[str, Any]:
    """A plan as `--dry-run --json` tells it."""
    cost, orders, unknown = total_of(steps)
    return {
        "dry_run": True,
        "orders": orders,
        "cost_usd": round(cost, 6),
        "unknown_costs": unknown,
        "assets": [
            {
                "name": step.name,
                "path": step.standing.asset.path,
                "state": step.standing.state,
                "action": step.action,
                "why": step.why,
                "model": step.model,
                "cost": step.cost.model_dump() if step.cost is not None else None,
                "warnings": list(step.warnings),
                "error": step.problem.body() if step.problem is not None else None,
            }
            for step in steps
        ],
        "undeclared": _left(left),
    }


def check(
    screen: Screen, standings: Mapping[str, Standing], left: Sequence[Left], stale: Sequence[str]
) -> int:
    """`--check`: what is not as it should be, and the exit code. `stale`: names that only the lock has."""
    wrong = [s for s in standings.values() if s.state is not State.CURRENT]
    for found in wrong:
        color = "red" if found.state in KEPT else "yellow"
        state = click.style(f"{found.state:<10}", fg=color)
        screen.data(f"{state} {found.asset.path}  {found.why}".rstrip())
    for name in stale:
        screen.data(f"{'undeclared':<10} {name}  the lock has it, flexura.toml has not")
    good = not wrong and not stale
    screen.object(
        {
            "up_to_date": good,
            "assets": [
                {
                    "name": s.asset.name,
                    "path": s.asset.path,
                    "state": s.state,
                    "why": s.why,
                }
                for s in standings.values()
            ],
            "undeclared": _left(left),
        }
    )
    if good:
        screen.say(f"{assets_are(len(standings))} up to date.")
        return exit_codes.OK
    kept = [s.asset.name for s in standings.values() if s.state in KEPT]
    if kept:
        screen.next(
            f"to keep it, take {', '.join(kept)} out of flexura.toml; `flexura build --force` replaces it."
        )
    if len(kept) < len(wrong) or stale:
        screen.next("`flexura build` makes them; commit the files and flexura.lock.")
    return exit_codes.FAILED


def code_of(outcomes: Sequence[Outcome]) -> int:
    """The exit code: of the failures if they have one in common; else of what was left alone."""
    codes = {exit_codes.of(str(o.problem["code"])) for o in outcomes if o.problem is not None}
    if codes:
        return codes.pop() if len(codes) == 1 else exit_codes.FAILED
    kept = any(outcome.action is Action.KEEP for outcome in outcomes)
    return exit_codes.DECLINED if kept else exit_codes.OK


def assets_are(count: int) -> str:
    """`1 asset is`, `30 assets are`."""
    return "1 asset is" if count == 1 else f"{count} assets are"


def _outcome(outcome: Outcome) -> dict[str, Any]:
    job = outcome.job
    return {
        "name": outcome.name,
        "path": outcome.path,
        "done": "failed" if outcome.problem is not None else _DID[outcome.action][0],
        "why": outcome.why,
        "job_id": job.job_id if job is not None else None,
        "model": outcome.model,
        "cost": outcome.cost.model_dump() if outcome.cost is not None else None,
        "error": dict(outcome.problem) if outcome.problem is not None else None,
    }


def _left(left: Sequence[Left]) -> list[dict[str, Any]]:
    return [
        {"name": f.name, "path": f.path, "unchanged": f.unchanged}
        for f in left
        if f.on_disk is not None
    ]
