"""What a job may become, and who may take it up."""

from __future__ import annotations

from typing import get_args

import pytest

from flexura.domain.job import FINAL, Job, State
from flexura.ports.records import Records
from storage_house import NOW, insert, job

pytestmark = pytest.mark.anyio
OPEN = [state for state in get_args(State) if state not in FINAL]


async def claim(records: Records, now: int = NOW, owner: str = "a", most: int = 9) -> list[Job]:
    return await records.transact(lambda tx: tx.claim("fake", most, owner, now, now + 10))


@pytest.mark.parametrize("state", get_args(State))
async def test_a_job_changes_until_its_state_is_final(records: Records, state: str) -> None:
    stored = job(state=state)
    await insert(records, stored)
    changed = await records.transact(lambda tx: tx.update_job(stored.id, note="more"))
    assert (changed is None) == (state in FINAL)


async def test_the_fields_of_the_platform_come_back_as_they_were_stored(records: Records) -> None:
    stored = job(
        parent_id="job_p",
        step="draw.1",
        template="poster@2",
        pipeline="p",
        preset="q",
        key_id="key_1",
        reserved=5_000_000_000_000,
        callback_url="https://example.org/hook",
        publish=("folder", "bucket"),
        publish_at=NOW + 5,
        staging=True,
    )
    await insert(records, stored)
    assert await records.job("ws_1", stored.id) == stored
    changes = {"publish": ("x",), "publish_at": None, "staging": False, "reserved": 0}
    changed = await records.transact(lambda tx: tx.update_job(stored.id, **changes))
    assert changed == stored.evolve(version=2, **changes)
    assert await records.job("ws_1", stored.id) == changed


async def test_a_claimed_job_runs_and_a_scheduled_one_whose_time_has_come_is_published(
    records: Records,
) -> None:
    queued = job(run_at=NOW - 2)
    due = job(state="scheduled", run_at=NOW - 1, started_at=NOW - 50)
    later = job(state="scheduled", run_at=NOW + 1)
    await insert(records, queued, due, later)
    claimed = await claim(records)
    assert [(j.id, j.state, j.attempt) for j in claimed] == [
        (queued.id, "running", 1),
        (due.id, "publishing", 1),
    ]
    assert [j.started_at for j in claimed] == [NOW, NOW - 50]
    assert await claim(records) == []
    assert not await records.due(NOW) and await records.due(NOW + 1)


@pytest.mark.parametrize("state", ["running", "publishing"])
async def test_a_job_whose_worker_died_is_taken_over_in_its_own_state(
    records: Records, state: str
) -> None:
    stored = job(state=state, attempt=1, lease_owner="dead", lease_until=NOW - 1)
    await insert(records, stored, job(state=state, lease_until=NOW))
    assert await records.due(NOW)
    claimed = await claim(records)
    assert [(j.id, j.state, j.attempt, j.lease_owner) for j in claimed] == [
        (stored.id, state, 2, "a")
    ]


@pytest.mark.parametrize("state", ["awaiting_approval", *sorted(FINAL)])
async def test_who_waits_for_approval_or_has_ended_is_not_claimed(
    records: Records, state: str
) -> None:
    await insert(records, job(state=state, run_at=0, lease_until=0))
    assert not await records.due(NOW)
    assert await claim(records) == []


async def test_publishing_counts_against_the_limit_of_a_provider(records: Records) -> None:
    held = {"lease_owner": "b", "lease_until": NOW + 5}
    await insert(records, job(state="publishing", **held), job(state="running", **held))
    await insert(records, job(), job(provider="other", state="running", **held))
    assert await claim(records, most=2) == []
    assert len(await claim(records, most=3)) == 1


async def test_the_longest_waiting_jobs_are_claimed_first(records: Records) -> None:
    third, first = job(run_at=NOW), job(run_at=NOW - 9, state="scheduled")
    second = job(run_at=NOW, created_at=NOW - 1)
    await insert(records, third, first, second)
    assert [j.id for j in await claim(records, most=2)] == [first.id, second.id]


