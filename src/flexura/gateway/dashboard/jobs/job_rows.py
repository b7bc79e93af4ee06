"""A job as a line of a list, with what can be done with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flexura.domain.artifact import Artifact
from flexura.domain.job import Job
from flexura.gateway.dashboard.shown_files import thumbnail
from flexura.gateway.dashboard.visit import Visit
from flexura.gateway.links import Links
from flexura.gateway.services import Services
from flexura.services.clock import now_ms
from flexura.services.job_feed import Standing


@dataclass(frozen=True)
class JobRow:
    """What a list shows of a job."""

    standing: Standing
    thumb: str
    acts: bool
    """Whether whoever looks may order and cancel."""

    @property
    def job(self) -> Job:
        """The job itself."""
        return self.standing.job

    @property
    def title(self) -> str:
        """What it is, in words."""
        return title_of(self.job)

    @property
    def order(self) -> str:
        """Greater the newer a job is, as text."""
        return f"{self.job.created_at:015d}.{self.job.id}"

    @property
    def cancelable(self) -> bool:
        """Whether it can be stopped."""
        return self.acts and not self.job.final and not self.job.cancel_requested

    @property
    def again(self) -> bool:
        """Whether the same can be ordered again."""
        return self.acts and self.job.final

    @property
    def until(self) -> int | None:
        """When it is likely to be done (milliseconds since 1970)."""
        left = self.standing.left
        return None if left is None else now_ms() + round(left * 1000)


def title_of(job: Job) -> str:
    """What a job is, in words."""
    return job.prompt.strip() or job.template or job.id


async def rows_of(found: Services, visit: Visit, standings: Sequence[Standing]) -> list[JobRow]:
    """The lines of these jobs, with their pictures, in one look."""
    files = await found.jobs.artifacts_of([standing.job for standing in standings])
    return [_row(found.links, visit, standing, files) for standing in standings]


def _row(
    links: Links, visit: Visit, standing: Standing, files: Mapping[str, Sequence[Artifact]]
) -> JobRow:
    made = files.get(standing.job.id, [])
    return JobRow(standing, thumbnail(links, made), visit.may("generate"))
