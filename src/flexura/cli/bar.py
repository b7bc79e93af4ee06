"""The progress bar of a job. Imported only where somebody sees it."""

from __future__ import annotations

import time
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
)
from rich.text import Text

from flexura.cli import words
from flexura.client import JobAnswer

_STATES = {"queued": "waiting for its turn", "completed": "done", "failed": "failed"}


class _Left(ProgressColumn):
    """Seconds that are likely left; without an estimate, how long it has taken."""

    def render(self, task: Task) -> Text:
        ends = task.fields.get("ends")
        left = ends - time.monotonic() if ends is not None else 0.0
        text = f"{words.duration(left)} left" if left > 0 else words.duration(task.elapsed or 0.0)
        return Text(text, style="dim")


class Bar:
    """Moves on stderr while a job runs and leaves no trace."""

    def __init__(self) -> None:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=28),
            TextColumn("{task.percentage:>3.0f} %"),
            _Left(),
        )
        self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = self._progress.add_task("asking", total=1.0, ends=None)

    def __enter__(self) -> Bar:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def show(self, job: JobAnswer) -> None:
        """Move to where the job is now."""
        what = job.note or _STATES.get(job.status, f"making {job.type}")
        ends = time.monotonic() + job.eta_seconds if job.eta_seconds else None
        self._progress.update(
            self._task, description=words.cut(what, 40), completed=job.progress, ends=ends
        )
