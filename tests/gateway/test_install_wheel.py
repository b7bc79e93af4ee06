"""The wheel that a gateway hands out is the one that it was installed from."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from flexura.domain.errors import Conflict
from flexura.gateway.own_wheel import BUILD, own_wheel, rebuilt
from wheel_house import built, unpacked


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("wheel"))


@pytest.fixture
def installed(original: Path, tmp_path: Path) -> Path:
    """A site-packages folder with flexura in it."""
    return unpacked(original, tmp_path / "site-packages")


def contents(wheel: bytes) -> dict[str, bytes]:
    """Name → bytes of everything in a wheel but its list."""
    with zipfile.ZipFile(BytesIO(wheel)) as archive:
        return {n: archive.read(n) for n in archive.namelist() if not n.endswith("/RECORD")}


def info(folder: Path) -> Path:
    (found,) = folder.glob("flexura-*.dist-info")
    return found


def test_it_has_the_name_and_the_files_of_the_original_and_nothing_of_the_installer(
    original: Path, installed: Path
) -> None:
    found = rebuilt(installed)
    assert found.name == original.name
    assert found.sha256 == hashlib.sha256(found.content).hexdigest()
    assert contents(found.content) == contents(original.read_bytes())


def test_its_bytes_are_the_same_wherever_and_whenever_it_is_rebuilt(
    original: Path, installed: Path, tmp_path: Path
) -> None:
    first = rebuilt(installed)
    for file in installed.rglob("*"):
        if file.is_file():
            file.chmod(0o600)
    again = tmp_path / "again.whl"
    again.write_bytes(first.content)
    elsewhere = unpacked(again, tmp_path / "other" / "site-packages")
    assert rebuilt(installed).content == first.content
    assert rebuilt(elsewhere).content == first.content, "also from a wheel that was rebuilt itself"


def test_pip_installs_it_and_finds_every_file_as_listed(installed: Path, tmp_path: Path) -> None:
    found = rebuilt(installed)
    wheel, target = tmp_path / found.name, tmp_path / "target"
    wheel.write_bytes(found.content)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--no-compile", "--target", str(target), str(wheel)], check=True)
    assert rebuilt(target).content == found.content
    assert (target / "flexura_installer" / "machine.py").is_file()


@pytest.mark.parametrize(
    "name", ["flexura/settings.py", "flexura_installer/machine.py", "flexura/_installer/install.sh"]
)
def test_a_file_that_was_changed_or_lost_is_named(installed: Path, name: str) -> None:
    path = installed / name
    path.write_bytes(path.read_bytes() + b"#")
    with pytest.raises(Conflict, match=f"{name} is not as it was installed .*SHA-256"):
        rebuilt(installed)
    path.unlink()
    with pytest.raises(Conflict, match=f"{name} is not as it was installed"):
        rebuilt(installed)


def test_a_checkout_has_no_wheel_and_is_told_how_to_build_one() -> None:
    with pytest.raises(Conflict, match="checkout") as told:
        own_wheel()
    assert BUILD in told.value.next_step


def test_an_editable_installation_has_no_wheel(installed: Path) -> None:
    direct = {"url": "file:///a/checkout", "dir_info": {"editable": True}}
    (info(installed) / "direct_url.json").write_text(json.dumps(direct))
    with pytest.raises(Conflict, match="checkout"):
        rebuilt(installed)


@pytest.mark.parametrize("lost", ["RECORD", "flexura/__init__.py", "METADATA"])
def test_a_list_that_lacks_what_a_wheel_needs_is_refused(installed: Path, lost: str) -> None:
    record = info(installed) / "RECORD"
    kept = [line for line in record.read_text().splitlines() if lost not in line.partition(",")[0]]
    record.write_text("" if lost == "RECORD" else "\n".join(kept) + "\n")
    with pytest.raises(Conflict, match="does not list"):
        rebuilt(installed)
