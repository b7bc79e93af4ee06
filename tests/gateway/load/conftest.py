"""A gateway with small bounds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from doubles import FakeProvider
from flexura.domain.load_limits import LoadLimits
from flexura.settings import Settings
from gateway_house import House, opened


@pytest.fixture
def with_bounds(gateway_settings: Settings, tmp_path: Path) -> Any:
    """A gateway with these bounds."""

    @asynccontextmanager
    async def bounded(**bounds: int) -> AsyncIterator[House]:
        settings = replace(gateway_settings, load=replace(LoadLimits(), **bounds))
        async with opened(settings, FakeProvider(tmp_path)) as found:
            yield found

    return bounded
