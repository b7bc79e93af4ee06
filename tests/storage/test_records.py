"""The conformance suite of the port `Records`: what every store must do."""

from __future__ import annotations

import asyncio

import pytest

from flexura.domain.errors import NotFound
from flexura.domain.job import Job, JobWarning
from flexura.domain.workspace import ApiKey, Workspace
from flexura.ports.records import Idempotency, JobFilter, Records, Run, Tx
from storage_house import NOW, artifact, insert, job

pytestmark = pytest.mark.anyio


async def test_a_job_comes_back_as_it_was_stored(records: Records) -> None:
    stored = job(warnings=(JobWarning("w", "m"),), cost={"amount": 0.5}, operation={"id": 1})
    await insert(records, stored)
    assert await records.job("ws_1", stored.id) == stored


async def test_another_workspace_does_not_see_a_job(records: Records) -> None:
    stored = job()
    await insert(records, stored)
    assert await records.job("ws_2", stored.id) is None


async def test_every_change_counts_the_version_and_the_change_number_up(records: Records) -> None:
    stored = job()
    await insert(records, stored)
    before = await records.last_change()
    changed = await records.transact(lambda tx: tx.update_job(stored.id, progress=0.5))
    assert changed is not None and changed.version == 2
    assert stored.id in [change.job_id for change in await records.changes(before)]
    assert (await records.job("ws_1", stored.id)) == changed


async def test_a_final_job_never_changes_again(records: Records) -> None:
    stored = job()
    await insert(records, stored)
    await records.transact(lambda tx: tx.update_job(stored.id, state="completed"))
    assert await records.transact(lambda tx: tx.update_job(stored.id, state="failed")) is None
    found = await records.job("ws_1", stored.id)
    assert found is not None and found.state == "completed"


async def test_a_write_with_an_old_attempt_number_is_refused(records: Records) -> None:
    stored = job()
    await insert(records, stored)
    first = (await records.transact(lambda tx: tx.claim("fake", 1, "a", NOW, NOW + 10)))[0]
    second = (await records.transact(lambda tx: tx.claim("fake", 1, "b", NOW + 20, NOW + 30)))[0]
    assert (first.attempt, second.attempt) == (1, 2)
    late = await records.transact(lambda tx: tx.update_job(stored.id, attempt=1, progress=0.9))
    current = await records.transact(lambda tx: tx.update_job(stored.id, attempt=2, progress=0.1))
    assert late is None and current is not None


async def test_a_claim_takes_no_more_than_the_limit_over_all_owners(records: Records) -> None:
    await insert(records, *(job() for _ in range(5)))
    first = await records.transact(lambda tx: tx.claim("fake", 3, "a", NOW, NOW + 10))
    second = await records.transact(lambda tx: tx.claim("fake", 3, "b", NOW, NOW + 10))
    assert (len(first), len(second)) == (3, 0)


async def test_a_claim_leaves_jobs_whose_time_has_not_come(records: Records) -> None:
    await insert(records, job(run_at=NOW + 5))
    assert await records.transact(lambda tx: tx.claim("fake", 3, "a", NOW, NOW + 10)) == []
    assert not await records.due(NOW) and await records.due(NOW + 5)


async def test_extending_tells_which_leases_are_still_held(records: Records) -> None:
    await insert(records, job(), job())
    mine = await records.transact(lambda tx: tx.claim("fake", 2, "a", NOW, NOW + 10))
    await records.transact(lambda tx: tx.claim("fake", 1, "b", NOW + 20, NOW + 30))
    kept = await records.transact(lambda tx: tx.extend("a", NOW + 40))
    assert len(mine) == 2 and len(kept) == 1


