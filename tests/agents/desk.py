"""Somebody's machine: a home, a project, a shell without a network. Made for one test and thrown away."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import node_tools
from agents import programs
from processes import end_all, started_below

LAUNCHER = Path(sys.executable).with_name("flexura")
OWN_SERVER = Path(__file__).with_name("own_server.py")
USERS = Path(__file__).with_name("users")
# Discard: what is not loopback is refused at once, here as on a machine with a network.
NOWHERE = "http://127.0.0.1:9"
NO_NETWORK = {
    **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), NOWHERE),
    **dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost"),
}
FOR_US = ("COVERAGE_PROCESS_CONFIG", "PYTHON_KEYRING_BACKEND")


@dataclass
class Desk:
    """A user's account. `variables` are what the user exported, beside what every shell has."""

    home: Path
    project: Path
    variables: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def environment(self) -> dict[str, str]:
        """What a program sees that the user starts in a terminal."""
        return {
            "HOME": str(self.home),
            "PATH": f"{programs.PATH}:{node_tools.node22().parent}:/usr/bin:/bin",
            "TMPDIR": str(self.home / "tmp"),
            "LANG": "C.UTF-8",
            **NO_NETWORK,
            **self.variables,
        }

    def run(self, argv: list[str], *, seconds: float = 60, **more: str) -> str:
        """Run a program to its end and return what it printed on stdout and stderr."""
        with self.started(argv, **more) as process:
            try:
                output, complaints = process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                output, complaints = process.communicate()
                raise AssertionError(
                    f"{argv} did not end in {seconds} s: {output}{complaints}"
                ) from None
        return output + complaints

    @contextmanager
    def started(self, argv: list[str], **more: str) -> Iterator[subprocess.Popen[str]]:
        """A program in a process group of its own, which is ended with the block."""
        process = subprocess.Popen(
            argv,
            cwd=self.project,
            env={**self.environment, **more},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()

    def flexura(self, *arguments: str, code: int = 0) -> str:
        """Run a command of ours."""
        kept = {name: os.environ[name] for name in FOR_US if name in os.environ}
        done = subprocess.run(
            [str(LAUNCHER), *arguments],
            cwd=self.project,
            env={**self.environment, **kept},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def write(self, path: str, sample: str) -> Path:
        """Put a user's file into the home, pointing to the user's own MCP server."""
        target = self.home / path
        target.parent.mkdir(parents=True, exist_ok=True)
        text = (USERS / sample).read_bytes().decode()
        filled = text.replace("@PYTHON@", sys.executable).replace("@SERVER@", str(OWN_SERVER))
        target.write_bytes(filled.replace("@HOME@", str(self.home)).encode())
        return target

    def digest(self, path: str) -> str:
        """The SHA-256 of a file in the home; `gone` when it is not there."""
        target = self.home / path
        return hashlib.sha256(target.read_bytes()).hexdigest() if target.exists() else "gone"


@contextmanager
def desk(root: Path, **variables: str) -> Iterator[Desk]:
    """A desk below `root`; whatever still runs when the block ends is stopped by pid."""
    home, project = root / "home", root / "project"
    (home / "tmp").mkdir(parents=True)
    project.mkdir()
    found = Desk(home, project, variables)
    try:
        yield found
    finally:
        found.flexura("gateway", "stop")
        end_all(started_below([root], grace_seconds=0.5))
