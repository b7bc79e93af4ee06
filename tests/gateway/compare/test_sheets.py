"""Contact sheets over HTTP: numbered as a review set is, small, cached, and of one's own workspace only."""

from __future__ import annotations

import pytest

from files_house import gone, opened, picture, uploaded
from flexura.ports.contact import MOST_CELLS, SHEET_BYTES
from gateway.compare.compare_house import compared, ordered, studio
from gateway_house import House
from tenants_house import code, tenant

pytestmark = pytest.mark.anyio


async def finished(house: House, **body: object) -> str:
    job_id = await house.order("a fox", **body)
    await house.ended(job_id)
    return job_id


async def test_the_variants_of_a_job_are_one_small_picture(house: House) -> None:
    job_id = await finished(house, n=4)
    answer = await house.http.get(f"/api/v1/jobs/{job_id}/sheet")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert len(answer.content) <= SHEET_BYTES and max(opened(answer.content).size) <= 1568


async def test_what_did_not_change_is_not_sent_again_and_a_decision_changes_it(
    house: House,
) -> None:
    job_id = await finished(house, n=2)
    path = f"/api/v1/jobs/{job_id}/sheet"
    first = await house.http.get(path)
    again = await house.http.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    await house.http.post(f"/api/v1/jobs/{job_id}/review", json={"select": 2})
    picked = await house.http.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert picked.status_code == 200 and picked.content != first.content


async def test_numbers_are_those_of_the_review_set(house: House) -> None:
    job_id = await finished(house, n=3, options={"seed": 40})
    found = await compared(house, jobs=job_id)
    review = (await house.http.get(f"/api/v1/jobs/{job_id}/review")).json()
    assert found["sheet_url"].endswith(f"/api/v1/jobs/{job_id}/sheet")
    assert [c["number"] for c in found["cells"]] == [1, 2, 3]
    assert [(c["variant"], c["file"]["artifact_id"], c["seed"]) for c in found["cells"]] == [
        (v["number"], v["artifact"]["artifact_id"], v["seed"]) for v in review["variants"]
    ]
    first = found["cells"][0]
    assert (first["model"], first["cost"]["amount"], first["why"]) == ("fake:one", 0.02, "")
    assert first["seconds"] >= 0 and first["differs"] == {}


async def test_several_jobs_and_files_stand_in_one_row_of_numbers(house: House) -> None:
    calm = await finished(house, n=2, options={"mood": "calm"})
    wild = await finished(house, options={"mood": "wild"})
    mine = (await uploaded(house, picture("PNG")))["artifact_id"]
    found = await compared(house, jobs=f"{calm},{wild}", artifacts=mine)
    cells = found["cells"]
    assert [c["number"] for c in cells] == [1, 2, 3, 4]
    assert [c["variant"] for c in cells] == [1, 2, 1, None]
    assert [c["differs"].get("mood") for c in cells] == ["calm", "calm", "wild", None]
    assert (cells[3]["model"], cells[3]["job_id"], cells[3]["cost"]) == (None, None, None)
    sheet = await house.http.get(found["sheet_url"])
    assert sheet.status_code == 200 and len(sheet.content) <= SHEET_BYTES


async def test_one_file_of_a_job_is_told_with_its_number_there(house: House) -> None:
    job_id = await finished(house, n=3)
    second = (await compared(house, jobs=job_id))["cells"][1]["file"]["artifact_id"]
    (cell,) = (await compared(house, artifacts=second))["cells"]
    assert (cell["number"], cell["variant"], cell["job_id"]) == (1, 2, job_id)


async def test_a_failed_order_says_why_and_takes_no_number(house: House) -> None:
    studio(house).failing = {"two"}
    good, bad = await finished(house), await finished(house, model="fake:two")
    found = await compared(house, jobs=f"{bad},{good}")
    assert [c["number"] for c in found["cells"]] == [None, 1]
    assert found["cells"][0]["why"] == "content_policy: The vendor refused it."
    assert found["cells"][0]["file"] is None
    assert (await house.http.get(f"/api/v1/jobs/{bad}/sheet")).status_code == 200


async def test_a_job_at_work_and_bytes_that_have_gone_are_told(house: House) -> None:
    job_id = await finished(house)
    (cell,) = (await compared(house, jobs=job_id))["cells"]
    before = await house.http.get(f"/api/v1/jobs/{job_id}/sheet")
    await gone(house, cell["file"]["artifact_id"])
    (cell,) = (await compared(house, jobs=job_id))["cells"]
    assert "removed" in cell["why"]
    after = await house.http.get(f"/api/v1/jobs/{job_id}/sheet")
    assert after.status_code == 200 and after.headers["etag"] != before.headers["etag"]
    house.fake.gate.clear()
    waiting = await house.order("a cat")
    (cell,) = (await compared(house, jobs=waiting))["cells"]
    assert cell["why"].startswith("Not finished yet") and cell["number"] is None
    house.fake.gate.set()
    await house.ended(waiting)


async def test_another_workspaces_files_do_not_exist(house: House) -> None:
    job_id = await finished(house, n=2)
    artifact = (await compared(house, jobs=job_id))["cells"][0]["file"]["artifact_id"]
    async with tenant(house, "other") as stranger:
        for path in (
            f"/api/v1/jobs/{job_id}/sheet",
            f"/api/v1/compare?jobs={job_id}",
            f"/api/v1/compare/sheet?jobs={job_id}",
            f"/api/v1/compare?artifacts={artifact}",
        ):
            assert code(await stranger.http.get(path)) == (404, "not_found"), path
    del house.http.headers["authorization"]
    assert (await house.http.get(f"/api/v1/jobs/{job_id}/sheet")).status_code == 401


@pytest.mark.parametrize(
    "query", ["", "jobs=", "jobs=" + ",".join(["job_x"] * 65), "jobs=" + "x" * 81]
)
async def test_nothing_and_too_much_to_compare_is_refused(house: House, query: str) -> None:
    for path in ("/api/v1/compare", "/api/v1/compare/sheet"):
        answer = await house.http.get(f"{path}?{query}")
        assert code(answer) == (400, "invalid_request")
        assert answer.json()["error"]["next_step"]


async def test_more_than_a_sheet_holds_is_told(house: House) -> None:
    jobs = [await finished(house, n=8) for _ in range(9)]
    found = await compared(house, jobs=",".join(jobs))
    assert len(found["cells"]) == MOST_CELLS and found["left_out"] == 8


async def test_failed_models_stand_between_the_others_in_the_order_of_their_names(
    house: House,
) -> None:
    studio(house).failing = {"two"}
    job = await ordered(house, "fake:one", "fake:two", "fake:three", n=2)
    cells = (await compared(house, jobs=job["job_id"]))["cells"]
    assert [(c["number"], c["model"]) for c in cells] == [
        (1, "fake:one"),
        (2, "fake:one"),
        (None, "fake:two"),
        (3, "fake:three"),
        (4, "fake:three"),
    ]
    assert "The vendor refused it." in cells[2]["why"]
