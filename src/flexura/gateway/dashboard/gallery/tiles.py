"""A file as a tile: its picture in the sizes that screens want, what is told below it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flexura.gateway.dashboard.shown_files import ShownFile, shown
from flexura.gateway.links import Links
from flexura.ports.gallery import Shown

NOUNS = {"image": "Picture", "video": "Video", "audio": "Sound", "other": "File"}


@dataclass(frozen=True)
class Tile:
    """One file of the gallery."""

    shown: Shown
    file: ShownFile

    @property
    def id(self) -> str:
        """The artifact's id."""
        return self.shown.artifact.id

    @property
    def noun(self) -> str:
        """Picture, Video, Sound, File."""
        return NOUNS[self.shown.kind]

    @property
    def title(self) -> str:
        """What stands below it: the prompt, or else what it is."""
        return self.shown.prompt or (
            "Uploaded " + self.noun.lower() if self.shown.origin == "upload" else self.noun
        )

    @property
    def name(self) -> str:
        """What a screen reader says of it."""
        return f"{self.noun}: {self.title[:160]}"

    @property
    def url(self) -> str:
        """The file itself, through us wherever it lies: the page's policy lets in nothing else."""
        return here(self.file)


def here(file: ShownFile) -> str:
    """A file's URL that never leads elsewhere."""
    return f"{file.url}&here=1" if file.url else ""


def tiles(links: Links, found: Iterable[Shown]) -> list[Tile]:
    """Files as tiles, in their order."""
    items = list(found)
    files = shown(links, [one.artifact for one in items])
    return [Tile(one, file) for one, file in zip(items, files, strict=True)]
