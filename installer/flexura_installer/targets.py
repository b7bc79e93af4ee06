"""Which agents are meant."""

from __future__ import annotations

from collections.abc import Iterable

from flexura_installer.agents import AGENTS, agent
from flexura_installer.agents.row import Agent
from flexura_installer.arguments import Wrong
from flexura_installer.errors import InstallError
from flexura_installer.session import Session

_BY_NAME = {row.name: row for row in AGENTS}


def named(names: Iterable[str]) -> tuple[Agent, ...]:
    """The agents of these names. Raises Wrong with the nearest known ones."""
    try:
        return tuple(dict.fromkeys(agent(name) for name in names))
    except InstallError as error:
        raise Wrong(error.message, error.next_step) from None


def title(name: str) -> str:
    """How an owner in the ledger is called; one that this version does not know keeps its name."""
    return _BY_NAME[name].title if name in _BY_NAME else name


def titles(names: Iterable[str]) -> str:
    """Several of them, in the order of the table."""
    wanted = set(names)
    known = [row.title for row in AGENTS if row.name in wanted]
    return ", ".join([*known, *sorted(wanted - _BY_NAME.keys())])


def agreed(session: Session, question: str) -> bool:
    """Whether to go on: asked once, where nobody said so already and there is somebody to ask."""
    arguments = session.arguments
    asked_for = arguments.yes or arguments.every or arguments.targets
    if asked_for or arguments.dry_run or not session.asker.can_answer():
        return True
    if session.asker.yes(question, otherwise=True):
        return True
    session.report.declined = True
    session.report.said.append("Nothing was changed.")
    return False