async def test_a_repeat_joins_until_its_own_session_was_answered(records: Records) -> None:
    first = job(order_key="k", tool="t", project="p")
    await insert(records, first)
    await records.transact(lambda tx: tx.add_call(first.id, "s1"))
    again = job(order_key="k", tool="t", project="p")

    async def joined(session: str) -> str | None:
        found = await records.transact(lambda tx: tx.joinable(again, session))
        return found and found.id

    assert await joined("s1") == first.id
    assert await joined("s2") == first.id
    await records.transact(lambda tx: tx.add_call(first.id, "s2"))
    await records.transact(lambda tx: tx.update_job(first.id, state="completed"))
    await records.transact(lambda tx: tx.mark_delivered(first.id, "s1", NOW))
    assert await joined("s1") is None
    assert await joined("s2") == first.id
    assert await joined("s3") is None


@pytest.mark.parametrize("changes", [{"project": "q"}, {"tool": "u"}, {"workspace_id": "ws_2"}])
async def test_a_repeat_elsewhere_is_another_order(
    records: Records, changes: dict[str, str]
) -> None:
    await insert(records, job(order_key="k", tool="t", project="p"))
    other = job(**{"order_key": "k", "tool": "t", "project": "p", **changes})
    assert await records.transact(lambda tx: tx.joinable(other, "s")) is None


@pytest.mark.parametrize(("code", "joins"), [("provider_error", False), ("outcome_unknown", True)])
async def test_a_failed_job_is_joined_only_if_it_may_have_been_paid(
    records: Records, code: str, joins: bool
) -> None:
    stored = job(order_key="k", tool="t", state="failed", error_code=code)
    await insert(records, stored)
    found = await records.transact(lambda tx: tx.joinable(job(order_key="k", tool="t"), "s"))
    assert (found is not None) == joins


async def test_an_idempotency_key_is_found_again(records: Records) -> None:
    used = Idempotency("abc", "job_1")
    await records.transact(lambda tx: tx.insert_idempotency("ws_1", "r", "k", used, NOW))
    assert await records.transact(lambda tx: tx.idempotency("ws_1", "r", "k")) == used
    assert await records.transact(lambda tx: tx.idempotency("ws_2", "r", "k")) is None


async def test_a_refusal_fails_its_own_unit_and_no_other(records: Records) -> None:
    def refuse(tx: Tx) -> None:
        raise NotFound("nothing here")

    stored = job()
    outcomes = await asyncio.gather(
        records.transact(refuse),
        records.transact(lambda tx: tx.insert_job(stored)),
        return_exceptions=True,
    )
    assert isinstance(outcomes[0], NotFound) and outcomes[1] is None
    assert await records.job("ws_1", stored.id) is not None


async def test_a_unit_that_breaks_after_a_write_is_undone_and_its_neighbours_are_not(
    records: Records,
) -> None:
    bad, good = job(), job()

    def breaks(tx: Tx) -> None:
        tx.insert_job(bad)
        raise ZeroDivisionError

    outcomes = await asyncio.gather(
        records.transact(lambda tx: tx.insert_job(good)),
        records.transact(breaks),
        return_exceptions=True,
    )
    assert isinstance(outcomes[1], ZeroDivisionError)
    assert await records.job("ws_1", bad.id) is None
    assert await records.job("ws_1", good.id) == good


async def test_who_gives_up_waiting_does_not_stop_the_write(records: Records) -> None:
    stored = job()
    waiting = asyncio.create_task(records.transact(lambda tx: tx.insert_job(stored)))
    await asyncio.sleep(0)
    waiting.cancel()
    async with asyncio.timeout(10):
        while (found := await records.job("ws_1", stored.id)) is None:
            await asyncio.sleep(0)
    assert found == stored


async def test_listeners_hear_of_commits(records: Records) -> None:
    heard = asyncio.Event()
    records.on_commit(heard.set)
    await insert(records, job())
    async with asyncio.timeout(5):
        await heard.wait()


