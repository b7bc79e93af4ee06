"""The typed client follows to where the gateway keeps its files, and takes nothing of ours along."""

from __future__ import annotations

import io
from typing import Any

import httpx2
import pytest

from buckets_house import BucketOfFiles
from files_house import uploaded
from flexura.client import GatewayClient
from flexura.client.answers import Asset
from flexura.domain.errors import ProviderError
from flexura.local.errors import GatewayUnavailable
from gateway_house import BASE, House
from uploads_house import film_of

pytestmark = pytest.mark.anyio


async def downloaded(house: House, stored: dict[str, Any]) -> bytes:
    into = io.BytesIO()
    transport = httpx2.ASGITransport(house.app)
    async with GatewayClient(BASE, house.key, transport=transport) as client:
        await client.download(Asset.model_validate(stored), into)
    return into.getvalue()


async def test_a_large_file_comes_from_the_bucket(linking: House) -> None:
    film = film_of(3_000_000)
    assert await downloaded(linking, await uploaded(linking, film)) == film


async def test_other_bytes_under_its_name_are_refused(
    linking: House, bucket: BucketOfFiles
) -> None:
    stored = await uploaded(linking, film_of(3_000_000))
    bucket.overwrite(stored["sha256"], b"foreign")
    with pytest.raises(ProviderError, match="arrived damaged"):
        await downloaded(linking, stored)


async def test_a_bucket_without_the_file_is_told(linking: House, bucket: BucketOfFiles) -> None:
    stored = await uploaded(linking, film_of(3_000_000))
    bucket.client.delete_object(
        Bucket=bucket.bucket, Key=f"team/a/blobs/{stored['sha256'][:2]}/{stored['sha256'][2:]}"
    )
    with pytest.raises(GatewayUnavailable, match="answered 404") as told:
        await downloaded(linking, stored)
    assert "Signature" not in str(told.value) + told.value.next_step
