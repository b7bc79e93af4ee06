"""What people decide about a run that waits: which candidates go on, and when the result is published.

A schedule that is taken back (`publish_at` null) does not publish: the job stays made and `scheduled` without
a time, until it gets one again or somebody approves its publishing. It is kept as `UNSCHEDULED`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flexura.domain.artifact import Artifact
from flexura.domain.artifact import Review as Decision
from flexura.domain.errors import Conflict, InvalidRequest, NotFound
from flexura.domain.job import TEMPLATE_PROVIDER, Job
from flexura.ports.records import Records, Tx
from flexura.services.clock import iso, now_ms
from flexura.services.runs.progress import flow_in
from flexura.services.runs.state import FAR, UNSCHEDULED, state_of
from flexura.services.runs.steps import PUBLISH

UNTIMED = "Made; its schedule was taken back, so it waits for a publish time or an approval."
_DUE: Mapping[str, Any] = {"state": "publishing", "lease_until": 0, "note": ""}
"""Published by the next worker that looks: nobody holds it."""


@dataclass(frozen=True)
class Review:
    """Decisions about jobs of a workspace; each is one transaction, and the run goes on by itself."""

    records: Records

    async def approve(self, workspace_id: str, job_id: str, pick: Sequence[int] = ()) -> Job:
        """Let a run go on with the picked candidates (numbers from 1), or with all.

        Without numbers, candidates that a reviewer selected go before the others, and archived ones stay
        behind. The picked ones become `selected`, the others `archived`. A job that is made and has no
        publish time is published now. Raises NotFound, InvalidRequest for a number that no candidate has,
        Conflict for a job that waits for no approval.
        """

        def work(tx: Tx) -> Job:
            job = _job(tx, workspace_id, job_id)
            if job.state == "scheduled" and job.publish_at == UNSCHEDULED:
                return _changed(tx, job, publish_at=None, **_DUE)
            if job.state != "awaiting_approval":
                raise _no_approval(job)
            return _approved(tx, job, tuple(pick))

        return await self.records.transact(work)

    async def schedule(self, workspace_id: str, job_id: str, publish_at: int | None) -> Job:
        """Set the publish time (milliseconds since 1970) of an unfinished job, or take it back with None.

        A time that has passed means as soon as the result is there. Raises NotFound, or Conflict for a job
        that has ended, is being published, or has no destination.
        """

        def work(tx: Tx) -> Job:
            job = _job(tx, workspace_id, job_id)
            _check_schedulable(job)
            if publish_at is None and job.publish_at is None:
                return job
            at = UNSCHEDULED if publish_at is None else max(publish_at, 1)
            if job.state != "scheduled":
                return _changed(tx, job, publish_at=at)
            return _changed(tx, job, publish_at=at, **_until(at))

        return await self.records.transact(work)


def _job(tx: Tx, workspace_id: str, job_id: str) -> Job:
    job = tx.job(job_id)
    if job is None or job.workspace_id != workspace_id:
        raise NotFound(
            f"There is no job {job_id[:60]!r} in this workspace.",
            next_step="Check the id; job_status(), `flexura status` and GET /api/v1/jobs list jobs.",
        )
    return job


def _changed(tx: Tx, job: Job, **columns: Any) -> Job:
    changed = tx.update_job(job.id, updated_at=now_ms(), **columns)
    assert changed is not None, "looked at in this transaction, and not final"
    return changed


def _approved(tx: Tx, job: Job, pick: tuple[int, ...]) -> Job:
    flow = flow_in(job)
    state = state_of(job, flow.ids)
    picked = _picked(tx, state.candidates, pick)
    for candidate in state.candidates:
        decision: Decision = "selected" if candidate in picked else "archived"
        tx.change(Artifact, candidate, review=decision)
    after = replace(state, approving="", candidates=())
    after = after.step(state.approving, status="done", outputs=picked)
    columns: dict[str, Any] = {"operation": after.as_json(), "note": "", "lease_until": 0}
    left = [i for i in flow.ids if not after.steps[i].ended]
    if left and job.publish and all(flow.step(i).uses == PUBLISH for i in left):
        # Nothing is left to make, so it does not run again.
        columns |= _until(job.publish_at)
    else:
        columns |= {"state": "running"}
    return _changed(tx, job, **columns)


def waiting(at: int) -> str:
    """What a job says that waits until then (milliseconds)."""
    return f"Made; waits for its publish time, {iso(at)}."


def _until(at: int | None) -> Mapping[str, Any]:
    """The columns of a job that is made and is published at that time; a time that has passed is now."""
    if at is None or UNSCHEDULED < at <= now_ms():
        return _DUE
    untimed = at == UNSCHEDULED
    note = UNTIMED if untimed else waiting(at)
    return {"state": "scheduled", "run_at": FAR if untimed else at, "note": note}


def _picked(tx: Tx, candidates: tuple[str, ...], pick: tuple[int, ...]) -> tuple[str, ...]:
    wrong = next((number for number in pick if not 1 <= number <= len(candidates)), None)
    if wrong is not None:
        raise InvalidRequest(
            f"There is no candidate {wrong}.",
            field="pick",
            next_step=f"Pick from 1 to {len(candidates)}, or leave pick out to approve all.",
        )
    if pick:
        return tuple(candidates[number - 1] for number in dict.fromkeys(pick))
    found = {c: tx.get(Artifact, c) for c in candidates}
    review = {c: artifact.review if artifact else "" for c, artifact in found.items()}
    selected = tuple(c for c in candidates if review[c] == "selected")
    return selected or tuple(c for c in candidates if review[c] != "archived") or candidates


def _check_schedulable(job: Job) -> None:
    if job.final or job.state == "publishing":
        raise Conflict(
            f"The job is {job.state}; its publish time cannot be changed any more.",
            next_step="Order it again with another publish time.",
        )
    if job.provider != TEMPLATE_PROVIDER or not job.publish:
        raise Conflict(
            "The job is published nowhere, so it has no publish time.",
            next_step="Order it again with `publish` and the names of destinations.",
        )


def _no_approval(job: Job) -> Conflict:
    if job.state == "scheduled":
        return Conflict(
            "The job is approved and waits for its publish time.",
            next_step="Set another time, or one that has passed to publish it now.",
        )
    step = (
        "Nothing is left to decide."
        if job.final
        else "Look at the job again in a while; it says awaiting_approval when it asks."
    )
    return Conflict(f"The job is {job.state}; nothing waits for an approval.", next_step=step)
