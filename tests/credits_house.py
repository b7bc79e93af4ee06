"""What tests of credits share: a workspace, jobs with a price, and nobody who listens."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flexura.domain.credit_rules import CreditRules
from flexura.domain.credits import Account
from flexura.domain.ids import new_id
from flexura.domain.job import TEMPLATE_PROVIDER, Caller, Job
from flexura.domain.workspace import Workspace
from flexura.ports.records import Records, Tx
from flexura.services.credits import Credits
from flexura.services.money import Money
from flexura.services.transitions import Origin, Transitions
from flexura.storage.migrate import migrate
from flexura.storage.sqlite import SqliteRecords

WORKSPACE = "ws_1"
DAY_MS = 86_400_000
NOW = 1_795_305_600_000
"""2026-11-22T00:00:00Z."""


class Quiet:
    """Queue caps and events of which nobody hears."""

    def check(self, *about: Any) -> None:
        """Room enough."""

    def note(self, *about: Any) -> None:
        """Nobody listens."""


def cost_of(credits: float | None, currency: str = "USD") -> dict[str, Any] | None:
    """A cost of so many credits, as money."""
    if credits is None:
        return None
    return {"amount": round(credits * 0.01, 6), "currency": currency}


def job_of(price: float | None, *, template: bool = False, **changes: Any) -> Job:
    """A queued job that is estimated at so many credits; None = unknown."""
    at = changes.pop("created_at", NOW)
    fields: dict[str, Any] = {
        "id": new_id("job"),
        "workspace_id": WORKSPACE,
        "kind": "image",
        "state": "queued",
        "provider": TEMPLATE_PROVIDER if template else "fake",
        "model_id": "fake:one",
        "prompt": "a fox",
        "request": {},
        "call": {},
        "created_at": at,
        "updated_at": at,
        "cost": cost_of(price),
    }
    return Job(**fields | changes)


@dataclass
class Till:
    """A store with one workspace, and everything that moves its credits. `now` is its clock."""

    records: Records
    rules: CreditRules
    now: int = NOW

    def __post_init__(self) -> None:
        self.money = Money(self.rules, lambda: self.now)
        self.credits = Credits(self.records, self.rules, lambda: self.now)
        quiet: Any = Quiet()
        self.transitions = Transitions(self.records, self.money, quiet, quiet)

    async def order(self, price: float | None, **changes: Any) -> Job:
        """A job that was accepted."""
        changes.setdefault("created_at", self.now)
        job = job_of(price, **changes)
        caller = Caller(WORKSPACE, job.key_id)
        return (await self.transitions.accept(job, caller, Origin("test"))).job

    async def end(self, job: Job, state: str = "completed", **changes: Any) -> Job:
        """The job when it has ended so."""

        def work(tx: Tx) -> Job | None:
            current = tx.job(job.id)
            assert current is not None
            return self.transitions.end(tx, current, state=state, **changes)

        ended = await self.records.transact(work)
        assert ended is not None
        return ended

    async def account(self) -> Account:
        """The workspace's account as it is now."""
        return await self.credits.account(WORKSPACE)


@asynccontextmanager
async def till(
    folder: Path, rules: CreditRules | None = None, **policy: Any
) -> AsyncGenerator[Till]:
    """A till in this folder; the workspace has this policy."""
    path = folder / "flexura.db"
    migrate(path)
    records = SqliteRecords(path)
    workspace = Workspace(WORKSPACE, "team", NOW, policy=policy)
    await records.transact(lambda tx: tx.insert(workspace))
    try:
        yield Till(records, rules or CreditRules())
    finally:
        await records.aclose()
