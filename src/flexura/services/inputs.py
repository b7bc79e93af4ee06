"""Inputs of a job: artifact ids, job ids, data URIs and https URLs become artifacts of the workspace."""

from __future__ import annotations

import asyncio
import base64
import binascii
import urllib.parse
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from flexura.domain.artifact import Artifact
from flexura.domain.errors import InvalidRequest, NotFound, ProviderError, ProviderUnavailable
from flexura.domain.generation import ROLE_MEDIA, split_role
from flexura.domain.picture_size import picture_size
from flexura.ports.blobs import Blobs
from flexura.ports.records import Records
from flexura.services.clock import iso
from flexura.services.input_files import check_sides
from flexura.services.uploads import Uploads

MAX_FETCHED = 100 * 2**20
"""Bytes of a file that is fetched from a URL."""
_PIECE = 1 << 20


class Download(Protocol):
    """Fetches a stranger's URL safely into a file that is there inside of the context.

    Raises InvalidRequest for one that must not be fetched, or that is no file.
    """

    def __call__(self, url: str, max_bytes: int) -> AbstractAsyncContextManager[Path]: ...


async def whole(data: bytes) -> AsyncIterator[bytes]:
    """Bytes at hand, as a stream of one chunk."""
    yield data


async def pieces_of(file: Path) -> AsyncIterator[bytes]:
    """A file of any size, a piece at a time."""
    with await asyncio.to_thread(file.open, "rb") as opened:
        while piece := await asyncio.to_thread(opened.read, _PIECE):
            yield piece


@dataclass(frozen=True)
class Resolved:
    """One input: the file, and what it is for (`ROLE_MEDIA`)."""

    artifact: Artifact
    role: str

    @property
    def medium(self) -> str:
        """image, video or audio."""
        return self.artifact.mime.partition("/")[0]


class Inputs:
    """Turns what a caller names into artifacts."""

    def __init__(
        self, records: Records, blobs: Blobs, uploads: Uploads, download: Download
    ) -> None:
        self._records = records
        self._blobs = blobs
        self._uploads = uploads
        self._download = download

    async def resolve(self, workspace_id: str, sources: Sequence[str]) -> list[Resolved]:
        """The file behind each source, and its role, in order. Raises InvalidRequest or NotFound."""
        found: list[Resolved] = []
        for index, named in enumerate(sources):
            role, source = split_role(named)
            artifact = await self._resolve(workspace_id, source, index)
            await self._check_picture(artifact, f"inputs[{index}]")
            resolved = Resolved(artifact, role or artifact.mime.partition("/")[0])
            _check_medium(resolved, index)
            found.append(resolved)
        return found

    async def _check_picture(self, artifact: Artifact, field: str) -> None:
        """Raises InvalidRequest for a picture that is too large, by what its own header tells."""
        sides = (artifact.width, artifact.height)
        if artifact.mime.startswith("image/") and not all(sides):
            async with self._blobs.local(artifact.sha256) as path:
                if path is not None:
                    sides = await asyncio.to_thread(picture_size, path, artifact.mime) or sides
        if artifact.mime.startswith("image/") and sides[0] and sides[1]:
            check_sides(sides[0], sides[1], field)

    async def _resolve(self, workspace_id: str, source: str, index: int) -> Artifact:
        field = f"inputs[{index}]"
        if source.startswith("art_"):
            artifact = await self._records.artifact(workspace_id, source)
        elif source.startswith(("job_", "run_")):
            made = (await self._records.artifacts_of([source])).get(source, [])
            artifact = _preferred([a for a in made if a.workspace_id == workspace_id])
        elif source.startswith("data:"):
            return await self._uploads.whole(workspace_id, whole(_data_uri(source, field)))
        elif source.startswith(("https://", "http://")):
            return await self._fetched(workspace_id, source, field)
        else:
            raise InvalidRequest(
                f"The input {source[:80]!r} is not an artifact id, a job id, an https URL or a data URI.",
                field=field,
                next_step="Send a local file to POST /api/v1/uploads and use its artifact_id.",
            )
        if artifact is None:
            raise NotFound(
                f"There is no {source[:80]} in this workspace.",
                field=field,
                next_step="Use an artifact_id from POST /api/v1/uploads or the id of a completed job.",
            )
        if artifact.expired_at is not None:
            raise NotFound(
                f"The bytes of {artifact.id} were removed on {iso(artifact.expired_at)}.",
                field=field,
                next_step="Upload the file again, or make it again.",
            )
        return artifact

    async def _fetched(self, workspace_id: str, url: str, field: str) -> Artifact:
        """A stranger's file. That their server fails is an error of the URL, and none of this gateway."""
        try:
            async with self._download(url, MAX_FETCHED) as file:
                return await self._uploads.whole(workspace_id, pieces_of(file))
        except (ProviderError, ProviderUnavailable) as problem:
            raise InvalidRequest(
                f"The input cannot be fetched: {problem.message}",
                field=field,
                next_step="Check the URL and try again, or send the file to POST /api/v1/uploads.",
            ) from problem


def _preferred(made: Sequence[Artifact]) -> Artifact | None:
    """What a reviewer selected, else the first that nobody put aside."""
    order = {"selected": 0, "": 1, "archived": 2}
    return min(made, key=lambda artifact: order[artifact.review], default=None)


def _check_medium(given: Resolved, index: int) -> None:
    media = ROLE_MEDIA[given.role]
    if given.medium not in media:
        raise InvalidRequest(
            f"The input for {given.role} is {given.artifact.mime}.",
            field=f"inputs[{index}]",
            next_step=f"Send {' or '.join(media)} for {given.role}, or name another role.",
        )


def _data_uri(source: str, field: str) -> bytes:
    head, comma, body = source.partition(",")
    try:
        if not comma:
            raise ValueError
        if head.endswith(";base64"):
            return base64.b64decode(body, validate=True)
        return urllib.parse.unquote_to_bytes(body)
    except (ValueError, binascii.Error):
        raise InvalidRequest(
            "The data URI cannot be decoded.",
            field=field,
            next_step="Write it as data:image/png;base64,<base64>.",
        ) from None
