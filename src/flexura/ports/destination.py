"""Somewhere that finished work is published to: the port that every adapter in `destinations/` implements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from flexura.domain.artifact import Artifact


@dataclass(frozen=True)
class PublishCopy:
    """The words that go with a result."""

    title: str = ""
    caption: str = ""
    hashtags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parcel:
    """One job's result. The same parcel twice must not appear twice: `job_id` and the files' names tell."""

    job_id: str
    workspace_id: str
    files: Sequence[tuple[Artifact, Path]]
    """The artifacts and where their bytes lie on this machine, best first."""
    copy: PublishCopy = field(default_factory=PublishCopy)
    links: Sequence[str] = ()
    """A signed link for each file, for destinations that fetch; empty without a public URL."""


class Destination(Protocol):
    """Delivers; never retries or sleeps. Its settings come from the operator, never from a request."""

    name: str
    """As the operator named it."""
    platform: str
    """Which kind it is: folder, s3, webhook …"""

    async def publish(self, parcel: Parcel) -> str:
        """Deliver the parcel; the URL (or place) where it is now.

        Raises ProviderUnavailable (try again later), ProviderError (it refuses), DiskFull.
        """
        ...

    async def aclose(self) -> None: ...
