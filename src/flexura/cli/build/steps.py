"""What is to be done for each asset: first by what is known here, then by what the gateway says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from flexura.cli.build.declared import Project
from flexura.cli.build.journal import Journal, Pending
from flexura.cli.build.standing import KEPT, Standing, State, hash_of

if TYPE_CHECKING:
    from flexura.client import Asset as Made
    from flexura.client.answers import Cost
    from flexura.domain.errors import FlexuraError
    from flexura.local.errors import LocalError


class Action(StrEnum):
    """In the words that people and programs read."""

    REUSE = "up to date"
    KEEP = "left alone"
    RECORD = "note"
    """Only the lock changes."""
    COPY = "copy"
    """The file lies elsewhere in the project already."""
    ASK = "ask"
    """The gateway has to say which of the following it is."""
    FETCH = "fetch"
    JOIN = "join"
    """The job of an earlier build, which was ended before its file came home."""
    MAKE = "make"
    LATER = "make later"
    """What it costs is known when its inputs are there."""
    REFUSED = "refused"


FREE = (Action.REUSE, Action.KEEP, Action.RECORD, Action.COPY, Action.FETCH, Action.JOIN)
LOCAL = (Action.REUSE, Action.KEEP, Action.RECORD, Action.COPY)


@dataclass(frozen=True)
class Wishes:
    """What the command line says about all of it."""

    force: bool = False
    again: bool = False
    """Make the named ones again although nothing changed."""
    named: Sequence[str] = ()
    skip: frozenset[str] = frozenset()
    """Declarations that failed before in this watch: they are not ordered again for another's change."""


@dataclass(frozen=True)
class Step:
    """What is to be done for one asset."""

    standing: Standing
    action: Action
    why: str = ""
    cost: Cost | None = None
    model: str = ""
    body: Mapping[str, Any] = field(default_factory=dict[str, Any])
    pending: Pending | None = None
    made: Made | None = None
    """The file to fetch."""
    problem: FlexuraError | LocalError | None = None
    warnings: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.standing.asset.name


def decide(project: Project, standing: Standing, journal: Journal, wishes: Wishes) -> Step:
    """What is known here about one asset. Raises OSError."""
    state, why = standing.state, standing.why
    again = wishes.again and standing.asset.name in wishes.named
    if state in KEPT and not wishes.force:
        return Step(standing, Action.KEEP, why)
    if state is State.WAITS:
        return Step(standing, Action.LATER, why)
    pending = journal.find(standing.asset.name, standing.declaration)
    if pending is not None:
        told = f"{why}, and its job is under way" if pending.job else why
        action = Action.JOIN if pending.job else Action.ASK
        return Step(standing, action, told, pending=pending, body=pending.body)
    if again:
        return Step(standing, Action.ASK, "asked for")
    if state is State.CURRENT:
        return Step(standing, Action.REUSE)
    if state is State.MOVED:
        return Step(standing, Action.RECORD, why)
    if standing.same_order and _lies_elsewhere(project, standing):
        return Step(standing, Action.COPY, why)
    if standing.declaration in wishes.skip:
        return Step(standing, Action.KEEP, "it failed before, and nothing of it has changed")
    return Step(standing, Action.ASK, why)


def _lies_elsewhere(project: Project, standing: Standing) -> bool:
    entry, path = standing.entry, standing.asset.path
    if entry is None or PurePosixPath(entry.path).suffix.lower() != PurePosixPath(path).suffix:
        return False
    return entry.path != path and hash_of(project.root, entry.path) == entry.sha256
