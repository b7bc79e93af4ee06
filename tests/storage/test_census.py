"""What the store holds at a moment: the same figures on either database, read out of indexes."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from flexura.domain.credits import Account
from flexura.domain.upload import Upload
from flexura.domain.webhook import Delivery
from flexura.ports.records import Records, Tx
from flexura.storage.migrate import HEAD
from flexura.storage.sqlite import connect
from flexura.storage.statements import statistics
from storage_house import NOW, job

pytestmark = pytest.mark.anyio


def message(name: str, state: str, at: int) -> Delivery:
    return Delivery(
        id=name,
        workspace_id="ws_1",
        url="https://receiver.example/hook",
        event="job.completed",
        payload="{}",
        created_at=NOW,
        state=state,  # type: ignore[arg-type]
        next_at=at,
    )


async def test_it_counts_what_is_unfinished_pending_open_and_spent(records: Records) -> None:
    def fill(tx: Tx) -> None:
        for number, state in enumerate(("queued", "queued", "running", "completed")):
            made = replace(job(), id=f"job_{number}", run_at=NOW + number)
            tx.insert_job(replace(made, state=state, provider="fake"))  # type: ignore[arg-type]
        tx.insert_job(replace(job(), id="job_9", provider="other", run_at=NOW - 5))
        for name, state in (("msg_1", "pending"), ("msg_2", "delivered"), ("msg_3", "pending")):
            tx.insert(message(name, state, NOW + len(name)))
        tx.insert(Upload("up_1", "ws_1", 10, 3, NOW, NOW + 1000))
        tx.insert(Account("ws_1", False, granted=900, spent=100, reserved=30))
        tx.insert(Account("ws_2", False, granted=100, spent=0, reserved=0))

    await records.transact(fill)
    found = await records.census()
    assert found.jobs == {
        ("queued", "fake"): 2,
        ("running", "fake"): 1,
        ("queued", "other"): 1,
    }
    assert found.queued_since == {"fake": NOW, "other": NOW - 5}
    assert (found.messages, found.next_message) == (2, NOW + 5)
    assert found.uploads == 1
    assert (found.granted, found.reserved, found.spent) == (1000, 30, 100)
    assert found.spenders == {"ws_1": 100}
    assert found.schema == HEAD and found.bytes > 1000


async def test_an_empty_store_holds_nothing(records: Records) -> None:
    found = await records.census()
    assert not found.jobs and not found.queued_since and not found.spenders
    assert (found.messages, found.next_message, found.uploads, found.spent) == (0, None, 0, 0)


def test_a_long_history_costs_a_census_nothing(database: Path) -> None:
    with closing(connect(database, writing=False)) as reader:
        for statement, index in (
            (statistics.STANDING, "USING COVERING INDEX jobs_unfinished"),
            (statistics.MESSAGES, "USING INDEX deliveries_due"),
        ):
            plan = reader.execute(
                f"EXPLAIN QUERY PLAN {statement.sqlite.text}", statement.sqlite.constants
            )
            assert any(index in step[3] for step in plan.fetchall())
