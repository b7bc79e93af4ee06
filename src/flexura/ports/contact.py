"""A contact sheet of stored files: numbered, labelled, small enough for an agent to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from flexura.domain.artifact import Artifact

MOST_CELLS = 64
SHEET_BYTES = 192_000
"""So large is a sheet at most: 256 kB once it is base64 in an agent's tool result."""
SHEET_MIME = "image/jpeg"


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one cell and under it; the texts may be a stranger's."""

    title: str
    facts: tuple[str, ...] = ()
    number: int | None = None
    """What it is picked by; None for what cannot be picked."""
    artifact: Artifact | None = None
    why: str = ""
    """Why there is no file to see; where it is set, the file is not looked at."""
    mark: Literal["", "selected"] = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sheet as JPEG, and a tag that names what is on it."""

    content: bytes
    tag: str


class SheetMaker(Protocol):
    """Draws contact sheets and keeps some of them for the next one who asks."""

    async def draw(self, cells: Sequence[Cell]) -> Drawn:
        """The sheet of 1 to 64 cells: a JPEG of at most `SHEET_BYTES`.

        A file that cannot be read is a cell that says so. Raises InvalidRequest for none or more than 64
        cells, Overloaded (with `retry_after`), DiskFull.
        """
        ...
