"""Links that open one form of one file without a key, until they expire."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx2
import pytest

from doubles import png
from files_house import DAY, expiring_at, gone, opened, picture, uploaded
from flexura.gateway import links
from flexura.services.clock import now_ms
from gateway_house import BASE, House

pytestmark = pytest.mark.anyio


@pytest.fixture
async def stranger(house: House) -> AsyncIterator[httpx2.AsyncClient]:
    """Somebody without a key."""
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(house.app), base_url=BASE) as http:
        yield http


async def link(house: House, artifact_id: str, **body: object) -> dict[str, str]:
    answer = await house.http.post(f"/api/v1/artifacts/{artifact_id}/link", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_link_opens_the_file_without_a_key_with_ranges(
    house: House, stranger: httpx2.AsyncClient
) -> None:
    artifact = await uploaded(house, png())
    made = await link(house, artifact["artifact_id"], expires_in=60)
    assert (await stranger.get(made["url"])).content == png()
    part = await stranger.get(made["url"], headers={"Range": "bytes=1-3"})
    assert (part.status_code, part.content) == (206, b"PNG")
    until = datetime.strptime(made["expires_at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert until.timestamp() == pytest.approx(time.time() + 60, abs=5)


async def test_a_link_is_bound_to_exactly_one_form(
    house: House, stranger: httpx2.AsyncClient
) -> None:
    artifact = await uploaded(house, picture("PNG"))
    small = (await link(house, artifact["artifact_id"], format="webp", width=48.0))["url"]
    assert opened((await stranger.get(small)).content).size == (48, 32)
    whole = (await link(house, artifact["artifact_id"]))["url"]
    for url in (
        small.replace("width=48", "width=64"),
        small.replace("format=webp", "format=png"),
        small.replace("format=webp&", ""),
        small.replace("width=48&", ""),
        whole + "&format=webp",
        whole + "&width=48",
        whole.replace("exp=", "exp=1"),
        whole.partition("?")[0],
    ):
        assert (await stranger.get(url)).status_code == 401, url


async def test_an_expired_link_is_refused_and_says_so_by_its_status(
    house: House, stranger: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    artifact = await uploaded(house, png())
    url = (await link(house, artifact["artifact_id"], expires_in=60))["url"]
    later = time.time() + 61
    monkeypatch.setattr(links.time, "time", lambda: later)
    refused = await stranger.get(url)
    assert refused.status_code == 401
    assert "link has expired" in refused.json()["error"]["message"]
    assert (await house.http.get(url)).content == png()


async def test_a_link_lives_no_longer_than_the_bytes(house: House) -> None:
    artifact = await uploaded(house, png())
    moment = (now_ms() + DAY) // 1000 * 1000
    await expiring_at(house, artifact["artifact_id"], moment)
    made = await link(house, artifact["artifact_id"], expires_in=30 * 86_400)
    until = datetime.strptime(made["expires_at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert until.timestamp() * 1000 == moment


async def test_a_link_to_bytes_that_are_gone_is_410(
    house: House, stranger: httpx2.AsyncClient
) -> None:
    artifact = await uploaded(house, png())
    url = (await link(house, artifact["artifact_id"]))["url"]
    await gone(house, artifact["artifact_id"])
    assert (await stranger.get(url)).status_code == 410
    again = await house.http.post(
        f"/api/v1/artifacts/{artifact['artifact_id']}/link", json={"expires_in": 60}
    )
    assert again.status_code == 410


@pytest.mark.parametrize(
    "body",
    [
        {"expires_in": 59},
        {"expires_in": 30 * 86_400 + 1},
        {"expires_in": "60"},
        {"expires_in": True},
        {"format": "jpeg"},
        {"width": 15},
        {"width": 4097},
        {"days": 1},
        [],
    ],
)
async def test_a_link_that_cannot_be_made_is_refused(house: House, body: object) -> None:
    artifact = await uploaded(house, png())
    answer = await house.http.post(f"/api/v1/artifacts/{artifact['artifact_id']}/link", json=body)
    assert answer.status_code == 400 and answer.json()["error"]["next_step"]


async def test_a_sound_has_no_link_to_a_picture_of_it(house: House) -> None:
    artifact = await uploaded(house, b"ID3\x04" + bytes(600))
    answer = await house.http.post(
        f"/api/v1/artifacts/{artifact['artifact_id']}/link", json={"format": "png"}
    )
    assert answer.status_code == 400
