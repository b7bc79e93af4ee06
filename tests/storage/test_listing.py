"""Lists of jobs: against the plainest possible list, for every filter."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from typing import get_args

import pytest

from flexura.domain.job import SUCCEEDED, Job, State
from flexura.ports.records import JobFilter, Records
from storage_house import NOW, PROJECTS, insert, job

pytestmark = pytest.mark.anyio


def some_jobs() -> list[Job]:
    """Jobs of every state and project, some of the same millisecond, with steps and strangers."""
    chance = random.Random(5)
    states = get_args(State)
    made = [
        job(
            state=chance.choice([*states, "completed", "published"]),
            project=chance.choice(PROJECTS),
            created_at=NOW + chance.randrange(40),
            saved_at=chance.choice([None, NOW]),
        )
        for _ in range(120)
    ]
    strangers = [
        job(workspace_id="ws_2", project=PROJECTS[0]),
        job(parent_id="job_p", project=PROJECTS[0]),
    ]
    return [*made, *strangers]


def plainly(jobs: list[Job], wanted: JobFilter) -> list[str]:
    """The ids that a filter means, said without a database."""
    found = [
        j
        for j in jobs
        if j.workspace_id == wanted.workspace_id
        and not j.parent_id
        and wanted.project in ("", j.project)
        and (not wanted.states or j.state in wanted.states)
        and (wanted.before is None or (j.created_at, j.id) < wanted.before)
    ]
    found.sort(key=lambda j: (j.created_at, j.id), reverse=True)
    if wanted.unsaved_first:
        found.sort(key=lambda j: not (j.state in SUCCEEDED and j.saved_at is None))
    return [j.id for j in found]


FILTERS = [
    JobFilter("ws_1", project=project, states=states, unsaved_first=unsaved_first)
    for project, states, unsaved_first in itertools.product(
        ("", PROJECTS[0], "nowhere"),
        ((), ("failed",), ("queued", "completed", "published"), ("failed", "failed")),
        (False, True),
    )
]


@pytest.mark.parametrize("limit", [1, 7, 50])
async def test_every_page_of_every_filter_is_the_slice_of_the_whole_list(
    records: Records, limit: int
) -> None:
    stored = some_jobs()
    await insert(records, *stored)
    for wanted in FILTERS:
        whole = plainly(stored, wanted)
        for offset in range(0, len(whole) + limit, limit):
            page = await records.jobs(replace(wanted, limit=limit, offset=offset))
            assert [j.id for j in page] == whole[offset : offset + limit], (wanted, offset)


async def test_following_the_last_job_of_each_page_shows_every_job_once(records: Records) -> None:
    stored = some_jobs()
    await insert(records, *stored)
    for wanted in FILTERS:
        if wanted.unsaved_first:
            continue
        seen: list[str] = []
        page = await records.jobs(replace(wanted, limit=7))
        while page:
            seen += [j.id for j in page]
            place = (page[-1].created_at, page[-1].id)
            page = await records.jobs(replace(wanted, limit=7, before=place))
        assert seen == plainly(stored, wanted), wanted


async def test_what_came_after_a_page_does_not_move_the_next_one(records: Records) -> None:
    old, new = job(created_at=NOW), job(created_at=NOW + 1)
    await insert(records, old, new)
    first = await records.jobs(JobFilter("ws_1", limit=1))
    await insert(records, job(created_at=NOW + 2))
    place = (first[0].created_at, first[0].id)
    assert await records.jobs(JobFilter("ws_1", limit=1, before=place)) == [old]


async def test_a_place_in_an_unsaved_first_list_bounds_both_of_its_halves(
    records: Records,
) -> None:
    stored = some_jobs()
    await insert(records, *stored)
    wanted = JobFilter("ws_1", unsaved_first=True, before=(NOW + 20, ""), limit=200)
    assert [j.id for j in await records.jobs(wanted)] == plainly(stored, wanted)


async def test_jobs_are_counted_up_to_a_bound(records: Records) -> None:
    stored = some_jobs()
    await insert(records, *stored)
    for wanted in FILTERS:
        there = len(plainly(stored, wanted))
        assert await records.count_jobs(wanted, 1000) == there
        assert await records.count_jobs(replace(wanted, limit=1, offset=3), 5) == min(there, 5)
