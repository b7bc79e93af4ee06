"""Projects with a `flexura.toml`, and a gateway on a port whose provider counts what is bought."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from build_house import EDIT, Builder
from cli_house import Served, in_project, served
from doubles import model
from flexura import settings as configuration
from flexura.cli.build import reading
from flexura.cli.build.declared import Project


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    settings = replace(
        configuration.load({}), home=tmp_path_factory.mktemp("gateway"), prefer=("fake",)
    )
    with served(settings, tmp_path_factory.mktemp("pictures")) as found:
        found.fake.offered.append(model("edit", tasks=("image-to-image",), input_schema=EDIT))
        found.fake.offered.append(model("dear", price=None))
        yield found


@pytest.fixture
def folder(flexura_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project, and the working directory."""
    return in_project(tmp_path, monkeypatch).resolve()


@pytest.fixture
def declared(folder: Path) -> Callable[[str], Project]:
    """The project that a text declares."""

    def read(text: str) -> Project:
        (folder / "flexura.toml").write_text(text)
        return reading.read(folder)

    return read


@pytest.fixture
def builder(folder: Path, house: Served, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Somebody who builds that project with a gateway that runs."""
    monkeypatch.setenv("FLEXURA_URL", house.url)
    monkeypatch.setenv("MEDIA_GATEWAY_API_KEY", house.key)
    yield Builder(folder, house)
    house.let_go()
