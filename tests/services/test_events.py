"""Turning changes of jobs into messages: what is told to whom, in the transaction of the change."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flexura.domain.artifact import Artifact
from flexura.domain.errors import Conflict, InvalidRequest, NotFound
from flexura.domain.ids import new_id
from flexura.domain.job import Job
from flexura.domain.webhook import Delivery, Endpoint
from flexura.domain.workspace import Workspace
from flexura.ports.records import Tx
from flexura.services.clock import now_ms
from flexura.services.events import Events
from flexura.services.webhooks import KEEP_DAYS, LogFilter, Webhooks
from flexura.storage.sqlite import SqliteRecords

pytestmark = pytest.mark.anyio
NOW = 1_774_598_400_000
HOOK = "https://example.org/hook"


def job(state: str, **changes: Any) -> Job:
    fields: dict[str, Any] = {"id": new_id("job"), "workspace_id": "ws_1", "state": state}
    made = Job(
        kind="image", provider="fake", model_id="m", prompt="p", request={}, call={},
        created_at=NOW, updated_at=NOW, **fields | changes,
    )  # fmt: skip
    return made


def artifact(**changes: Any) -> Artifact:
    fields: dict[str, Any] = {"id": new_id("art"), "name": new_id("n"), "sha256": "a" * 64}
    return Artifact(
        workspace_id="ws_1", mime="image/png", bytes=7, created_at=NOW, **fields | changes
    )


async def note(records: SqliteRecords, events: Events, changed: Job) -> list[Delivery]:
    """What was queued because of a change."""

    def work(tx: Tx) -> None:
        tx.insert_job(changed)
        events.note(tx, changed)

    await records.transact(work)
    return await records.find(Delivery, job_id=changed.id)


@pytest.mark.parametrize(
    ("state", "event"),
    [
        ("queued", "job.queued"),
        ("running", "job.running"),
        ("awaiting_approval", "job.awaiting_approval"),
        ("completed", "job.completed"),
        ("published", "job.completed"),
        ("failed", "job.failed"),
        ("canceled", "job.canceled"),
        ("scheduled", ""),
        ("publishing", ""),
    ],
)
async def test_each_state_has_its_event(records: SqliteRecords, state: str, event: str) -> None:
    events = Events()
    await Webhooks(records, events).register("ws_1", HOOK)
    told = await note(records, events, job(state))
    assert [one.event for one in told] == ([event] if event else [])


@pytest.mark.parametrize(
    ("state", "called"),
    [
        ("queued", False),
        ("running", False),
        ("awaiting_approval", True),
        ("completed", True),
        ("published", True),
        ("failed", True),
        ("canceled", True),
    ],
)
async def test_a_callback_is_told_the_end_and_what_waits_for_a_person(
    records: SqliteRecords, state: str, called: bool
) -> None:
    told = await note(records, Events(), job(state, callback_url=HOOK))
    assert [one.url for one in told] == ([HOOK] if called else [])


async def test_steps_of_jobs_are_told_to_nobody(records: SqliteRecords) -> None:
    events = Events()
    await Webhooks(records, events).register("ws_1", HOOK)
    step = job("completed", parent_id="job_parent", callback_url=HOOK)
    assert await note(records, events, step) == []


async def test_a_run_has_its_id_in_both_spellings_and_files_stored_earlier_are_named(
    records: SqliteRecords,
) -> None:
    run = job("completed", id=new_id("run"), callback_url=HOOK, finished_at=NOW + 5000)
    files = [artifact(job_id=run.id, position=1), artifact(job_id=run.id, position=0)]
    await records.transact(lambda tx: [tx.insert_artifact(one) for one in files])
    [told] = await note(records, Events(), run)
    message = json.loads(told.payload)
    assert set(message) == {"type", "timestamp", "data"}
    data = message["data"]
    assert data["runId"] == data["job_id"] == run.id
    assert (data["created_at"], data["finished_at"]) == (
        "2026-03-27T08:00:00Z",
        "2026-03-27T08:00:05Z",
    )
    assert [a["artifact_id"] for a in data["artifacts"]] == [files[1].id, files[0].id]


async def test_a_job_that_is_begun_twice_is_told_once(records: SqliteRecords) -> None:
    events = Events()
    await Webhooks(records, events).register("ws_1", HOOK, ("job.running",))
    begun = job("running", attempt=1)
    await records.transact(lambda tx: tx.insert_job(begun))
    await events.began(records, begun)
    await events.began(records, begun.evolve(attempt=2))
    assert len(await records.find(Delivery)) == 1


async def test_beginning_a_job_writes_nothing_when_nobody_listens(records: SqliteRecords) -> None:
    events, commits = Events(), 0

    def count() -> None:
        nonlocal commits
        commits += 1

    await Webhooks(records, events).register("ws_1", HOOK, ("job.failed",))
    records.on_commit(count)
    await events.began(records, job("running"))
    assert commits == 0


async def test_a_file_that_will_go_is_told_with_its_date(records: SqliteRecords) -> None:
    events = Events()
    await Webhooks(records, events).register("ws_1", HOOK, ("artifact.expiring",))
    await Webhooks(records, events).register("ws_1", HOOK, ("job.failed",))
    going = artifact(job_id="job_1", expires_at=NOW)
    await records.transact(lambda tx: events.expiring(tx, going))
    [told] = await records.find(Delivery)
    data = json.loads(told.payload)["data"]
    assert told.event == "artifact.expiring"
    assert (data["artifact_id"], data["expires_at"]) == (going.id, "2026-03-27T08:00:00Z")


async def test_a_change_of_endpoints_is_seen_at_once(records: SqliteRecords) -> None:
    events = Events()
    hooks = Webhooks(records, events)
    assert await note(records, events, job("completed")) == []
    made = await hooks.register("ws_1", HOOK)
    assert len(await note(records, events, job("completed"))) == 1
    await hooks.change("ws_1", made.id, enabled=False)
    assert await note(records, events, job("completed")) == []
    await hooks.change("ws_1", made.id, enabled=True)
    assert len(await note(records, events, job("completed"))) == 1
    await hooks.remove("ws_1", made.id)
    assert await note(records, events, job("completed")) == []


async def test_other_workspaces_hear_nothing(records: SqliteRecords) -> None:
    events = Events()
    await Webhooks(records, events).register("ws_2", HOOK)
    assert await note(records, events, job("completed")) == []


def test_an_origin_that_the_operator_lists_may_be_private() -> None:
    events = Events(["http://127.0.0.1:9000", "nonsense"])
    events.check_url("http://127.0.0.1:9000/hook", "url")
    for url in ("http://127.0.0.1:9001/", "https://127.0.0.1:9000/", "http://localhost:9000/"):
        with pytest.raises(InvalidRequest) as refused:
            events.check_url(url, "callback_url")
        assert refused.value.field == "callback_url"


async def test_another_workspace_cannot_see_or_touch_an_endpoint_or_a_delivery(
    records: SqliteRecords,
) -> None:
    hooks = Webhooks(records, Events())
    made = await hooks.register("ws_1", HOOK)
    sent = await hooks.test("ws_1", made.id)
    for touch in (
        hooks.get("ws_2", made.id),
        hooks.change("ws_2", made.id, enabled=False),
        hooks.remove("ws_2", made.id),
        hooks.test("ws_2", made.id),
        hooks.delivery("ws_2", sent.id),
        hooks.redeliver("ws_2", sent.id),
    ):
        with pytest.raises(NotFound):
            await touch
    assert await hooks.list("ws_2") == []
    assert await hooks.deliveries(LogFilter("ws_2")) == []
    assert (await hooks.get("ws_1", made.id)).disabled_at is None


async def test_sending_again_to_one_that_is_off_says_what_to_do(records: SqliteRecords) -> None:
    hooks = Webhooks(records, Events())
    made = await hooks.register("ws_1", HOOK)
    sent = await hooks.test("ws_1", made.id)
    await hooks.change("ws_1", made.id, enabled=False)
    with pytest.raises(Conflict) as refused:
        await hooks.redeliver("ws_1", sent.id)
    assert "enabled" in refused.value.next_step


async def test_old_deliveries_leave_the_log(records: SqliteRecords) -> None:
    await records.transact(lambda tx: tx.insert_workspace(Workspace("ws_1", "one", 1)))
    day = 86_400_000
    ages = [KEEP_DAYS + 2, KEEP_DAYS + 1, KEEP_DAYS - 1, 0]
    rows = [
        Delivery(new_id("msg"), "ws_1", HOOK, "job.failed", "{}", now_ms() - age * day)
        for age in ages
    ]
    await records.transact(lambda tx: [tx.insert(row) for row in rows])
    hooks = Webhooks(records, Events())
    assert await hooks.sweep(now_ms()) == 2
    left = await hooks.deliveries(LogFilter("ws_1"))
    assert [one.id for one in left] == [rows[3].id, rows[2].id]
    assert await records.find(Endpoint) == []
