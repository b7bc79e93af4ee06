"""Doing a job: the phases submitting, waiting, downloading, each durable before the next begins."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flexura.domain.artifact import Artifact
from flexura.domain.errors import FlexuraError, ProviderError
from flexura.domain.ids import new_asset_name, new_id
from flexura.domain.job import Job, JobWarning
from flexura.ports.blobs import Blobs
from flexura.ports.provider import Done, Failed, InputFile, Order, Output, Pending, Provider
from flexura.ports.records import Records, Tx
from flexura.services.clock import now_ms
from flexura.services.inputs import Download, whole
from flexura.services.sniff import extension_of, sniff_file
from flexura.services.watch import Watcher

log = logging.getLogger(__name__)
MAX_OUTPUT = 500 * 2**20
_PROGRESS_EVERY = 0.5
"""Seconds between writes of progress; waiters see no more often than this."""


class _LeaseLost(Exception):
    """Another worker has this job now; whatever was done here is dropped."""


class _CancelAsked(Exception):
    """The caller wants the job stopped."""


@dataclass(frozen=True)
class Worker:
    """Runs leased jobs. Every write carries the attempt number, so a late one is refused."""

    records: Records
    blobs: Blobs
    providers: Mapping[str, Provider]
    watcher: Watcher
    download: Download

    async def run(self, job: Job) -> None:
        """Take one job from where it stands to its end."""
        provider = self.providers.get(job.provider)
        try:
            if provider is None:
                raise ProviderError(
                    f"The provider {job.provider} is no longer configured.",
                    next_step="Configure it again, or submit the order with another model.",
                )
            await self._run(job, provider)
        except _LeaseLost:
            log.info("job %s: attempt %d was overtaken", job.id, job.attempt)
        except _CancelAsked:
            await self._end(job, "canceled", "canceled", "The job was canceled.", "")
        except FlexuraError as error:
            await self._end(job, "failed", error.code, error.message, error.next_step)

    async def _run(self, job: Job, provider: Provider) -> None:
        order = await self._order(job)
        if job.operation is None:
            job = await self._submit(job, provider, order)
        elif job.cancel_requested:
            await provider.cancel(job.operation, order)
            raise _CancelAsked
        outcome = await self._poll(job, provider, order)
        if isinstance(outcome, Failed):
            await self._end(job, "failed", outcome.code, outcome.message, outcome.next_step)
            return
        await self._keep(job, order, outcome)

    async def _order(self, job: Job) -> Order:
        call = job.call
        files: list[InputFile] = []
        for artifact_id in call["inputs"]:
            artifact = await self.records.artifact(job.workspace_id, artifact_id)
            path = artifact and self.blobs.local_path(artifact.sha256)
            if artifact is None or path is None:
                raise ProviderError(
                    f"The input {artifact_id} is gone.", next_step="Upload it again."
                )
            role = artifact.mime.split("/")[0]
            files.append(InputFile(path, artifact.mime, artifact.sha256, role))
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

    async def _submit(self, job: Job, provider: Provider, order: Order) -> Job:
        if job.cancel_requested:
            raise _CancelAsked
        if job.phase == "submitting" and not provider.deduplicates:
            await self._end(
                job,
                "failed",
                "outcome_unknown",
                f"The gateway stopped while {provider.name} was being asked: it may have charged.",
                f"Look at the {provider.name} account before ordering again.",
            )
            raise _LeaseLost
        buying = asyncio.ensure_future(self._buy(job, provider, order))
        try:
            return await asyncio.shield(buying)
        except asyncio.CancelledError:
            # Cut in two, nobody would know whether it was bought: finish, then go.
            await asyncio.wait([buying])
            raise

    async def _buy(self, job: Job, provider: Provider, order: Order) -> Job:
        await self._write(job, phase="submitting")
        operation = await provider.submit(order)
        return await self._write(job, phase="waiting", operation=operation)

    async def _poll(self, job: Job, provider: Provider, order: Order) -> Done | Failed:
        operation = job.operation or {}
        written = 0.0
        while True:
            outcome = await provider.poll(operation, order)
            if not isinstance(outcome, Pending):
                return outcome
            now = time.monotonic()
            if outcome.progress is not None and now - written >= _PROGRESS_EVERY:
                written = now
                progress = max(job.progress, min(outcome.progress, 0.99))
                if progress > job.progress or outcome.note != job.note:
                    job = await self._write(job, progress=progress, note=outcome.note[:120])
            try:
                await self._rest(job, outcome)
            except _CancelAsked:
                await provider.cancel(operation, order)
                raise

    async def _rest(self, job: Job, pending: Pending) -> None:
        """Until the provider has news, the caller cancels, or it is time to ask again."""
        with self.watcher.watching(job.id) as changed:
            await self._still_ours(job)
            waits = [asyncio.create_task(changed.wait())]
            if pending.changed is not None:
                waits.append(asyncio.create_task(pending.changed.wait()))
            try:
                await asyncio.wait(
                    waits, timeout=pending.retry_after, return_when=asyncio.FIRST_COMPLETED
                )
            finally:
                for task in waits:
                    task.cancel()
        await self._still_ours(job)

    async def _still_ours(self, job: Job) -> None:
        current = await self.records.job(job.workspace_id, job.id)
        if current is None or current.final or current.attempt != job.attempt:
            raise _LeaseLost
        if current.cancel_requested:
            raise _CancelAsked

    async def _keep(self, job: Job, order: Order, done: Done) -> None:
        await self._write(job, phase="downloading")
        artifacts: list[Artifact] = []
        warnings = list(job.warnings + done.warnings)
        for output in done.outputs:
            try:
                artifacts.append(await self._store(job, order, output, len(artifacts)))
            except ProviderError as error:
                warnings.append(JobWarning(error.code, error.message))
        if not any(a.role == "main" for a in artifacts):
            raise ProviderError(
                "The provider's output cannot be used.", next_step="Try again or use another model."
            )
        now = now_ms()

        def work(tx: Tx) -> bool:
            changes: dict[str, Any] = {
                "state": "completed",
                "phase": "done",
                "progress": 1.0,
                "note": "",
                "warnings": tuple(warnings),
                "cost": done.cost or job.cost,
                "updated_at": now,
                "finished_at": now,
            }
            if tx.update_job(job.id, attempt=job.attempt, **changes) is None:
                return False
            for artifact in artifacts:
                tx.insert_artifact(artifact)
            return True

        if not await self.records.transact(work):
            raise _LeaseLost

    async def _store(self, job: Job, order: Order, output: Output, position: int) -> Artifact:
        if output.path is not None:
            blob = await self.blobs.take(output.path)
        else:
            data = await self.download(output.url, MAX_OUTPUT)
            blob = await self.blobs.put(whole(data), MAX_OUTPUT)
        path = self.blobs.local_path(blob.sha256)
        mime = sniff_file(path) if path else ""
        if not mime:
            raise ProviderError("The provider's output is not a media file.")
        return Artifact(
            id=new_id("art"),
            workspace_id=job.workspace_id,
            name=new_asset_name(extension_of(mime)),
            sha256=blob.sha256,
            mime=mime,
            bytes=blob.bytes,
            created_at=now_ms(),
            job_id=job.id,
            position=position,
            role=output.role,
            width=output.width,
            height=output.height,
            seconds=output.seconds,
            metadata={"prompt": order.prompt, "model": job.model_id, **output.metadata},
        )

    async def _write(self, job: Job, **changes: Any) -> Job:
        now = now_ms()
        written = await self.records.transact(
            lambda tx: tx.update_job(job.id, attempt=job.attempt, updated_at=now, **changes)
        )
        if written is None:
            raise _LeaseLost
        return written

    async def _end(self, job: Job, state: str, code: str, message: str, step: str) -> None:
        try:
            await self._write(
                job,
                state=state,
                phase="done",
                error_code=code,
                error_message=message[:1000],
                error_next_step=step[:500],
                finished_at=now_ms(),
            )
        except _LeaseLost:
            log.info("job %s: it ended elsewhere first", job.id)
