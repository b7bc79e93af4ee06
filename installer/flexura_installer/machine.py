"""The machine that is installed on: home, platform, environment, project."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

System = Literal["linux", "macos", "windows"]

_VARIABLE = re.compile(r"\$\{(?P<name>[A-Z_]+)(?::-(?P<otherwise>[^}]*))?\}")


@dataclass(frozen=True)
class Machine:
    """Where this user's things are; tests make their own."""

    home: Path
    system: System
    environment: Mapping[str, str]
    # The root of the project that `--scope project` means: absolute.
    project: Path

    @staticmethod
    def here(project: Path | None = None) -> Machine:
        """The machine and user that run this program."""
        system: System = (
            "macos"
            if sys.platform == "darwin"
            else "windows"
            if sys.platform == "win32"
            else "linux"
        )
        return Machine(Path.home(), system, dict(os.environ), project or Path.cwd())

    def path(self, template: str) -> Path:
        """An absolute path from a template.

        `~/x` lies in the home, `x` without either in the project; `${CODEX_HOME:-~/.codex}/x` asks the
        environment and takes what stands after `:-` when the variable is unset or empty.
        """
        text = _VARIABLE.sub(self._value, template)
        if text == "~" or text.startswith(("~/", "~\\")):
            return self.home / text[2:]
        found = Path(text)
        return found if found.is_absolute() else self.project / found

    def _value(self, match: re.Match[str]) -> str:
        return self.environment.get(match["name"], "") or match["otherwise"] or ""

    def command(self, name: str) -> Path | None:
        """The program of that name on the PATH of the environment."""
        found = shutil.which(name, path=self.environment.get("PATH", ""))
        return Path(found) if found else None

    def state(self) -> Path:
        """Where the record of what was installed lies: `~/.local/state/flexura` and its like."""
        if self.system == "windows":
            return self.path("${LOCALAPPDATA:-~/AppData/Local}/flexura")
        if self.system == "macos":
            return self.path("~/Library/Application Support/flexura/install")
        return self.path("${XDG_STATE_HOME:-~/.local/state}/flexura")

    def short(self, path: Path) -> str:
        """For people: `~/…` where it lies in the home."""
        if path.is_relative_to(self.home):
            return f"~{os.sep}{path.relative_to(self.home)}" if path != self.home else "~"
        return str(path)
