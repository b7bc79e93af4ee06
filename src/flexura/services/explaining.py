"""What is known of a file that a job made: by its id, or by its bytes, wherever they have gone since."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flexura.domain.artifact import Artifact
from flexura.domain.errors import InvalidRequest, NotFound
from flexura.domain.job import Job
from flexura.ports.records import Records
from flexura.provenance.record import Record
from flexura.services.artifacts import Artifacts
from flexura.services.marking import notes_of, told_again

_SHA256 = re.compile("[0-9a-f]{64}")
_MOST_ALIKE = 20
_MOST_COPIES = 5
"""A result is a copy of the file of a step; runs within runs there are none."""


@dataclass(frozen=True)
class Explained:
    """A stored file, the job that made it, and what it was made from; an upload has neither."""

    artifact: Artifact
    job: Job | None
    """The job whose file it is; for the result of a template the run."""
    record: Record | None
    notes: Mapping[str, Any]
    """What was found when it was stored: why it is unmarked, whether it is signed, its upstream digest."""
    siblings: tuple[Artifact, ...] = ()


class Explaining:
    """Looks files up within one workspace."""

    def __init__(self, records: Records, artifacts: Artifacts) -> None:
        self._records = records
        self._artifacts = artifacts

    async def of(self, workspace_id: str, artifact_id: str) -> Explained:
        """What is known of one artifact, also when its bytes are gone. Raises NotFound."""
        return await self._explained(await self._artifacts.get(workspace_id, artifact_id))

    async def with_bytes(self, workspace_id: str, sha256: str) -> list[Explained]:
        """The artifacts that have these bytes, the newest first. Raises InvalidRequest, NotFound."""
        if not _SHA256.fullmatch(sha256):
            raise InvalidRequest(
                "This is no SHA-256.",
                field="sha256",
                next_step="Send the 64 hexadecimal digits, in lower case, as `sha256sum` prints them.",
            )
        found = await self._records.find(
            Artifact,
            workspace_id=workspace_id,
            sha256=sha256,
            newest_first=True,
            limit=_MOST_ALIKE,
        )
        if not found:
            raise NotFound(
                "No file of this workspace has these bytes.",
                next_step="Read what the file says itself: `flexura explain FILE`.",
            )
        return [await self._explained(artifact) for artifact in found]

    async def _explained(self, artifact: Artifact) -> Explained:
        job = await self._artifacts.job_of(artifact)
        if job is None:
            return Explained(artifact, None, None, {})
        maker = await self._maker(artifact) or job
        files = (await self._records.artifacts_of([job.id])).get(job.id, [])
        siblings = tuple(a for a in files if a.role == "main" and a.id != artifact.id)
        record = told_again(maker, artifact.metadata)
        return Explained(artifact, job, record, notes_of(artifact.metadata), siblings)

    async def _maker(self, artifact: Artifact) -> Job | None:
        """The job that bought the file, where the artifact is a copy of a step's."""
        for _ in range(_MOST_COPIES):
            source = artifact.metadata.get("copy_of")
            if not source:
                return await self._artifacts.job_of(artifact)
            found = await self._records.artifact(artifact.workspace_id, str(source))
            if found is None:
                return None
            artifact = found
        return None
