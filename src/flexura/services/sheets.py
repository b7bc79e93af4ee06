"""Contact sheets of a workspace's files: of one job, of several, of single files. Drawn when asked for."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from flexura.domain.artifact import Artifact
from flexura.domain.errors import InvalidRequest, NotFound
from flexura.domain.job import TEMPLATE_PROVIDER, Job
from flexura.ports.contact import MOST_CELLS, Drawn, SheetMaker
from flexura.ports.records import Records
from flexura.services.comparing import (
    Compared,
    Comparison,
    empty_cell,
    numbered,
    variant_cell,
    why_empty,
)
from flexura.services.jobs import Jobs
from flexura.services.review_sets import variants_of
from flexura.services.runs.comparison import left_out

MOST_NAMED = 64


class Sheets:
    """What is compared, and its picture. Another workspace's ids do not exist."""

    def __init__(self, records: Records, jobs: Jobs, maker: SheetMaker) -> None:
        self._records = records
        self._jobs = jobs
        self._maker = maker

    async def of_job(self, workspace_id: str, job_id: str) -> Comparison:
        """The variants of a job, numbered as its review set is. Raises NotFound."""
        return _cut(await self._cells(await self._jobs.get(workspace_id, job_id)))

    async def of(
        self, workspace_id: str, job_ids: Sequence[str], artifact_ids: Sequence[str] = ()
    ) -> Comparison:
        """The variants of several jobs and single files, in the order in which they are named.

        Raises NotFound for one that is not there, InvalidRequest for none or too many names.
        """
        jobs, files = list(dict.fromkeys(job_ids)), list(dict.fromkeys(artifact_ids))
        if not 1 <= len(jobs) + len(files) <= MOST_NAMED:
            raise InvalidRequest(
                f"{len(jobs) + len(files)} jobs and artifacts are named.",
                field="jobs",
                next_step=f"Name 1 to {MOST_NAMED} of them.",
            )
        cells: list[Compared] = []
        for job_id in jobs:
            cells += await self._cells(await self._jobs.get(workspace_id, job_id))
        for artifact_id in files:
            cells.append(await self._single(workspace_id, artifact_id))
        return _cut(cells)

    async def draw(self, comparison: Comparison) -> Drawn:
        """The sheet. Raises as `SheetMaker.draw`."""
        return await self._maker.draw(comparison.drawn)

    async def _cells(self, job: Job) -> list[Compared]:
        variants = variants_of(await self._jobs.files(job))
        if job.provider == TEMPLATE_PROVIDER:
            return await self._of_steps(job, variants)
        if not variants:
            return [empty_cell(job.id, job, job.model_id, why_empty(job))]
        made = sum(1 for variant in variants if variant.role == "main")
        return [
            variant_cell(variant, number, job, made) for number, variant in enumerate(variants, 1)
        ]

    async def _of_steps(self, job: Job, variants: Sequence[Artifact]) -> list[Compared]:
        """The files of a run by the jobs that made them, and those of its orders that gave none."""
        children = await self._records.children(job.id)
        files = await self._records.artifacts_of([c.id for c in children]) if children else {}
        makers = {artifact.id: child for child in children for artifact in files.get(child.id, ())}
        mains = {i: sum(a.role == "main" for a in made) for i, made in files.items()}
        cells: list[Compared] = []
        for number, variant in enumerate(variants, 1):
            child = makers.get(str(variant.metadata.get("copy_of")))
            cells.append(
                variant_cell(variant, number, child, mains.get(child.id, 1) if child else 1)
            )
        if not job.final and not cells:
            return [empty_cell(job.id, job, job.model_id, why_empty(job))]
        failed = [
            empty_cell(job.id, one.job, one.model, one.why) for one in left_out(job, children)
        ]
        return _in_order(cells, failed, [child.id for child in children]) or [
            empty_cell(job.id, job, job.model_id, why_empty(job))
        ]

    async def _single(self, workspace_id: str, artifact_id: str) -> Compared:
        artifact = await self._records.artifact(workspace_id, artifact_id)
        if artifact is None:
            raise NotFound(
                f"There is no artifact {artifact_id[:60]!r} in this workspace.",
                next_step="Check the id; GET /api/v1/jobs/{job_id}/review lists those of a job.",
            )
        if artifact.job_id:
            job = await self._records.job(workspace_id, artifact.job_id)
            cells = await self._cells(job) if job is not None else []
            for cell in cells:
                if cell.artifact is not None and cell.artifact.id == artifact.id:
                    return cell
        return variant_cell(artifact, None, None, 1)


def _in_order(
    cells: Sequence[Compared], failed: Sequence[Compared], order: Sequence[str]
) -> list[Compared]:
    """Failed orders between the files, where they were ordered; the files keep their order."""
    places = {job_id: place for place, job_id in enumerate(order)}

    def place(cell: Compared) -> int:
        return places.get(cell.made_by.id, len(order)) if cell.made_by else len(order)

    found: list[Compared] = []
    waiting = sorted(failed, key=place)
    for cell in cells:
        mine = place(cell)
        before = list(itertools.takewhile(lambda one, mine=mine: place(one) < mine, waiting))
        found += [*before, cell]
        waiting = waiting[len(before) :]
    return [*found, *waiting]


def _cut(cells: Sequence[Compared]) -> Comparison:
    whole = numbered(cells)
    return Comparison(whole[:MOST_CELLS], max(0, len(whole) - MOST_CELLS))
