"""`uninstall`: takes back what is recorded, newest first; then gateway, data if wished, program."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from flexura_installer import engine, program, targets
from flexura_installer.arguments import Wrong
from flexura_installer.ledger import Ledger
from flexura_installer.plan import Missing, what_recorded
from flexura_installer.records import Record
from flexura_installer.report import Row
from flexura_installer.session import Data, Done, House, Session
from flexura_installer.writing import remove_directories


def run(session: Session) -> None:
    """Fill the report. Raises Wrong and InstallError, before anything is changed."""
    arguments, report = session.arguments, session.report
    named = [agent.name for agent in targets.named(arguments.targets)]
    if named and arguments.delete_data:
        raise Wrong(
            "--delete-data is for the last one to leave: agents that stay would lose their jobs and files.",
            "Leave out --target, or --delete-data.",
        )
    recorded = session.look().records
    wanted = named or sorted({owner for record in recorded for owner in _agents(record)})
    _unrecorded(session, [name for name in named if not any(r.owned_by(name) for r in recorded)])
    question = f"Take flexura out of {targets.titles(wanted)}?" if wanted else "Remove flexura?"
    if recorded and not targets.agreed(session, question):
        return
    if not recorded and not named:
        report.said.append("No agent has flexura by this installer; nothing was to be taken out.")
    delete = not named and _wants_deletion(session)
    made = program.directories(recorded)
    with session.ledger() as ledger:
        take_back(session, ledger, wanted)
        if named:
            _stop_if_unused(session, ledger)
        else:
            _finish(session, ledger, delete=delete)
    if not report.dry_run and not session.look().records:
        # The ledger lay below one of them until now.
        remove_directories(made)


def take_back(session: Session, ledger: Ledger, agents: Sequence[str]) -> None:
    """Withdraw what these agents own, newest first."""
    for record in reversed(list(ledger.records)):
        owners = [owner for owner in _agents(record) if owner in agents]
        if not owners:
            continue
        # What nobody else owns goes in one step.
        steps = [None] if len(owners) == len(record.owners) else owners
        for agent in steps:
            now = _now(ledger, record)
            if now is not None:
                _withdraw(session, ledger, now, agent)


def _withdraw(session: Session, ledger: Ledger, record: Record, agent: str | None) -> None:
    arguments = session.arguments
    owners = [agent] if agent else list(record.owners)
    outcome = engine.withdraw(
        record, ledger, agent=agent, force=arguments.force, dry_run=arguments.dry_run
    )
    for at, owner in enumerate(owners):
        title = program.TITLE if owner == program.OWNER else targets.title(owner)
        scope = record.owners[owner].get("scope", "user")
        shared = replace(outcome, agent=owner, diff="" if at else outcome.diff)
        session.report.rows.append(Row(title, what_recorded(record), scope, shared))


def _now(ledger: Ledger, record: Record) -> Record | None:
    """The record as it stands now: withdrawing one may change others of its file."""
    key = (record.kind, record.path, record.slots)
    return next((r for r in ledger.records if (r.kind, r.path, r.slots) == key), None)


def _agents(record: Record) -> list[str]:
    return [owner for owner in record.owners if owner != program.OWNER]


def _unrecorded(session: Session, names: Sequence[str]) -> None:
    for name in names:
        title = targets.title(name)
        why = f"{title} has nothing of flexura's by this installer."
        step = "`flexura install --status` shows entries that somebody else made."
        session.report.missing.append(Missing(name, title, why, step))


def _in_use(session: Session, ledger: Ledger) -> bool:
    """Whether an agent still has something of ours; with a dry run, would have."""
    if not session.arguments.dry_run:
        return any(_agents(record) for record in ledger.records)
    taken = set(session.arguments.targets) and {
        a.name for a in targets.named(session.arguments.targets)
    }
    left = [r for r in ledger.records if any(taken and o not in taken for o in _agents(r))]
    return bool(left) or not session.report.ok


def _stop_if_unused(session: Session, ledger: Ledger) -> bool:
    """Stop the gateway when no agent is left; whether it is known not to run."""
    if session.house is None or _in_use(session, ledger):
        return False
    done = session.house.stop_gateway(dry_run=session.arguments.dry_run)
    _tell(session, "gateway", done)
    return not (done.facts or {}).get("running")


def _finish(session: Session, ledger: Ledger, *, delete: bool) -> None:
    """What goes only when no agent is left: our own default, gateway, data, program."""
    report = session.report
    if _in_use(session, ledger):
        report.said.append("flexura itself stays, because what was left alone above needs it.")
        report.next.append("Correct that, or add --force, and repeat the command.")
        return
    for record in reversed([r for r in ledger.records if program.is_own(r) and r.kind == "entry"]):
        _withdraw(session, ledger, record, None)
    stopped = _stop_if_unused(session, ledger)
    if session.house is not None:
        _data(session, session.house, ledger, delete=delete, stopped=stopped)
    elif session.arguments.delete_data:
        report.failed = True
        report.said.append("The data is still there: only `flexura uninstall` knows it.")
    for kind, outcome in program.remove(ledger, dry_run=report.dry_run):
        report.rows.append(Row(program.TITLE, kind, "user", outcome))


def _wants_deletion(session: Session) -> bool:
    """Asked before anything is done, so that nobody waits for the answer with half the work done."""
    arguments = session.arguments
    if arguments.delete_data is not None or session.house is None or arguments.dry_run:
        return bool(arguments.delete_data)
    found = session.house.data()
    if found is None or arguments.yes or not session.asker.can_answer():
        return False
    question = f"Delete your jobs, files and kept keys too ({_where(session, found)})?"
    return session.asker.yes(question, otherwise=False)


def _how_to_delete(session: Session, found: Data, *, leaving: bool) -> str:
    if not leaving:
        return "`flexura uninstall --delete-data` deletes them."
    # The command goes with the program.
    if session.machine.environment.get("FLEXURA_HOME"):
        # A directory of the user's choice may hold more than ours.
        return "To delete them, install again and use `flexura uninstall --delete-data`."
    return f"To delete them: rm -r {' '.join(map(shlex.quote, found.places))}"


def _data(session: Session, house: House, ledger: Ledger, *, delete: bool, stopped: bool) -> None:
    report, found, leaving = session.report, house.data(), program.has_made(ledger)
    if found is None:
        return
    facts: dict[str, Any] = {"places": list(found.places), "bytes": found.size, "deleted": False}
    report.facts["data"] = facts
    where = _where(session, found)
    if not delete:
        report.said.append(f"Your jobs, files and kept keys stay: {where}.")
        report.next.append(_how_to_delete(session, found, leaving=leaving))
    elif report.dry_run:
        report.said.append(f"Your jobs, files and kept keys would be deleted: {where}.")
    elif not stopped:
        report.failed = True
        report.said.append(f"Your data is still there, because a gateway works with it: {where}.")
        report.next.append("End that gateway, then run `flexura uninstall --delete-data`.")
    else:
        done = house.delete_data()
        facts["deleted"] = done.good
        _tell(session, "data", done, facts)


def _tell(session: Session, member: str, done: Done, facts: dict[str, Any] | None = None) -> None:
    report = session.report
    report.facts[member] = {**(facts or {}), **(done.facts or {})}
    report.failed = report.failed or not done.good
    report.said += [done.words] if done.words else []
    report.next += [done.next_step] if done.next_step else []


def _where(session: Session, found: Data) -> str:
    places = ", ".join(session.machine.short(Path(place)) for place in found.places)
    return f"{_size(found.size)} in {places}"


def _size(count: int) -> str:
    size = float(count)
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
