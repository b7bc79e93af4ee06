"""Fixtures of the AuraFlux surface's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from flexura.settings import Settings
from production_house import Studio, studio


@pytest.fixture
async def desk(gateway_settings: Settings, tmp_path: Path) -> AsyncIterator[Studio]:
    async with studio(gateway_settings, tmp_path) as found:
        yield found
