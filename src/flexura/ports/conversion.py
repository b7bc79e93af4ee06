"""Another form of a stored file: a picture in a format and a width, the shape of a sound."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from flexura.domain.artifact import Artifact

Format = Literal["png", "webp"]
FORMATS: tuple[Format, ...] = ("png", "webp")
LEAST_WIDTH, MOST_WIDTH = 16, 4096


@dataclass(frozen=True, slots=True)
class Variant:
    """A picture in `format` that is at most `width` pixels wide; 0 = as wide as it is. Or `PEAKS`."""

    format: Format | Literal["peaks"]
    width: int = 0

    @property
    def mime(self) -> str:
        """Its media type."""
        return "application/json" if self == PEAKS else f"image/{self.format}"


PEAKS = Variant("peaks")
"""The shape of a sound as JSON: `{"seconds", "peaks"}`, of each equal part of it the loudest, 0 to 100."""


class Converter(Protocol):
    """Makes variants of stored files and keeps some of them for the next one who asks."""

    async def convert(self, artifact: Artifact, variant: Variant) -> Path:
        """The file of a variant: of a picture, of the first frame of a video or an animation, of a sound.

        Keeps the aspect ratio and never enlarges. Raises InvalidRequest for a file that cannot be read,
        Overloaded (with `retry_after`), DiskFull.
        """
        ...

    async def forget(self, sha256: str) -> None:
        """Remove every variant of these bytes."""
        ...
