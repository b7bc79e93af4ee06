"""The pages' models are those of the double."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from flexura import settings as configuration
from flexura.settings import Settings


@pytest.fixture
def gateway_settings(flexura_home: Path) -> Settings:
    return replace(configuration.load({}), prefer=("fake",))
