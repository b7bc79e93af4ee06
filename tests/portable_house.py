"""A home in which something of everything lies: what backups and exports have to bring along."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flexura.domain.artifact import Artifact
from flexura.domain.credit_rules import CreditRules
from flexura.domain.credits import Account, Budget
from flexura.domain.ids import new_asset_name, new_id
from flexura.domain.job import TEMPLATE_PROVIDER, Caller, Job
from flexura.domain.template import Step, Template, TemplateInput
from flexura.domain.upload import Upload
from flexura.domain.webhook import Endpoint, SigningSecret
from flexura.ports.records import Records, Tx
from flexura.runtime.stores import open_records
from flexura.services.clock import now_ms
from flexura.services.credits import Credits
from flexura.services.events import Events
from flexura.services.keys import Keys
from flexura.services.money import Money
from flexura.services.queue_caps import QueueCaps
from flexura.services.transitions import Origin, Transitions
from flexura.settings import Settings
from flexura.storage.files import FileBlobs

PRICE = {"amount": 0.05, "currency": "USD"}
"""5 credits."""


@dataclass
class Furnished:
    """What was put in."""

    settings: Settings
    key: str
    done: list[str] = field(default_factory=list[str])
    open: dict[str, str] = field(default_factory=dict[str, str])
    """What it stands for to the id of an unfinished job."""


def settings_of(home: Path, **changes: Any) -> Settings:
    """Settings of a home and nothing else."""
    return Settings(home=home, environment={}, **changes)


def bytes_of(number: int) -> bytes:
    """The bytes of a file."""
    return f"picture {number}".encode() * (number % 7 + 1)


def transitions_of(records: Records) -> Transitions:
    """What accepts and ends jobs."""
    return Transitions(records, Money(CreditRules()), Events(), QueueCaps(1000))


async def furnish(home: Path, jobs: int = 3) -> Furnished:
    """A store with so many ended jobs, each with a file, and one unfinished job of every kind."""
    settings = settings_of(home)
    async with open_records(settings) as records:
        keys = Keys(records)
        made = Furnished(settings, await keys.first_start())
        (workspace,) = await records.workspaces()
        await Credits(records).grant(workspace.id, 1_000_000_000, "to begin with")
        await records.transact(
            lambda tx: tx.insert(Budget(new_id("bud"), workspace.id, "day", 900_000_000, now_ms()))
        )
        transitions = transitions_of(records)
        blobs = FileBlobs(home / "artifacts")
        for number in range(jobs):
            made.done.append(await _done(records, transitions, blobs, workspace.id, number))
        await records.transact(lambda tx: _others(tx, workspace.id))
        for name, changes in unfinished().items():
            made.open[name] = await _accepted(transitions, _order(workspace.id, **changes))
            await _moved(records, made.open[name], changes)
    return made


def unfinished() -> dict[str, dict[str, Any]]:
    """One unfinished job of every kind."""
    taken = {"rounds": [{"id": "vendor-1"}]}
    later = now_ms() + 10**9
    return {
        "queued": {},
        "free": {"cost": {"amount": 0.0, "currency": "USD"}},
        "submitting": {"state": "running", "phase": "submitting"},
        "taken": {"state": "running", "phase": "waiting", "operation": taken},
        "half": {
            "state": "running",
            "phase": "submitting",
            "operation": taken,
            "call": {
                "seed": 1,
                "rounds": 2,
                "inputs": [],
                "n": 1,
                "options": {},
                "upstream_id": "one",
            },
        },
        "run": {"provider": TEMPLATE_PROVIDER, "state": "running", "phase": "steps"},
        "to approve": {"provider": TEMPLATE_PROVIDER, "state": "awaiting_approval"},
        "scheduled": {
            "provider": TEMPLATE_PROVIDER,
            "state": "scheduled",
            "publish_at": later,
            "run_at": later,
        },
        "published by now": {
            "provider": TEMPLATE_PROVIDER,
            "state": "scheduled",
            "publish_at": 1000,
        },
    }


def _order(workspace_id: str, **changes: Any) -> Job:
    now = now_ms()
    kept = {k: v for k, v in changes.items() if k in ("provider", "call", "cost", "publish_at")}
    fields: dict[str, Any] = {
        "id": new_id("job"),
        "workspace_id": workspace_id,
        "kind": "image",
        "state": "queued",
        "provider": "fake",
        "model_id": "fake:one",
        "prompt": "a fox, ünïcode",
        "request": {"prompt": "a fox"},
        "call": {"seed": 7, "inputs": [], "n": 1, "options": {}, "upstream_id": "one"},
        "created_at": now,
        "updated_at": now,
        "run_at": now,
        "cost": PRICE,
    }
    return Job(**fields | kept)


async def _accepted(transitions: Transitions, job: Job, key: str = "") -> str:
    origin = Origin("generate_image", idempotency_key=key, body_sha256="b", route="/api/generate")
    made = await transitions.accept(job, Caller(job.workspace_id, session="s_1"), origin)
    return made.job.id


async def _moved(records: Records, job_id: str, changes: dict[str, Any]) -> None:
    columns = {k: v for k, v in changes.items() if k in ("state", "phase", "operation", "run_at")}
    if columns:
        await records.transact(lambda tx: tx.update_job(job_id, **columns))


async def _done(
    records: Records, transitions: Transitions, blobs: FileBlobs, workspace_id: str, number: int
) -> str:
    data = bytes_of(number)

    async def chunks() -> Any:
        yield data

    blob = await blobs.put(chunks(), 1 << 20)
    assert blob.sha256 == hashlib.sha256(data).hexdigest()
    job_id = await _accepted(transitions, _order(workspace_id), key=f"key-{number}")
    artifact = Artifact(
        id=new_id("art"),
        workspace_id=workspace_id,
        name=new_asset_name("png"),
        sha256=blob.sha256,
        mime="image/png",
        bytes=blob.bytes,
        created_at=now_ms(),
        job_id=job_id,
        metadata={"prompt": "x"},
    )

    def end(tx: Tx) -> None:
        tx.mark_delivered(job_id, "s_1", now_ms())
        job = tx.job(job_id)
        assert job is not None
        ended = transitions.end(tx, job, [artifact], state="completed", cost=PRICE, progress=1.0)
        assert ended is not None

    await records.transact(end)
    return job_id


def _others(tx: Tx, workspace_id: str) -> None:
    now = now_ms()
    for version in (1, 2):
        tx.insert(
            Template(
                new_id("tpl"),
                workspace_id,
                "film",
                version,
                "Film",
                now,
                inputs=(TemplateInput("subject", "TEXT"),),
                steps=(Step("draw", "image", prompt="{{inputs.subject}}"),),
            )
        )
    tx.insert(Endpoint("whe_1", workspace_id, "https://example.com/hook", now, ("job.completed",)))
    tx.insert(SigningSecret("whs_1", workspace_id, "whsec_verysecret", now))
    tx.insert(Upload("upl_1", workspace_id, 100, 10, now, now + 10**9))
    assert tx.get(Account, workspace_id)
