"""A test of the whole life of jobs: a provider that counts, a clock, an auditor of every commit."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from flexura.domain.artifact import Artifact
from flexura.domain.credits import Account, CreditEntry
from flexura.domain.errors import OutcomeUnknown, ProviderError, ProviderUnavailable, RateLimited
from flexura.domain.job import FINAL, TEMPLATE_PROVIDER, Job
from flexura.domain.publication import Publication
from flexura.domain.webhook import Delivery
from flexura.ports.destination import Parcel
from flexura.ports.provider import Done, Failed, Operation, Order, Pending
from flexura.ports.records import Tx
from flexura.services.clock import now_ms
from flexura.services.runs.costs import spent
from runs_house import Atelier
from runs_mortal import Town

MOODS = ("a fox", "an owl", "a cat", "slow", "busy", "silent", "lost", "fail", "refuse")
"""What a prompt does to the provider; the first three go well."""
_TEXTS = [{"id": name, "type": "TEXT"} for name in ("first", "second", "third")]
FILM: dict[str, Any] = {
    "slug": "film",
    "name": "Film",
    "inputs": _TEXTS,
    "steps": [
        {"id": "draw", "uses": "image", "prompt": "{{inputs.first}}"},
        {
            "id": "move",
            "uses": "video",
            "prompt": "{{inputs.second}}",
            "inputs": ["{{steps.draw.outputs}}"],
        },
        {
            "id": "sound",
            "uses": "audio",
            "prompt": "{{inputs.third}}",
            "inputs": ["{{steps.move.outputs}}"],
        },
    ],
}
VARIANTS: dict[str, Any] = {
    "slug": "variants",
    "name": "Variants",
    "inputs": _TEXTS[:2],
    "steps": [
        {"id": "draw", "uses": "image", "prompt": "{{inputs.first}}", "n": 4},
        {"id": "pick", "uses": "approve", "inputs": ["{{steps.draw.outputs}}"]},
        {
            "id": "polish",
            "uses": "transform",
            "kind": "image",
            "prompt": "{{inputs.second}}",
            "inputs": ["{{steps.pick.outputs.0}}"],
        },
        {"id": "send", "uses": "publish", "inputs": ["{{steps.polish.outputs}}"]},
    ],
}
BATCH: dict[str, Any] = {
    "slug": "batch",
    "name": "Batch",
    "inputs": [{"id": "items", "type": "TEXT", "many": True}],
    "steps": [
        {"id": "draw", "uses": "image", "prompt": "{{item}}", "each": "{{inputs.items}}"},
        {
            "id": "move",
            "uses": "video",
            "prompt": "pan",
            "each": "{{steps.draw.outputs}}",
            "inputs": ["{{item}}"],
        },
    ],
    "outputs": ["draw", "move"],
}
PAIR: dict[str, Any] = {
    "slug": "pair",
    "name": "Pair",
    "inputs": _TEXTS[:2],
    "steps": [
        {"id": "wide", "uses": "image", "prompt": "{{inputs.first}}"},
        {"id": "spare", "uses": "image", "prompt": "{{inputs.second}}"},
    ],
    "outputs": ["wide"],
}
"""Two steps side by side; what comes of the second one is needed by nothing."""
TEMPLATES = {document["slug"]: document for document in (FILM, VARIANTS, BATCH, PAIR)}
_RANKS = ("queued", "running", "awaiting_approval", "scheduled", "publishing")


class Clock:
    """The time of the services, which a test moves on. It stands in for `time` in their clock."""

    def __init__(self) -> None:
        self.ahead_ms = 0

    def time_ns(self) -> int:
        return time.time_ns() + self.ahead_ms * 1_000_000

    def now(self) -> int:
        return self.time_ns() // 1_000_000


@dataclass
class Workforce(Town):
    """Workers by the test's clock: the leases of whoever worked before have run out."""

    clock: Clock = field(default_factory=Clock)

    async def live(self, *given: Any, **named: Any) -> tuple[bool, int]:
        self.clock.ahead_ms += 2 * 3_600_000
        return await super().live(*given, **named)

    def _now(self) -> int:
        return self.clock.now()


