"""What a parcel looks like where it arrives: the same names and the same description every time.

Part of the port, so that a result has one name wherever it lies, also in a destination of somebody else.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from flexura.domain.artifact import Artifact
from flexura.domain.errors import ProviderError
from flexura.ports.destination import Parcel

_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
_EXTENSION = re.compile(r"[a-z0-9]{1,8}")


@dataclass(frozen=True)
class Named:
    """One file of a parcel under the name that it gets."""

    name: str
    artifact: Artifact
    path: Path
    link: str = ""

    def entry(self) -> dict[str, Any]:
        """The file as the description tells it."""
        found = self.artifact
        return {
            "name": self.name,
            "type": found.mime,
            "bytes": found.bytes,
            "sha256": found.sha256,
            "width": found.width,
            "height": found.height,
            "seconds": found.seconds,
        }


def files_of(parcel: Parcel) -> list[Named]:
    """Every file as `<job>-<n>.<ext>`. Raises ProviderError for an id that is no file name."""
    if not _ID.fullmatch(parcel.job_id):
        raise ProviderError("The job's id cannot be a file name.")
    links = [*parcel.links, *[""] * len(parcel.files)]
    return [
        Named(f"{parcel.job_id}-{number}.{_extension(artifact)}", artifact, path, link)
        for number, ((artifact, path), link) in enumerate(
            zip(parcel.files, links, strict=False), start=1
        )
    ]


def description_of(parcel: Parcel, files: list[Named]) -> bytes:
    """`<job>.json`: the words and the files. The same parcel gives the same bytes."""
    told = {
        "job_id": parcel.job_id,
        **asdict(parcel.copy),
        "files": [file.entry() for file in files],
    }
    return json.dumps(told, ensure_ascii=False, indent=2).encode() + b"\n"


def _extension(artifact: Artifact) -> str:
    extension = artifact.name.rpartition(".")[2]
    return extension if _EXTENSION.fullmatch(extension) else "bin"
