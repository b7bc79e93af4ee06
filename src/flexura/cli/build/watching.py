"""`flexura build --watch`: builds, waits for a change, builds again; one purse for all of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path

from flexura.cli import exit_codes
from flexura.cli.build import reading, watch
from flexura.cli.build.command import Asked, Round, limit_of, once
from flexura.cli.build.declared import FILE, BadDeclaration, Project
from flexura.cli.build.journal import Journal
from flexura.cli.build.purse import Purse
from flexura.cli.screen import Screen
from flexura.domain.errors import FlexuraError
from flexura.local.errors import LocalError


def watched(
    root: Path,
    asked: Asked,
    screen: Screen,
    journal: Journal,
    pause: Callable[[float], None] = time.sleep,
) -> int:
    """Build until Ctrl-C, which ends it well; errors are told and waited out."""
    found = _Watch(root, asked, screen, journal)
    try:
        while True:
            watch.changed(found.build(), pause)
            screen.say("\nSomething changed.", dim=True)
    except KeyboardInterrupt:
        screen.say(f"\nNobody watches any more; {found.purse.spent:.6g} USD were spent.")
        return exit_codes.OK


class _Watch:
    def __init__(self, root: Path, asked: Asked, screen: Screen, journal: Journal) -> None:
        self.purse = Purse(asked.max_cost)
        self._root = root
        self._asked = asked
        self._screen = screen
        self._journal = journal
        self._failed: frozenset[str] = frozenset()
        self._reads: tuple[str, ...] = ()

    def build(self) -> watch.Stamps:
        """One build, and how its files were when it read them; whatever is wrong is told."""
        # Before they are read: what is written while a build runs is news when it has ended.
        before = self._stamps((FILE, *self._reads))
        made: tuple[str, ...] = ()
        try:
            project = reading.read(self._root)
            self._reads, made = project.reads, _started_from(project)
            before = {**self._stamps(self._reads), **before}
            self._built(project)
        except BadDeclaration as error:
            self._reads = error.reads
            self._screen.failure(error.body())
        except (FlexuraError, LocalError) as error:
            self._screen.failure(error.body())
        except OSError as error:
            self._screen.failure({"code": "internal_error", "message": f"{error}."})
        self._screen.say("Watching; Ctrl-C ends it.", dim=True)
        # What the build itself brought home is none.
        return {**self._stamps(self._reads), **before, **self._stamps(made)}

    def _built(self, project: Project) -> None:
        limit = limit_of(project, self._asked)
        if limit is None and not self._asked.yes:
            # Nobody is asked here, so somebody has to have said how much it may be.
            self._screen.say(
                "There is no budget, so only what is free is made (--max-cost, or -y)."
            )
            limit = 0.0
        self.purse.limit = limit
        round = Round(project, self._journal, self.purse, self._failed)
        try:
            once(round, self._asked, self._screen)
        finally:
            self._failed = round.failed

    def _stamps(self, names: Iterable[str]) -> watch.Stamps:
        return watch.stamps(self._root / name for name in names)


def _started_from(project: Project) -> tuple[str, ...]:
    """Files of assets that others start from: somebody may touch them up."""
    needed = {name for asset in project.assets.values() for name in asset.needs}
    return tuple(project.assets[name].path for name in sorted(needed))
