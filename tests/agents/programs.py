"""Coding agents of others: where they are installed; a test is skipped without."""

from __future__ import annotations

from pathlib import Path

import pytest

import node_tools

_HERE = Path(__file__).parent
_MODULES = _HERE / "node_modules"
_VENV = _HERE / ".venv"
MISSING = (
    "{} is not installed; `scripts/test` installs the coding agents (Linux on x86-64;"
    " Aider needs a Python older than 3.13)."
)
# The directory on a user's PATH in which npm puts programs, and Node 22 for those that run on it.
PATH = f"{_MODULES / '.bin'}:{_MODULES / 'opencode-linux-x64' / 'bin'}:{_VENV / 'bin'}"


def installed(name: str) -> Path:
    """The program of this agent. Skips the test without it."""
    found = [p for p in (Path(part) / name for part in PATH.split(":")) if p.exists()]
    if not found:
        pytest.skip(MISSING.format(name))
    return found[0]


def on_node(name: str) -> list[str]:
    """The start of a command line that runs a script of npm's on Node 22, whatever `node` the machine has."""
    return [str(node_tools.node22()), str(installed(name).resolve())]


def native(name: str) -> list[str]:
    """The start of a command line for a program that needs no Node."""
    return [str(installed(name))]
