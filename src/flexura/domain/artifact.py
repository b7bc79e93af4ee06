"""An artifact: one stored file, made by a job or uploaded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Review = Literal["", "selected", "archived"]


@dataclass(frozen=True, slots=True)
class Artifact:
    """`name` is the unguessable last part of its URL; `sha256` names its bytes in the blob store."""

    id: str
    workspace_id: str
    name: str
    sha256: str
    mime: str
    bytes: int
    created_at: int
    job_id: str = ""
    position: int = 0
    """Order among the outputs of its job."""
    role: str = "main"
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])
    expires_at: int | None = None
    """When its bytes go (milliseconds since 1970); None = they stay."""
    expired_at: int | None = None
    """When its bytes went; the metadata stays."""
    review: Review = ""
    """What a reviewer decided."""
    trashed_at: int | None = None
    """When somebody put it into the trash; None = it is not there."""
