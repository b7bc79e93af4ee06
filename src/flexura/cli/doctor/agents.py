"""The coding agents of this machine: connected or not, and whether what stands in their files works."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from flexura.cli.doctor import agent_traps, entry
from flexura.cli.doctor.entry import Start
from flexura.cli.doctor.finding import Finding, failed, note, ok
from flexura.cli.doctor.launch import Launch, bare_environment, launch
from flexura.local import keys
from flexura.local.json_shape import is_object
from flexura_installer import detect
from flexura_installer.__main__ import main as run_installer
from flexura_installer.agents import AGENTS
from flexura_installer.agents.row import Agent
from flexura_installer.errors import InstallError
from flexura_installer.formats.document import Slot
from flexura_installer.ledger import Ledger
from flexura_installer.machine import Machine
from flexura_installer.plan import typed
from flexura_installer.records import Record

# A record of an entry, and what its file says now; every file is read once.
_Entry = tuple[Record, Any]


def agents() -> list[Finding]:
    """One finding for each agent that flexura was installed into, one for all others that are here."""
    machine = Machine.here()
    try:
        ledger = Ledger.load(machine.state())
    except InstallError as error:
        return [failed("agents", error.message, error.next_step)]
    recorded = {
        agent: found
        for agent in AGENTS
        if (found := [*_recorded(agent, ledger), *_by_hand(agent, ledger, machine)])
    }
    others = [agent for agent in detect.detected(machine) if agent not in recorded]
    now = [now for entries in recorded.values() for _, now in entries]
    starts = _tried({start for one in now if (start := entry.start(one)) is not None})
    told = [
        _judged(agent, entries, starts, machine)
        or _gone(agent, ledger, machine)
        or agent_traps.first(agent, [record for record, _ in entries], machine)
        or _works(agent, entries, machine)
        for agent, entries in recorded.items()
    ]
    return [*told, *_not_connected(others, bool(recorded))]


def _recorded(agent: Agent, ledger: Ledger) -> list[_Entry]:
    return [(record, entry.now(record)) for record in ledger.by(agent.name) if record.values]


def _by_hand(agent: Agent, ledger: Ledger, machine: Machine) -> list[_Entry]:
    """Entries named like ours that nobody recorded: written by hand, or in a place that the agent left."""
    known = {record.target for record in ledger.by(agent.name)}
    found: list[_Entry] = []
    # What a project says otherwise than the user's own file is looked at as a trap.
    for file in (*agent.user, *(() if known else agent.project)):
        slot = Slot(file.under, "flexura", file.kind, file.identity)
        root = machine.home if file in agent.user else machine.project
        path = str(file.at(machine))
        record = Record("entry", path, {}, str(root), dialect=file.dialect, values=((slot, None),))
        if record.target not in known and is_object(now := entry.now(record)):
            found.append((record, now))
    return found


def _not_connected(others: list[Agent], some: bool) -> list[Finding]:
    if not others:
        return [] if some else [ok("agents", "none is connected, and none was found here")]
    names = ", ".join(agent.title for agent in others)
    named = " ".join(agent.name for agent in others)
    return [note("agents", f"not connected: {names}", f"flexura install --target {named}")]


def _tried(starts: set[Start]) -> dict[Start, Launch]:
    """Every different way to start, at the same time: most agents share one."""
    if not starts:
        return {}
    ordered = sorted(starts)
    with ThreadPoolExecutor(len(ordered)) as pool:
        return dict(zip(ordered, pool.map(_started, ordered), strict=True))


def _started(one: Start) -> Launch:
    arguments, variables = one
    return launch(arguments, bare_environment(dict(variables)))


def _judged(
    agent: Agent, entries: list[_Entry], starts: Mapping[Start, Launch], machine: Machine
) -> Finding | None:
    """The first entry that does not work."""
    name, again = agent.name, f"flexura install --target {agent.name}"
    for record, found in entries:
        place = machine.short(Path(record.path))
        if isinstance(found, InstallError):
            step = f"Repair {place}, then run `flexura doctor` again."
            return failed(name, f"{place} cannot be read: {found.message}", step)
        if found is None:
            return failed(name, f"the entry is gone from {place}", again, _again(agent, record))
        start = entry.start(found)
        if start and (trouble := starts[start].trouble):
            about = f"what {place} starts does not work: {trouble}"
            if record.owners:
                return failed(name, about, again, _again(agent, record))
            step = (
                f"Take `flexura` out of {place}, which this installer did not write; then {again}"
            )
            return failed(name, about, step)
    return None


def _gone(agent: Agent, ledger: Ledger, machine: Machine) -> Finding | None:
    """The first skill that is not there any more."""
    for record in ledger.by(agent.name):
        if not record.values and not os.path.lexists(record.path):
            again = f"flexura install --target {agent.name}"
            place = machine.short(Path(record.path))
            return note(agent.name, f"{place} is gone", again, _again(agent, record))
    return None


def _works(agent: Agent, entries: list[_Entry], machine: Machine) -> Finding:
    where = ", ".join(
        machine.short(Path(record.path)) + ("" if record.owners else " (by hand)")
        for record, _ in entries
    )
    found = [now for _, now in entries]
    if not any(entry.by_http(one) for one in found):
        starts = any(entry.start(one) for one in found)
        return ok(agent.name, f"{where}, starts" if starts else where)
    if any(keys.VARIABLE in str(one) for one in found) and not keys.from_environment():
        step = f"Set {keys.VARIABLE} where {agent.title} is started."
        return note(agent.name, f"{where}; {keys.VARIABLE} is not set here", step)
    return ok(agent.name, f"{where}, by HTTP")


def _again(agent: Agent, record: Record) -> Callable[[], None]:
    """Writes what is missing, with the options of the first time."""
    words = ["install", "--target", agent.name, *typed(record.owners[agent.name])]

    def write() -> None:
        with redirect_stdout(StringIO()):
            code = run_installer([*words, "--json"])
        if code:
            raise OSError(f"`flexura {shlex.join(words)}` says why")

    return write
