"""Programs of others that run on Node: where they are, and how to start one; a test is skipped without."""

from __future__ import annotations

import os
import re
import select
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

_HERE = Path(__file__).parent / "node"
_BIN = _HERE / "node_modules" / ".bin"
MISSING = "The Node programs are not installed; run `npm ci --prefix tests/node`."


def node22() -> Path:
    """Node 22. Skips the test where it is not installed."""
    return bin("node")


def bin(name: str) -> Path:
    """The program `name` (aimock, prism, mcp-inspector, conformance …). Skips the test without it."""
    program = _BIN / name
    if not program.exists():
        pytest.skip(MISSING)
    return program


def script(name: str) -> Path:
    """A script of ours in tests/node."""
    return _HERE / name


def command(name: str, *arguments: str | Path) -> list[str]:
    """The command line that runs a program on Node 22, whatever `node` the machine has."""
    return [str(node22()), str(bin(name).resolve()), *map(str, arguments)]


def environment(**more: str) -> Mapping[str, str]:
    """The environment for a Node program, in which `node` is Node 22."""
    return {**os.environ, "PATH": f"{_BIN}{os.pathsep}{os.environ['PATH']}", **more}


@contextmanager
def listening(argv: list[str], says: str, *, seconds: float = 60, **env: str) -> Iterator[str]:
    """Run a server until the block ends; yields what the group of the pattern `says` found in its output."""
    process = subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment(**env),
    )
    try:
        yield _wait_for(process, re.compile(says), seconds)
    finally:
        process.terminate()
        try:
            process.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def _wait_for(process: subprocess.Popen[bytes], says: re.Pattern[str], seconds: float) -> str:
    assert process.stdout is not None
    output = b""
    while select.select([process.stdout], [], [], seconds)[0]:
        part = os.read(process.stdout.fileno(), 65_536)
        output += part
        found = says.search(output.decode(errors="replace"))
        if found:
            return found.group(1)
        if not part:
            break
    raise AssertionError(
        f"{process.args} does not listen; it said: {output.decode(errors='replace')}"
    )
