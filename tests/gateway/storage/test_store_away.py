"""A store of files that is away for a while costs no job what was bought for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from doubles import FakeProvider
from flexura.domain.errors import Overloaded
from flexura.ports.blobs import Blob
from flexura.services.buying import Patience
from flexura.settings import Settings
from gateway_house import opened

pytestmark = pytest.mark.anyio


async def test_what_was_made_is_stored_when_the_store_is_back(
    team_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(team_settings, FakeProvider(tmp_path), Patience(pace=0.01)) as house:
        assert house.app.services is not None
        blobs, tries = house.app.services.blobs, [0]
        take = blobs.take

        async def away(path: Path, *, keep: bool = False) -> Blob:
            tries[0] += 1
            if tries[0] <= 3:
                raise Overloaded("The bucket cannot be reached.", retry_after=5)
            return await take(path, keep=keep)

        monkeypatch.setattr(blobs, "take", away)
        job = await house.ended(await house.order())
        assert job["status"] == "completed" and tries == [4]
        assert len(house.fake.submitted) == 1
