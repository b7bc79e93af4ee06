"""What is told of a file: the documented fields, and how it was made."""

from __future__ import annotations

import re

import pytest

from doubles import png
from files_house import uploaded, variants
from gateway_house import House

pytestmark = pytest.mark.anyio
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


async def test_the_record_has_every_documented_field(house: House) -> None:
    job_id = await house.order("a fox", preset="quick", model="", options={"seed": 5})
    job = await house.ended(job_id)
    artifact_id = job["assets"][0]["artifact_id"]
    answer = await house.http.get(f"/api/v1/artifacts/{artifact_id}/metadata")
    record = answer.json()
    documented = ["artifact_id", "type", "width", "height", "download_url"]
    assert list(record)[:5] == documented
    assert record["type"] == "image/png" and (record["width"], record["height"]) == (2, 2)
    assert record["download_url"] == f"/api/v1/artifacts/{artifact_id}"
    assert (record["job_id"], record["job_url"]) == (job_id, f"/api/v1/jobs/{job_id}")
    assert MOMENT.fullmatch(record["created_at"])
    assert record["expires_at"] is None and "expired_at" not in record
    made = record["metadata"]
    assert made["prompt"] == "a fox" and made["preset"] == "quick" and made["seed"] == 5
    assert made["model"] == "fake:one" and made["format"] == "png"
    assert made["resolution"] == "2x2" and made["cost"]["amount"] == 0.02
    assert MOMENT.fullmatch(made["job_created_at"]) and MOMENT.fullmatch(made["job_completed_at"])
    assert (await house.http.get(record["download_url"])).status_code == 200
    assert (await house.http.get(record["signed_url"])).status_code == 200


async def test_each_variant_has_the_seed_that_makes_it_again(house: House) -> None:
    _, assets = await variants(house, 3)
    seeds = [
        (await house.http.get(f"/api/v1/artifacts/{a['artifact_id']}/metadata")).json()["metadata"][
            "seed"
        ]
        for a in assets
    ]
    assert seeds == [40, 41, 42]


async def test_an_upload_has_no_job(house: House) -> None:
    stored = await uploaded(house, png(6, 4))
    record = (await house.http.get(f"/api/v1/artifacts/{stored['artifact_id']}/metadata")).json()
    assert record["job_id"] is None and record["job_url"] is None
    assert (record["role"], record["width"], record["height"]) == ("upload", 6, 4)
    assert record["metadata"]["prompt"] is None and record["metadata"]["seed"] is None


async def test_metadata_of_what_does_not_exist_is_404(house: House) -> None:
    assert (await house.http.get("/api/v1/artifacts/art_none/metadata")).status_code == 404
