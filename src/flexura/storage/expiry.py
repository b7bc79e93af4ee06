"""Files whose time is over: which may go, and whose bytes nobody else needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from flexura.domain.artifact import Artifact
from flexura.storage.kinds import kind_of
from flexura.storage.statements import timed

Run = Callable[..., Any]
_ID = re.compile(r"[a-z]+_[0-9A-Za-z]+")
"""An id inside of a text; a word that looks like one is the id of nothing."""


def expire(run: Run, now: int, most: int) -> list[Artifact]:
    """Mark at most `most` artifacts as expired; those come back whose bytes no other artifact has."""
    expired = [
        artifact
        for artifact_id in _free(run, now, most)
        for artifact in map(kind_of(Artifact).read, run(timed.EXPIRE, id=artifact_id, now=now))
    ]
    needed = {
        sha256
        for sha256 in {one.sha256 for one in expired}
        if run(timed.NEEDED, sha256=sha256).fetchone()[0]
    }
    return [one for one in expired if one.sha256 not in needed]


def _free(run: Run, now: int, most: int) -> list[str]:
    """Artifacts whose time is over, without those that an unfinished job made or starts from."""
    # What is going on is read once, not once for every artifact; and only if there is one.
    at_work: set[str] | None = None
    found: list[str] = []
    for artifact_id, job_id, parent_id in _over(run, now, most):
        at_work = _at_work(run) if at_work is None else at_work
        if at_work.isdisjoint((artifact_id, job_id, parent_id)):
            found.append(artifact_id)
        if len(found) == most:
            break
    return found


def _over(run: Run, now: int, most: int) -> Iterator[tuple[str, str, str | None]]:
    place, full = (-1, ""), True
    while full:
        batch = run(timed.OVER, now=now, most=most, after_at=place[0], after_id=place[1]).fetchall()
        full = 0 < len(batch) == most
        for expires_at, artifact_id, job_id, parent_id in batch:
            place = (expires_at, artifact_id)
            yield artifact_id, job_id, parent_id


def _at_work(run: Run) -> set[str]:
    """The ids of unfinished jobs, and every id that they name."""
    found: set[str] = set()
    for job_id, call, operation in run(timed.AT_WORK).fetchall():
        found.add(job_id)
        found.update(_ID.findall(call), _ID.findall(operation or ""))
    return found
