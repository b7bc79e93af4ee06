"""The files of this repository, as somebody who clones it sees them."""

from __future__ import annotations

import os
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {"node_modules", "__pycache__", "build", "dist", "htmlcov", "flexura-out"}


@cache
def files() -> tuple[Path, ...]:
    """Every file that is tracked or would be, relative to the root; without git, all that is not built."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listing.returncode == 0:
        names = {os.fsdecode(name) for name in listing.stdout.split(b"\0") if name}
        return tuple(sorted(Path(name) for name in names if (ROOT / name).is_file()))
    everything = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
    return tuple(sorted(path for path in everything if not any(map(_built, path.parts))))


def _built(part: str) -> bool:
    hidden = part.startswith(".") and part not in (".ci", ".editorconfig", ".gitignore")
    return hidden or part in NOT_OURS


def below(*folders: str) -> list[Path]:
    """The files below these folders (or these files themselves)."""
    return [f for f in files() if any(f.is_relative_to(folder) for folder in folders)]


@cache
def text(path: Path) -> str:
    """The text of one file; empty for pictures, fonts and the like."""
    content = (ROOT / path).read_bytes()
    return "" if b"\0" in content else content.decode("utf-8")


def is_program(path: Path) -> bool:
    """Python, JavaScript, or a script that names its shell."""
    return path.suffix in {".py", ".sh", ".mjs", ".js", ".sql"} or (
        not path.suffix and text(path).startswith("#!")
    )