class Moody(Atelier):
    """Does what the prompt says, and counts what is bought, by the id of the order."""

    def __init__(self, folder: Path, *, deduplicates: bool) -> None:
        super().__init__(folder, deduplicates=deduplicates)
        self.sold: list[str] = []
        self._tries: Counter[str] = Counter()

    def _nth(self, order: Order, what: str) -> int:
        self._tries[f"{order.job_id} {what}"] += 1
        return self._tries[f"{order.job_id} {what}"]

    async def submit(self, order: Order) -> Operation:
        mood = order.prompt
        if mood == "refuse":
            raise ProviderError("No.", next_step="Ask nicely.")
        if mood == "busy" and self._nth(order, "busy") == 1:
            raise RateLimited("Later.", retry_after=0.1)
        if order.job_id not in self.sold or not self.deduplicates:
            self.sold.append(order.job_id)
        if mood == "lost":
            raise OutcomeUnknown("The line went dead.", next_step="Look at the account.")
        return {"ticket": order.job_id}

    async def poll(self, operation: Operation, order: Order) -> Pending | Done | Failed:
        assert operation == {"ticket": order.job_id}
        if order.prompt == "silent":
            raise ProviderUnavailable("Nobody answers.")
        if order.prompt == "slow" and (turn := self._nth(order, "slow")) < 4:
            return Pending(0.1, turn / 4, "at it")
        return await super().poll(operation, order)


@dataclass
class Auditor:
    """Looks at every job that a transaction changed, inside of it, and at the whole when asked."""

    seen: dict[str, Job] = field(default_factory=dict[str, Job])
    problem: str = ""
    """The first thing that was wrong: a worker may have swallowed the error."""
    parcels: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict[Any, Any])
    """What each destination was given of each job."""
    _until: int = 0

    def audited(self, tx: Tx) -> None:
        """Raises AssertionError for a change that must not be."""
        connection = cast("Any", tx)._connection
        rows = connection.execute(
            "SELECT id, change_seq FROM jobs WHERE change_seq > ? ORDER BY change_seq",
            (self._until,),
        ).fetchall()
        try:
            for job_id, seq in rows:
                job = cast("Job", tx.job(job_id))
                self._changed(tx, self.seen.get(job_id), job)
                self.seen[job_id], self._until = job, seq
        except AssertionError as wrong:
            self.problem = self.problem or str(wrong) or repr(wrong)
            raise

    def _changed(self, tx: Tx, before: Job | None, job: Job) -> None:
        told = f"{job.id} ({job.model_id} {job.step}): {before and before.state} -> {job.state}"
        if before is None:
            assert job.state == "queued", told
        elif before.final:
            late = (before.state, job.state) == ("completed", "published")
            assert late or job.state == before.state, f"a final state changed: {told}"
            assert (job.cost, job.error_code) == (before.cost, before.error_code), told
        else:
            on = (before.state, job.state) == ("awaiting_approval", "running")
            assert on or _rank(job) >= _rank(before), f"it went back: {told}"
            assert job.progress >= before.progress, f"progress went back: {told}"
        if job.final and job.provider == TEMPLATE_PROVIDER:
            children = tx.children(job.id)
            left = [c.step for c in children if not c.final]
            assert not left, f"{told} leaves {left} behind"
            if before is not None and not before.final:
                assert job.cost == spent(children), f"{told}: {job.cost}, {spent(children)}"
        if job.parent_id:
            parent = self.seen[job.parent_id]
            assert not parent.final or job.final, f"{told}: its parent has ended"

    def published(self, destination: str, parcel: Parcel) -> None:
        """Raises AssertionError for what must not be published (yet), or was given there otherwise before."""
        job = self.seen[parcel.job_id]
        files = tuple(artifact.sha256 for artifact, _ in parcel.files)
        told = f"{job.id} ({job.state}) is published to {destination}: {files}"
        waits = job.publish_at is not None and not 0 < job.publish_at <= now_ms()
        if job.state not in FINAL and (job.state != "publishing" or waits):
            self.problem = self.problem or told
        if self.parcels.setdefault((destination, job.id), files) != files:
            self.problem = self.problem or f"{told}, and before {self.parcels}"

    def whole(self, tx: Tx, provider: Moody) -> None:
        """Raises AssertionError where the books, the files or the messages are not right."""
        assert not self.problem, self.problem
        sold = Counter(order.partition(".")[0] for order in provider.sold)
        self._money(tx, sold)
        for job in self.seen.values():
            self._messages(tx, job)
            self._files(tx, job)
            assert sold[job.id] <= 1, f"{job.id} ({job.step}, {job.prompt}) was bought twice"
            assert not job.final or not job.reserved
            if job.succeeded and job.provider != TEMPLATE_PROVIDER:
                assert sold[job.id] == 1, "made, and not bought"
            steps = [child.step for child in tx.children(job.id)]
            assert len(steps) == len({*steps}), f"{job.id} ordered a step twice: {steps}"

    def _money(self, tx: Tx, sold: Counter[str]) -> None:
        entries = tx.find(CreditEntry, limit=100_000)
        for account in tx.find(Account):
            assert account.granted == sum(e.granted for e in entries)
            assert account.reserved == sum(e.reserved for e in entries)
            assert account.spent == sum(e.spent for e in entries)
            assert min(account.reserved, account.spent, account.available) >= 0
        held, closed, paid = Counter[str](), Counter[str](), Counter[str]()
        for entry in entries:
            held[entry.job_id] += entry.reserved
            paid[entry.job_id] += entry.spent
            closed[entry.job_id] += entry.kind in ("settle", "refund")
        for job in self.seen.values():
            moved = any(e.job_id == job.id for e in entries)
            assert not (moved and job.parent_id), "a step moved credits"
            assert held[job.id] == job.reserved, f"{job.id} holds {held[job.id]}"
            assert closed[job.id] == (job.final and moved), f"{job.id} was closed {closed[job.id]}"
            if job.final and moved:
                mine = [e for e in entries if e.job_id == job.id]
                _check_price(job, paid[job.id], mine, sold[job.id] > 0)

    def _messages(self, tx: Tx, job: Job) -> None:
        told = Counter(d.event for d in tx.find(Delivery, job_id=job.id))
        finals = sum(told[event] for event in ("job.completed", "job.failed", "job.canceled"))
        assert finals == (job.final and not job.parent_id), f"{job.id} {job.state}: {told}"
        assert told["job.queued"] == (not job.parent_id)

    def _files(self, tx: Tx, job: Job) -> None:
        files = sorted(tx.find(Artifact, job_id=job.id), key=lambda a: a.position)
        main = [a for a in files if a.role == "main"]
        assert [a.position for a in main] == [*range(len(main))], f"{job.id}: {main}"
        origins = [a.metadata.get("copy_of", a.id) for a in files]
        assert len(origins) == len({*origins}), f"{job.id} has a file twice"
        if job.provider != TEMPLATE_PROVIDER:
            assert len(main) == (job.call["n"] if job.succeeded else 0)
        if job.succeeded:
            assert main
        if job.state == "published":
            states = [p.state for p in tx.find(Publication, job_id=job.id)]
            assert "published" in states


