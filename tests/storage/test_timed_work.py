"""What is done when its time has come: messages that are due, files whose time is over."""

from __future__ import annotations

import pytest

from flexura.domain.artifact import Artifact
from flexura.domain.webhook import LONGEST_WAIT_MS, Delivery
from flexura.ports.records import Records
from storage_house import NOW, artifact, insert, job

pytestmark = pytest.mark.anyio


def delivery(name: str, next_at: int, state: str = "pending") -> Delivery:
    return Delivery(
        name,
        "ws_1",
        "https://example.org",
        "job.failed",
        "{}",
        NOW,
        state=state,  # type: ignore[arg-type]
        next_at=next_at,
    )


async def test_due_messages_are_taken_once_and_come_again_when_nobody_tells_of_them(
    records: Records,
) -> None:
    due = [delivery("msg_1", NOW), delivery("msg_2", NOW - 5)]
    others = [delivery("msg_3", NOW + 9), delivery("msg_4", NOW, "failed")]
    await records.transact(lambda tx: [tx.insert(one) for one in [*due, *others]])
    assert await records.next_delivery() == NOW - 5
    taken = await records.transact(lambda tx: tx.claim_deliveries(NOW, NOW + 30, 9))
    assert [(d.id, d.next_at) for d in taken] == [("msg_1", NOW + 30), ("msg_2", NOW + 30)]
    assert await records.transact(lambda tx: tx.claim_deliveries(NOW, NOW + 30, 9)) == []
    assert await records.next_delivery() == NOW + 9
    again = await records.transact(lambda tx: tx.claim_deliveries(NOW + 30, NOW + 60, 9))
    assert len(again) == 3


async def test_the_longest_due_messages_are_taken_first(records: Records) -> None:
    made = [delivery(f"msg_{i}", NOW - i) for i in range(5)]
    await records.transact(lambda tx: [tx.insert(one) for one in made])
    taken = await records.transact(lambda tx: tx.claim_deliveries(NOW, NOW + 30, 2))
    assert {d.id for d in taken} == {"msg_3", "msg_4"}


async def test_without_pending_messages_there_is_no_next_one(records: Records) -> None:
    assert await records.next_delivery() is None
    await records.transact(lambda tx: tx.insert(delivery("msg_1", NOW, "delivered")))
    assert await records.next_delivery() is None


async def stored(records: Records, *artifacts: Artifact) -> None:
    await records.transact(lambda tx: [tx.insert(one) for one in artifacts])


async def expired(records: Records, now: int = NOW, most: int = 9) -> list[str]:
    gone = await records.transact(lambda tx: tx.expire_artifacts(now, most))
    return [one.id for one in gone]


async def marked(records: Records) -> set[str]:
    found = await records.find(Artifact)
    return {one.id for one in found if one.expired_at is not None}


async def test_an_artifact_expires_when_its_time_is_over_and_only_once(records: Records) -> None:
    over = artifact(id="art_1", sha256="1" * 64, expires_at=NOW)
    later = artifact(id="art_2", sha256="2" * 64, expires_at=NOW + 1)
    kept = artifact(id="art_3", sha256="3" * 64)
    await stored(records, over, later, kept)
    assert await expired(records) == ["art_1"]
    found = await records.artifact("ws_1", "art_1")
    assert found is not None and found.expired_at == NOW
    assert await expired(records) == []
    assert await expired(records, NOW + 1) == ["art_2"]
    assert await marked(records) == {"art_1", "art_2"}


async def test_bytes_that_somebody_still_needs_do_not_go(records: Records) -> None:
    over = artifact(id="art_1", expires_at=NOW)
    other = artifact(id="art_2", expires_at=NOW + 5, workspace_id="ws_2")
    await stored(records, over, other)
    assert await expired(records) == [] and await marked(records) == {"art_1"}
    assert await expired(records, NOW + 5) == ["art_2"]


async def test_two_that_expire_together_both_let_their_bytes_go(records: Records) -> None:
    await stored(records, artifact(id="art_1", expires_at=1), artifact(id="art_2", expires_at=2))
    assert await expired(records) == ["art_1", "art_2"]


async def test_the_longest_over_expire_first_and_no_more_than_asked_for(records: Records) -> None:
    made = [artifact(id=f"art_{i}", sha256=f"{i}" * 64, expires_at=NOW - i) for i in range(5)]
    await stored(records, *made)
    assert await expired(records, most=2) == ["art_4", "art_3"]
    assert await expired(records, most=2) == ["art_2", "art_1"]
    assert await expired(records, most=0) == []
    assert await marked(records) == {"art_1", "art_2", "art_3", "art_4"}


@pytest.mark.parametrize(
    "user",
    [
        {"id": "job_made"},
        {"call": {"inputs": [{"artifact": "art_1", "role": "image"}]}},
        {"call": {"inputs": ["art_1"]}, "state": "awaiting_approval"},
        {"operation": {"steps": {"draw": {"files": ["art_1"]}}}, "state": "scheduled"},
    ],
)
async def test_what_an_unfinished_job_made_or_starts_from_waits_for_its_end(
    records: Records, user: dict[str, object]
) -> None:
    held = artifact(id="art_1", sha256="1" * 64, expires_at=NOW, job_id="job_made")
    free = artifact(id="art_12", sha256="2" * 64, expires_at=NOW, job_id="job_2")
    await stored(records, held, free)
    using = job(**user)
    await insert(records, using)
    assert await expired(records, most=1) == ["art_12"]
    await records.transact(lambda tx: tx.update_job(using.id, state="completed"))
    assert await expired(records, most=1) == ["art_1"]


async def test_what_a_step_made_waits_for_the_end_of_the_whole_job(records: Records) -> None:
    parent = job(state="running")
    step = job(state="completed", parent_id=parent.id)
    await insert(records, parent, step)
    await stored(records, artifact(id="art_1", expires_at=NOW, job_id=step.id))
    assert await expired(records) == []
    await records.transact(lambda tx: tx.update_job(parent.id, state="failed"))
    assert await expired(records) == ["art_1"]


async def test_what_goes_soon_is_told_in_the_order_of_its_dates(records: Records) -> None:
    made = [artifact(id=f"art_{i}", expires_at=NOW + i) for i in (3, 1, 2, 0)]
    await stored(records, *made, artifact(id="art_9"), artifact(id="art_8", expires_at=NOW + 9))
    await records.transact(lambda tx: tx.change(Artifact, "art_2", expired_at=NOW))
    start = (NOW, "art_0")
    soon = await records.transact(lambda tx: tx.expiring_artifacts(start, NOW + 5, 9))
    assert [one.id for one in soon] == ["art_1", "art_3"]
    first = await records.transact(lambda tx: tx.expiring_artifacts(start, NOW + 5, 1))
    assert [one.id for one in first] == ["art_1"]
    after = (NOW + 1, "art_1")
    rest = await records.transact(lambda tx: tx.expiring_artifacts(after, NOW + 5, 9))
    assert [one.id for one in rest] == ["art_3"]


async def test_messages_that_were_planned_before_the_clock_was_set_back_are_due(
    records: Records,
) -> None:
    day = 86_400_000
    before, planned = delivery("msg_1", NOW + day), delivery("msg_2", NOW + LONGEST_WAIT_MS)
    await records.transact(lambda tx: [tx.insert(one) for one in (before, planned)])
    taken = await records.transact(lambda tx: tx.claim_deliveries(NOW, NOW + 30, 9))
    assert [found.id for found in taken] == ["msg_1"]
