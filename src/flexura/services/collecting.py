"""Collecting what a provider made: taken from the disk or downloaded, sniffed, kept by content."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flexura.domain.artifact import Artifact
from flexura.domain.errors import (
    FlexuraError,
    Overloaded,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
)
from flexura.domain.ids import new_asset_name, new_id
from flexura.domain.job import Job, JobWarning
from flexura.domain.picture_size import picture_size
from flexura.ports.blobs import Blob, Blobs
from flexura.ports.provider import Done, Order, Output, Provider
from flexura.services.buying import Patience
from flexura.services.clock import now_ms
from flexura.services.marking import Marked, Marker, Origin
from flexura.services.sniff import extension_of, sniff_file
from flexura.services.telling import retried
from flexura.services.wholeness import is_whole

MAX_OUTPUT = 500 * 2**20


class StoreAway(Exception):
    """The store of files stays away: no end of the job, which is taken up again from where it stands."""


@dataclass(frozen=True)
class Collecting:
    """The outputs of one job. A download is repeated with growing pauses: what lies there is paid for."""

    blobs: Blobs
    provider: Provider
    patience: Patience
    scratch: Path
    marker: Marker | None = None
    """Writes into the files what they were made from; None = they are stored as they came."""

    async def collect(
        self,
        job: Job,
        order: Order,
        outputs: Sequence[Output],
        cost: dict[str, Any] | None = None,
    ) -> tuple[list[Artifact], list[JobWarning]]:
        """Every usable output, and a warning for each of the others. `cost` is what all of them came to.

        Raises the first problem when no main output is usable.
        """
        artifacts: list[Artifact] = []
        problems: list[FlexuraError] = []
        origin = await self.marker.origin(job, order, cost) if self.marker else Origin()
        for output in outputs:
            try:
                stored = await self._store(job, order, output, origin)
                artifacts.append(replace(stored, position=len(artifacts)))
            except (ProviderError, ProviderUnavailable, RateLimited) as error:
                problems.append(error)
        if not any(artifact.role == "main" for artifact in artifacts):
            raise problems[0] if problems else ProviderError("The provider made nothing.")
        return artifacts, [JobWarning(p.code, p.message) for p in problems]

    async def _store(self, job: Job, order: Order, output: Output, origin: Origin) -> Artifact:
        path = output.path or await self._fetched(job, output.url)
        marked = Marked(path)
        try:
            # Looked at before it is stored: afterwards it may lie elsewhere.
            mime, sides = await asyncio.to_thread(_looked_at, path)
            if not mime:
                raise ProviderError(
                    "The provider's output is not a media file.",
                    next_step="Try again or use another model.",
                )
            if self.marker is not None:
                marked = await self.marker.marked(job, order, output, path, origin)
            blob = await self._kept(marked.path)
            # Only now: until it is stored, what is paid for stays where it lies.
            if marked.path != path:
                with contextlib.suppress(OSError):
                    path.unlink()
        finally:
            if output.path is None:
                path.unlink(missing_ok=True)
            if marked.path != path:
                marked.path.unlink(missing_ok=True)
        return Artifact(
            id=new_id("art"),
            workspace_id=job.workspace_id,
            name=new_asset_name(extension_of(mime)),
            sha256=blob.sha256,
            mime=mime,
            bytes=blob.bytes,
            created_at=now_ms(),
            job_id=job.id,
            role=output.role,
            width=output.width or sides[0],
            height=output.height or sides[1],
            seconds=output.seconds,
            metadata={
                "prompt": order.prompt,
                "model": job.model_id,
                **output.metadata,
                **marked.notes,
            },
        )

    async def _kept(self, path: Path) -> Blob:
        """The file, stored; a store that cannot be reached is tried again, as what lies here is paid for."""
        tries = 0
        while True:
            try:
                return await self.blobs.take(path)
            except Overloaded as problem:
                if tries >= self.patience.downloads:
                    raise StoreAway(problem.message) from problem
                wait = self.patience.wait(tries)
            tries += 1
            await asyncio.sleep(wait)

    async def _fetched(self, job: Job, url: str) -> Path:
        self.scratch.mkdir(parents=True, exist_ok=True)
        to = self.scratch / f"{job.id}-{secrets.token_hex(6)}.part"
        tries = 0
        while True:
            try:
                await self.provider.download(url, to, MAX_OUTPUT)
                await asyncio.to_thread(self._check, to)
                return to
            except BaseException as problem:
                to.unlink(missing_ok=True)
                again = isinstance(problem, ProviderUnavailable | RateLimited)
                if not again or tries >= self.patience.downloads:
                    raise
                # Not watched for a cancellation: the money is spent, and the wait is short.
                wait = self.patience.wait(tries, problem)
            tries += 1
            retried(self.provider.name, "download")
            await asyncio.sleep(wait)

    def _check(self, file: Path) -> None:
        """A page of some proxy with status 200, or a file that ends too early: it may be well next time."""
        mime = sniff_file(file)
        if mime and is_whole(file, mime):
            return
        what = "only a part of the file" if mime else "something else than a media file"
        raise ProviderUnavailable(
            f"{self.provider.name} sent {what}.", next_step="Try again or use another model."
        )


def _looked_at(file: Path) -> tuple[str, tuple[int, int] | tuple[None, None]]:
    """The media type, empty for what is none, and width and height of a picture."""
    mime = sniff_file(file)
    return mime, (picture_size(file, mime) if mime else None) or (None, None)


def seeded(done: Done, order: Order) -> Done:
    """The same, with the seed that makes each main output again; seeds count up from the order's."""
    outputs: list[Output] = []
    seed = order.seed
    for output in done.outputs:
        if output.role == "main":
            output = replace(output, metadata={"seed": seed, **output.metadata})
            seed += 1
        outputs.append(output)
    return replace(done, outputs=tuple(outputs))


def total_cost(costs: Sequence[dict[str, Any] | None]) -> dict[str, Any] | None:
    """The actual cost of several rounds together; None where one is unknown or currencies differ."""
    known = [cost for cost in costs if cost]
    if len(known) < len(costs) or len({cost.get("currency") for cost in known}) != 1:
        return None
    return {**known[0], "amount": round(sum(float(cost["amount"]) for cost in known), 6)}
