"""The trash, on the dashboard and over REST: in, out, gone for ever, and what holds a file back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from doubles import png
from flexura.domain.artifact import Artifact
from flexura.ports.records import Tx
from flexura.services.clock import now_ms
from flexura.services.retention import DAY
from flexura.services.runs.results import place
from flexura.services.trash import TRASH_DAYS
from gallery_house import made, services_of, workspace_of
from gateway.dashboard.signed_in import Person, signed_in
from gateway_house import House
from storage_house import insert, job

pytestmark = pytest.mark.anyio
GALLERY = "/dashboard/gallery"


async def artifact_of(house: House, artifact_id: str) -> Artifact:
    found = await services_of(house).records.get(Artifact, artifact_id)
    assert found is not None
    return found


async def moved(person: Person, what: str, *ids: str) -> dict[str, Any]:
    """What the page is told of a move."""
    answer = await person.post(f"{GALLERY}/{what}", {"id": list(ids)})
    assert answer.status_code == 204, answer.text
    return json.loads(answer.headers["hx-trigger"])["files-moved"]


async def test_files_go_into_the_trash_and_come_back_as_they_were(house: House) -> None:
    later = now_ms() + 400 * DAY
    one, other = await made(house, "a fox"), await made(house, "an owl", expires_at=later)
    before = await artifact_of(house, other)
    async with signed_in(house) as person:
        told = await moved(person, "trash", one, other)
        assert told == {"text": "2 files in the trash.", "ids": sorted([one, other]), "undo": True}
        trashed = await artifact_of(house, other)
        assert trashed.trashed_at and trashed.expires_at == trashed.trashed_at + TRASH_DAYS * DAY
        assert one not in (await person.get(GALLERY)).text
        assert one in (await person.get(f"{GALLERY}/trash")).text
        assert "In the trash" in (await person.get(f"{GALLERY}/{one}")).text
        assert (await moved(person, "restore", one, other))["text"] == "2 files restored."
        assert one in (await person.get(GALLERY)).text
    assert await artifact_of(house, other) == before


async def test_a_file_whose_time_ends_sooner_goes_sooner(house: House) -> None:
    soon = now_ms() + 2 * DAY
    one = await made(house, "a fox", expires_at=soon)
    async with signed_in(house) as person:
        await moved(person, "trash", one)
        await moved(person, "trash", one)
        assert (await artifact_of(house, one)).expires_at == soon
        await moved(person, "restore", one)
    assert (await artifact_of(house, one)).expires_at == soon


async def test_deleted_for_ever_is_gone_and_its_job_still_tells_of_it(house: House) -> None:
    one = await made(house, "a fox")
    async with signed_in(house) as person:
        told = await moved(person, "delete", one)
        page = (await person.get(f"{GALLERY}/{one}")).text
        again = await person.post(f"{GALLERY}/restore", {"id": one})
    assert told["text"] == "1 file deleted for ever." and told["ids"] == [one]
    assert (await artifact_of(house, one)).expired_at is not None
    assert "gone since" in page and again.status_code == 410
    about = await house.http.get(f"/api/v1/artifacts/{one}/metadata")
    assert about.json()["expired_at"] and about.json()["job_id"]
    assert (await house.http.get(f"/api/v1/artifacts/{one}")).status_code == 410


async def test_bytes_that_another_file_shares_stay(house: House) -> None:
    one, twin = (
        await made(house, "a fox", content=png(6, 6)),
        await made(house, "x", content=png(6, 6)),
    )
    async with signed_in(house) as person:
        await moved(person, "delete", one)
    answer = await house.http.get(f"/api/v1/artifacts/{twin}")
    assert answer.status_code == 200 and answer.content == png(6, 6)


async def test_what_an_unfinished_job_starts_from_goes_when_that_has_ended(house: House) -> None:
    one = await made(house, "a fox")
    mine = await workspace_of(house)
    waiting = job(
        workspace_id=mine, state="awaiting_approval", call={"inputs": [{"artifact_id": one}]}
    )
    await insert(services_of(house).records, waiting)
    async with signed_in(house) as person:
        told = await moved(person, "delete", one)
        assert told["ids"] == [] and "1 file will go when" in told["text"]
        assert one in (await person.get(f"{GALLERY}/trash")).text
    assert (await house.http.get(f"/api/v1/artifacts/{one}")).status_code == 200
    records = services_of(house).records
    await records.transact(lambda tx: tx.update_job(waiting.id, state="completed"))
    await services_of(house).trash.remove(mine, [one])
    assert (await artifact_of(house, one)).expired_at is not None


async def test_what_was_in_use_comes_back_to_the_time_that_it_had(house: House) -> None:
    until = now_ms() + 400 * DAY
    one = await made(house, "a fox", expires_at=until)
    mine = await workspace_of(house)
    inputs = {"inputs": [{"artifact_id": one}]}
    await insert(
        services_of(house).records,
        job(workspace_id=mine, state="awaiting_approval", call=inputs),
    )
    before = await artifact_of(house, one)
    async with signed_in(house) as person:
        await moved(person, "delete", one)
        await moved(person, "restore", one)
    assert await artifact_of(house, one) == before


async def test_a_result_does_not_lie_in_the_trash_where_the_file_of_its_step_does(
    house: House,
) -> None:
    mine, records = await workspace_of(house), services_of(house).records
    one = await made(house, "a fox", expires_at=now_ms() + 400 * DAY)
    (file,) = await services_of(house).trash.put(mine, [one])
    run = job(workspace_id=mine, state="completed")
    await insert(records, run)

    def store(tx: Tx, new: Artifact) -> Artifact:
        tx.insert_artifact(new)
        return new

    (result,) = await records.transact(lambda tx: place(tx, run, [file], {}, store))
    assert result.trashed_at is None and result.expires_at is None
    assert "kept_until" in file.metadata and "kept_until" not in result.metadata
    async with signed_in(house) as person:
        assert result.id in (await person.get(GALLERY)).text


async def test_the_api_deletes_and_restores(house: House) -> None:
    one = await made(house, "a fox")
    path = f"/api/v1/artifacts/{one}"
    deleted = await house.http.delete(path)
    assert (
        deleted.status_code == 200 and deleted.json()["trashed_at"] and deleted.json()["expires_at"]
    )
    restored = (await house.http.post(f"{path}/restore")).json()
    assert "trashed_at" not in restored and restored["expires_at"] is None
    gone = (await house.http.delete(path, params={"for_ever": "true"})).json()
    assert gone["expired_at"] and (await house.http.delete(path)).status_code == 410
    assert (await house.http.post(f"{path}/restore")).status_code == 410
    assert (await house.http.delete(path, params={"for_ever": "maybe"})).status_code == 400
    assert (await house.http.delete("/api/v1/artifacts/art_nothing")).status_code == 404


async def test_a_key_that_only_reads_throws_nothing_away(house: House) -> None:
    one = await made(house, "a fox")
    key = (await house.http.post("/api/v1/keys", json={"name": "r", "scopes": ["read"]})).json()[
        "key"
    ]
    async with signed_in(house, key) as person:
        for what in ("trash", "restore", "delete"):
            assert (await person.post(f"{GALLERY}/{what}", {"id": one})).status_code == 403
        page = (await person.get(GALLERY)).text
    assert one in page and "data-do=" not in page


async def test_a_form_of_another_page_moves_nothing(house: House) -> None:
    one = await made(house, "a fox")
    async with signed_in(house) as person:
        for headers in ({"X-Flexura-Token": "x"}, {"sec-fetch-site": "cross-site"}):
            answer = await person.post(f"{GALLERY}/trash", {"id": one}, **headers)
            assert answer.status_code == 403
        empty = await person.post(f"{GALLERY}/trash", {})
        many = await person.post(f"{GALLERY}/trash", {"id": [f"art_{n}" for n in range(501)]})
    assert empty.status_code == 400 == many.status_code
    assert (await artifact_of(house, one)).trashed_at is None
