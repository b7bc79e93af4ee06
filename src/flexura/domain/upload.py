"""A file that is being uploaded in parts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Upload:
    """Its id becomes the id of the artifact, once every byte is there."""

    id: str
    workspace_id: str
    length: int
    """Bytes that are announced."""
    received: int
    created_at: int
    expires_at: int
    """An upload that is not finished by then is forgotten."""
    writer: int = 0
    """Number of the request that appends now; one with a lower number has been overtaken."""
