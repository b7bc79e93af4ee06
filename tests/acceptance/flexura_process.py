"""`flexura` as a process of its own, in a home and a project of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROGRAM = [sys.executable, "-m", "flexura"]
SECONDS = 110


@dataclass
class Shell:
    """Somebody's terminal on a machine where nothing of ours runs yet."""

    home: Path
    project: Path
    variables: dict[str, str] = field(default_factory=dict[str, str])
    seconds: float = SECONDS

    @property
    def environment(self) -> dict[str, str]:
        """What a command sees."""
        return {**os.environ, "FLEXURA_HOME": str(self.home), **self.variables}

    def run(self, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        done = subprocess.run(
            [*PROGRAM, *arguments],
            cwd=self.project,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=self.seconds,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def json(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        """The one object that a command prints."""
        return json.loads(self.run(*arguments, "--json", code=code).stdout)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command and leave it running."""
        return subprocess.Popen(
            [*PROGRAM, *arguments],
            cwd=self.project,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