class Letterbox:
    """A destination that takes what it is given, but for the next `refusals` times."""

    def __init__(self, name: str, auditor: Auditor) -> None:
        self.name, self.platform = name, "test"
        self.refusals = 0
        self._auditor = auditor

    async def publish(self, parcel: Parcel) -> str:
        if self.refusals:
            self.refusals -= 1
            raise ProviderError("The letterbox is full.", next_step="Empty it.")
        self._auditor.published(self.name, parcel)
        return f"test://{self.name}/{parcel.job_id}"

    async def aclose(self) -> None:
        return None


def _rank(job: Job) -> int:
    return len(_RANKS) if job.state in FINAL else _RANKS.index(job.state)


def _check_price(job: Job, paid: int, entries: list[CreditEntry], sold: bool) -> None:
    """What was really bought is paid, and nothing else."""
    if any("beyond" in entry.note for entry in entries):
        return
    cost = round(float(job.cost["amount"]) * 100_000_000) if job.cost else 0
    if job.provider != TEMPLATE_PROVIDER and not job.succeeded:
        held = sum(entry.reserved for entry in entries if entry.reserved > 0)
        refused = job.error_code == "content_policy"
        unknown = job.error_code == "outcome_unknown"
        cost = held if unknown or (sold and not refused) else 0
    told = f"{job.id} ({job.model_id}, {job.state} {job.error_code}) cost {json.dumps(job.cost)}"
    assert paid == cost, f"{told}, sold {sold}, paid {paid}: {entries}"
