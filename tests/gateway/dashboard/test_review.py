"""Reviewing on the dashboard: sets, what differs, one picked, the rest put away, approved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from doubles import model
from files_house import variants
from gallery_house import services_of
from gateway.dashboard.signed_in import signed_in
from gateway_house import House, opened
from runs_house import VARIANTS, Atelier, with_press
from tenants_house import tenant

pytestmark = pytest.mark.anyio
REVIEW = "/dashboard/review"
MEAN = '"><script>alert(1)</script>'


async def marks(house: House, job_id: str) -> list[str]:
    found: Any = (await house.http.get(f"/api/v1/jobs/{job_id}/review")).json()
    return [one["review"] for one in found["variants"]]


async def test_jobs_with_several_variants_are_listed(house: House) -> None:
    job_id, _ = await variants(house, 3)
    single, _ = await variants(house, 1)
    async with signed_in(house) as person:
        page = (await person.get(REVIEW)).text
        wrong = await person.get(f"{REVIEW}?after=nonsense")
    assert job_id in page and single not in page and "3 variants" in page
    assert wrong.status_code == 400


async def test_an_empty_list_says_what_to_do(house: House) -> None:
    async with signed_in(house) as person:
        assert "Nothing to review" in (await person.get(REVIEW)).text


async def test_variants_stand_side_by_side_with_what_differs(house: House) -> None:
    job_id, assets = await variants(house, 3)
    async with signed_in(house) as person:
        page = (await person.get(f"{REVIEW}/{job_id}")).text
        sheet = await person.get(f"{REVIEW}/{job_id}/sheet")
    for number, asset in enumerate(assets, 1):
        assert f'data-pick="{number}"' in page and asset["artifact_id"] in page
    assert '<tr class="differs"><th scope="row">Seed' in page
    assert '<tr><th scope="row">Model' in page and "<td>41</td>" in page
    assert sheet.headers["content-type"] == "image/jpeg" and sheet.content[:2] == b"\xff\xd8"


async def test_one_is_picked_and_the_rest_goes_into_the_trash_and_comes_back(house: House) -> None:
    job_id, assets = await variants(house, 3)
    async with signed_in(house) as person:
        early = await person.post(f"{REVIEW}/{job_id}/rest")
        assert early.status_code == 400
        picked = await person.post(f"{REVIEW}/{job_id}/pick", {"number": "2"})
        assert 'id="rest"' in picked.text and "Number 2 is picked" in picked.headers["hx-trigger"]
        assert await marks(house, job_id) == ["", "selected", ""]
        rest = await person.post(f"{REVIEW}/{job_id}/rest")
        assert rest.text.count(">Restore<") == 2
        shown = (await person.get("/dashboard/gallery")).text
        assert assets[1]["artifact_id"] in shown and assets[0]["artifact_id"] not in shown
        back = await person.post(f"{REVIEW}/{job_id}/restore", {"id": assets[0]["artifact_id"]})
        assert back.text.count(">Restore<") == 1
        assert await marks(house, job_id) == ["", "selected", "archived"]
        for number in ("", "9", "x", "99999"):
            answer = await person.post(f"{REVIEW}/{job_id}/pick", {"number": number})
            assert answer.status_code == 400, number


async def test_a_run_that_waits_goes_on_with_the_one_that_is_picked(tmp_path: Path) -> None:
    async with opened(with_press(tmp_path), Atelier(tmp_path)) as house:
        await house.http.post("/api/v1/templates", json=VARIANTS)
        sent = {"inputs": {"subject": "a fox"}, "wait": 30}
        asked = (await house.http.post("/api/v1/templates/variants/runs", json=sent)).json()
        job_id = asked["job_id"]
        async with signed_in(house) as person:
            listed = (await person.get(REVIEW)).text
            page = (await person.get(f"{REVIEW}/{job_id}")).text
            refused = await person.post(f"{REVIEW}/{job_id}/approve")
            await person.post(f"{REVIEW}/{job_id}/pick", {"number": "3"})
            approved = await person.post(f"{REVIEW}/{job_id}/approve")
            done = await house.ended(job_id)
            made = (await person.get(f"{REVIEW}/{job_id}")).text
            one = done["assets"][0]["artifact_id"]
            file = (await person.get(f"/dashboard/gallery/{one}")).text
            dialog = await person.get(f"/dashboard/jobs/{job_id}/publish")
        assert "Waiting for you" in listed and job_id in listed
        assert "waits for your decision" in page and page.count("data-pick=") == 4
        assert refused.status_code == 409 and approved.headers["hx-redirect"].endswith(job_id)
        way = f'hx-get="/dashboard/jobs/{job_id}/publish"'
        assert way in made and way in file and dialog.status_code == 200
        assert done["status"] == "completed" and (await marks(house, job_id)).count("selected") == 1


async def test_what_waits_for_nobody_is_not_approved(house: House) -> None:
    job_id, _ = await variants(house, 2)
    async with signed_in(house) as person:
        done = await person.post(f"{REVIEW}/{job_id}/approve")
        await person.post(f"{REVIEW}/{job_id}/pick", {"number": "1"})
        still = await person.post(f"{REVIEW}/{job_id}/approve")
    assert done.status_code == 409 and "Pick one" in done.text
    assert still.status_code == 409 and "nothing waits" in still.text


async def test_what_a_stranger_wrote_stays_text(house: House) -> None:
    house.fake.offered.append(model("solo", max_n=1))
    job_id = await house.order(MEAN, model="fake:solo", n=2)
    await house.ended(job_id)
    async with signed_in(house) as person:
        for path in (REVIEW, f"{REVIEW}/{job_id}"):
            assert "<script>alert" not in (await person.get(path)).text


async def test_another_workspace_and_a_key_that_only_reads_change_nothing(house: House) -> None:
    job_id, _ = await variants(house, 2)
    key = (await house.http.post("/api/v1/keys", json={"name": "r", "scopes": ["read"]})).json()[
        "key"
    ]
    async with signed_in(house, key) as person:
        page = (await person.get(f"{REVIEW}/{job_id}")).text
        assert "data-pick" not in page
        assert (await person.post(f"{REVIEW}/{job_id}/pick", {"number": "1"})).status_code == 403
    async with tenant(house, "strangers") as stranger, signed_in(house, stranger.key) as person:
        assert job_id not in (await person.get(REVIEW)).text
        assert (await person.get(f"{REVIEW}/{job_id}")).status_code == 404
        assert (await person.get(f"{REVIEW}/{job_id}/sheet")).status_code == 404
        for what in ("pick", "rest", "restore", "approve"):
            fields = {"number": "1", "id": "art_1"}
            assert (await person.post(f"{REVIEW}/{job_id}/{what}", fields)).status_code == 404
    assert await marks(house, job_id) == ["", ""] and services_of(house)