async def test_a_heartbeat_renews_running_and_publishing_jobs(records: Records) -> None:
    await insert(records, job(), job(state="scheduled"))
    claimed = await claim(records)
    await insert(records, job(state="awaiting_approval", lease_owner="a"))
    kept = await records.transact(lambda tx: tx.extend("a", NOW + 99))
    assert kept == {(j.id, 1) for j in claimed}


async def test_only_a_completed_job_becomes_published_late(records: Records) -> None:
    stored = job(state="completed")
    others = [job(state=state) for state in get_args(State) if state != "completed"]
    await insert(records, stored, *others)
    before = await records.last_change()
    published = await records.transact(lambda tx: tx.mark_published(stored.id))
    assert published is not None and (published.state, published.version) == ("published", 2)
    assert stored.id in [change.job_id for change in await records.changes(before)]
    for one in [stored, *others]:
        assert await records.transact(lambda tx, i=one.id: tx.mark_published(i)) is None


async def test_steps_come_back_in_the_order_in_which_they_were_ordered(records: Records) -> None:
    steps = [job(parent_id="job_p", step=f"draw.{i}") for i in (10, 2, 0)]
    late = job(parent_id="job_p", step="cut", created_at=NOW + 1)
    await insert(records, late, *steps, job(parent_id="job_q"), job())
    expected = ["draw.0", "draw.2", "draw.10", "cut"]
    assert [j.step for j in await records.children("job_p")] == expected
    inside = await records.transact(lambda tx: tx.children("job_p"))
    assert [j.step for j in inside] == expected
    assert await records.children("") == []


async def test_the_queue_of_a_workspace_is_counted_up_to_a_bound(records: Records) -> None:
    await insert(records, *(job() for _ in range(4)), job(state="running"), job(workspace_id="w"))
    await insert(records, job(parent_id="job_p", step="draw"))
    assert await records.transact(lambda tx: tx.queued("ws_1", 100)) == 4
    assert await records.transact(lambda tx: tx.queued("ws_1", 3)) == 3
    assert await records.transact(lambda tx: tx.queued("ws_9", 3)) == 0


async def test_whatever_has_not_ended_counts_as_unfinished(records: Records) -> None:
    await insert(records, *(job(state=state) for state in get_args(State)))
    assert await records.unfinished() == len(OPEN)


@pytest.mark.parametrize("state", [*OPEN, "completed", "published"])
async def test_a_repeat_joins_every_job_that_may_still_give_its_result(
    records: Records, state: str
) -> None:
    await insert(records, job(order_key="k", tool="t", state=state))
    again = job(order_key="k", tool="t")
    assert await records.transact(lambda tx: tx.joinable(again, "s")) is not None


async def test_a_repeat_joins_the_newest_order_and_no_step_of_another_job(
    records: Records,
) -> None:
    newest = job(order_key="k", tool="t", created_at=NOW + 1)
    step = job(order_key="k", tool="t", created_at=NOW + 2, parent_id="job_p")
    await insert(records, newest, job(order_key="k", tool="t"), step)
    found = await records.transact(lambda tx: tx.joinable(job(order_key="k", tool="t"), "s"))
    assert found is not None and found.id == newest.id


async def test_a_published_job_counts_in_the_statistics_and_a_job_of_steps_does_not(
    records: Records,
) -> None:
    times = {"started_at": NOW + 10, "finished_at": NOW + 110}
    await insert(
        records,
        job(state="published", **times),
        job(state="completed", provider="template", **times),
        job(state="failed", provider="template", **times),
        job(state="published", provider="template", **times),
        job(state="completed", parent_id="job_p", **{**times, "finished_at": NOW + 60}),
    )
    runs = await records.runs(NOW, 200, ())
    assert [(run.milliseconds, run.failed) for run in runs] == [(100, False), (50, False)]
    assert await records.durations("fake:one", 10) == [100, 50]
