"""One attempt at one job: buy what is not bought yet, wait for it, collect it."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flexura.domain.artifact import Artifact
from flexura.domain.errors import (
    FlexuraError,
    InternalError,
    OutcomeUnknown,
    Overloaded,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    error_class,
)
from flexura.domain.job import Job, JobWarning
from flexura.ports.provider import Done, Failed, Operation, Order, Pending, Provider
from flexura.ports.records import Tx
from flexura.services.buying import Buying
from flexura.services.charging import ALL_ORDERED, all_ordered, bought, cost_bought
from flexura.services.collecting import Collecting, seeded, total_cost
from flexura.services.marking import cost_of
from flexura.services.telling import retried

if TYPE_CHECKING:
    from flexura.services.work import Worker

log = logging.getLogger(__name__)
_PROGRESS_EVERY = 0.5
"""Seconds between writes of progress; waiters see no more often than this."""
_COLLECTED_SECONDS = 0.5
"""Files that are there are stored by then: stopping that saves nobody anything."""
_MOST_ATTEMPTS = 20
"""Restarts of a gateway and approvals count as well."""


class LeaseLost(Exception):
    """Another worker has this job now; whatever was done here is dropped."""


class CancelAsked(Exception):
    """The caller wants the job stopped."""


def given_up(job: Job) -> InternalError | None:
    """For a job that breaks its worker: None to take it up again, or the error that it ends with at last.

    Its place, its credits and what it asks of others would else be taken for ever.
    """
    if job.attempt < _MOST_ATTEMPTS:
        return None
    log.exception("job %s: given up after %d attempts", job.id, job.attempt)
    return InternalError(
        "The gateway failed at this job again and again; its log says why.",
        next_step="Report it; then order it again, perhaps in another way.",
    )


def end_of(job: Job, problem: Exception) -> FlexuraError | None:
    """What a job ends with because of a problem; None to take it up again from where it stands.

    A store that is away or full (Overloaded) says nothing of the job, of which something may be paid for.
    """
    if isinstance(problem, FlexuraError) and not isinstance(problem, Overloaded):
        return problem
    return given_up(job)


class Attempt:
    """One attempt at one job."""

    def __init__(self, worker: Worker, job: Job, provider: Provider) -> None:
        self._worker = worker
        self._job = job
        self._provider = provider
        self._warnings: list[JobWarning] = []
        self._written = 0.0

    async def run(self) -> None:
        async with self._worker.order(self._job) as order:
            await self._run(order)

    async def _run(self, order: Order) -> None:
        rounds = int(self._job.call.get("rounds", 1))
        orders = [self._round(order, index, rounds) for index in range(rounds)]
        try:
            if self._job.cancel_requested:
                raise CancelAsked
            await self._buy(orders)
            done = await self._wait(orders)
        except CancelAsked:
            for operation, part in zip(bought(self._job), orders, strict=False):
                await self._call_off(operation, part)
            if self._job.phase == "submitting":
                # Nobody knows whether it was bought: a cancellation must not give its price back.
                raise self._cut_off() from None
            raise
        await self._keep(order, done)

    async def _call_off(self, operation: Operation, order: Order) -> None:
        """Ask the provider to stop; one that cannot be asked changes nothing of how the job ends."""
        try:
            await self._provider.cancel(operation, order)
        except FlexuraError as problem:
            log.info("job %s: not called off: %s", self._job.id, problem.message)

    def _round(self, order: Order, index: int, rounds: int) -> Order:
        """The order of one variant, where the model makes only one at a time; seeds count up."""
        if rounds == 1:
            return order
        seed, options = order.seed + index * order.n, dict(order.options)
        if name := self._job.call.get("seed_property"):
            options[name] = seed
        return replace(order, job_id=f"{order.job_id}.{index}", seed=seed, options=options)

    async def _buy(self, orders: list[Order]) -> None:
        have = len(bought(self._job))
        if all_ordered(self._job):
            return
        if self._job.phase == "submitting" and not self._provider.deduplicates:
            await self._lost(self._cut_off())
            return
        for order in orders[have:]:
            try:
                await self._buying().buy(order)
            except Overloaded:
                raise
            except FlexuraError as refused:
                await self._lost(refused)
                return

    def _cut_off(self) -> OutcomeUnknown:
        name = self._provider.name
        return OutcomeUnknown(
            f"The gateway stopped while {name} was being asked: it may have charged.",
            next_step=f"Look at the {name} account before ordering again.",
        )

    async def _lost(self, problem: FlexuraError) -> None:
        """What was bought before is not thrown away because the next variant could not be.

        Written down, as whoever takes the job over would order that variant once more.
        """
        rounds = bought(self._job)
        if not rounds:
            raise problem
        warning = JobWarning(problem.code, problem.message)
        self._job = await self._worker.write(
            self._job,
            phase="waiting",
            operation={"rounds": rounds, ALL_ORDERED: True},
            warnings=(*self._job.warnings, warning),
        )

    def _unknown(self) -> OutcomeUnknown | None:
        """For a job of which nothing came: why a variant may have been bought of which no handle is kept."""
        code = OutcomeUnknown.code
        told = next((w.message for w in self._job.warnings if w.code == code), "")
        step = f"Look at the {self._provider.name} account before ordering again."
        return OutcomeUnknown(told, next_step=step) if told else None

    def _buying(self) -> Buying:
        async def begin() -> float:
            pause, self._job = await self._worker.begin(self._job)
            return pause

        async def busy(seconds: float) -> None:
            await self._worker.blocked(self._job.provider, seconds)

        async def keep(operation: Operation) -> None:
            rounds = [*bought(self._job), operation]
            self._job = await self._worker.write(
                self._job, phase="waiting", operation={"rounds": rounds}
            )

        async def again(seconds: float, note: str, unknown: bool) -> None:
            phase = "submitting" if unknown else "queued"
            self._job = await self._worker.write(self._job, phase=phase, note=note[:120])
            await self._worker.rest(self._job, seconds)

        worker = self._worker
        unknown = self._cut_off() if self._job.phase == "submitting" else None
        return Buying(
            self._provider, worker.breakers, worker.patience, begin, keep, again, busy, unknown
        )

    async def _wait(self, orders: list[Order]) -> Done:
        """What all rounds gave together. Raises the first failure when none gave anything."""
        done: list[Done] = []
        problem: FlexuraError | None = None
        operations = bought(self._job)
        for place, (operation, order) in enumerate(zip(operations, orders, strict=False)):
            try:
                outcome = await self._outcome(operation, order, place, len(operations))
            except Overloaded:
                raise
            except FlexuraError as error:
                outcome = Failed(error.code, error.message, error.next_step)
            if isinstance(outcome, Done):
                done.append(seeded(outcome, order))
                continue
            self._warnings.append(JobWarning(outcome.code, outcome.message))
            problem = problem or _error(outcome)
        if not done:
            raise (
                self._unknown() or problem or ProviderError(f"{self._provider.name} made nothing.")
            )
        outputs = tuple(output for part in done for output in part.outputs)
        warnings = tuple(warning for part in done for warning in part.warnings)
        return Done(outputs, warnings, total_cost([part.cost for part in done]))

    async def _outcome(
        self, operation: Operation, order: Order, place: int, rounds: int
    ) -> Done | Failed:
        worker, provider = self._worker, self._provider
        patience, began, tries, silent = worker.patience, time.monotonic(), 0, 0.0
        while True:
            try:
                outcome = await worker.unless_stopped(self._job, provider.poll(operation, order))
            except (ProviderUnavailable, RateLimited) as trouble:
                wait = patience.wait(tries, trouble)
                tries, silent = tries + 1, silent + wait
                if silent > patience.poll * patience.pace:
                    return _gone_silent(provider.name, operation, trouble)
                retried(provider.name, "poll")
                await worker.rest(self._job, wait)
                continue
            worker.breakers.succeeded(provider.name)
            tries, silent = 0, 0.0
            if not isinstance(outcome, Pending):
                return outcome
            if time.monotonic() - began > patience.job:
                await self._call_off(operation, order)
                return Failed(
                    "outcome_unknown",
                    f"{provider.name} did not finish within {patience.job / 3600:.0f} hours.",
                    "Look at its account: it may have charged. Then try again.",
                )
            await self._note(outcome, place, rounds)
            await worker.rest(self._job, outcome.retry_after * patience.pace, outcome.changed)

    async def _note(self, pending: Pending, place: int, rounds: int) -> None:
        now = time.monotonic()
        if pending.progress is None or now - self._written < _PROGRESS_EVERY:
            return
        self._written = now
        progress = max(self._job.progress, min((place + pending.progress) / rounds, 0.99))
        if progress > self._job.progress or pending.note != self._job.note:
            note = pending.note[:120]
            self._job = await self._worker.write(self._job, progress=progress, note=note)

    async def _keep(self, order: Order, done: Done) -> None:
        worker = self._worker
        if not all(output.path for output in done.outputs):
            self._job = await worker.write(self._job, phase="downloading")
        collecting = Collecting(
            worker.blobs, self._provider, worker.patience, worker.scratch, worker.marker
        )
        cost = cost_of(done.cost, cost_bought(self._job))
        collected = collecting.collect(self._job, order, done.outputs, cost)
        artifacts, problems = await worker.unless_stopped(self._job, collected, _COLLECTED_SECONDS)
        warnings = (*self._job.warnings, *self._warnings, *done.warnings, *problems)
        await self._finish(artifacts, warnings, done.cost)

    async def _finish(
        self,
        artifacts: list[Artifact],
        warnings: tuple[JobWarning, ...],
        cost: dict[str, Any] | None,
    ) -> None:
        job, worker = self._job, self._worker
        changes: dict[str, Any] = {
            "state": "completed",
            "progress": 1.0,
            "warnings": warnings,
            "cost": cost or cost_bought(job),
        }

        def work(tx: Tx) -> Job | None:
            return worker.transitions.end(tx, job, artifacts, attempt=job.attempt, **changes)

        if await worker.records.transact(work) is None:
            raise LeaseLost


def _error(failed: Failed) -> FlexuraError:
    return error_class(failed.code)(failed.message, next_step=failed.next_step)


def _gone_silent(name: str, operation: Operation, trouble: FlexuraError) -> Failed:
    handle = next((str(operation[k]) for k in ("id", "request_id", "name") if k in operation), "")
    return Failed(
        "provider_unavailable",
        f"{name} took the order{f' ({handle[:80]})' if handle else ''} and went silent: {trouble.message}",
        f"The result may be in your {name} account; look there before ordering again.",
    )
