"""Pages of jobs: which statements answer a filter, and the order of what they find."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flexura.domain.job import Job
from flexura.ports.records import JobFilter
from flexura.storage import rows
from flexura.storage.statements import listing
from flexura.storage.statements.listing import Shape

Read = Callable[..., list[rows.Row]]


def _shape(wanted: JobFilter, unsaved: bool | None = None) -> Shape:
    states = len(set(wanted.states))
    return Shape(bool(wanted.project), states, wanted.before is not None, unsaved)


def _values(wanted: JobFilter) -> dict[str, Any]:
    # A state that is named twice would be walked twice.
    states = {f"state_{i}": state for i, state in enumerate(sorted(set(wanted.states)))}
    values: dict[str, Any] = {
        "workspace_id": wanted.workspace_id,
        "project": wanted.project,
        **states,
    }
    if wanted.before is not None:
        values["before_at"], values["before_id"] = wanted.before
    return values


def _newest_first(found: list[Job]) -> list[Job]:
    return sorted(found, key=lambda job: (job.created_at, job.id), reverse=True)


class Pages:
    """Lists and counts through `read`, which runs a statement."""

    def __init__(self, read: Read) -> None:
        self._read = read

    def jobs(self, wanted: JobFilter) -> list[Job]:
        """The jobs of one page."""
        if not wanted.unsaved_first:
            return self._page(wanted, None, wanted.limit, wanted.offset)
        return self._unsaved_first(wanted)

    def count(self, wanted: JobFilter, most: int) -> int:
        """How many jobs there are in all, counted up to `most`."""
        return self._count(wanted, None, most)

    def _unsaved_first(self, wanted: JobFilter) -> list[Job]:
        """Two walks instead of one sort of the whole history: what is not yet home, then the others."""
        top = self._page(wanted, True, wanted.limit, wanted.offset)
        if len(top) == wanted.limit:
            return top
        # The page reaches beyond what is not yet home, so that is at most as long as its end.
        before = wanted.offset + len(top) if top else self._count(wanted, True, wanted.offset)
        rest = self._page(wanted, False, wanted.limit - len(top), max(0, wanted.offset - before))
        return top + rest

    def _page(self, wanted: JobFilter, unsaved: bool | None, most: int, skip: int) -> list[Job]:
        statement = listing.page(_shape(wanted, unsaved))
        found = self._read(statement, most=most, skip=skip, **_values(wanted))
        return _newest_first([rows.job_from(row) for row in found])

    def _count(self, wanted: JobFilter, unsaved: bool | None, most: int) -> int:
        statement = listing.counted(_shape(wanted, unsaved))
        return int(self._read(statement, most=most, **_values(wanted))[0][0])
