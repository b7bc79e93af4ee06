"""Finding files and other forms of them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from flexura.domain.artifact import Artifact
from flexura.domain.errors import InvalidRequest, NotFound
from flexura.domain.job import Job
from flexura.ports.blobs import Blobs
from flexura.ports.conversion import PEAKS, Converter, Format, Variant
from flexura.ports.records import Records
from flexura.services.retention import check_kept
from flexura.services.sniff import extension_of

_GONE = "Check the name, or look at the job for its current links."


@dataclass(frozen=True, slots=True)
class Served:
    """A file that is ready to be sent; `tag` names its content for ever."""

    path: Path | None
    """Where it lies; None = not on this machine."""
    mime: str
    name: str
    tag: str
    artifact: Artifact


class Artifacts:
    """The files of a workspace; another workspace's ids do not exist."""

    def __init__(self, records: Records, blobs: Blobs, converter: Converter) -> None:
        self._records = records
        self._blobs = blobs
        self._converter = converter

    async def get(self, workspace_id: str, artifact_id: str) -> Artifact:
        """The artifact, also one whose bytes have gone. Raises NotFound."""
        artifact = await self._records.artifact(workspace_id, artifact_id)
        if artifact is None:
            raise NotFound("There is no such artifact in this workspace.", next_step=_GONE)
        return artifact

    async def named(self, name: str) -> Artifact:
        """The artifact with this unguessable name, in any workspace. Raises NotFound."""
        artifact = await self._records.asset(name)
        if artifact is None:
            raise NotFound("There is no such file.", next_step=_GONE)
        return artifact

    async def job_of(self, artifact: Artifact) -> Job | None:
        """The job that made it; None for an upload."""
        if not artifact.job_id:
            return None
        return await self._records.job(artifact.workspace_id, artifact.job_id)

    async def served(self, artifact: Artifact, format: Format | None, width: int) -> Served:
        """The file itself, or the form of it that is asked for.

        Raises ArtifactExpired with the date, InvalidRequest for a form that it cannot have, NotFound,
        Overloaded, DiskFull.
        """
        check_kept(artifact)
        variant = variant_of(artifact, format, width)
        if variant is None:
            path = None if self._blobs.remote else await self._path(artifact)
            return Served(path, artifact.mime, artifact.name, artifact.sha256, artifact)
        path = await self._converter.convert(artifact, variant)
        stem = artifact.name.rpartition(".")[0]
        tag = f"{artifact.sha256}-{variant.format}-{variant.width}"
        return Served(path, variant.mime, f"{stem}.{extension_of(variant.mime)}", tag, artifact)

    async def peaks(self, artifact: Artifact) -> Path:
        """The file with the shape of a sound, as `ports.conversion.PEAKS` says.

        Raises ArtifactExpired, InvalidRequest for what has no sound, NotFound, Overloaded, DiskFull.
        """
        check_kept(artifact)
        if not artifact.mime.startswith(("audio/", "video/")):
            raise InvalidRequest(
                "This file has no sound.", field="format", next_step="Look at it as it is."
            )
        return await self._converter.convert(artifact, PEAKS)

    async def _path(self, artifact: Artifact) -> Path:
        async with self._blobs.local(artifact.sha256) as path:
            if path is None:
                raise _gone()
            return path

    async def read(self, served: Served, start: int, stop: int) -> AsyncIterator[bytes]:
        """Those bytes of a file that lies elsewhere. Raises NotFound before the first of them."""
        stream = await self._blobs.read(served.artifact.sha256, start, stop)
        if stream is None:
            raise _gone()
        return stream

    async def link(self, served: Served, seconds: int) -> str | None:
        """A URL that opens a file that lies elsewhere for so long, without us; None where there is none."""
        return await self._blobs.link(served.artifact.sha256, seconds)

    @asynccontextmanager
    async def local(self, served: Served) -> AsyncGenerator[Path]:
        """The file on this machine, inside of the context. Raises NotFound."""
        if served.path is not None:
            yield served.path
            return
        async with self._blobs.local(served.artifact.sha256) as path:
            if path is None:
                raise _gone()
            yield path


def _gone() -> NotFound:
    return NotFound("The bytes of this file are not here.", next_step=_GONE)


def variant_of(artifact: Artifact, format: Format | None, width: int) -> Variant | None:
    """The form that is meant; None = the file as it is. Without a format PNG stays PNG, all else is WebP.

    Raises InvalidRequest for what is no picture.
    """
    if format is None and width == 0:
        return None
    if artifact.mime.startswith("audio/"):
        raise InvalidRequest(
            "A sound has no picture.",
            field="format" if format else "width",
            next_step="Download it without format and width.",
        )
    if artifact.mime == "image/svg+xml":
        raise InvalidRequest(
            "A vector drawing is not converted here.",
            field="format" if format else "width",
            next_step="Download it without format and width: it scales by itself.",
        )
    wanted: Format = format or ("png" if artifact.mime == "image/png" else "webp")
    if artifact.width and width >= artifact.width:
        # A picture is never enlarged, so all of these are the same file.
        width = 0
    if width == 0 and artifact.mime == f"image/{wanted}":
        return None
    return Variant(wanted, width)
