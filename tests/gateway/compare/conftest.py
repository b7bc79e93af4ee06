"""Fixtures of comparisons."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from flexura.settings import Settings
from gateway.compare.compare_house import Studio
from gateway_house import House, opened


@pytest.fixture
async def house(gateway_settings: Settings, tmp_path: Path) -> AsyncIterator[House]:
    async with opened(gateway_settings, Studio(tmp_path)) as found:
        yield found
