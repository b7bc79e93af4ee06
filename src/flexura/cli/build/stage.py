"""How far a build is: bars in a terminal that can, one line per file everywhere else."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager

from flexura.cli import terminal
from flexura.cli.build import show
from flexura.cli.build.run import Outcome, Stage
from flexura.cli.screen import Screen
from flexura.client import JobAnswer


class Lines:
    """One line for each asset when it is done with."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    def moved(self, name: str, job: JobAnswer) -> None:
        """Nothing that is worth a line."""

    def ended(self, outcome: Outcome) -> None:
        """The line of the asset."""
        show.line(self._screen, outcome)


class Bars(Lines):
    """A bar for each job that runs, above them the lines of those that have ended."""

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen)
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=28),
            TextColumn("{task.percentage:>3.0f} %"),
        )
        self.progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self._tasks: dict[str, int] = {}

    def moved(self, name: str, job: JobAnswer) -> None:
        """Move the bar of the asset."""
        from rich.progress import TaskID

        if name not in self._tasks:
            self._tasks[name] = self.progress.add_task(name, total=1.0)
        about = f"{name}: {job.note}" if job.note else name
        task = TaskID(self._tasks[name])
        self.progress.update(task, description=about[:50], completed=job.progress)

    def ended(self, outcome: Outcome) -> None:
        """Take the bar away and print the line."""
        from rich.progress import TaskID

        if outcome.name in self._tasks:
            self.progress.remove_task(TaskID(self._tasks.pop(outcome.name)))
        super().ended(outcome)


@contextmanager
def shown(screen: Screen) -> Generator[Stage]:
    """Where to show it, as the two streams allow."""
    # With the lines going elsewhere, rich would catch them for its own stream.
    if screen.as_json or not (terminal.live(sys.stderr) and terminal.live(sys.stdout)):
        yield Lines(screen)
        return
    bars = Bars(screen)
    with bars.progress:
        yield bars
