"""Fixtures of the dashboard's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from flexura.domain.access_rules import AccessRules
from flexura.settings import Settings
from gateway.dashboard.attacker import SECRET, Hostile, World, browser_of, furnished
from gateway_house import opened
from tenants_house import tenant


@pytest.fixture
def quick(gateway_settings: Settings) -> Settings:
    """Settings without a limit of requests."""
    return replace(gateway_settings, access=AccessRules(requests_per_minute=0))


@pytest.fixture
async def world(quick: Settings, tmp_path: Path) -> AsyncIterator[World]:
    async with (
        opened(quick, Hostile(tmp_path)) as house,
        tenant(house, "first") as one,
        tenant(house, "second") as two,
        browser_of(house, one.key) as first,
        browser_of(house, two.key) as second,
    ):
        ids = await furnished(house, one, f"{SECRET} in the reeds", SECRET)
        other_ids = await furnished(house, two, "a sparrow", "sparrow")
        assert house.app.services is not None
        (found,) = [w for w in await house.app.services.workspaces.list() if w.name == "first"]
        yield World(house, first, ids, second, other_ids, found.id)
