"""The gallery on the dashboard: pages, search, filters, one file, its link, and many as an archive."""

from __future__ import annotations

import io
import json
import re
import zipfile
from html import unescape

import pytest

from doubles import png
from files_house import uploaded, variants
from flexura.services.clock import now_ms
from gallery_house import made, services_of
from gateway.dashboard.signed_in import Person, signed_in
from gateway_house import House
from tenants_house import tenant

pytestmark = pytest.mark.anyio
GALLERY = "/dashboard/gallery"
HTMX = {"hx-request": "true"}
MEAN = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


def ids_in(html: str) -> list[str]:
    return re.findall(r'data-id="([^"]+)"', html)


async def found(person: Person, query: str = "") -> list[str]:
    answer = await person.get(f"{GALLERY}?{query}", **HTMX)
    assert answer.status_code == 200, answer.text
    return ids_in(answer.text)


async def test_the_page_shows_the_newest_first_and_asks_for_small_pictures(house: House) -> None:
    old = await made(house, "a lighthouse", created_at=now_ms() - 5000)
    new = await made(house, "a heron")
    async with signed_in(house) as person:
        page = (await person.get(GALLERY)).text
    assert ids_in(page) == [new, old]
    assert 'loading="lazy"' in page and "format=webp&amp;width=480" in page
    assert "2 files" in page and "style=" not in page


async def test_an_empty_gallery_says_what_to_do(house: House) -> None:
    async with signed_in(house) as person:
        assert "Nothing here yet" in (await person.get(GALLERY)).text
        assert "The trash is empty" in (await person.get(f"{GALLERY}/trash")).text
        nothing = (await person.get(f"{GALLERY}?q=nowhere", **HTMX)).text
    assert "Nothing found" in nothing and "<html" not in nothing


async def test_words_and_filters_narrow_what_is_shown(house: House) -> None:
    fox = await made(house, "a fox in the snow", project="alpha")
    owl = await made(house, "an owl", template="poster@1", model_id="fake:two")
    mine = (await uploaded(house, png(4, 4)))["artifact_id"]
    async with signed_in(house) as person:
        assert await found(person, "q=SNÖW") == [fox] == await found(person, "project=alpha")
        assert (
            await found(person, "origin=template") == [owl] == await found(person, "model=fake:two")
        )
        assert await found(person, "origin=upload") == [mine]
        assert await found(person, "kind=video") == [] == await found(person, "review=selected")
        assert set(await found(person, "review=open&kind=image")) == {fox, owl, mine}
        assert set(await found(person, "kind=nonsense&since=never")) == {fox, owl, mine}
        assert await found(person, "until=2001-01-01") == []
        page = (await person.get(f"{GALLERY}?q=fox&kind=image")).text
    assert 'value="fox"' in page and f'href="{GALLERY}/{fox}?q=fox&amp;kind=image"' in page


async def test_pages_follow_each_other_without_loading_all(house: House) -> None:
    at = now_ms()
    every = [await made(house, f"picture {n}", created_at=at + n) for n in range(60)]
    async with signed_in(house) as person:
        first = (await person.get(GALLERY)).text
        following = unescape(re.findall(r'hx-get="([^"]*before=[^"]*)"', first)[0])
        second = (await person.get(following, **HTMX)).text
        plain = (await person.get(following)).text
    assert ids_in(first) == every[:11:-1] and len(ids_in(first)) == 48
    assert ids_in(second) == every[11::-1] == ids_in(plain)
    assert 'hx-swap-oob="beforeend"' in second and "hx-get" not in second.partition('id="more"')[2]
    assert "<h1>Gallery</h1>" in plain


async def test_what_a_stranger_wrote_stays_text(house: House) -> None:
    one = await made(house, MEAN, project=MEAN, model_id=MEAN)
    async with signed_in(house) as person:
        for path in (
            GALLERY,
            f"{GALLERY}/{one}",
            f"{GALLERY}?q={MEAN}",
            f"{GALLERY}/trash?q={MEAN}",
        ):
            page = (await person.get(path)).text
            assert "<script>alert" not in page and "<img src=x" not in page, path


async def test_one_file_tells_what_made_it_and_what_lies_beside_it(house: House) -> None:
    at = now_ms()
    oldest, middle, newest = [
        await made(house, f"a {name} fox", created_at=at + n, metadata={"seed": 40 + n})
        for n, name in enumerate(("red", "grey", "white"))
    ]
    async with signed_in(house) as person:
        page = (await person.get(f"{GALLERY}/{middle}?q=fox")).text
        alone = (await person.get(f"{GALLERY}/{middle}?q=grey")).text
        gone = await person.get(f"{GALLERY}/art_nothing")
    assert f'id="newer" href="{GALLERY}/{newest}?q=fox"' in page
    assert f'id="older" href="{GALLERY}/{oldest}?q=fox"' in page
    assert 'id="newer"' not in alone and 'id="older"' not in alone
    for told in (
        "a grey fox",
        "fake:one",
        "<dd>41</dd>",
        "8 \u00d7 8 px",
        f"/dashboard/models?input={middle}",
    ):
        assert told in page, told
    assert gone.status_code == 404


