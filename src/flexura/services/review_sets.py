"""The variants of one job, side by side: select one, put others aside, take the chosen ones away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flexura.domain.artifact import Artifact, Review
from flexura.domain.errors import ArtifactExpired, Conflict, InvalidRequest
from flexura.domain.job import Job
from flexura.ports.records import Records, Tx
from flexura.services.jobs import Jobs

Named = int | str
"""A variant: its number, from 1 on, or its artifact id."""
_ROLES = ("main", "candidate")
_WITH_VARIANTS = ("awaiting_approval", "scheduled", "publishing", "completed", "published")


@dataclass(frozen=True)
class ReviewSet:
    """A job and its files, in order: its result, then what a reviewer saw and did not take.

    The number of a variant is its place, from 1 on.
    """

    job: Job
    variants: tuple[Artifact, ...]


@dataclass(frozen=True)
class Decision:
    """What a reviewer decides; selecting one lets go of the one selected before."""

    select: Named | None = None
    archive: tuple[Named, ...] = ()
    archive_rest: bool = False
    """Put aside all but the selected one."""
    restore: tuple[Named, ...] = ()


class ReviewSets:
    """Looks at variants and notes decisions. Selecting is not approving: no job goes on by it."""

    def __init__(self, records: Records, jobs: Jobs) -> None:
        self._records = records
        self._jobs = jobs

    async def get(self, workspace_id: str, job_id: str) -> ReviewSet:
        """The variants that a job has so far. Raises NotFound."""
        job = await self._jobs.get(workspace_id, job_id)
        found = await self._jobs.files(job)
        return ReviewSet(job, variants_of(found))

    async def decide(self, workspace_id: str, job_id: str, decision: Decision) -> ReviewSet:
        """Note a decision; the same one again changes nothing.

        Raises NotFound, Conflict for a job without variants, InvalidRequest for a variant that it lacks.
        """
        job = await self._jobs.get(workspace_id, job_id)
        if job.state not in _WITH_VARIANTS:
            raise Conflict(
                f"The job is {job.state}: it has nothing to review.",
                next_step="Wait until it is completed or awaits approval.",
            )

        def work(tx: Tx) -> tuple[Artifact, ...]:
            tx.job(job.id)  # locks it: two decisions at once would select two variants
            variants = variants_of(tx.find(Artifact, job_id=job.id))
            marks = _marks(variants, decision)
            return tuple(
                tx.change(Artifact, v.id, review=marks[v.id]) or v if marks[v.id] != v.review else v
                for v in variants
            )

        return ReviewSet(job, await self._records.transact(work))

    async def chosen(self, workspace_id: str, job_id: str, *, selected: bool) -> ReviewSet:
        """What is to be exported: the selected variant, or all whose bytes are kept.

        Raises NotFound, Conflict where there is none, ArtifactExpired where all bytes have gone.
        """
        found = await self.get(workspace_id, job_id)
        variants = [
            v for v in found.variants if (v.review == "selected" if selected else v.role == "main")
        ]
        if not variants:
            what = "selected variant" if selected else "finished file"
            raise Conflict(
                f"The job has no {what}.",
                next_step=f"Select one with POST /api/v1/jobs/{found.job.id}/review."
                if selected and found.variants
                else "Wait until it is completed.",
            )
        kept = [v for v in variants if v.expired_at is None]
        if not kept:
            raise ArtifactExpired(
                "The bytes of these files were removed when their retention ended.",
                next_step=f"Their metadata is kept: GET /api/v1/jobs/{found.job.id}/review.",
            )
        return ReviewSet(found.job, tuple(kept))


def variants_of(artifacts: Sequence[Artifact]) -> tuple[Artifact, ...]:
    """The variants among the files of a job, in the order in which they are numbered from 1 on."""
    found = [a for a in artifacts if a.role in _ROLES]
    return tuple(sorted(found, key=lambda a: (a.position, a.id)))


def _marks(variants: Sequence[Artifact], decision: Decision) -> dict[str, Review]:
    """What each variant is afterwards."""
    marks: dict[str, Review] = {v.id: v.review for v in variants}
    selected = None if decision.select is None else _variant(variants, decision.select, "select").id
    if selected is not None:
        marks = {k: "" if mark == "selected" else mark for k, mark in marks.items()}
        marks[selected] = "selected"
    for named in decision.restore:
        found = _variant(variants, named, "restore").id
        marks[found] = "" if marks[found] == "archived" else marks[found]
    for named in decision.archive:
        found = _variant(variants, named, "archive").id
        if found == selected:
            raise InvalidRequest(
                "The same variant is selected and archived.",
                field="archive",
                next_step="Do one of the two.",
            )
        marks[found] = "archived"
    if decision.archive_rest:
        if "selected" not in marks.values():
            raise InvalidRequest(
                "No variant is selected, so all would be archived.",
                field="archive",
                next_step="Select one, or name those to archive.",
            )
        marks = {k: mark if mark == "selected" else "archived" for k, mark in marks.items()}
    return marks


def _variant(variants: Sequence[Artifact], named: Named, field: str) -> Artifact:
    if isinstance(named, int) and 1 <= named <= len(variants):
        return variants[named - 1]
    for variant in variants:
        if variant.id == named:
            return variant
    raise InvalidRequest(
        f"The job has no variant {str(named)[:60]!r}.",
        field=field,
        next_step=f"Name a number from 1 to {len(variants)}, or an artifact_id of the review set.",
    )
