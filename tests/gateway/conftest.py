"""Fixtures of the gateway's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from doubles import FakeProvider
from flexura import settings as configuration
from flexura.settings import Settings
from gateway_house import House, opened


@pytest.fixture
def gateway_settings(flexura_home: Path) -> Settings:
    aliases = {"nvidia-flux": "fake:one"}
    presets = {"quick": {"model": "fake:one", "options": {"mood": "wild"}}}
    return replace(configuration.load({}), aliases=aliases, presets=presets)


@pytest.fixture
async def house(gateway_settings: Settings, tmp_path: Path) -> AsyncIterator[House]:
    async with opened(gateway_settings, FakeProvider(tmp_path)) as found:
        yield found
