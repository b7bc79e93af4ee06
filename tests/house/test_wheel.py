"""The wheel holds what the gateway serves and the render child reads."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from house.repository import below
from wheel_house import built


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of the files in a freshly built wheel."""
    with zipfile.ZipFile(built(tmp_path_factory.mktemp("wheel"))) as archive:
        return set(archive.namelist())


def test_every_file_of_the_package_is_in_the_wheel(packed: set[str]) -> None:
    assert {str(p.relative_to("src")) for p in below("src")} <= packed


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("skills", "flexura/_skills"),
        ("installer/flexura_installer", "flexura_installer"),
        ("installer/install.sh", "flexura/_installer/install.sh"),
    ],
)
def test_what_the_gateway_hands_out_is_in_the_wheel(
    packed: set[str], here: str, there: str
) -> None:
    wanted = {str(Path(there, p.relative_to(here))) for p in below(here)}
    assert wanted
    assert wanted <= packed


def test_nothing_else_is_in_the_wheel(packed: set[str]) -> None:
    roots = {name.split("/")[0] for name in packed}
    assert len(roots) == 3, "the package, its installer and their dist-info"
