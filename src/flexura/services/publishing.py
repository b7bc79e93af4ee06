"""Publishing: a finished result goes to the destinations that its order named, each apart from the others.

What happened is one `Publication` per destination. A crash between delivering and noting it means that the
same parcel is delivered again to the same place, which a destination takes as the same one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flexura.domain.artifact import Artifact
from flexura.domain.errors import (
    Conflict,
    FlexuraError,
    InvalidRequest,
    NotFound,
    ProviderError,
    ProviderUnavailable,
)
from flexura.domain.ids import new_id
from flexura.domain.job import Job
from flexura.domain.publication import Publication
from flexura.ports.blobs import Blobs
from flexura.ports.destination import Destination, Parcel
from flexura.ports.records import Records, Tx
from flexura.services.clock import now_ms
from flexura.services.publish_copy import copy_for
from flexura.services.untrusted import clean

log = logging.getLogger(__name__)
Rest = Callable[[float], Awaitable[None]]
Link = Callable[[Artifact], str]
_WAITS = (1.0, 5.0)
"""Seconds between the tries of one delivery; so there are three."""
_LONGEST_WAIT = 15.0
"""What a destination may ask for with Retry-After; two of them are the 30 s that a delivery waits at most."""
_TRY_SECONDS = 900.0
"""One try; half a gigabyte on a slow line takes minutes."""


@dataclass(frozen=True)
class Known:
    """A destination that the operator configured."""

    name: str
    platform: str
    problem: str = ""
    """Why it cannot be used; empty = it can."""


@dataclass
class Publishing:
    """Delivers finished jobs. `problems` names the destinations whose settings are wrong, and why."""

    records: Records
    blobs: Blobs
    destinations: Mapping[str, Destination]
    problems: Mapping[str, Known] = field(default_factory=dict[str, Known])
    link: Link | None = None
    """A signed link to a file, for destinations that fetch; None without a public URL."""
    rest: Rest = asyncio.sleep
    _busy: set[str] = field(default_factory=set[str], init=False, repr=False)

    def known(self) -> list[Known]:
        """Every configured destination, by name."""
        usable = {name: Known(name, d.platform) for name, d in self.destinations.items()}
        return [known for _, known in sorted({**self.problems, **usable}.items())]

    def check(self, names: Sequence[str]) -> None:
        """Raises InvalidRequest for a destination that is not there, naming those that are."""
        for name in names:
            if name in self.destinations:
                continue
            if name in self.problems:
                raise InvalidRequest(
                    f"The destination {name!r} cannot be used: {self.problems[name].problem}",
                    field="publish",
                    next_step="Ask the operator of this gateway to correct its settings.",
                )
            there = ", ".join(sorted(self.destinations))
            raise InvalidRequest(
                f"There is no destination {name[:60]!r}.",
                field="publish",
                next_step=f"Configured destinations: {there}."
                if there
                else "None is configured: the operator adds one as [destinations.NAME] to config.toml.",
            )

    async def outcomes(self, job_id: str) -> list[Publication]:
        """What became of each destination of a job, in the order in which the job names them."""
        return await self.records.find(Publication, job_id=job_id)

    async def deliver(
        self,
        job: Job,
        artifacts: Sequence[Artifact],
        files: Sequence[tuple[Artifact, Path]] | None = None,
    ) -> list[Publication]:
        """Deliver a job's result to all of its destinations, side by side; the outcome of each.

        `files` says where the bytes lie, if that is known already. A destination that has it already is not
        sent it again. Raises only what the store raises (DiskFull): a refusal is an outcome.
        """
        names, now = list(dict.fromkeys(job.publish)), now_ms()
        rows = await self.records.transact(
            # A millisecond apart: so they are listed in the order in which the job names them.
            lambda tx: [self._begun(tx, job, n, now + i) for i, n in enumerate(names)]
        )
        async with self._parcel(job, artifacts, files) as parcel:
            deliveries = [self._deliver(row, parcel) for row in rows]
            # Every one of them ends before a full disk, say, is told of.
            ended = await asyncio.gather(*deliveries, return_exceptions=True)
        for problem in ended:
            if isinstance(problem, BaseException):
                raise problem
        return [row for row in ended if isinstance(row, Publication)]

    async def retry(self, workspace_id: str, job_id: str, destination: str) -> Publication:
        """Deliver to one destination again, after it failed; what it has already is not sent again.

        A job that ended `completed` because no destination took it becomes `published` by a success.
        Raises NotFound, or Conflict while the job is under way, or for a job without a result.
        """
        job = await self.records.job(workspace_id, job_id)
        row = job and await self._row(job_id, destination)
        if job is None or row is None:
            raise await self._not_published(job, job_id, destination)
        if not job.succeeded:
            raise Conflict(
                f"The job is {job.state}: there is nothing to publish again.",
                next_step="Wait until its publishing has ended."
                if not job.final
                else "Order it again; a job that failed or was canceled has no result.",
            )
        artifacts = (await self.records.artifacts_of([job_id])).get(job_id, [])
        if row.id in self._busy:
            raise Conflict(
                f"This job is being published to {row.destination!r} at this moment.",
                next_step="Look at the job's result in a few seconds.",
            )
        async with self._parcel(job, artifacts, None) as parcel:
            return await self._deliver(row, parcel, late=True)

    def _begun(self, tx: Tx, job: Job, name: str, at: int) -> Publication:
        for row in tx.find(Publication, job_id=job.id, destination=name):
            return row
        known = self.destinations.get(name) or self.problems.get(name)
        row = Publication(
            id=new_id("pub"),
            job_id=job.id,
            workspace_id=job.workspace_id,
            destination=name,
            platform=known.platform if known else "",
            created_at=at,
        )
        tx.insert(row)
        return row

    async def _row(self, job_id: str, destination: str) -> Publication | None:
        found = await self.records.find(Publication, job_id=job_id, destination=destination)
        return found[0] if found else None

    async def _not_published(self, job: Job | None, job_id: str, destination: str) -> NotFound:
        if job is None:
            return NotFound(
                f"There is no job {job_id[:60]!r} in this workspace.",
                next_step="Check the id, or list recent jobs.",
            )
        names = [row.destination for row in await self.outcomes(job_id)]
        return NotFound(
            f"This job was not published to {destination[:60]!r}.",
            next_step=f"It was published to: {', '.join(names)}."
            if names
            else "It has not been published anywhere.",
        )

    @asynccontextmanager
    async def _parcel(
        self,
        job: Job,
        artifacts: Sequence[Artifact],
        files: Sequence[tuple[Artifact, Path]] | None,
    ) -> AsyncGenerator[Parcel]:
        async with AsyncExitStack() as stack:
            found = files if files is not None else await self._at_hand(artifacts, stack)
            links = [self.link(artifact) for artifact, _ in found] if self.link else []
            yield Parcel(job.id, job.workspace_id, found, copy_for(job), links)

    async def _at_hand(
        self, artifacts: Sequence[Artifact], stack: AsyncExitStack
    ) -> list[tuple[Artifact, Path]]:
        """The files of the result that are still there; what a reviewer put away is not published."""
        found: list[tuple[Artifact, Path]] = []
        for artifact in artifacts:
            if artifact.role != "main" or artifact.review == "archived" or artifact.expired_at:
                continue
            path = await stack.enter_async_context(self.blobs.local(artifact.sha256))
            if path is not None:
                found.append((artifact, path))
        return found

    async def _deliver(
        self, row: Publication, parcel: Parcel, *, late: bool = False
    ) -> Publication:
        if row.state == "published":
            return row
        self._busy.add(row.id)
        try:
            return await self._noted(row, await self._outcome(row, parcel), late=late)
        finally:
            self._busy.discard(row.id)

    async def _outcome(self, row: Publication, parcel: Parcel) -> dict[str, Any]:
        """The columns that tell what came of it. Never raises for what a destination does."""
        destination, tries = self.destinations.get(row.destination), 0
        try:
            if destination is None:
                raise ProviderError(self._gone(row.destination))
            if not parcel.files:
                raise ProviderError("The job has no file (any more) that could be published.")
            while True:
                tries += 1
                try:
                    url = await _tried(destination, parcel)
                    break
                except FlexuraError as problem:
                    if not problem.retryable or tries > len(_WAITS):
                        raise
                    await self.rest(_wait(tries, problem))
        except FlexuraError as problem:
            said = " ".join(filter(None, (problem.message, problem.next_step)))
            return {"state": "failed", "error": clean(said, 500), "tries": row.tries + tries}
        done = {"state": "published", "url": url[:2000], "error": "", "published_at": now_ms()}
        return {**done, "tries": row.tries + tries}

    def _gone(self, name: str) -> str:
        if name in self.problems:
            return f"The destination cannot be used: {self.problems[name].problem}"
        return "The operator no longer has this destination."

    async def _noted(self, row: Publication, columns: dict[str, Any], *, late: bool) -> Publication:
        def work(tx: Tx) -> Publication:
            noted = tx.change(Publication, row.id, **columns)
            if late and columns["state"] == "published":
                tx.mark_published(row.job_id)
            assert noted is not None, "publications are never removed"
            return noted

        return await self.records.transact(work)


async def _tried(destination: Destination, parcel: Parcel) -> str:
    """One try. Whatever an adapter does wrong is a refusal of that destination alone."""
    try:
        async with asyncio.timeout(_TRY_SECONDS):
            return await destination.publish(parcel)
    except FlexuraError:
        raise
    except TimeoutError:
        raise ProviderUnavailable(f"It did not take the files in {_TRY_SECONDS:g} s.") from None
    except Exception as problem:
        log.exception("The destination %s broke.", destination.name)
        raise ProviderError(f"The adapter broke: {type(problem).__name__}.") from problem


def _wait(tries: int, problem: FlexuraError) -> float:
    asked = problem.details.get("retry_after")
    usual = _WAITS[tries - 1]
    return usual if asked is None else min(max(usual, float(asked)), _LONGEST_WAIT)
