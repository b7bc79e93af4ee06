"""Lists of jobs: filters, pages by offset and by cursor, foreign cursors."""

from __future__ import annotations

from typing import Any

import pytest

from gateway_house import House

pytestmark = pytest.mark.anyio


async def listed(house: House, **params: Any) -> dict[str, Any]:
    answer = await house.http.get("/api/v1/jobs", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_cursor_pages_show_every_job_once_newest_first(house: House) -> None:
    ordered = [await house.order(f"fox {number}") for number in range(7)]
    seen: list[str] = []
    page = await listed(house, limit=3)
    assert (page["total"], page["limit"], page["offset"]) == (7, 3, 0)
    while True:
        seen += [job["job_id"] for job in page["jobs"]]
        if page["next_cursor"] is None:
            break
        page = await listed(house, limit=3, cursor=page["next_cursor"])
    assert sorted(seen) == sorted(ordered) and len(seen) == 7


async def test_a_job_that_is_ordered_meanwhile_does_not_shift_the_next_page(house: House) -> None:
    ordered = [await house.order(f"fox {number}") for number in range(4)]
    first = await listed(house, limit=2)
    await house.order("one more fox")
    second = await listed(house, limit=2, cursor=first["next_cursor"])
    found = {job["job_id"] for job in first["jobs"] + second["jobs"]}
    assert found == set(ordered)


async def test_jobs_are_filtered_by_the_words_of_the_page(house: House) -> None:
    good, bad = await house.order("a fox"), await house.order("fail")
    await house.ended(good), await house.ended(bad)  # type: ignore[unused-coroutine]
    assert [j["job_id"] for j in (await listed(house, status="completed"))["jobs"]] == [good]
    assert [j["job_id"] for j in (await listed(house, status="failed"))["jobs"]] == [bad]
    assert (await listed(house, status="running"))["jobs"] == []


@pytest.mark.parametrize("cursor", ["x", "ä", "MTIz", "LTEuam9i", "A" * 500])
async def test_a_foreign_cursor_is_refused_with_a_next_step(house: House, cursor: str) -> None:
    answer = await house.http.get("/api/v1/jobs", params={"cursor": cursor})
    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == "cursor"


@pytest.mark.parametrize(
    ("name", "value"), [("limit", "0"), ("limit", "101"), ("offset", "10001"), ("status", "odd")]
)
async def test_a_page_beyond_the_limits_is_refused_naming_them(
    house: House, name: str, value: str
) -> None:
    answer = await house.http.get("/api/v1/jobs", params={name: value})
    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == name and answer.json()["error"]["next_step"]


async def test_a_job_of_the_agent_surface_is_read_and_canceled_here(house: House) -> None:
    house.fake.gate.clear()
    job_id = await house.order("a fox")
    await house.fake.polled.wait()
    job = (await house.http.get(f"/api/v1/jobs/{job_id}")).json()
    assert (job["status"], job["pipeline"], job["preset"]) == ("running", None, None)
    canceled = await house.http.delete(f"/api/v1/jobs/{job_id}")
    assert canceled.status_code == 202
    job = (await house.http.get(f"/api/v1/jobs/{job_id}?wait=20")).json()
    assert job["status"] == "failed" and job["error"]["code"] == "canceled"
    assert (await house.http.delete(f"/api/v1/jobs/{job_id}")).status_code == 409
