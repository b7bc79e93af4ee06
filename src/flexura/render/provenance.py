"""The record of what a task was made from, and its way into the finished file."""

from __future__ import annotations

from pathlib import Path

from flexura import __version__
from flexura.provenance.record import Record
from flexura.provenance.writing import mark_in_place
from flexura.render.task import Task


def record_of(task: Task) -> Record | None:
    """The record of a task, without any local path; None where files are to say nothing of themselves."""
    if not task.marked:
        return None
    digests = tuple(item.sha256 for item in task.inputs if item.sha256)
    return Record(
        task.prompt, task.model, task.seed, dict(task.options), digests, version=__version__
    )


def embed(file: Path, record: Record | None) -> None:
    """Write the record into a file that an encoder has finished; nothing for None. Raises OSError."""
    if record is not None:
        mark_in_place(file, record)
