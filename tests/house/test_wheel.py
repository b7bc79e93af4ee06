"""The wheel holds what the gateway serves and the render child reads."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from house.repository import ROOT, below


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of the files in a freshly built wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", str(folder), str(ROOT)], check=True)
    (wheel,) = folder.glob("flexura-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_every_file_of_the_package_is_in_the_wheel(packed: set[str]) -> None:
    assert {str(p.relative_to("src")) for p in below("src")} <= packed


@pytest.mark.parametrize(("here", "there"), [("skills", "_skills"), ("installer", "_installer")])
def test_what_the_gateway_serves_is_in_the_wheel(packed: set[str], here: str, there: str) -> None:
    wanted = {f"flexura/{there}/{p.relative_to(here)}" for p in map(Path, below(here))}
    assert wanted
    assert wanted <= packed


def test_nothing_else_is_in_the_wheel(packed: set[str]) -> None:
    roots = {name.split("/")[0] for name in packed}
    assert len(roots) == 2, "the package and its dist-info"
