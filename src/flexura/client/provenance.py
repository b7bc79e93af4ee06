"""What the gateway knows of a file."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flexura.client.answers import Answer
from flexura.client.gateway import GatewayClient
from flexura.domain.errors import NotFound


class ProvenanceAnswer(Answer):
    """One stored file, and what it was made from; an upload has neither job nor record."""

    artifact_id: str
    sha256: str
    type: str
    bytes: int
    role: str = ""
    created_at: str
    expired_at: str | None = None
    job_id: str | None = None
    status: str | None = None
    siblings: tuple[str, ...] = ()
    marked: bool = False
    unmarked: str | None = None
    c2pa: str | None = None
    upstream_sha256: str | None = None
    record: dict[str, Any] | None = None


class ProvenanceList(Answer):
    """The artifacts that have the same bytes, the newest first."""

    artifacts: tuple[ProvenanceAnswer, ...]


async def of_artifact(client: GatewayClient, artifact_id: str) -> ProvenanceAnswer:
    """What one artifact was made from. Raises NotFound."""
    path = f"/api/v1/artifacts/{quote(artifact_id, safe='')}/provenance"
    return await client.ask(ProvenanceAnswer, "GET", path)


async def of_bytes(client: GatewayClient, sha256: str) -> tuple[ProvenanceAnswer, ...]:
    """The artifacts of the workspace that have these bytes, the newest first; none is no error."""
    path = f"/api/v1/provenance/{quote(sha256, safe='')}"
    try:
        return (await client.ask(ProvenanceList, "GET", path)).artifacts
    except NotFound:
        return ()
