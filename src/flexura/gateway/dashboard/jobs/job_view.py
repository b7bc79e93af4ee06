"""Everything that the page of one job shows, and which of it has to be shown anew."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flexura.domain.artifact import Artifact
from flexura.domain.credit_rules import CreditRules
from flexura.domain.job import TEMPLATE_PROVIDER, Job
from flexura.domain.publication import Publication
from flexura.gateway.dashboard.jobs.job_rows import JobRow, rows_of
from flexura.gateway.dashboard.shown_files import ShownFile, shown
from flexura.gateway.dashboard.visit import Visit
from flexura.gateway.services import Services
from flexura.services.runs.making import children_of
from flexura.services.runs.progress import flow_in, steps_of
from flexura.services.runs.state import UNSCHEDULED, state_of

PARTS = ("state", "actions", "approval", "outputs", "steps", "facts")
"""The parts of the page that change, in their order."""
_THUMBNAIL = "thumbnail"
"""The role of a file that only stands for another one."""
_SCHEDULABLE = ("queued", "running", "awaiting_approval", "scheduled")


@dataclass(frozen=True)
class StepView:
    """A step of a run and the jobs that it ordered."""

    id: str
    uses: str
    status: str
    progress: float
    jobs: Sequence[Job]


@dataclass(frozen=True)
class JobView:
    """A job as its page shows it."""

    row: JobRow
    rules: CreditRules
    files: Sequence[ShownFile]
    candidates: Sequence[ShownFile]
    steps: Sequence[StepView]
    publications: Sequence[Publication]
    destinations: Sequence[str]
    """Where a result could be published."""

    @property
    def job(self) -> Job:
        """The job itself."""
        return self.row.job

    @property
    def is_run(self) -> bool:
        """Whether it consists of steps."""
        return self.job.provider == TEMPLATE_PROVIDER

    @property
    def outputs(self) -> list[ShownFile]:
        """The result; while it waits for approval, what is asked about is shown there instead."""
        asked = {file.artifact.id for file in self.candidates}
        shown_here = [file for file in self.files if file.artifact.role != _THUMBNAIL]
        return [file for file in shown_here if file.artifact.id not in asked]

    @property
    def untimed(self) -> bool:
        """Whether it is made and waits for a publish time that nobody has set."""
        return self.job.state == "scheduled" and self.job.publish_at == UNSCHEDULED

    @property
    def publish_at(self) -> int | None:
        """When it is published (milliseconds since 1970); None for at once, or for no time at all."""
        return None if self.job.publish_at in (None, UNSCHEDULED) else self.job.publish_at

    @property
    def schedulable(self) -> bool:
        """Whether its publish time can be set."""
        fits = self.is_run and bool(self.job.publish) and self.job.state in _SCHEDULABLE
        return fits and self.row.acts

    @property
    def publishable(self) -> bool:
        """Whether its files can be published now as a job of their own."""
        there = any(not (file.gone or file.trashed) for file in self.files)
        return self.row.acts and self.job.succeeded and there and bool(self.destinations)

    @property
    def keepable(self) -> bool:
        """Whether its order can be saved as a template."""
        return self.row.acts and not self.is_run and not self.job.template

    @property
    def tokens(self) -> Mapping[str, str]:
        """For each part another one whenever something else is to be shown."""
        job = self.job
        files = [
            (f.artifact.id, f.artifact.role, f.artifact.review, f.gone, f.trashed)
            for f in self.files
        ]
        asked = [(f.artifact.id, f.artifact.review) for f in self.candidates]
        published = [(p.destination, p.state, p.tries) for p in self.publications]
        when = [job.publish_at, job.cancel_requested]
        found: dict[str, Any] = {
            "state": [self.row.standing.token, published],
            "actions": [job.state, when, bool(files)],
            "approval": [job.state, asked],
            "outputs": [job.state, files],
            "steps": [job.version if self.is_run else 0],
            "facts": [job.state, job.cost, job.reserved, job.started_at, when],
        }
        return {name: _short(value) for name, value in found.items()}


def _short(value: Any) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:12]


async def view_of(found: Services, visit: Visit, job: Job) -> JobView:
    """The job with all that belongs to it."""
    standing, artifacts = (await found.jobs.feed.standing([job]))[0], await found.jobs.files(job)
    (row,) = await rows_of(found, visit, [standing])
    files = shown(found.links, artifacts)
    return JobView(
        row=row,
        rules=found.credits.rules,
        files=files,
        candidates=_candidates(found, job, artifacts),
        steps=await _steps(found, job),
        publications=await found.publishing.outcomes(job.id) if job.publish else (),
        destinations=[known.name for known in found.publishing.known() if not known.problem],
    )


def _candidates(found: Services, job: Job, artifacts: Sequence[Artifact]) -> list[ShownFile]:
    """What a reviewer is asked about, by the numbers that approving takes."""
    if job.state != "awaiting_approval":
        return []
    there = {artifact.id: artifact for artifact in artifacts}
    asked = state_of(job, flow_in(job).ids).candidates
    return shown(found.links, [there[one] for one in asked if one in there])


async def _steps(found: Services, job: Job) -> list[StepView]:
    if job.provider != TEMPLATE_PROVIDER:
        return []
    children = await found.jobs.steps(job)
    return [
        StepView(
            id=step["id"],
            uses=step["uses"],
            status=step["status"],
            progress=step["progress"],
            jobs=children_of(step["id"], children),
        )
        for step in steps_of(job)
    ]
