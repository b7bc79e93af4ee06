"""The command line against a gateway on a port: what it prints, what it leaves behind, how it ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cli_house import Served, Terminal, in_project, served
from flexura import settings as configuration
from search_double import ROWS, SearchDouble, search_double


@pytest.fixture(scope="session")
def search_engine() -> Iterator[SearchDouble]:
    with search_double(ROWS) as found:
        yield found


@pytest.fixture(scope="session")
def house(
    tmp_path_factory: pytest.TempPathFactory, search_engine: SearchDouble
) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("gateway")
    environment = {"TAVILY_BASE_URL": search_engine.url}
    # Without a model named, real files are made: the fake provider's are for tests that name it.
    settings = replace(
        configuration.load({}), home=home, environment=environment, prefer=("embedded",)
    )
    with served(settings, tmp_path_factory.mktemp("pictures")) as found:
        yield found


@pytest.fixture
def alone(flexura_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal without any gateway."""
    return Terminal(in_project(tmp_path, monkeypatch), None)


@pytest.fixture
def terminal(alone: Terminal, house: Served, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal whose gateway runs."""
    monkeypatch.setenv("FLEXURA_URL", house.url)
    monkeypatch.setenv("MEDIA_GATEWAY_API_KEY", house.key)
    return replace(alone, house=house)
