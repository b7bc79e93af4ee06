"""`install`: writes what the agents lack, and says what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flexura_installer import choices, engine, program, provider_keys, targets
from flexura_installer.agents import AGENTS, entries
from flexura_installer.agents.row import Agent
from flexura_installer.detect import detected
from flexura_installer.entries import snippet
from flexura_installer.formats.dialects import dialect
from flexura_installer.formats.document import Slot
from flexura_installer.ledger import Ledger
from flexura_installer.options import Options
from flexura_installer.plan import Missing, Plan, plan, remembered, what
from flexura_installer.report import WRITTEN, Row
from flexura_installer.session import Session
from flexura_installer.wishes import EntryWish, Outcome


def run(session: Session) -> None:
    """Fill the report. Raises Wrong and InstallError, before anything is written."""
    arguments, machine = session.arguments, session.machine
    options = choices.settle(arguments, machine, session.asker)
    agents = targets.named(arguments.targets) if arguments.targets else tuple(detected(machine))
    wished = plan(agents, options, machine, skills=arguments.skills)
    gateway = program.gateway(arguments, machine)
    if arguments.snippets:
        _print(session, wished, agents, options)
        return
    _begin(session, gateway)
    if not agents:
        _nothing_found(session, options)
        return
    if not targets.agreed(session, f"Install flexura into {_listed(agents)}?"):
        return
    again = remembered(options, machine, skills=arguments.skills, launcher=arguments.launcher)
    with session.ledger() as ledger:
        write(session, wished, {agent.name: options for agent in agents}, again, ledger)
    _missing(session, wished.missing)
    _next(session, agents, options)
    if session.report.ok:
        provider_keys.offer(session, options, elsewhere=gateway is not None)


def write(
    session: Session,
    wished: Plan,
    options: Mapping[str, Options],
    again: Mapping[str, str],
    ledger: Ledger,
) -> None:
    """Fulfil every wish and report it as it comes."""
    arguments = session.arguments
    rows = {row.name: row for row in AGENTS}
    for wish in wished.wishes:
        outcome = engine.fulfil(
            wish, ledger, force=arguments.force, dry_run=arguments.dry_run, again=again
        )
        agent, chosen = rows[wish.agent], options[wish.agent]
        notes = entries.remarks(agent, chosen, session.machine)
        session.report.rows.append(Row(agent.title, what(wish), chosen.scope, outcome, notes))


def _begin(session: Session, gateway: EntryWish | None) -> None:
    """What install.sh did is remembered, whatever comes of the agents."""
    arguments = session.arguments
    made = arguments.made_venv or arguments.made_launcher
    if arguments.dry_run or not (made or gateway):
        made = None
    if gateway is None and made is None:
        return
    with session.ledger() as ledger:
        if made:
            program.remember(arguments, ledger)
        if gateway is not None:
            outcome = program.point(gateway, ledger, arguments)
            session.report.rows.append(_of_program("gateway address", outcome))


def _of_program(name: str, outcome: Outcome) -> Row:
    return Row(program.TITLE, name, "user", outcome)


def _listed(agents: Iterable[Agent]) -> str:
    *others, last = [agent.title for agent in agents]
    return f"{', '.join(others)} and {last}" if others else last


def _missing(session: Session, missing: Iterable[Missing]) -> None:
    session.report.missing += missing
    # Whom nobody named was not promised anything.
    session.report.failed = bool(session.arguments.targets and session.report.missing)


def _nothing_found(session: Session, options: Options) -> None:
    report = session.report
    names = ", ".join(row.name for row in AGENTS)
    entry = {"command": str(options.launcher), "args": list(entries.ARGUMENTS)}
    text = dialect("json").snippet(Slot(("mcpServers",), options.name), entry)
    report.facts |= {"known": [row.name for row in AGENTS], "snippet": text}
    report.said.append("No coding agent was found here, so nothing was written into one.")
    report.lines += [
        f"Known are: {names}.",
        "Another one that speaks MCP takes an entry like this:",
        *(f"    {line}" for line in text.splitlines()),
    ]
    report.next.append("flexura install --target NAME   (for one that is there all the same)")


def _next(session: Session, agents: Iterable[Agent], options: Options) -> None:
    report, machine = session.report, session.machine
    if report.dry_run:
        if any(row.outcome.action in WRITTEN for row in report.rows):
            report.next.append("Nothing was written; repeat it without --dry-run.")
        return
    written = {row.outcome.agent for row in report.rows if row.outcome.action in WRITTEN}
    changed = [agent for agent in agents if agent.name in written]
    if changed:
        ledger = machine.short(machine.state() / "install.json")
        report.said.append(f"Recorded in {ledger}; `flexura uninstall` takes it all out again.")
        report.next.append(f"Start {_listed(changed)} anew.")
    for agent in changed:
        report.next += entries.remarks(agent, options, machine)


def _print(session: Session, wished: Plan, agents: Iterable[Agent], options: Options) -> None:
    """Only say what would have to be pasted where."""
    report = session.report
    found: list[dict[str, str]] = []
    for wish in wished.wishes:
        if isinstance(wish, EntryWish):
            title, text = targets.title(wish.agent), snippet(wish)
            path = str(wish.path)
            found.append({"agent": wish.agent, "title": title, "path": path, "text": text})
            lines = [f"{title}: {session.machine.short(wish.path)}", "", text.rstrip("\n"), ""]
            report.lines += lines
    report.facts["snippets"] = found
    report.missing += wished.missing
    if not agents:
        _nothing_found(session, options)
