"""The files of a run's steps as files of the run itself: the same bytes under the run's own name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flexura.domain.artifact import Artifact
from flexura.domain.ids import new_asset_name, new_id
from flexura.domain.job import Job
from flexura.ports.records import Tx
from flexura.services.clock import now_ms
from flexura.services.retention import EXPIRING_NOTED, KEPT_UNTIL

Store = Callable[[Tx, Artifact], Artifact]
CANDIDATE = "candidate"
"""The role of a file that a reviewer saw and that is not (any more) the result."""
_BEHIND = 1000
"""Positions of files that are no result start here."""


def place(
    tx: Tx, job: Job, files: Sequence[Artifact], steps: Mapping[str, str], store: Store
) -> list[Artifact]:
    """Make these files the result of the job, in their order; what was shown before stands behind them.

    `steps` tells which step made a file, `store` stores a new one. The same call again changes nothing.
    """
    there = sorted(tx.find(Artifact, job_id=job.id), key=lambda a: a.position)
    known = {a.id: a for a in there} | {str(a.metadata.get("copy_of")): a for a in there}
    placed: list[Artifact] = []
    for position, file in enumerate(files):
        mine = known.get(file.id)
        if mine is None:
            mine = store(tx, _copied(job, file, steps.get(file.id, ""), position))
        elif mine.position != position or mine.role != "main":
            mine = tx.change(Artifact, mine.id, position=position, role="main") or mine
        placed.append(mine)
    kept = {a.id for a in placed}
    for index, left in enumerate(a for a in there if a.id not in kept):
        if left.role != CANDIDATE:
            tx.change(Artifact, left.id, role=CANDIDATE, position=_BEHIND + index)
    return placed


def _copied(job: Job, file: Artifact, step: str, position: int) -> Artifact:
    # Kept from now on as long as any new file: approval may have taken its time.
    return replace(
        file,
        id=new_id("art"),
        name=new_asset_name(file.name.rpartition(".")[2]),
        job_id=job.id,
        created_at=now_ms(),
        expires_at=None,
        trashed_at=None,
        position=position,
        role="main",
        review="",
        metadata={**_inherited(file), "step": step, "copy_of": file.id},
    )


def _inherited(file: Artifact) -> Mapping[str, Any]:
    """What is known of the bytes; when the step's file goes, and who was told, is no part of it."""
    own = (EXPIRING_NOTED, KEPT_UNTIL)
    return {name: value for name, value in file.metadata.items() if name not in own}
