"""A job and its states. A row is a frozen value: `job.evolve(state=…)`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from flexura.domain.model import Kind
from flexura.domain.workspace import Workspace

State = Literal[
    "queued",
    "running",
    "awaiting_approval",
    "scheduled",
    "publishing",
    "completed",
    "published",
    "failed",
    "canceled",
]
"""In this order, though most jobs skip the middle; progress never goes back."""
Phase = Literal["queued", "submitting", "waiting", "downloading", "steps", "done"]
FINAL: frozenset[str] = frozenset({"completed", "published", "failed", "canceled"})
SUCCEEDED: frozenset[str] = frozenset({"completed", "published"})
TEMPLATE_PROVIDER = "template"
"""Who "makes" a job that consists of steps: the template runner, which orders its steps as jobs."""


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
    parent_id: str = ""
    """The job whose step this is; empty for what a caller ordered."""
    step: str = ""
    """Which step of its parent this is: the step's id, and `.0`, `.1` … where it runs once for each item."""
    template: str = ""
    """The template that it was made from, pinned: `slug@version`."""
    pipeline: str = ""
    preset: str = ""
    key_id: str = ""
    """The API key that ordered it."""
    reserved: int = 0
    """Microcredits that are held for it; 0 once it ended."""
    callback_url: str = ""
    publish: tuple[str, ...] = ()
    """Names of the destinations that its result goes to."""
    publish_at: int | None = None
    """Not published before; a job without it is published as soon as it is made."""
    staging: bool = False
    """Stops before publishing until somebody approves."""
    priority: int = 0
    """Among what is due the highest is begun first; steps of a job that has begun come before new jobs."""
    trace: str = ""
    """The W3C `traceparent` of the call that ordered it, so that one trace shows the call and the work."""

    def evolve(self, **changes: Any) -> Job:
        """The same job with some fields changed."""
        return replace(self, **changes)

    @property
    def final(self) -> bool:
        """Whether it ended; a final state never changes again."""
        return self.state in FINAL

    @property
    def succeeded(self) -> bool:
        """Whether it ended with a usable result."""
        return self.state in SUCCEEDED

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
    answer: str = ""
    """The first answer (JSON), where it was kept with the key."""


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
    priority: int = 0
    """What its orders begin with: that of the key."""
    workspace: Workspace | None = None
    """The record of the workspace as it is now, where a key was shown."""
