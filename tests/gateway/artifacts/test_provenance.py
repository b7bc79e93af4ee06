"""What a job makes says what it was made from: in the file, by its id, and by its bytes."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from doubles import FakeProvider, model, png
from flexura.provenance.reading import record_in
from flexura.provenance.record import COMPOSITE_TRAINED, TRAINED_ALGORITHMIC
from flexura.services.workspaces import WorkspaceTerms
from flexura.settings import Settings
from gateway_house import House, opened
from marked_files import media_in

pytestmark = pytest.mark.anyio
PROMPT = "a fox in the fog"


async def made(house: House, **body: Any) -> dict[str, Any]:
    """The first file of a finished job."""
    job = await house.ended(await house.order(PROMPT, **body))
    assert job["status"] == "completed", job
    return {**job["assets"][0], "job_id": job["job_id"]}


async def bytes_of(house: House, asset: dict[str, Any]) -> bytes:
    return (await house.http.get(f"/api/v1/artifacts/{asset['artifact_id']}")).content


async def told(house: House, asset: dict[str, Any]) -> dict[str, Any]:
    answer = await house.http.get(f"/api/v1/artifacts/{asset['artifact_id']}/provenance")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_vendors_file_is_stored_with_its_record(house: House, tmp_path: Path) -> None:
    asset = await made(house, options={"seed": 5})
    content = await bytes_of(house, asset)
    assert hashlib.sha256(content).hexdigest() == asset["sha256"]
    assert media_in(content) == media_in(png(grey=5)), "the pixels are the vendor's"
    (tmp_path / "a.png").write_bytes(content)
    record = record_in(tmp_path / "a.png")
    assert record is not None
    assert (record.prompt, record.model, record.seed) == (PROMPT, "fake:one", 5)
    assert (record.kind, record.provider) == ("image", "fake")
    assert record.source_type == TRAINED_ALGORITHMIC
    assert (await told(house, asset))["record"] == record.as_json()


async def test_the_same_order_and_seed_give_the_same_bytes(house: House) -> None:
    first = await made(house, options={"seed": 9})
    second = await made(house, options={"seed": 9})
    assert first["job_id"] != second["job_id"] and first["sha256"] == second["sha256"]
    answer = await house.http.get(f"/api/v1/provenance/{first['sha256']}")
    found = [one["job_id"] for one in answer.json()["artifacts"]]
    assert found == [second["job_id"], first["job_id"]], "the newest first"


async def test_an_edit_tells_its_parents_and_that_it_is_a_mix(house: House, tmp_path: Path) -> None:
    edit = model("one", tasks=("image-to-image", "text-to-image"), takes_inputs=True)
    house.fake.offered = [edit]
    sent = await house.http.post("/api/v1/uploads", content=png(40, 20))
    upload = sent.json()
    assert await bytes_of(house, upload) == png(40, 20), "what a user brings is left alone"
    asset = await made(house, inputs=[upload["artifact_id"]])
    (tmp_path / "a.png").write_bytes(await bytes_of(house, asset))
    record = record_in(tmp_path / "a.png")
    assert record is not None
    assert record.parents == (upload["artifact_id"],)
    assert record.inputs == (hashlib.sha256(png(40, 20)).hexdigest(),)
    assert record.roles == ("image",) and record.source_type == COMPOSITE_TRAINED
    again = await made(house, inputs=[(await made(house))["artifact_id"]])
    kept = (await told(house, again))["record"]
    assert kept["digital_source_type"] == TRAINED_ALGORITHMIC, "models alone made all of it"


async def test_variants_know_their_own_seeds_and_each_other(house: House) -> None:
    body = {"model": "embedded:canvas", "n": 2, "options": {"seed": 30, "size": "32x32"}}
    job = await house.ended(await house.order(PROMPT, **body))
    both = [await told(house, asset) for asset in job["assets"]]
    assert [one["record"]["seed"] for one in both] == [30, 31]
    assert both[0]["siblings"] == [both[1]["artifact_id"]]
    assert both[0]["marked"] and both[0]["unmarked"] is None


async def test_an_upload_has_no_record(house: House) -> None:
    sent = await house.http.post("/api/v1/uploads", content=png())
    answer = await told(house, sent.json())
    assert answer["record"] is None and answer["job_id"] is None and not answer["marked"]


async def test_nobody_learns_of_files_of_another_workspace(house: House) -> None:
    asset = await made(house)
    await house.app.services.workspaces.create("other", WorkspaceTerms())
    key, _ = await house.app.services.keys.create("theirs", workspace="other")
    theirs = {"Authorization": f"Bearer {key}"}
    by_id = f"/api/v1/artifacts/{asset['artifact_id']}/provenance"
    assert (await house.http.get(by_id, headers=theirs)).status_code == 404
    by_bytes = await house.http.get(f"/api/v1/provenance/{asset['sha256']}", headers=theirs)
    assert by_bytes.status_code == 404 and PROMPT not in by_bytes.text
    assert (await house.http.get(by_id, headers={"Authorization": ""})).status_code == 401


async def test_what_is_no_digest_is_refused(house: House) -> None:
    answer = await house.http.get("/api/v1/provenance/nonsense")
    assert answer.status_code == 400 and "64 hexadecimal" in answer.text


@pytest.fixture
async def silent(gateway_settings: Settings, tmp_path: Path) -> AsyncIterator[House]:
    settings = replace(gateway_settings, provenance=False)
    async with opened(settings, FakeProvider(tmp_path)) as found:
        yield found


async def test_switched_off_every_file_stays_as_it_came(silent: House) -> None:
    asset = await made(silent, options={"seed": 5})
    assert await bytes_of(silent, asset) == png(grey=5)
    drawn = await silent.http.post(
        "/api/generate/image",
        json={"prompt": "a barn", "model": "embedded:canvas", "options": {"size": "32x32"}},
    )
    job = await silent.ended(drawn.json()["job_id"])
    assert b"barn" not in await bytes_of(silent, job["assets"][0])
    answer = await told(silent, asset)
    assert answer["record"]["prompt"] == PROMPT and not answer["marked"], "the gateway still knows"


async def test_a_file_that_cannot_be_marked_is_delivered_all_the_same(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*anything: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("flexura.services.marking.writing.mark", full)
    asset = await made(house, options={"seed": 6})
    assert await bytes_of(house, asset) == png(grey=6)
    assert (await told(house, asset))["unmarked"] == "it could not be written"