async def test_a_file_comes_in_other_formats_and_by_a_link_without_a_key(house: House) -> None:
    one = await made(house, "a fox", content=png(32, 32))
    async with signed_in(house) as person:
        webp = await person.get(f"{GALLERY}/{one}/file?format=webp")
        told = (await person.post(f"{GALLERY}/{one}/link")).text
        link = unescape(re.findall(r"<code>(.*?)</code>", told)[0])
        opened = await person.http.get(link, headers={"cookie": ""})
    assert webp.headers["content-type"] == "image/webp" and webp.content[8:12] == b"WEBP"
    assert opened.status_code == 200 and opened.content == png(32, 32)


async def test_a_sound_has_a_shape(house: House, tmp_path: object) -> None:
    content = sound_file(tmp_path)
    one = await made(house, "rain", mime="audio/wav", content=content, seconds=1.0)
    picture = await made(house, "a fox")
    async with signed_in(house) as person:
        answer = await person.get(f"{GALLERY}/{one}/peaks")
        refused = await person.get(f"{GALLERY}/{picture}/peaks")
        page = (await person.get(GALLERY)).text
    shape = answer.json()
    assert (
        len(shape["peaks"]) == 240 and max(shape["peaks"]) == 100 and 0.9 < shape["seconds"] < 1.1
    )
    assert refused.status_code == 400 and f'data-peaks="{GALLERY}/{one}/peaks"' in page


def sound_file(folder: object) -> bytes:
    """One second as WAV."""
    import math
    import struct
    import wave

    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(
            b"".join(struct.pack("<h", int(9000 * math.sin(n / 9) * n / 8000)) for n in range(8000))
        )
    return target.getvalue()


async def test_many_files_come_as_one_archive_with_names_that_can_be_read(house: House) -> None:
    first = await made(house, "Ein Fuchs über / dem Schnee!", content=png(3, 3))
    second = await made(house, "Ein Fuchs über / dem Schnee!", content=png(4, 4))
    third = await made(house, "🦊", content=png(5, 5))
    async with signed_in(house) as person:
        answer = await person.post(f"{GALLERY}/download", {"id": [first, second, third, first]})
        refused = await person.post(f"{GALLERY}/download", {})
        absent = await person.post(f"{GALLERY}/download", {"id": "art_nothing"})
    assert answer.headers["content-type"] == "application/zip"
    assert "attachment" in answer.headers["content-disposition"]
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None and archive.namelist() == [
        "ein-fuchs-uber-dem-schnee.png",
        "ein-fuchs-uber-dem-schnee-2.png",
        "image.png",
        "metadata.json",
    ]
    assert archive.read("ein-fuchs-uber-dem-schnee-2.png") == png(4, 4)
    about = json.loads(archive.read("metadata.json"))["artifacts"]
    assert [one["artifact_id"] for one in about] == [first, second, third]
    assert (
        "signed_url" not in answer.text and refused.status_code == 400 and absent.status_code == 404
    )


async def test_a_file_is_selected_and_put_aside_on_its_page(house: House) -> None:
    _, assets = await variants(house, 2)
    one = assets[0]["artifact_id"]
    async with signed_in(house) as person:
        assert (
            "Selected"
            in (await person.post(f"{GALLERY}/{one}/decide", {"decision": "select"})).text
        )
        assert await found(person, "review=selected") == [one]
        aside = await person.post(f"{GALLERY}/{one}/decide", {"decision": "archive"})
        assert "Bring back" in aside.text and await found(person, "review=archived") == [one]
        await person.post(f"{GALLERY}/{one}/decide", {"decision": "restore"})
        assert await found(person, "review=archived") == []
        wrong = await person.post(f"{GALLERY}/{one}/decide", {"decision": "burn"})
    assert wrong.status_code == 400


async def test_another_workspace_sees_and_does_nothing(house: House) -> None:
    one = await made(house, "a secret fox")
    async with tenant(house, "strangers") as stranger, signed_in(house, stranger.key) as person:
        assert await found(person, "q=secret") == [] == await found(person)
        for path in (f"{GALLERY}/{one}", f"{GALLERY}/{one}/file", f"{GALLERY}/{one}/peaks"):
            assert (await person.get(path)).status_code == 404
        for what in ("trash", "delete", "restore", "download"):
            assert (await person.post(f"{GALLERY}/{what}", {"id": one})).status_code == 404, what
        assert (await person.post(f"{GALLERY}/{one}/link")).status_code == 404
    kept = await services_of(house).records.gallery_item(
        (await services_of(house).records.workspaces())[0].id, one
    )
    assert kept is not None and kept.artifact.trashed_at is None
