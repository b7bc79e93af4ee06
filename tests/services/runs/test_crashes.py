"""A worker may die at any transition of a run: the next one goes on, and no step is bought twice."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from flexura.domain.credits import MICRO
from flexura.services.runs.progress import finished_order
from flexura.services.runs.start import Wishes
from runs_house import BATCH, FILM, SIDE_BY_SIDE, VARIANTS, Atelier, Desk, desk
from runs_mortal import Town

pytestmark = pytest.mark.anyio


async def ended(town: Town, job_id: str, dies_at: int, *, after: bool) -> tuple[bool, Any]:
    """The run at its end, of a worker that dies once; an approval picks the second candidate."""
    at = town.desk
    died, lived = await town.live(dies_at, after=after)
    for _ in range(6):
        job = await at.services.jobs.get(at.who.workspace_id, job_id)
        if job.final:
            return died, job
        if job.state == "awaiting_approval":
            pick = (2,) if job.template == "variants@1" else ()
            await at.services.review.approve(at.who.workspace_id, job_id, pick)
        # A worker that did not come so far before the approval dies behind it.
        again, lived = await town.live(0 if died else max(0, dies_at - lived), after=after)
        died = died or again
    raise AssertionError(f"the run does not end: {job.state}, {job.operation}")


async def fingerprint(at: Desk, job: Any) -> list[Any]:
    """What a run came to, without ids and times."""
    made = (await at.services.records.artifacts_of([job.id])).get(job.id, [])
    return [
        job.state,
        finished_order(job),
        job.cost,
        [(a.position, a.role, a.mime, a.review, a.metadata["step"]) for a in made],
        [w.code for w in job.warnings],
        sorted(path.suffix for path in at.press.iterdir()),
    ]


CASES: dict[str, tuple[Any, Wishes, dict[str, Any]]] = {
    "one after the other": (FILM, Wishes(), {"subject": "a fox"}),
    "with an approval": (VARIANTS, Wishes(publish=("press",)), {"subject": "a fox"}),
    "staged": (FILM, Wishes(publish=("press",), staging=True), {"subject": "a fox"}),
    "side by side": (SIDE_BY_SIDE, Wishes(), {"subject": "a fox"}),
    "for each item": (BATCH, Wishes(), {"items": ["a fox", "a cat"]}),
}


async def outcome(
    home: Path, case: str, dies_at: int, *, after: bool, all_die: bool
) -> tuple[bool, list[Any], dict[str, int]]:
    document, wishes, values = CASES[case]
    provider = Atelier(home, deduplicates=all_die)
    async with desk(home, provider, works=False) as at:
        town = Town(at, mortal_children=all_die)
        job = await at.started(document, wishes, **values)
        died, job = await ended(town, job.id, dies_at, after=after)
        if not all_die:
            assert len(provider.orders) == len({order.job_id for order in provider.orders})
        found = await fingerprint(at, job)
        # Side by side, who ends first is chance.
        found[1] = sorted(found[1]) if case in ("side by side",) else found[1]
        return died, found, provider.bought()


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("after", [False, True], ids=["before a commit", "after a commit"])
@pytest.mark.parametrize("all_die", [False, True], ids=["the runner", "everything"])
async def test_a_worker_that_dies_at_any_transition_changes_nothing(
    tmp_path: Path, case: str, after: bool, all_die: bool
) -> None:
    (tmp_path / "calm").mkdir()
    _, calm, bought = await outcome(tmp_path / "calm", case, 0, after=after, all_die=all_die)
    assert set(bought.values()) == {1}
    deaths, lived_on = 0, 0
    # Where every job's worker dies too, the short form leaves transactions out: LONG=1 takes all of them.
    stride = 3 if all_die and not os.environ.get("LONG") else 1
    for dies_at in range(1, 80, stride):
        home = tmp_path / str(dies_at)
        home.mkdir()
        died, found, again = await outcome(home, case, dies_at, after=after, all_die=all_die)
        assert found == calm, f"it died at transaction {dies_at}"
        assert again == bought, f"it died at transaction {dies_at}"
        deaths += died
        lived_on += not died
        if lived_on == 2:
            break
    assert deaths >= 3


async def test_a_late_worker_writes_nothing(tmp_path: Path) -> None:
    async with desk(tmp_path, works=False) as at:
        town = Town(at)
        job = await at.started(FILM)
        town.lives = 1
        (late,) = [j for j in await town._claimed() if j.id == job.id]
        await town.live()
        before = await at.services.jobs.get(at.who.workspace_id, job.id)
        assert before.state == "completed"
        await town._worker(at.services.records, at.services.jobs._watcher).run(late)
        after = await at.services.jobs.get(at.who.workspace_id, job.id)
        assert after == before
        assert len(at.provider.orders) == 3


async def test_whoever_cancels_what_may_have_been_bought_does_not_get_its_price_back(
    tmp_path: Path,
) -> None:
    single = {**SIDE_BY_SIDE, "steps": SIDE_BY_SIDE["steps"][:1], "outputs": ["wide"]}
    async with desk(tmp_path, works=False) as at:
        workspace, credits = at.who.workspace_id, at.services.credits
        await credits.grant(workspace, 10 * MICRO)
        job = await at.started(single)
        town = Town(at, mortal_children=True)
        # It is noted that the order leaves, it is bought, and its handle is lost.
        assert await town.live(2) == (True, 2)
        assert len(at.provider.orders) == 1
        await at.services.jobs.cancel(workspace, job.id)
        await town.live()
        job = await at.services.jobs.get(workspace, job.id)
        assert (job.state, job.error_code) == ("failed", "outcome_unknown")
        account = await credits.account(workspace)
        assert (account.reserved, account.spent) == (0, 2 * MICRO)


async def test_a_run_that_waits_survives_a_restart(tmp_path: Path) -> None:
    provider = Atelier(tmp_path)
    async with desk(tmp_path, provider) as at:
        job = await at.ran(VARIANTS, Wishes(publish=("press",), publish_at=4_000_000_000_000))
        assert job.state == "awaiting_approval"
    async with desk(tmp_path, provider) as at:
        await at.services.review.approve(at.who.workspace_id, job.id, (1,))
        job = await at.rested(job)
        assert job.state == "scheduled"
        assert not list(at.press.iterdir())
    async with desk(tmp_path, provider) as at:
        await at.services.review.schedule(at.who.workspace_id, job.id, 1)
        async for found in at.services.jobs.follow(at.who.workspace_id, job.id, 0, 30.0):
            if found is not None and found.final:
                assert found.state == "published"
        assert list(at.press.iterdir())
    assert len(provider.orders) == 2
