"""Variants of one job, side by side: one is selected, others are put aside, the chosen are exported."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from doubles import png
from files_house import gone, opened, variants
from gateway_house import House
from marked_files import media_in

pytestmark = pytest.mark.anyio


async def reviewed(house: House, job_id: str, **decision: Any) -> dict[str, Any]:
    answer = await house.http.post(f"/api/v1/jobs/{job_id}/review", json=decision)
    assert answer.status_code == 200, answer.text
    return answer.json()


def marks(review: dict[str, Any]) -> list[str]:
    return [v["review"] for v in review["variants"]]


async def test_variants_stand_side_by_side_with_what_differs(house: House) -> None:
    job_id, assets = await variants(house, 3)
    review = (await house.http.get(f"/api/v1/jobs/{job_id}/review")).json()
    assert review["status"] == "completed" and review["selected"] is None
    assert [v["number"] for v in review["variants"]] == [1, 2, 3]
    assert [v["seed"] for v in review["variants"]] == [40, 41, 42]
    assert [v["differs"] for v in review["variants"]] == [{"seed": 40}, {"seed": 41}, {"seed": 42}]
    assert review["shared"]["prompt"] == "a fox" and review["shared"]["model"] == "fake:solo"
    assert [v["cost"]["amount"] for v in review["variants"]] == [0.02, 0.02, 0.02]
    assert [v["artifact"]["artifact_id"] for v in review["variants"]] == [
        a["artifact_id"] for a in assets
    ]


async def test_one_is_selected_at_most_and_the_same_again_changes_nothing(house: House) -> None:
    job_id, assets = await variants(house, 3)
    assert marks(await reviewed(house, job_id, select=1)) == ["selected", "", ""]
    again = await reviewed(house, job_id, select=2.0)
    assert marks(again) == ["", "selected", ""]
    assert again["selected"] == assets[1]["artifact_id"]
    third = await reviewed(house, job_id, select=assets[1]["artifact_id"])
    assert third == again
    read = (await house.http.get(f"/api/v1/jobs/{job_id}/review")).json()
    assert read == again


async def test_others_are_archived_and_brought_back(house: House) -> None:
    job_id, assets = await variants(house, 4)
    found = await reviewed(house, job_id, select=3, archive="rest")
    assert marks(found) == ["archived", "archived", "selected", "archived"]
    found = await reviewed(house, job_id, restore=[1, assets[1]["artifact_id"]])
    assert marks(found) == ["", "", "selected", "archived"]
    found = await reviewed(house, job_id, select=4)
    assert marks(found) == ["", "", "", "selected"]
    found = await reviewed(house, job_id, archive=[4])
    assert marks(found) == ["", "", "", "archived"] and found["selected"] is None


@pytest.mark.parametrize(
    "decision",
    [
        {"select": 0},
        {"select": 4},
        {"select": True},
        {"select": "art_of_somebody_else"},
        {"select": 1.5},
        {"archive": "others"},
        {"archive": "rest"},
        {"archive": [9]},
        {"restore": 1},
        {"select": 1, "archive": [1]},
        {"approve": True},
    ],
)
async def test_a_decision_that_makes_no_sense_is_refused(
    house: House, decision: dict[str, Any]
) -> None:
    job_id, _ = await variants(house, 3)
    answer = await house.http.post(f"/api/v1/jobs/{job_id}/review", json=decision)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["next_step"]
    read = (await house.http.get(f"/api/v1/jobs/{job_id}/review")).json()
    assert marks(read) == ["", "", ""]


async def test_a_job_that_is_not_finished_has_nothing_to_review(house: House) -> None:
    house.fake.gate.clear()
    job_id = await house.order()
    assert (await house.http.get(f"/api/v1/jobs/{job_id}/review")).json()["variants"] == []
    answer = await house.http.post(f"/api/v1/jobs/{job_id}/review", json={"select": 1})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")
    export = await house.http.get(f"/api/v1/jobs/{job_id}/export")
    assert export.status_code == 409
    house.fake.gate.set()
    await house.ended(job_id)


async def test_the_selected_variant_is_what_a_job_starts_from(house: House) -> None:
    job_id, assets = await variants(house, 3)
    await reviewed(house, job_id, select=2)
    assert house.app.services is not None
    workspace = (await house.app.services.records.workspaces())[0].id
    (found,) = await house.app.services.inputs.resolve(workspace, [job_id])
    assert found.artifact.id == assets[1]["artifact_id"]


async def test_an_unknown_job_is_404(house: House) -> None:
    for path in ("review", "export"):
        assert (await house.http.get(f"/api/v1/jobs/job_none/{path}")).status_code == 404
    sent = await house.http.post("/api/v1/jobs/job_none/review", json={"select": 1})
    assert sent.status_code == 404


async def exported(house: House, job_id: str, query: str = "") -> zipfile.ZipFile:
    answer = await house.http.get(f"/api/v1/jobs/{job_id}/export{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == f'attachment; filename="{job_id}.zip"'
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    return archive


async def test_all_variants_are_exported_with_their_metadata(house: House) -> None:
    job_id, assets = await variants(house, 3)
    archive = await exported(house, job_id)
    names = [f"{job_id}-{n}.png" for n in (1, 2, 3)]
    assert archive.namelist() == [*names, "metadata.json"]
    assert [media_in(archive.read(n)) for n in names] == [
        media_in(png(grey=g)) for g in (40, 41, 42)
    ]
    about = json.loads(archive.read("metadata.json"))
    assert about["job_id"] == job_id and about["prompt"] == "a fox"
    assert [a["file"] for a in about["artifacts"]] == names
    assert [a["artifact_id"] for a in about["artifacts"]] == [a["artifact_id"] for a in assets]
    assert "signed_url" not in about["artifacts"][0]


async def test_the_selected_one_is_exported_alone_in_the_format_that_is_asked(
    house: House,
) -> None:
    job_id, _ = await variants(house, 3)
    refused = await house.http.get(f"/api/v1/jobs/{job_id}/export?only=selected")
    assert refused.status_code == 409 and "/review" in refused.json()["error"]["next_step"]
    await reviewed(house, job_id, select=2)
    archive = await exported(house, job_id, "?only=selected&format=webp")
    assert archive.namelist() == [f"{job_id}-1.webp", "metadata.json"]
    assert opened(archive.read(f"{job_id}-1.webp")).format == "WEBP"


async def test_an_export_leaves_out_what_is_gone_and_ends_when_all_is(house: House) -> None:
    job_id, assets = await variants(house, 2)
    await gone(house, assets[0]["artifact_id"])
    archive = await exported(house, job_id)
    assert len(archive.namelist()) == 2
    await gone(house, assets[1]["artifact_id"])
    answer = await house.http.get(f"/api/v1/jobs/{job_id}/export")
    assert (answer.status_code, answer.json()["error"]["code"]) == (410, "artifact_expired")


@pytest.mark.parametrize("query", ["?only=best", "?format=gif", "?width=1"])
async def test_an_export_that_does_not_exist_is_refused(house: House, query: str) -> None:
    job_id, _ = await variants(house, 1)
    assert (await house.http.get(f"/api/v1/jobs/{job_id}/export{query}")).status_code == 400
