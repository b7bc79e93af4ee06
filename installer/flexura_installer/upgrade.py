"""`upgrade`: everything recorded is wished again, with its own options and as this version writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from flexura_installer import choices, engine, program, targets
from flexura_installer.agents import AGENTS
from flexura_installer.agents.row import Agent, Scope, Transport
from flexura_installer.formats.document import Slot
from flexura_installer.install import write
from flexura_installer.ledger import Ledger
from flexura_installer.machine import Machine
from flexura_installer.options import Options
from flexura_installer.plan import Plan, plan, wants_skills, what_recorded
from flexura_installer.records import Record, servers
from flexura_installer.report import WRITTEN, Row
from flexura_installer.session import Session
from flexura_installer.wishes import EntryWish, Outcome, Wish

Key = tuple[str, str, frozenset[Slot]]
# Stands for a literal key that this environment does not have; never written.
_NO_KEY = "<no key here>"


def run(session: Session) -> None:
    """Fill the report. Raises Wrong and InstallError, before anything is changed."""
    report = session.report
    named = {agent.name for agent in targets.named(session.arguments.targets)}
    rows = {row.name: row for row in AGENTS}
    if not any(set(r.owners) & rows.keys() for r in session.look().records):
        report.said.append("Nothing is installed by this installer.")
        report.next.append("flexura install")
        return
    with session.ledger() as ledger:
        for name, again in _installations(ledger):
            if name in rows and (not named or name in named):
                _again(session, ledger, rows[name], again)
    changed = {row.title for row in report.rows if row.outcome.action in WRITTEN}
    if changed and not report.dry_run:
        report.next.append(f"Start {', '.join(sorted(changed))} anew.")


def _installations(ledger: Ledger) -> list[tuple[str, Mapping[str, str]]]:
    """Every agent with each set of options that it was installed with, in the order of the ledger."""
    found: dict[tuple[str, tuple[tuple[str, str], ...]], Mapping[str, str]] = {}
    for record in ledger.records:
        for name, again in record.owners.items():
            found[name, tuple(sorted(again.items()))] = again
    return [(name, again) for (name, _), again in found.items() if name != program.OWNER]


def _again(session: Session, ledger: Ledger, agent: Agent, again: Mapping[str, str]) -> None:
    """One installation: what is gone is forgotten, what is there renewed, what is no more taken back."""
    options, machine = recalled(session, again)
    living: dict[Key, Record] = {}
    for record in ledger.by(agent.name):
        if record.owners[agent.name] != again:
            continue
        if engine.standing(record) == "gone":
            _withdraw(session, ledger, record, agent, "It was gone, so it is forgotten.")
        else:
            living[key_of(record)] = record
    if not living:
        return
    wished = plan((agent,), options, machine, skills=wants_skills(again)).wishes
    wishes = {key_of_wish(wish): wish for wish in wished}
    moved = [key for key in living if key not in wishes]
    # Nothing new comes but in the place of what moves: what is not recorded, somebody took out.
    todo = [
        wish
        for key, wish in wishes.items()
        if key in living or any(old[0] == key[0] for old in moved)
    ]
    # An entry that holds the key cannot be written without it; nothing else in it changes.
    can = tuple(wish for wish in todo if not (isinstance(wish, EntryWish) and _lacks_key(wish)))
    write(session, Plan(can, ()), {agent.name: options}, again, ledger)
    for key in moved:
        _withdraw(session, ledger, living[key], agent, "This version puts it elsewhere.")


def _lacks_key(wish: EntryWish) -> bool:
    return _NO_KEY in repr(wish.values)


def recalled(session: Session, again: Mapping[str, str]) -> tuple[Options, Machine]:
    """The options that something was installed with, and the machine with its project."""
    machine = session.machine
    chosen = Path(again["launcher"]) if again.get("launcher") else None
    if session.arguments.launcher is not None or (chosen and not choices.runs(chosen)):
        chosen = session.arguments.launcher
    scope: Scope = "project" if again.get("scope") == "project" else "user"
    transport: Transport = "http" if again.get("transport") == "http" else "stdio"
    literal = again.get("literal_secret") == "yes"
    options = Options(
        choices.launcher(chosen, machine, only_named=session.arguments.dry_run),
        scope=scope,
        transport=transport,
        url=again.get("url", ""),
        name=again.get("name", "flexura"),
        literal_secret=literal,
        key=(machine.environment.get(choices.KEY, "").strip() or _NO_KEY) if literal else "",
    )
    return options, replace(machine, project=Path(again.get("project") or machine.project))


def key_of(record: Record) -> Key:
    """What a record is about."""
    return record.kind, record.path, servers(record.slots)


def key_of_wish(wish: Wish) -> Key:
    """The same of what is wished."""
    if isinstance(wish, EntryWish):
        return "entry", str(wish.path), servers(slot for slot, _ in wish.values)
    return "folder", str(wish.path), frozenset()


def _withdraw(session: Session, ledger: Ledger, record: Record, agent: Agent, why: str) -> None:
    arguments = session.arguments
    outcome: Outcome = engine.withdraw(
        record, ledger, agent=agent.name, force=arguments.force, dry_run=arguments.dry_run
    )
    if outcome.good:
        outcome = replace(outcome, why=outcome.why or why)
    scope = record.owners[agent.name].get("scope", "user")
    session.report.rows.append(Row(agent.title, what_recorded(record), scope, outcome))
