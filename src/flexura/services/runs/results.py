"""The files of a run's steps as files of the run itself: the same bytes under the run's own name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from flexura.domain.artifact import Artifact
from flexura.domain.ids import new_asset_name, new_id
from flexura.domain.job import Job
from flexura.ports.records import Tx
from flexura.services.clock import now_ms

CANDIDATE = "candidate"
"""The role of a file that a reviewer saw and that is not (any more) the result."""
_BEHIND = 1000
"""Positions of files that are no result start here."""


def place(tx: Tx, job: Job, files: Sequence[Artifact], steps: Mapping[str, str]) -> list[Artifact]:
    """Make these files the result of the job, in their order; what was shown before stands behind them.

    `steps` tells which step made a file. The same call again changes nothing.
    """
    there = sorted(tx.find(Artifact, job_id=job.id), key=lambda a: a.position)
    known = {a.id: a for a in there} | {str(a.metadata.get("copy_of")): a for a in there}
    placed: list[Artifact] = []
    for position, file in enumerate(files):
        mine = known.get(file.id)
        if mine is None:
            mine = _copied(job, file, steps.get(file.id, ""), position)
            tx.insert_artifact(mine)
        elif mine.position != position or mine.role != "main":
            mine = tx.change(Artifact, mine.id, position=position, role="main") or mine
        placed.append(mine)
    kept = {a.id for a in placed}
    for index, left in enumerate(a for a in there if a.id not in kept):
        if left.role != CANDIDATE:
            tx.change(Artifact, left.id, role=CANDIDATE, position=_BEHIND + index)
    return placed


def _copied(job: Job, file: Artifact, step: str, position: int) -> Artifact:
    extension, now = file.name.rpartition(".")[2], now_ms()
    # Kept as long as the step's file was to be, from now on: approval may have taken its time.
    window = None if file.expires_at is None else file.expires_at - file.created_at
    return replace(
        file,
        id=new_id("art"),
        name=new_asset_name(extension),
        job_id=job.id,
        created_at=now,
        expires_at=None if window is None else now + window,
        position=position,
        role="main",
        review="",
        metadata={**file.metadata, "step": step, "copy_of": file.id},
    )
