"""The page of a file tells how it was made, from what, and whether the file itself says so."""

from __future__ import annotations

from typing import Any

import pytest

from doubles import model, png
from files_house import uploaded
from gallery_house import made
from gateway.dashboard.signed_in import signed_in
from gateway_house import House

pytestmark = pytest.mark.anyio
GALLERY = "/dashboard/gallery"
KEPT = {"method": "trained model", "seed": 7, "version": "2.1"}


async def page_of(house: House, artifact_id: str) -> str:
    async with signed_in(house) as person:
        answer = await person.get(f"{GALLERY}/{artifact_id}")
    assert answer.status_code == 200, answer.text
    return answer.text


async def with_notes(house: House, **notes: Any) -> str:
    one = await made(house, "a fox", metadata={"provenance": KEPT | notes})
    return await page_of(house, one)


async def test_a_file_of_a_model_tells_maker_seed_and_that_it_says_so_itself(house: House) -> None:
    job = await house.ended(await house.order("a fox", options={"seed": 5}))
    page = await page_of(house, job["assets"][0]["artifact_id"])
    for told in ("A trained model", "IPTC trainedAlgorithmicMedia", "fake:one", "<dd>5</dd>"):
        assert told in page, told
    assert "The file carries this itself" in page


async def test_its_inputs_are_linked_with_their_roles_and_digests(house: House) -> None:
    house.fake.offered = [model("one", tasks=("image-to-image",), takes_inputs=True)]
    upload = await uploaded(house, png(40, 20))
    job = await house.ended(await house.order("bluer", inputs=[upload["artifact_id"]]))
    page = await page_of(house, job["assets"][0]["artifact_id"])
    assert (
        f'<a class="id" href="{GALLERY}/{upload["artifact_id"]}">' in page
        and upload["sha256"] in page
    )
    assert "<dt>Image</dt>" in page and "A mix with the work of a trained model" in page
    assert "Uploaded: where it came from is not known here." in await page_of(
        house, upload["artifact_id"]
    )


async def test_an_input_that_is_gone_keeps_its_place(house: House) -> None:
    notes = {"inputs": ["ab" * 32], "parents": ["art_gone"], "roles": ["first_frame"]}
    page = await with_notes(house, **notes)
    assert "First frame" in page and "no longer here" in page and "ab" * 32 in page


async def test_a_signed_file_says_why_it_was_left_alone_and_that_nobody_verified_it(
    house: House,
) -> None:
    page = await with_notes(house, unmarked="it has a C2PA manifest", c2pa="<b>Camera</b>")
    assert "C2PA manifest by &lt;b&gt;Camera&lt;/b&gt;" in page and "not verified here" in page
    assert "version 2.1" in page and "<dd>7</dd>" in page


async def test_why_a_file_is_unmarked_is_told(house: House) -> None:
    page = await with_notes(house, unmarked="its container is broken")
    assert "does not carry this itself: its container is broken." in page
    older = await page_of(house, await made(house, "an older fox"))
    assert "does not carry this itself; it is kept here." in older
