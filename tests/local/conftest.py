"""A launcher that starts the small gateway."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flexura.local import gateway, start

PROGRAM = Path(__file__).with_name("small_gateway.py")
Launch = Callable[[str], Path]


@pytest.fixture
def launch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Launch:
    """Makes this text the `flexura` command."""

    def be(script: str) -> Path:
        file = tmp_path / "flexura"
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        monkeypatch.setattr(start, "launcher", lambda: str(file))
        return file

    return be


@pytest.fixture
def launcher(launch: Launch, flexura_home: Path) -> Iterator[Path]:
    """The small gateway as the `flexura` command; it is stopped in the end."""
    yield launch(f'exec "{sys.executable}" "{PROGRAM}" "$@"')
    gateway.stop()
