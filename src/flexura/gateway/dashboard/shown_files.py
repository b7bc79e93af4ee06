"""A job's files as pages show them: a small picture, a player, and the way to the file's own page.

The URLs of pictures are signed, so that a page full of them does not use up the requests of a key.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from flexura.domain.artifact import Artifact
from flexura.gateway.links import Links
from flexura.ports.conversion import Variant

_DAY = 86_400
SMALL, LARGE = 160, 1024
"""Widths in pixels of the pictures in lists, and on a page of their own."""
_UNCONVERTED = frozenset({"image/svg+xml"})


@dataclass(frozen=True)
class ShownFile:
    """One file; a URL is empty where there is nothing to show."""

    artifact: Artifact
    url: str
    thumb: str
    large: str
    number: int
    """Its place among the files of its job, from 1."""

    @property
    def page(self) -> str:
        """Where all is told of it."""
        return f"/dashboard/gallery/{self.artifact.id}"

    @property
    def medium(self) -> str:
        """image, video, audio, or something else."""
        return self.artifact.mime.partition("/")[0]

    @property
    def trashed(self) -> bool:
        """Whether somebody put it into the trash."""
        return self.artifact.trashed_at is not None

    @property
    def gone(self) -> bool:
        """Whether its bytes are no longer kept."""
        return self.artifact.expired_at is not None


def shown(links: Links, artifacts: Sequence[Artifact]) -> list[ShownFile]:
    """The files in their order."""
    return [_shown(links, artifact, i) for i, artifact in enumerate(artifacts, 1)]


def thumbnail(links: Links, artifacts: Sequence[Artifact], width: int = SMALL) -> str:
    """A small picture of the first file that has one; empty if none has."""
    for artifact in artifacts:
        gone = artifact.expired_at or artifact.trashed_at
        if not gone and (url := _picture(links, artifact, width)):
            return url
    return ""


def _shown(links: Links, artifact: Artifact, number: int) -> ShownFile:
    if artifact.expired_at is not None:
        return ShownFile(artifact, "", "", "", number)
    url = links.until("", artifact, _until())
    small, large = (_picture(links, artifact, width) for width in (SMALL * 3, LARGE))
    return ShownFile(artifact, url, small, large, number)


def _picture(links: Links, artifact: Artifact, width: int) -> str:
    if artifact.mime in _UNCONVERTED:
        return links.until("", artifact, _until())
    if not artifact.mime.startswith(("image/", "video/")):
        return ""
    return links.until("", artifact, _until(), Variant("webp", width))


def _until() -> int:
    """The same for a whole day, so that browsers know a picture again; two days at most."""
    return int(time.time()) // _DAY * _DAY + 2 * _DAY
