"""Running a job of steps: what can begin begins, side by side, until all have ended or somebody is asked.

Everything that matters is in rows. A worker that takes the run over looks at the state and at the jobs that
are there, and goes on; what was ordered is never ordered again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Literal

from flexura.domain.errors import FlexuraError, Overloaded, ProviderError
from flexura.domain.job import Job, JobWarning
from flexura.domain.template import MAKING, Step
from flexura.ports.records import Tx
from flexura.services.attempt import CancelAsked, LeaseLost, end_of
from flexura.services.runs import gates, making
from flexura.services.runs.costs import spent
from flexura.services.runs.results import place
from flexura.services.runs.run import Means, Run
from flexura.services.runs.searching import search
from flexura.services.runs.state import RunState, Trouble, trouble_of
from flexura.services.runs.steps import APPROVE, PUBLISH
from flexura.services.telling import lease_lost

log = logging.getLogger(__name__)
Turn = Literal["again", "wait", "over"]
_PROGRESS_EVERY = 0.5
"""Seconds between writes of progress alone; waiters see no more often than this."""
_CANCELED = Trouble("canceled", "The job was canceled.")


@dataclass(frozen=True)
class Runner:
    """Runs jobs that consist of steps."""

    means: Means

    async def run(self, job: Job) -> None:
        """Take one run from where it stands to its end, or to where it waits for somebody."""
        attempt = _Attempt(self.means, job)
        try:
            await attempt.run()
        except LeaseLost:
            lease_lost(job)


class _Attempt:
    """One attempt at a run."""

    def __init__(self, means: Means, job: Job) -> None:
        self._means = means
        self._run = Run(means, job)
        self._searches: dict[str, asyncio.Task[str]] = {}
        self._tries: dict[str, int] = {}
        self._next_try: dict[str, float] = {}
        self._written = 0.0

    async def run(self) -> None:
        try:
            if self._run.state.failure is not None:
                await self._stop(self._run.state.failure)
                return
            await self._steps()
        except CancelAsked:
            await self._stop(_CANCELED)
        except LeaseLost:
            raise
        except Exception as problem:
            error = end_of(self._run.job, problem)
            if error is None:
                raise
            await self._stop(trouble_of(error))
        finally:
            for task in self._searches.values():
                task.cancel()

    async def _steps(self) -> None:
        while True:
            children = await self._means.records.children(self._run.job.id)
            with self._means.watcher.watching(*self._watched(children)) as told:
                # Looked at again behind the watch: no change falls between looking and waiting.
                turn = await self._turn(await self._means.records.children(self._run.job.id))
                if turn == "over":
                    return
                if turn == "wait":
                    await self._wait(told)

    def _watched(self, children: Sequence[Job]) -> list[str]:
        return [self._run.job.id, *(child.id for child in children if not child.final)]

    async def _wait(self, told: asyncio.Event) -> None:
        """Until a child or the run changes, a search is over, or a step is to be tried again."""
        due = min(self._next_try.values(), default=None)
        seconds = None if due is None else max(0.0, due - time.monotonic())
        news = asyncio.create_task(told.wait())
        try:
            waits = {news, *self._searches.values()}
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            news.cancel()

    async def _turn(self, children: Sequence[Job]) -> Turn:
        """Take in what happened and begin what can begin."""
        run = self._run
        await self._still_ours()
        await self._take_in(children)
        for step in run.flow.steps:
            found = run.state.steps[step.id]
            if found.trouble is not None and run.flow.needed(step):
                raise found.trouble.error()
        ready = [s for s in run.flow.steps if self._ready(s)]
        begun = [await self._begin(s) for s in ready if s.uses not in (APPROVE, PUBLISH)]
        if any(begun):
            return "again"
        if any(s.status == "running" for s in run.state.steps.values()) and not self._at_gate():
            return "wait"
        if self._next_try:
            return "wait"
        gate = next((s for s in ready if s.uses in (APPROVE, PUBLISH)), None)
        if gate is None:
            await self._finish(children)
            return "over"
        return await self._stand(gate)

    def _at_gate(self) -> bool:
        """Whether the only running step is one that a crash left in the middle of publishing."""
        running = [i for i, s in self._run.state.steps.items() if s.status == "running"]
        return all(self._run.flow.step(i).uses == PUBLISH for i in running)

    async def _stand(self, gate: Step) -> Turn:
        if gate.uses == APPROVE:
            await gates.ask(self._run, gate)
            return "over"
        return "again" if await gates.publish(self._run, gate) else "over"

    def _ready(self, step: Step) -> bool:
        state = self._run.state
        found = state.steps[step.id]
        # A search has no job of its own, and a delivery neither: what a crash cut off begins again.
        cut_off = found.status == "running" and (
            step.uses == PUBLISH or (step.uses == "search" and step.id not in self._searches)
        )
        met = all(state.steps[i].ended for i in self._run.flow.needs(step))
        return met and (found.status == "waiting" or cut_off)

    async def _begin(self, step: Step) -> bool:
        """Begin a step; False if that has to wait."""
        run = self._run
        if self._next_try.get(step.id, 0.0) > time.monotonic():
            return False
        self._next_try.pop(step.id, None)
        try:
            if step.uses == "search":
                await run.put(run.state.step(step.id, status="running"))
                self._searches[step.id] = asyncio.create_task(search(run, step))
            elif step.uses in MAKING:
                await making.order(run, step)
            else:
                files = [a.id for a in await run.files(step)]
                await run.put(run.state.step(step.id, status="done", outputs=tuple(files)))
        except making.Away as problem:
            if self._patient(step, problem):
                return False
            await self._failed(step, problem)
        except Overloaded:
            raise
        except FlexuraError as problem:
            await self._failed(step, problem)
        return True

    def _patient(self, step: Step, problem: FlexuraError) -> bool:
        """Whether the step is tried again in a while; what was paid before it is worth some waiting."""
        tries, patience = self._tries.get(step.id, 0), self._means.patience
        waited = sum(patience.wait(i) for i in range(tries))
        if waited > patience.submit * patience.pace:
            return False
        self._tries[step.id] = tries + 1
        self._next_try[step.id] = time.monotonic() + patience.wait(tries, problem)
        return True

    async def _failed(self, step: Step, problem: FlexuraError) -> None:
        state = self._run.state
        await self._run.put(state.step(step.id, status="failed", trouble=trouble_of(problem)))

    async def _take_in(self, children: Sequence[Job]) -> None:
        run = self._run
        done = [
            c.id
            for c in children
            if c.succeeded and run.state.steps[making.step_of(c)].status == "running"
        ]
        files = await self._means.records.artifacts_of(done) if done else {}
        state = self._searched(making.settled(run.state, children, files))
        if state == run.state:
            return
        now = time.monotonic()
        if state.ended == run.state.ended and now - self._written < _PROGRESS_EVERY:
            return
        self._written = now
        await run.put(state)

    def _searched(self, state: RunState) -> RunState:
        for step_id, task in list(self._searches.items()):
            if not task.done():
                continue
            del self._searches[step_id]
            try:
                state = state.step(step_id, status="done", text=task.result())
            except FlexuraError as problem:
                state = state.step(step_id, status="failed", trouble=trouble_of(problem))
        return state

    async def _still_ours(self) -> None:
        job = self._run.job
        row = await self._means.records.job(job.workspace_id, job.id)
        if row is None or row.final or row.attempt != job.attempt:
            raise LeaseLost
        # What has been published cannot be called back.
        if row.cancel_requested and not self._run.state.published:
            raise CancelAsked

    async def _finish(self, children: Sequence[Job]) -> None:
        run = self._run
        ids = [a for i in run.flow.outputs for a in run.state.steps[i].outputs]
        files = await run.artifacts(ids)
        if not files:
            raise ProviderError(
                "The run made nothing.", next_step="Correct the template's outputs."
            )
        cost = spent(children)
        warnings = [*_warnings(run), *_price_warnings(cost)]
        state = "published" if run.state.published else "completed"
        made = gates.makers(run)

        def end(tx: Tx) -> Job | None:
            if not _held(tx, run.job):
                return None
            changes: dict[str, Any] = {"state": state, "progress": 1.0, "cost": cost}
            placed = place(tx, run.job, files, made, self._means.transitions.store)
            return self._means.transitions.end(
                tx,
                run.job,
                attempt=run.job.attempt,
                told=placed,
                warnings=(*run.job.warnings, *warnings),
                operation=run.state.as_json(),
                **changes,
            )

        if await self._means.records.transact(end) is None:
            raise LeaseLost

    async def _stop(self, trouble: Trouble) -> None:
        """Give the run up: what is still being made is canceled, what was bought is counted."""
        run = self._run

        def give_up(tx: Tx, row: Job) -> RunState:
            for listed in tx.children(row.id):
                # Read again, which locks it: a worker may be beginning it at this moment.
                child = None if listed.final else tx.job(listed.id)
                if child is not None and not child.final:
                    self._means.transitions.cancel(tx, child)
            return replace(run.state, failure=trouble)

        await run.commit(give_up)
        while True:
            children = await self._means.records.children(run.job.id)
            with self._means.watcher.watching(*self._watched(children)) as told:
                children = await self._means.records.children(run.job.id)
                if all(child.final for child in children):
                    break
                with suppress(CancelAsked):
                    await self._still_ours()
                await told.wait()
        state = making.settled(run.state, children, {})
        changes: dict[str, Any] = {
            "state": "canceled" if trouble is _CANCELED or trouble == _CANCELED else "failed",
            "error_code": trouble.code,
            "error_message": trouble.message,
            "error_next_step": trouble.next_step,
            "cost": spent(children),
            "operation": state.as_json(),
            "warnings": (*run.job.warnings, *_warnings(run)),
        }
        ended = await self._means.records.transact(
            lambda tx: self._means.transitions.end(tx, run.job, attempt=run.job.attempt, **changes)
        )
        if ended is None:
            raise LeaseLost


def _held(tx: Tx, job: Job) -> bool:
    row = tx.job(job.id)
    return row is not None and not row.final and row.attempt == job.attempt


def _warnings(run: Run) -> list[JobWarning]:
    """What the steps could not do as asked, each told with its step's name."""
    found: list[JobWarning] = []
    for step_id, state in run.state.steps.items():
        found += state.warnings
        if state.trouble is not None and not run.flow.needed(run.flow.step(step_id)):
            found.append(JobWarning(state.trouble.code, f"{step_id}: {state.trouble.message}"))
    return found


def _price_warnings(cost: dict[str, Any] | None) -> list[JobWarning]:
    if cost is None:
        return [JobWarning("cost_unknown", "What the steps cost is not known.")]
    if cost.get("partial"):
        known = f"{cost['amount']:g} {cost['currency']}"
        return [
            JobWarning("cost_unknown", f"Only a part of what the steps cost is known: {known}.")
        ]
    return []