async def test_jobs_are_listed_newest_first_and_unsaved_ones_on_top(records: Records) -> None:
    saved = job(state="completed", saved_at=NOW, created_at=NOW + 2)
    fresh = job(state="completed", created_at=NOW)
    running = job(state="running", created_at=NOW + 3)
    await insert(records, saved, fresh, running)
    newest = await records.jobs(JobFilter("ws_1"))
    assert [j.id for j in newest] == [running.id, saved.id, fresh.id]
    unsaved = await records.jobs(JobFilter("ws_1", unsaved_first=True))
    assert unsaved[0].id == fresh.id
    wanted = JobFilter("ws_1", states=("completed",), limit=1, offset=1)
    assert [j.id for j in await records.jobs(wanted)] == [fresh.id]
    assert await records.count_jobs(wanted, 10) == 2


async def test_marking_saved_is_seen_in_the_next_listing(records: Records) -> None:
    stored = job(state="completed")
    await insert(records, stored)
    await records.transact(lambda tx: tx.mark_saved(stored.id, NOW + 9))
    found = await records.job("ws_1", stored.id)
    assert found is not None and found.saved_at == NOW + 9


async def test_artifacts_belong_to_their_job_in_order(records: Records) -> None:
    second, first = artifact(position=1), artifact(position=0)
    for one in (second, first):
        await records.transact(lambda tx, one=one: tx.insert_artifact(one))
    assert await records.artifacts_of(["job_1", "job_2"]) == {"job_1": [first, second], "job_2": []}
    assert await records.artifact("ws_1", first.id) == first
    assert await records.artifact("ws_2", first.id) is None
    assert await records.asset(second.name) == second


async def test_a_revoked_key_is_seen_as_revoked_at_once(records: Records) -> None:
    await records.transact(lambda tx: tx.insert_workspace(Workspace("ws_1", "default", NOW)))
    key = ApiKey("key_1", "ws_1", "mine", "fx_live_abcdefgh", "f" * 64, frozenset({"read"}), NOW)
    await records.transact(lambda tx: tx.insert_key(key))
    assert await records.key_by_digest("f" * 64) == key
    assert await records.transact(lambda tx: tx.revoke_key("key_1", NOW + 1))
    assert not await records.transact(lambda tx: tx.revoke_key("key_1", NOW + 2))
    await records.transact(lambda tx: tx.touch_keys(["key_1"], NOW + 3))
    found = await records.key_by_digest("f" * 64)
    assert found is not None and (found.revoked_at, found.last_used_at) == (NOW + 1, NOW + 3)
    assert await records.keys("ws_1") == [found]


async def test_a_secret_is_made_once(records: Records) -> None:
    assert await records.transact(lambda tx: tx.secret("links", "one")) == "one"
    assert await records.transact(lambda tx: tx.secret("links", "two")) == "one"


def ended(model_id: str, took: int, state: str = "completed", **changes: object) -> Job:
    started = NOW + 10
    times = {"started_at": started, "finished_at": started + took}
    return job(model_id=model_id, state=state, **{**times, **changes})


async def test_the_runs_of_every_model_come_in_one_answer_newest_first(records: Records) -> None:
    await insert(
        records,
        ended("fake:one", 100),
        ended("fake:two", 50),
        ended("fake:one", 300, "failed", error_code="provider_error"),
        ended("fake:one", 200),
        ended("fake:one", 9, "failed", error_code="content_policy"),
        ended("fake:one", 9, "canceled", error_code="canceled"),
        ended("fake:one", 9, finished_at=NOW - 1),
        ended("fake:one", 9, started_at=None),
        job(model_id="fake:one", state="running", started_at=NOW),
    )
    runs = await records.runs(NOW, 200, ("content_policy", "canceled"))
    assert runs == [
        Run("fake:one", 300, True),
        Run("fake:one", 200, False),
        Run("fake:one", 100, False),
        Run("fake:two", 50, False),
    ]
    newest = await records.runs(NOW, 1, ("content_policy",))
    assert newest == [Run("fake:one", 300, True), Run("fake:two", 50, False)]
    assert len(await records.runs(NOW, 200, ())) == 5
