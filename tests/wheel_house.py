"""flexura as a wheel and as an installation of that wheel, without the packages that it needs."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

from house.repository import ROOT


def built(folder: Path) -> Path:
    """A wheel of the checkout, below `folder`."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", str(folder), str(ROOT)], check=True)
    (wheel,) = folder.glob("flexura-*.whl")
    return wheel


def unpacked(wheel: Path, folder: Path) -> Path:
    """The folder, with what an installer puts into site-packages from this wheel."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    (info,) = folder.glob("flexura-*.dist-info")
    (info / "INSTALLER").write_text("somebody\n")
    (info / "direct_url.json").write_text('{"url": "file:///a/wheel", "archive_info": {}}')
    bytecode = folder / "flexura" / "__pycache__" / "__init__.cpython-311.pyc"
    bytecode.parent.mkdir()
    bytecode.write_bytes(b"bytecode")
    inside = (info / "INSTALLER", info / "direct_url.json", bytecode)
    lines = [f"{path.relative_to(folder)},," for path in inside]
    with (info / "RECORD").open("a") as record:
        record.write("\n".join([*lines, "../../../bin/flexura,sha256=x,1"]) + "\n")
    return folder


def installed(folder: Path) -> Path:
    """The Python of a venv in which flexura was installed from a wheel, as its users have it.

    The packages that it needs are those of the tests: installing them again would prove nothing.
    """
    venv = folder / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    (site,) = venv.glob("lib/python*/site-packages")
    (site / "packages_of_the_tests.pth").write_text(sysconfig.get_path("purelib") + "\n")
    python = venv / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    subprocess.run(
        [*pip, "--no-deps", "--no-index", "--no-compile", str(built(folder))], check=True
    )
    return python
