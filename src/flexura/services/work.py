"""Doing a job: the phases submitting, waiting, downloading, each durable before the next begins."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

from flexura.domain.errors import ProviderError
from flexura.domain.job import TEMPLATE_PROVIDER, Job
from flexura.ports.blobs import Blobs
from flexura.ports.provider import InputFile, Order, Provider
from flexura.ports.queue import Handler
from flexura.ports.records import Records, Tx
from flexura.services import telling
from flexura.services.attempt import Attempt, CancelAsked, LeaseLost, end_of
from flexura.services.breaker import Breakers
from flexura.services.buying import Patience
from flexura.services.clock import now_ms
from flexura.services.marking import Marker
from flexura.services.paces import Paces
from flexura.services.transitions import Transitions
from flexura.services.watch import Watcher

log = logging.getLogger(__name__)
R = TypeVar("R")
_AT_ONCE = 0.05
"""Seconds that something may take before anybody looks whether it is still wanted."""


@dataclass(frozen=True)
class Worker:
    """Runs leased jobs. Every write carries the attempt number, so a late one is refused."""

    records: Records
    blobs: Blobs
    providers: Mapping[str, Provider]
    watcher: Watcher
    breakers: Breakers
    transitions: Transitions
    scratch: Path
    """Where downloads lie until they are whole."""
    patience: Patience
    paces: Paces = field(default_factory=Paces)
    runs: Handler | None = None
    """Runs jobs that consist of steps."""
    marker: Marker | None = None
    """Writes into the files what they were made from; None = they are stored as they came."""

    async def run(self, job: Job) -> None:
        """Take one job from where it stands to its end."""
        with telling.at_work(job):
            await self._run(job)

    async def _run(self, job: Job) -> None:
        await self.transitions.began(job)
        if job.provider == TEMPLATE_PROVIDER and self.runs is not None:
            await self.runs(job)
            return
        provider = self.providers.get(job.provider)
        try:
            if provider is None:
                raise ProviderError(
                    f"The provider {job.provider} is no longer configured.",
                    next_step="Configure it again, or submit the order with another model.",
                )
            await Attempt(self, job, provider).run()
        except LeaseLost:
            telling.lease_lost(job)
        except CancelAsked:
            await self._end(job, "canceled", "canceled", "The job was canceled.", "")
        except Exception as problem:
            error = end_of(job, problem)
            if error is None:
                raise
            await self._end(job, "failed", error.code, error.message, error.next_step)

    @asynccontextmanager
    async def order(self, job: Job) -> AsyncGenerator[Order]:
        """What the provider is given, with the inputs as local files, inside of the context."""
        async with AsyncExitStack() as stack:
            yield await self._order(job, stack)

    async def _order(self, job: Job, stack: AsyncExitStack) -> Order:
        call = job.call
        files: list[InputFile] = []
        for entry in call["inputs"]:
            # Jobs of the first release named their inputs by id alone.
            given = cast(
                "dict[str, str]", entry if isinstance(entry, dict) else {"artifact": entry}
            )
            artifact = await self.records.artifact(job.workspace_id, given["artifact"])
            path = artifact and await stack.enter_async_context(self.blobs.local(artifact.sha256))
            if artifact is None or path is None:
                raise ProviderError(
                    f"The input {given['artifact']} is gone.", next_step="Upload it again."
                )
            role = given.get("role") or artifact.mime.split("/")[0]
            slot = given.get("slot", "")
            files.append(InputFile(path, artifact.mime, artifact.sha256, role, slot))
        return Order(
            job_id=job.id,
            kind=job.kind,
            upstream_id=call["upstream_id"],
            prompt=job.prompt,
            n=call["n"],
            seed=call["seed"],
            options=call["options"],
            inputs=tuple(files),
        )

    async def write(self, job: Job, **changes: Any) -> Job:
        """Write columns of a job that is still ours."""
        now = now_ms()
        written = await self.records.transact(
            lambda tx: tx.update_job(job.id, attempt=job.attempt, updated_at=now, **changes)
        )
        if written is None:
            raise LeaseLost
        return written

    async def begin(self, job: Job) -> tuple[float, Job]:
        """Note that an order is about to leave: 0.0 and the job, or the seconds until it may leave."""
        now = now_ms()

        def work(tx: Tx) -> tuple[float, Job | None]:
            if (pause := self.paces.take(tx, job.provider, now)) > 0:
                return pause, job
            changes: dict[str, Any] = {"phase": "submitting", "note": "", "updated_at": now}
            written = tx.update_job(job.id, attempt=job.attempt, **changes)
            if written is not None and written.lease_owner != job.lease_owner:
                # A claim that a crash of the database undid: another worker got the same number after it.
                raise LeaseLost
            return 0.0, written

        pause, written = await self.records.transact(work)
        if written is None:
            raise LeaseLost
        return pause, written

    async def blocked(self, provider: str, seconds: float) -> None:
        """Note for all processes that a provider takes nothing for so many seconds."""
        now = now_ms()
        await self.records.transact(lambda tx: self.paces.block(tx, provider, now, seconds))

    async def rest(self, job: Job, seconds: float, changed: asyncio.Event | None = None) -> None:
        """Until the provider has news, time is up, or the caller cancels (raises then)."""
        end = time.monotonic() + seconds
        with self.watcher.watching(job.id) as told:
            while (left := end - time.monotonic()) > 0:
                told.clear()
                await self._still_ours(job)
                if await _news(left, told, changed):
                    break
        await self._still_ours(job)

    async def unless_stopped(
        self, job: Job, work: Coroutine[Any, Any, R], at_once: float = _AT_ONCE
    ) -> R:
        """The result of something that buys nothing, cut short when the caller cancels or the job is not
        ours any more (raises then); for the first `at_once` seconds nobody asks."""
        doing = asyncio.create_task(work)
        try:
            # Most of it is over by then.
            await asyncio.wait([doing], timeout=at_once)
            if not doing.done():
                with self.watcher.watching(job.id) as told:
                    while not doing.done():
                        told.clear()
                        await self._still_ours(job)
                        await _either(doing, told)
            return await doing
        finally:
            if not doing.done():
                doing.cancel()
                await asyncio.wait([doing])

    async def _still_ours(self, job: Job) -> None:
        current = await self.records.job(job.workspace_id, job.id)
        if current is None or current.final or current.attempt != job.attempt:
            raise LeaseLost
        if current.cancel_requested:
            raise CancelAsked

    async def _end(self, job: Job, state: str, code: str, message: str, step: str) -> None:
        changes: dict[str, Any] = {
            "state": state,
            "error_code": code,
            "error_message": message[:1000],
            "error_next_step": step[:500],
        }
        ended = await self.records.transact(
            lambda tx: self.transitions.end(tx, job, attempt=job.attempt, **changes)
        )
        if ended is None:
            log.info("job %s: it ended elsewhere first", job.id)


async def _either(doing: asyncio.Task[Any], told: asyncio.Event) -> None:
    waits = asyncio.create_task(told.wait())
    try:
        await asyncio.wait([doing, waits], return_when=asyncio.FIRST_COMPLETED)
    finally:
        waits.cancel()


async def _news(seconds: float, told: asyncio.Event, changed: asyncio.Event | None) -> bool:
    """Wait for one of the two events, or until time is up; whether the provider has news."""
    events = [told] if changed is None else [told, changed]
    waits = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waits:
            task.cancel()
    return changed is not None and changed.is_set()
