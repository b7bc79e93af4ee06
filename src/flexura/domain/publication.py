"""A result on its way to one destination."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Publication:
    """The outcome of one destination of one job; each is tried, and retried, alone."""

    id: str
    job_id: str
    workspace_id: str
    destination: str
    """The name that the operator gave it."""
    platform: str
    """Which kind of destination: folder, s3, webhook."""
    created_at: int
    state: Literal["pending", "published", "failed"] = "pending"
    url: str = ""
    error: str = ""
    tries: int = 0
    published_at: int | None = None
