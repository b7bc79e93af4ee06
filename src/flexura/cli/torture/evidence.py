"""What is left when all is over: read from the store and the files, with nobody writing any more."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path

from flexura.cli.torture.account import as_given
from flexura.cli.torture.place import Place
from flexura.domain.artifact import Artifact
from flexura.domain.credits import Account as Credit
from flexura.domain.job import TEMPLATE_PROVIDER, Job
from flexura.gateway.services import Services
from flexura.ports.records import JobFilter
from flexura.runtime import Bind, open_services
from flexura.runtime.database_check import database_problems
from flexura.services.ledger_check import ledger_problems

_PAGE = 500


@dataclass(frozen=True)
class Evidence:
    """The store as it is."""

    jobs: dict[str, Job]
    """Every job, steps too."""
    files: dict[str, list[Artifact]]
    """Artifacts by job."""
    digests: dict[str, str]
    """SHA-256 by which bytes are named, to the one that they have; empty = they are not there."""
    ledger: list[str]
    """What does not add up."""
    spent: int
    """What the account of the workspace says, in microcredits."""
    reserved: int
    integrity: list[str] = field(default_factory=list[str])
    """What the database finds wrong in itself."""
    given: dict[str, str] = field(default_factory=dict[str, str])
    """SHA-256 by which bytes are named, to that of the picture as its maker gave it."""


async def gather(place: Place) -> Evidence:
    """Read everything that there is; of a damaged database only the damage."""
    integrity = await database_problems(place.settings)
    if integrity:
        return Evidence({}, {}, {}, [], 0, 0, integrity)
    async with open_services(place.settings, Bind(works=False)) as services:
        jobs = {job.id: job async for job in _jobs(services, place.workspace_id)}
        files: dict[str, list[Artifact]] = {}
        ids = list(jobs)
        for start in range(0, len(ids), _PAGE):
            files |= await services.records.artifacts_of(ids[start : start + _PAGE])
        digests, given = await _digests(services, files)
        ledger = await services.records.transact(ledger_problems)
        credit = await services.records.get(Credit, place.workspace_id) or Credit("")
    return Evidence(jobs, files, digests, ledger, credit.spent, credit.reserved, [], given)


async def _jobs(services: Services, workspace_id: str) -> AsyncGenerator[Job]:
    before: tuple[int, str] | None = None
    while True:
        page = await services.records.jobs(JobFilter(workspace_id, limit=_PAGE, before=before))
        for job in page:
            yield job
            if job.provider == TEMPLATE_PROVIDER:
                for step in await services.records.children(job.id):
                    yield step
        if len(page) < _PAGE:
            return
        before = (page[-1].created_at, page[-1].id)


async def _digests(
    services: Services, files: dict[str, list[Artifact]]
) -> tuple[dict[str, str], dict[str, str]]:
    found: dict[str, str] = {}
    given: dict[str, str] = {}
    for artifact in (a for artifacts in files.values() for a in artifacts):
        if artifact.sha256 not in found:
            async with services.blobs.local(artifact.sha256) as path:
                pair = await asyncio.to_thread(_digest, path) if path else ("", "")
                found[artifact.sha256], given[artifact.sha256] = pair
    return found, given


def _digest(path: Path) -> tuple[str, str]:
    content = path.read_bytes()
    pair = (hashlib.sha256(part).hexdigest() for part in (content, as_given(content)))
    return next(pair), next(pair)
