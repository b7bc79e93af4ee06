"""One build from its plan to its end. Imported only where something is to be done."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import click

from flexura.cli import exit_codes, terminal
from flexura.cli.build import lockfile, show
from flexura.cli.build.declared import Project
from flexura.cli.build.desk import Desk
from flexura.cli.build.journal import Journal
from flexura.cli.build.lockfile import Entry
from flexura.cli.build.purse import Purse
from flexura.cli.build.run import Book, Build, Outcome
from flexura.cli.build.stage import shown
from flexura.cli.build.standing import Left, hash_of
from flexura.cli.build.steps import LOCAL, Action, Step, Wishes
from flexura.cli.connection import Connection, connected
from flexura.cli.screen import Screen
from flexura.domain.errors import BudgetExceeded


@dataclass
class Work:
    """What one build is about, whatever it comes to."""

    project: Project
    lock: Mapping[str, Entry]
    journal: Journal
    wishes: Wishes
    purse: Purse
    screen: Screen
    jobs: int = 4
    asks: bool = True
    prune: bool = False
    left: Sequence[Left] = ()
    failed: list[str] = field(default_factory=list[str])
    """Declarations whose orders failed."""

    def plan(self, steps: Sequence[Step]) -> list[Step]:
        """The steps with actions and prices, as the gateway says. Raises what is wrong for all of them."""
        self._desk = Desk(self.project, self.purse)
        if all(step.action in LOCAL for step in steps):
            return list(steps)
        return asyncio.run(self._planned(steps))

    async def _planned(self, steps: Sequence[Step]) -> list[Step]:
        room = asyncio.Semaphore(self.jobs)

        async def settled(step: Step, connection: Connection) -> Step:
            async with room:
                return await self._desk.settled(step, connection.client, self.wishes)

        async with connected() as connection:
            return list(await asyncio.gather(*(settled(step, connection) for step in steps)))

    def check(self, steps: Sequence[Step]) -> None:
        """Raises BudgetExceeded when the plan is above the budget: nothing was ordered yet."""
        later = [s.standing.asset.max_cost or 0.0 for s in steps if s.action is Action.LATER]
        try:
            self.purse.check(show.total_of(steps)[0] + sum(later))
        except BudgetExceeded as error:
            known = sorted((-s.cost.amount, s.name) for s in steps if s.cost is not None)
            dearest = ", ".join(f"{name} {-cost:g}" for cost, name in known[:3])
            told = f"{error.message} The dearest: {dearest}." if dearest else error.message
            raise BudgetExceeded(told, next_step=error.next_step) from None

    def agreed(self, steps: Sequence[Step]) -> bool | None:
        """Whether a person said yes to the price: None = nobody had to be asked."""
        cost, orders, unknown = show.total_of(steps)
        if not self.asks or self.screen.as_json or not terminal.asks() or not (cost or unknown):
            return None
        more = f", and {unknown} whose price is not known yet" if unknown else ""
        files = "1 file" if orders == 1 else f"{orders} files"
        question = f"{files} for about {cost:.6g} USD{more}. Build?"
        return click.confirm(question, default=True, err=True)

    def run(self, steps: Sequence[Step], *, agreed: bool) -> int:
        """Do it; the exit code."""
        before = self.purse.spent
        book = Book(self.project, dict(self.lock), self.journal)
        with shown(self.screen) as stage:
            build = Build(
                self.project,
                book,
                self.purse,
                self._desk,
                self.wishes,
                stage,
                self.jobs,
                agreed,
            )
            try:
                outcomes = asyncio.run(_run(build, steps))
            except KeyboardInterrupt:
                self._interrupted()
                raise
        removed = self._tidied(book)
        self.failed = [o.declaration for o in outcomes if o.problem is not None and o.declaration]
        spent = self.purse.spent - before
        show.summary(self.screen, outcomes, spent)
        self.screen.object(show.record(outcomes, self.left, removed, spent))
        return show.code_of(outcomes)

    def _tidied(self, book: Book) -> list[str]:
        """Drop what is declared no more from the lock, and its files where that is wanted."""
        removed: list[str] = []
        made = {e.path for n, e in book.entries.items() if n in self.project.assets}
        for file in self.left:
            # Looked at again: since the plan somebody may have worked on it, or another asset came there.
            now = hash_of(self.project.root, file.path) if file.unchanged else None
            if self.prune and now == file.entry.sha256 and file.path not in made:
                (self.project.root / file.path).unlink(missing_ok=True)
                removed.append(file.path)
            if file.name not in self.project.assets:
                book.entries.pop(file.name, None)
        if dict(self.lock) != book.entries or removed:
            lockfile.write(self.project.root, book.entries)
        return removed

    def _interrupted(self) -> None:
        self.screen.say("\nInterrupted; what was ordered goes on, and what is home is noted.")
        self.screen.next("`flexura build` takes it from there; nothing is ordered twice.")


async def _run(build: Build, steps: Sequence[Step]) -> list[Outcome]:
    if all(step.action in LOCAL or step.problem is not None for step in steps):
        return await build.run(steps)
    async with connected() as connection:
        build.desk.begin()
        return await replace(build, connection=connection).run(steps)


def declined(screen: Screen) -> int:
    """Nobody said yes."""
    screen.say("Nothing was ordered.")
    return exit_codes.DECLINED
