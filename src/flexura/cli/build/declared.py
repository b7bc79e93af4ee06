"""What a `flexura.toml` says once it has been read: frozen values, assets in the order of their making."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from flexura.local.errors import LocalError

FILE = "flexura.toml"
LOCK = "flexura.lock"
Medium = Literal["image", "video", "audio"]


@dataclass(frozen=True)
class Input:
    """What an asset starts from: another asset (by name), a file of the project, or something elsewhere."""

    of: Literal["asset", "file", "elsewhere"]
    source: str
    role: str = ""
    """As it is written before the source: `mask=`."""


@dataclass(frozen=True)
class Asset:
    """One file that shall be there. `path` is relative to the project, with `/`."""

    name: str
    path: str
    medium: Medium
    format: str
    """The gateway's name of the format that the path's ending means."""
    prompt: str
    model: str = ""
    preset: str = ""
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    inputs: tuple[Input, ...] = ()
    max_cost: float | None = None
    line: int = 0

    @property
    def needs(self) -> tuple[str, ...]:
        """The assets that have to be there first."""
        return tuple(given.source for given in self.inputs if given.of == "asset")


@dataclass(frozen=True)
class Project:
    """A project's declaration. `assets` are in an order in which each comes after what it needs."""

    root: Path
    assets: Mapping[str, Asset]
    budget: float | None = None
    reads: tuple[str, ...] = ()
    """Files beside the assets that matter: prompts and inputs."""

    def chosen(self, names: Sequence[str]) -> list[Asset]:
        """The assets of these names and what they need; all without names."""
        wanted = set(names) or set(self.assets)
        for asset in reversed(list(self.assets.values())):
            if asset.name in wanted:
                wanted.update(asset.needs)
        return [asset for asset in self.assets.values() if asset.name in wanted]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with the file, and on which line; 0 = not known."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}" if self.line else self.message


class BadDeclaration(LocalError):
    """The declaration cannot be used; nothing was made. Every problem is told at once."""

    def __init__(self, problems: Sequence[Problem], reads: Sequence[str] = ()) -> None:
        self.reads = tuple(reads)
        """Files that it names, as far as could be told: another content of theirs may mend it."""
        self.problems = sorted(problems, key=lambda problem: problem.line)
        count = len(problems)
        told = "\n".join(f"  {FILE}, {problem}" for problem in self.problems)
        head = "a problem" if count == 1 else f"{count} problems"
        super().__init__(
            "invalid_request",
            f"{FILE} has {head}; nothing was made.\n{told}",
            next_step="Correct that and repeat the command.",
        )

    def body(self) -> dict[str, Any]:
        listed = [{"line": found.line, "message": found.message} for found in self.problems]
        return {**super().body(), "problems": listed}
