"""One order: written down, sent, waited for. Whoever repeats it after a crash gets the job that is there."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from flexura.cli import confirming
from flexura.cli.build.journal import Journal, Pending, order_key
from flexura.cli.build.patience import LATER, patiently
from flexura.cli.build.purse import Purse
from flexura.cli.build.steps import Step
from flexura.client import Accepted, GatewayClient, JobAnswer
from flexura.domain.errors import (
    FlexuraError,
    IdempotencyMismatch,
    InternalError,
    NotFound,
    ProviderError,
    error_class,
)
from flexura.local.errors import LocalError

_OPEN = (*LATER, InternalError)
"""What leaves open whether the order was accepted: it is sent again as it is, under the same key."""


class Ordering:
    """Orders from one gateway, with one journal and one purse."""

    def __init__(self, client: GatewayClient, journal: Journal, purse: Purse, agreed: bool) -> None:
        self._client = client
        self._journal = journal
        self._purse = purse
        self._agreed = agreed

    async def made(
        self, step: Step, moved: Callable[[JobAnswer], None]
    ) -> tuple[Pending, JobAnswer]:
        """The order and its finished job, which has a file.

        Raises BudgetExceeded before it orders, what the gateway refuses the order with, what the job failed
        with, and OSError.
        """
        order = step.pending
        if order is not None and order.job:
            # It was paid for when it was ordered.
            job = await self._joined(step, order, moved)
        else:
            taken = self._purse.take(step.cost)
            try:
                order = await self._ordered(step, order or self._fresh(step))
            except FlexuraError as error:
                self._purse.settle(taken, None, free=True)
                if not isinstance(error, _OPEN):
                    # Nothing was accepted; the next order may be another one.
                    await asyncio.to_thread(self._journal.drop, step.name)
                raise
            job = await self._followed(order, moved)
            self._purse.settle(taken, job.cost)
        if job.status != "completed" or not job.files:
            await asyncio.to_thread(self._journal.failed, step.name)
            raise _failure(job)
        return order, job

    async def delivered(self, job: JobAnswer, session: str) -> None:
        """Tell the gateway that the file arrived; whether it hears that changes nothing for the user."""
        with contextlib.suppress(FlexuraError, LocalError):
            await self._client.delivered(job.job_id, session, saved=True)

    def _fresh(self, step: Step) -> Pending:
        found = step.standing
        before = found.entry.generation if found.entry is not None else 0
        generation = max(before, self._journal.generation(step.name)) + 1
        return self._pending(step, generation)

    def _pending(self, step: Step, generation: int) -> Pending:
        declaration = step.standing.declaration
        key = order_key(self._journal.project, step.name, declaration, generation)
        cost = step.cost.amount if step.cost is not None else None
        return Pending(declaration, generation, key, dict(step.body), cost=cost)

    async def _ordered(self, step: Step, order: Pending) -> Pending:
        medium = step.standing.asset.medium

        async def submit(body: Mapping[str, Any]) -> Accepted:
            nonlocal order
            order = replace(order, body=dict(body))
            await asyncio.to_thread(self._journal.put, step.name, order)
            return await patiently(lambda: self._client.submit(medium, body, order.key))

        agreed = step.cost if self._agreed else None
        try:
            accepted = await confirming.ordered(order.body, agreed, submit)
        except IdempotencyMismatch:
            # The journal was lost, and somebody ordered under that key with other words: another number.
            order = self._pending(step, order.generation + 1)
            accepted = await confirming.ordered(order.body, agreed, submit)
        order = replace(order, job=accepted.job_id)
        await asyncio.to_thread(self._journal.put, step.name, order)
        return order

    async def _joined(
        self, step: Step, order: Pending, moved: Callable[[JobAnswer], None]
    ) -> JobAnswer:
        try:
            return await self._followed(order, moved)
        except NotFound:
            # Nobody knows the job any more: the next build orders it again.
            await asyncio.to_thread(self._journal.failed, step.name)
            raise

    async def _followed(self, order: Pending, moved: Callable[[JobAnswer], None]) -> JobAnswer:
        job = None
        async for job in self._client.follow(order.job):
            moved(job)
        assert job is not None, "the first answer always comes"
        return job


def _failure(job: JobAnswer) -> FlexuraError:
    if job.error_code:
        return error_class(job.error_code)(job.error, next_step=job.next_step, job_id=job.job_id)
    return ProviderError(
        f"The job {job.job_id} ended without a file.",
        next_step=f"`flexura status {job.job_id}` shows it; repeating the build orders it again.",
    )
