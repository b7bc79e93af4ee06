"""`install --status`: what is installed where, by the ledger and by the files themselves. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from flexura_installer import choices, engine, owned, program, targets
from flexura_installer.agents import AGENTS, entries
from flexura_installer.agents.row import Agent
from flexura_installer.errors import InstallError
from flexura_installer.formats import prove
from flexura_installer.formats.dialects import dialect
from flexura_installer.formats.document import MISSING, find, same
from flexura_installer.options import Options
from flexura_installer.plan import what, what_recorded
from flexura_installer.records import Record
from flexura_installer.report import listed
from flexura_installer.session import Session
from flexura_installer.wishes import EntryWish
from flexura_installer.writing import look

State = Literal["installed", "changed", "gone", "unrecorded"]

_MARKS: dict[State, str] = {"installed": "✓", "changed": "!", "gone": "✗", "unrecorded": "?"}
_PHRASES: dict[State, str] = {
    "installed": "installed",
    "changed": "changed by somebody",
    "gone": "gone",
    "unrecorded": "not by this installer",
}


@dataclass(frozen=True)
class Standing:
    """One thing of ours, or one that is called like ours."""

    agents: tuple[str, ...]
    what: str
    scope: str
    path: Path
    state: State
    # `stdio`, `http`, or empty for what is no server.
    transport: str = ""
    launcher: str = ""
    since: str = ""
    why: str = ""
    next_step: str = ""


def run(session: Session) -> None:
    """Fill the report."""
    arguments, report = session.arguments, session.report
    wanted = [agent.name for agent in targets.named(arguments.targets)]
    records = session.look().records
    found = [_recorded(record) for record in records if not program.is_own(record)]
    found += _unrecorded(session, records)
    shown = [one for one in found if not wanted or set(one.agents) & set(wanted)]
    report.facts["targets"] = [_fields(one) for one in shown]
    own = [record for record in records if program.is_own(record)]
    report.facts["program"] = [{"path": r.path, **r.owners[program.OWNER]} for r in own]
    report.lines += _lines(session, shown, own)


def _recorded(record: Record) -> Standing:
    state = engine.standing(record)
    owners = tuple(record.owners)
    again = record.owners[owners[0]]
    value = next((v for slot, v in record.values if slot.under), None)
    launcher = _launcher(value)
    why, step, named = "", "", ",".join(owners)
    if state == "gone":
        step = f"`flexura install --target {named}` puts it back; `flexura upgrade` forgets it."
    elif state == "changed":
        step = f"`flexura install --target {named} --force` writes ours again; a backup is kept."
    elif launcher and not choices.runs(Path(launcher)):
        why = f"It starts {launcher}, which is not there."
        step = "`flexura upgrade` names the present one."
    return Standing(
        owners,
        what_recorded(record),
        again.get("scope", "user"),
        Path(record.path),
        state,
        transport=_transport(value),
        launcher=launcher,
        since=record.time,
        why=why,
        next_step=step,
    )


def _launcher(value: Any) -> str:
    if not isinstance(value, dict):
        return ""
    return next(iter(owned.program(cast("dict[str, Any]", value))), "")


def _transport(value: Any) -> str:
    if not isinstance(value, dict):
        return ""
    return "http" if any(key in value for key in owned.ADDRESSES) else "stdio"


def _unrecorded(session: Session, records: Iterable[Record]) -> Iterator[Standing]:
    """Entries of our name in the agents' files that no record speaks of."""
    known = {(record.target, slot) for record in records for slot in record.slots}
    seen: set[tuple[str, Any]] = set()
    for agent, options, wish in _wished(session):
        slot, wanted = wish.values[-1]
        held, target = _held(wish)
        if held is MISSING or (target, slot) in known or (target, slot) in seen:
            continue
        seen.add((target, slot))
        ours = same(held, wanted)
        step = f"flexura install --target {agent.name}"
        yield Standing(
            (agent.name,),
            what(wish),
            options.scope,
            wish.path,
            "unrecorded",
            transport=_transport(held),
            launcher=_launcher(held),
            why="It is what this installer would write." if ours else "",
            next_step=f"`{step}` records it."
            if ours
            else f"`{step} --force` replaces it; a backup is kept.",
        )


def _wished(session: Session) -> Iterator[tuple[Agent, Options, EntryWish]]:
    arguments, machine = session.arguments, session.machine
    try:
        launcher = choices.launcher(arguments.launcher, machine)
    except InstallError:
        launcher = Path("flexura")
    for scope in ("user", "project"):
        options = Options(launcher, scope=scope, name=arguments.name)
        if scope == "project" and machine.project == machine.home:
            continue
        for agent in AGENTS:
            for wish in entries.wishes(agent, options, machine):
                yield agent, options, wish


def _held(wish: EntryWish) -> tuple[Any, str]:
    """What stands in the wish's last slot, and the real path; MISSING also for a file that cannot be read."""
    try:
        found = look(wish.path)
        if found.data is None:
            return MISSING, ""
        document = prove.read(dialect(wish.dialect), found.data)
        return find(document, wish.values[-1][0]), str(found.target)
    except InstallError:
        return MISSING, ""


def _fields(one: Standing) -> dict[str, Any]:
    return {
        "agents": list(one.agents),
        "what": one.what,
        "scope": one.scope,
        "path": str(one.path),
        "state": one.state,
        "transport": one.transport,
        "launcher": one.launcher,
        "since": one.since,
        "why": one.why,
        "next_step": one.next_step,
    }


def _lines(session: Session, found: list[Standing], own: list[Record]) -> list[str]:
    if not found and not own:
        return ["flexura is installed in no agent here.", "next: flexura install"]
    titles = [listed(map(targets.title, one.agents)) for one in found]
    width = min(max(map(len, titles), default=0), 24)
    facts = [f"{one.what} {_PHRASES[one.state]}" for one in found]
    wide = max(map(len, facts), default=0)
    lines: list[str] = []
    for one, title, fact in zip(found, titles, facts, strict=True):
        where = session.machine.short(one.path)
        lines.append(f"{_MARKS[one.state]} {title:<{width}}  {fact:<{wide}}  {where}")
        lines += [f"    {one.why}"] if one.why else []
        lines += [f"    next: {one.next_step}"] if one.next_step else []
    lines += [f"  {program.TITLE}: {session.machine.short(Path(r.path))}" for r in own]
    return lines
