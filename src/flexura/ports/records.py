"""Where jobs, artifacts and keys are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from flexura.domain.artifact import Artifact
from flexura.domain.credits import Account, Budget, BudgetUse, CreditEntry
from flexura.domain.job import Job
from flexura.domain.pace import Pace
from flexura.domain.publication import Publication
from flexura.domain.session import Session, SignInCode
from flexura.domain.template import Template
from flexura.domain.upload import Upload
from flexura.domain.webhook import Delivery, Endpoint, SigningSecret
from flexura.domain.workspace import ApiKey, Invite, Workspace
from flexura.ports.census import Census
from flexura.ports.gallery import Choices, GalleryFilter, Shown
from flexura.ports.usage import UsageLine

T = TypeVar("T")
Record = (
    Account
    | ApiKey
    | Artifact
    | Budget
    | BudgetUse
    | CreditEntry
    | Delivery
    | Endpoint
    | Invite
    | Pace
    | Publication
    | Session
    | SignInCode
    | SigningSecret
    | Template
    | Upload
    | Workspace
)
"""What is kept as it is: each field of the dataclass is a column of its table; tuples and dicts are JSON."""
R = TypeVar("R", bound=Record)
NO_LIMIT = 2**62
"""What a budget that only counts may come to."""


@dataclass(frozen=True, slots=True)
class Change:
    """A job changed; without an id: any may have. `seq` grows with every change that is learned of here."""

    seq: int
    job_id: str


@dataclass(frozen=True, slots=True)
class Idempotency:
    """The first use of an idempotency key: what was asked, and what came of it.

    A job is found by `job_id`; other things keep their first answer, without secrets.
    """

    body_sha256: str
    job_id: str = ""
    status: int = 0
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One job that ended, as statistics see it."""

    model_id: str
    milliseconds: int
    failed: bool


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs to list, newest first; empty = any. Steps of jobs are not listed.

    `unsaved_first` puts what is not yet home on top. `before` is where a page ended: the `created_at` and the
    id of its last job; it costs the same however long the history is, which `offset` does not.
    """

    workspace_id: str
    project: str = ""
    states: tuple[str, ...] = ()
    limit: int = 20
    offset: int = 0
    unsaved_first: bool = False
    before: tuple[int, str] | None = None


class Tx(Protocol):
    """One transaction: synchronous, no other I/O, repeatable. Refuse before the first write."""

    def afterwards(self, tell: Callable[[], None]) -> None:
        """Call `tell` on the event loop once this is durable; not at all where it is rolled back."""
        ...

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
    def forget_idempotency(self, before: int, most: int) -> int:
        """Remove keys that are older and made no job, the oldest first; how many went."""
        ...

    def claim(
        self,
        provider: str,
        most: int,
        owner: str,
        now: int,
        until: int,
        *,
        take: int | None = None,
    ) -> list[Job]:
        """Lease what is due of one provider, never more than `most` running at once over all owners, and at
        most `take` of them now."""
        ...

    def running(self, provider: str, now: int) -> int:
        """How many jobs of a provider are held at this moment, over all owners."""
        ...

    def extend(self, owner: str, until: int) -> set[tuple[str, int]]:
        """Renew every lease of an owner; the (job id, attempt) pairs that it still holds."""
        ...

    def children(self, parent_id: str) -> list[Job]:
        """The steps of a job, in the order in which they were ordered."""
        ...

    def queued(self, workspace_id: str, most: int) -> int:
        """How many jobs of a workspace wait to be begun, counted up to `most`."""
        ...

    def mark_published(self, job_id: str) -> Job | None:
        """A completed job whose publishing succeeded late; None if it is in another state."""
        ...

    def insert(self, record: Record) -> None:
        """Store something new."""
        ...

    def get(self, kind: type[R], record_id: str, /) -> R | None:
        """The record of that primary key (an account's is its workspace's id)."""
        ...

    def find(
        self,
        kind: type[R],
        /,
        *,
        limit: int = 1000,
        newest_first: bool = False,
        before: tuple[int, str] | None = None,
        **equal: Any,
    ) -> list[R]:
        """Records whose columns equal these values (None = IS NULL), by their time and id.

        `before` is where a page, newest first, ended: the time and the id of its last record.
        """
        ...

    def change(self, kind: type[R], record_id: str, /, **columns: Any) -> R | None:
        """Change columns of a record; the record as it is now, or None if there is none."""
        ...

    def remove(self, kind: type[R], record_id: str, /) -> bool: ...

    def move_account(
        self, workspace_id: str, *, granted: int = 0, reserved: int = 0, spent: int = 0
    ) -> bool:
        """Add to the columns of an account; False, and nothing is changed, where a metered account would
        have less than nothing available and this makes it less."""
        ...

    def move_budget(
        self, budget_id: str, window: str, most: int, *, reserved: int = 0, spent: int = 0
    ) -> bool:
        """Add to what a budget has seen in a window; False, and nothing is changed, where that would be more
        than `most` and this makes it more."""
        ...

    def budget_use(self, budget_id: str, window: str) -> BudgetUse: ...

    def claim_deliveries(self, now: int, until: int, most: int) -> list[Delivery]:
        """Pending deliveries that are due; `next_at` becomes `until`, so that nobody else takes them."""
        ...

    def expire_artifacts(self, now: int, most: int) -> list[Artifact]:
        """Mark artifacts whose time is over as expired; those whose bytes nobody else needs come back.

        What an unfinished job made or starts from is left as it is until that job ends.
        """
        ...

    def expiring_artifacts(self, after: tuple[int, str], until: int, most: int) -> list[Artifact]:
        """Artifacts whose bytes go by `until`, in the order of that and of their ids, from `after` on: the
        time and the id of the last one that is known."""
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

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener` on the event loop when `changes` has news, as far as the store tells of itself."""
        ...

    async def changes(self, since: int) -> list[Change]: ...
    async def last_change(self) -> int: ...
    async def job(self, workspace_id: str, job_id: str) -> Job | None: ...
    async def jobs(self, wanted: JobFilter) -> list[Job]: ...
    async def count_jobs(self, wanted: JobFilter, most: int) -> int:
        """How many jobs there are, counted up to `most`, so that a long history costs nothing."""
        ...

    async def children(self, parent_id: str) -> list[Job]: ...
    async def unfinished(self) -> int: ...
    async def get(self, kind: type[R], record_id: str, /) -> R | None: ...
    async def find(
        self,
        kind: type[R],
        /,
        *,
        limit: int = 1000,
        newest_first: bool = False,
        before: tuple[int, str] | None = None,
        **equal: Any,
    ) -> list[R]:
        """As in a transaction."""
        ...

    async def budget_use(self, budget_id: str, window: str) -> BudgetUse: ...
    async def next_delivery(self) -> int | None:
        """When the next pending delivery is due (ms); None = there is none."""
        ...

    async def due(self, now: int) -> bool:
        """Whether a job waits to be claimed: its time has come, or its lease has run out."""
        ...

    async def artifacts_of(self, job_ids: Sequence[str]) -> dict[str, list[Artifact]]: ...
    async def artifact(self, workspace_id: str, artifact_id: str) -> Artifact | None: ...
    async def asset(self, name: str) -> Artifact | None: ...
    async def gallery(self, wanted: GalleryFilter) -> list[Shown]:
        """The files of one page, newest first. It costs the same however many there are."""
        ...

    async def count_gallery(self, wanted: GalleryFilter, most: int) -> int:
        """How many files there are, counted up to `most`."""
        ...

    async def gallery_item(self, workspace_id: str, artifact_id: str) -> Shown | None:
        """One file as the gallery or the trash shows it; None for what neither shows."""
        ...

    async def gallery_choices(self, workspace_id: str) -> Choices: ...
    async def key_by_digest(self, sha256: str) -> ApiKey | None: ...
    async def keys(self, workspace_id: str) -> list[ApiKey]: ...
    async def workspaces(self) -> list[Workspace]: ...
    async def queue(self, most: int) -> list[tuple[str, str]]:
        """Provider and id of what waits to be begun, each provider's jobs in the order in which it takes
        them up; at most so many in all."""
        ...

    async def durations(self, model_id: str, limit: int) -> list[int]:
        """Milliseconds that the last completed jobs of a model took, for estimates."""
        ...

    async def runs(self, since: int, most: int, ignored: Sequence[str]) -> list[Run]:
        """The newest runs of every model, at most `most` of each, that ended after `since` (ms).

        Failures with an `ignored` error code are not among them. For statistics: a store may look at its
        newest jobs only, and takes its time without holding up anybody.
        """
        ...

    async def usage(self, workspace_id: str, since: int, until: int, most: int) -> list[UsageLine]:
        """What a workspace (empty: each of them) ordered from `since` until before `until` (ms), summed up
        by day, model, key and project, for all of them also by workspace.

        At most `most` lines of each, the dearest. It reads no more than that time, and holds up nobody.
        """
        ...

    async def census(self) -> Census:
        """What there is now, for figures and probes; holds nobody up."""
        ...

    async def aclose(self) -> None: ...
