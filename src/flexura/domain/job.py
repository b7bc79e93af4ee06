"""A job and its states. A row is a frozen value: `job.evolve(state=…)`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from flexura.domain.model import Kind

State = Literal["queued", "running", "completed", "failed", "canceled"]
Phase = Literal["queued", "submitting", "waiting", "downloading", "done"]
FINAL: frozenset[str] = frozenset({"completed", "failed", "canceled"})


@dataclass(frozen=True, slots=True)
class JobWarning:
    """Something that was asked for and not done; the result is usable all the same."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Job:
    """One accepted order. Times are milliseconds since 1970."""

    id: str
    workspace_id: str
    kind: Kind
    state: State
    provider: str
    model_id: str
    prompt: str
    request: dict[str, Any]
    """The order as it was sent, for showing and for making it again."""
    call: dict[str, Any]
    """What the provider is given: upstream_id, options, n, seed, inputs (artifact ids)."""
    created_at: int
    updated_at: int
    phase: Phase = "queued"
    version: int = 1
    """Counts visible changes; part of the ETag."""
    attempt: int = 0
    """Fencing token: every write of a worker carries the attempt that it was given."""
    operation: dict[str, Any] | None = None
    """The provider's own handle, saved before the first poll."""
    progress: float = 0.0
    note: str = ""
    warnings: tuple[JobWarning, ...] = ()
    cost: dict[str, Any] | None = None
    error_code: str = ""
    error_message: str = ""
    error_next_step: str = ""
    tool: str = ""
    project: str = ""
    order_key: str = ""
    cancel_requested: bool = False
    lease_owner: str = ""
    lease_until: int = 0
    run_at: int = 0
    started_at: int | None = None
    finished_at: int | None = None
    saved_at: int | None = None
    """When the files were brought home into the caller's project."""

    def evolve(self, **changes: Any) -> Job:
        """The same job with some fields changed."""
        return replace(self, **changes)

    @property
    def final(self) -> bool:
        """Whether it ended; a final state never changes again."""
        return self.state in FINAL

    @property
    def seed(self) -> int:
        """The seed of the first output."""
        return int(self.call.get("seed", 0))


@dataclass(frozen=True, slots=True)
class Submitted:
    """What submitting gave: a job, new or joined, and what to tell the caller."""

    job: Job
    deduplicated: bool = False
    replayed: bool = False
    """Answered from the idempotency key, not made anew."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, from where: the workspace and what the client tells of itself."""

    workspace_id: str
    key_id: str = ""
    scopes: frozenset[str] = frozenset()
    session: str = ""
    project: str = ""
    client: str = ""
    bridged: bool = field(default=False)
    """The client acknowledges delivery itself (`POST /api/v1/jobs/{id}/delivered`)."""
