"""What the acceptance tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from acceptance.town import Town
from acceptance.town import town as living_town


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One for all tests that only need a running gateway; each has a project of its own."""
    home, project = tmp_path_factory.mktemp("town"), tmp_path_factory.mktemp("first-project")
    with living_town(home, project) as found:
        yield found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty project of this test."""
    path = tmp_path / "project"
    path.mkdir()
    return path
