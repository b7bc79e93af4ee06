"""Where jobs, artifacts and keys are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from flexura.domain.artifact import Artifact
from flexura.domain.job import Job
from flexura.domain.workspace import ApiKey, Workspace

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Change:
    """A job changed. `seq` grows with every change in the store."""

    seq: int
    job_id: str
    version: int
    state: str
    cancel_requested: bool


@dataclass(frozen=True, slots=True)
class Idempotency:
    """The first use of an idempotency key."""

    body_sha256: str
    job_id: str


@dataclass(frozen=True, slots=True)
class Run:
    """One job that ended, as statistics see it."""

    model_id: str
    milliseconds: int
    failed: bool


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs to list, newest first; empty = any. `unsaved_first` puts what is not yet home on top."""

    workspace_id: str
    project: str = ""
    states: tuple[str, ...] = ()
    limit: int = 20
    offset: int = 0
    unsaved_first: bool = False


class Tx(Protocol):
    """One transaction: synchronous, no other I/O, repeatable. Refuse before the first write."""

    def insert_job(self, job: Job) -> None: ...
    def job(self, job_id: str) -> Job | None: ...

    def update_job(self, job_id: str, *, attempt: int | None = None, **columns: Any) -> Job | None:
        """Change a job that is not final; None if it is final or gone, or the attempt is an old one."""
        ...

    def joinable(self, job: Job, session: str) -> Job | None:
        """The newest earlier job of the same order whose answer never reached this session."""
        ...

    def add_call(self, job_id: str, session: str) -> None: ...
    def mark_delivered(self, job_id: str, session: str, at: int) -> None: ...
    def mark_saved(self, job_id: str, at: int) -> None: ...

    def idempotency(self, workspace_id: str, route: str, key: str) -> Idempotency | None: ...
    def insert_idempotency(
        self, workspace_id: str, route: str, key: str, used: Idempotency, at: int
    ) -> None: ...

    def claim(self, provider: str, most: int, owner: str, now: int, until: int) -> list[Job]:
        """Lease what is due of one provider, never more than `most` running at once over all owners."""
        ...

    def extend(self, owner: str, until: int) -> set[tuple[str, int]]:
        """Renew every lease of an owner; the (job id, attempt) pairs that it still holds."""
        ...

    def insert_artifact(self, artifact: Artifact) -> None: ...
    def insert_workspace(self, workspace: Workspace) -> None: ...
    def insert_key(self, key: ApiKey) -> None: ...
    def revoke_key(self, key_id: str, at: int) -> bool: ...
    def touch_keys(self, key_ids: Sequence[str], at: int) -> None: ...
    def secret(self, name: str, fresh: str) -> str:
        """The stored secret of that name; `fresh` is stored and returned if there is none."""
        ...


class Records(Protocol):
    """The store. `transact` is durable when it returns; reads see every transaction that returned before."""

    async def transact(self, work: Callable[[Tx], T]) -> T:
        """Run `work` in a transaction. Raises what `work` raises, or DiskFull."""
        ...

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Call `listener` on the event loop after commits of this process that changed something."""
        ...

    async def changes(self, since: int) -> list[Change]: ...
    async def last_change(self) -> int: ...
    async def job(self, workspace_id: str, job_id: str) -> Job | None: ...
    async def jobs(self, wanted: JobFilter) -> list[Job]: ...
    async def count_jobs(self, wanted: JobFilter) -> int: ...
    async def unfinished(self) -> int: ...
    async def due(self, now: int) -> bool:
        """Whether a job waits to be claimed: its time has come, or its lease has run out."""
        ...

    async def artifacts_of(self, job_ids: Sequence[str]) -> dict[str, list[Artifact]]: ...
    async def artifact(self, workspace_id: str, artifact_id: str) -> Artifact | None: ...
    async def asset(self, name: str) -> Artifact | None: ...
    async def key_by_digest(self, sha256: str) -> ApiKey | None: ...
    async def keys(self, workspace_id: str) -> list[ApiKey]: ...
    async def workspaces(self) -> list[Workspace]: ...
    async def durations(self, model_id: str, limit: int) -> list[int]:
        """Milliseconds that the last completed jobs of a model took, for estimates."""
        ...

    async def runs(self, since: int, most: int, ignored: Sequence[str]) -> list[Run]:
        """The newest runs of every model, at most `most` of each, that ended after `since` (ms).

        Failures with an `ignored` error code are not among them. For statistics: a store may look at its
        newest jobs only, and takes its time without holding up anybody.
        """
        ...

    async def aclose(self) -> None: ...
