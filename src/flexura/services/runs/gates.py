"""Steps at which a run stands still: a reviewer's decision, a publish time, and the publishing itself."""

from __future__ import annotations

from dataclasses import replace

from flexura.domain.artifact import Artifact
from flexura.domain.errors import ProviderError
from flexura.domain.job import Job, JobWarning
from flexura.domain.template import Step
from flexura.ports.records import Tx
from flexura.services.clock import now_ms
from flexura.services.runs.results import place
from flexura.services.runs.review import UNTIMED, waiting
from flexura.services.runs.run import LET_GO, Run
from flexura.services.runs.state import FAR, UNSCHEDULED, RunState

FAILED = "publish_failed"
ASKS = "Waits for somebody to approve."


def makers(run: Run) -> dict[str, str]:
    """Which step made a file, by the file's id; the first one that gave it."""
    found: dict[str, str] = {}
    for step_id in run.flow.ids:
        for artifact_id in run.state.steps[step_id].outputs:
            found.setdefault(artifact_id, step_id)
    return found


async def ask(run: Run, step: Step) -> None:
    """Show the candidates to a reviewer, and let the run go until there is a decision."""
    files = await run.files(step)
    if not files:
        raise ProviderError(
            f"The step {step.id} has nothing to approve.", next_step="Correct the template."
        )
    shown: list[Artifact] = []

    def change(tx: Tx, row: Job) -> RunState:
        shown[:] = place(tx, row, files, makers(run), run.means.transitions.store)
        asking = replace(
            run.state, approving=step.id, candidates=tuple(artifact.id for artifact in shown)
        )
        return asking.step(step.id, status="running")

    await run.commit(
        change, artifacts=shown, tell=True, state="awaiting_approval", note=ASKS, **LET_GO
    )


async def publish(run: Run, step: Step) -> bool:
    """Publish the result, unless its time has not come; False when the run was let go until then."""
    if not run.job.publish:
        await run.put(run.state.step(step.id, status="skipped"))
        return True
    files = await run.files(step)
    while True:
        at = await _publish_time(run)
        try:
            if at is None or UNSCHEDULED < at <= now_ms():
                shown = await _show(run, step, files, at)
                await _deliver(run, step, shown)
                return True
            await _wait(run, files, at)
            return False
        except _Retimed:
            continue


class _Retimed(Exception):
    """The publish time was changed at this very moment."""


async def _show(run: Run, step: Step, files: list[Artifact], at: int | None) -> list[Artifact]:
    """The result as files of the job, which is being published from now on."""
    placed: list[Artifact] = []

    def change(tx: Tx, row: Job) -> RunState:
        if row.publish_at != at:
            raise _Retimed
        placed[:] = place(tx, row, files, makers(run), run.means.transitions.store)
        return run.state.step(step.id, status="running")

    await run.commit(change, state="publishing")
    return placed


async def _wait(run: Run, files: list[Artifact], at: int) -> None:
    """Let the run go until its publish time."""

    def change(tx: Tx, row: Job) -> RunState:
        if row.publish_at != at:
            raise _Retimed
        place(tx, row, files, makers(run), run.means.transitions.store)
        return run.state

    untimed = at == UNSCHEDULED
    due, note = (FAR, UNTIMED) if untimed else (at, waiting(at))
    await run.commit(change, state="scheduled", run_at=due, note=note, **LET_GO)


async def _publish_time(run: Run) -> int | None:
    """The publish time as it is now: it may have been changed while the run was at work."""
    row = await run.means.records.job(run.job.workspace_id, run.job.id)
    return row.publish_at if row else None


async def _deliver(run: Run, step: Step, files: list[Artifact]) -> None:
    outcomes = await run.means.publishing.deliver(run.job, files)
    there = any(outcome.state == "published" for outcome in outcomes)
    warnings = tuple(
        JobWarning(FAILED, f"{outcome.destination}: {outcome.error}")
        for outcome in outcomes
        if outcome.state != "published"
    )
    state = replace(run.state, published=run.state.published or there)
    await run.put(state.step(step.id, status="done", warnings=warnings))
