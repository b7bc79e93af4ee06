"""Uploads: streamed to the disk, whole or in parts that can be gone on with, never held in memory.

An upload in parts is a file that grows. What its row calls received is durable; what came after that is cut
off when somebody goes on, perhaps through another gateway: the row numbers the writers, and only the last of
them may count bytes. The last byte makes it an artifact, under the id that the upload had.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from flexura.domain.artifact import Artifact
from flexura.domain.errors import (
    Conflict,
    FlexuraError,
    InvalidRequest,
    NotFound,
    PayloadTooLarge,
    UnsupportedMediaType,
)
from flexura.domain.ids import new_asset_name, new_id
from flexura.domain.upload import Upload
from flexura.ports.blobs import Blob, Blobs, Part, Parts
from flexura.ports.records import Records, Tx
from flexura.services.clock import now_ms
from flexura.services.input_files import HEAD, check_file, check_head
from flexura.services.receiving import Receiving
from flexura.services.retention import Retention
from flexura.services.sniff import extension_of

MAX_UPLOAD = 500 * 2**20
MOST_OPEN = 50
"""Unfinished uploads in one workspace."""
KEPT = 24 * 3_600_000
"""An upload that nobody goes on with is forgotten after so many milliseconds."""
_CHUNK = 1 << 20
_MARK = 16 << 20
"""So many bytes at most are sent again after the gateway was killed."""
_BEGIN = "Begin the upload again with POST /v1/upload."


_OVERTAKEN = partial(
    Conflict,
    "Another request goes on with this upload, or has ended it. What was counted is kept.",
    next_step="Ask for the offset with HEAD, and go on from there.",
)


def _nothing(tx: Tx, made: Upload | Artifact) -> None:
    """Nobody wants to write anything along with what is made."""


class Uploads:
    """Takes files in."""

    def __init__(
        self,
        records: Records,
        blobs: Blobs,
        parts: Parts,
        retention: Retention,
        clock: Callable[[], int] = now_ms,
    ) -> None:
        self._records = records
        self._blobs = blobs
        self._parts = parts
        self._retention = retention
        self._clock = clock
        self._receiving: dict[str, Receiving] = {}

    async def whole(
        self, workspace_id: str, chunks: AsyncIterator[bytes], most: int = MAX_UPLOAD
    ) -> Artifact:
        """Keep a file that comes in one piece. Raises as `receive` and `store`."""
        return await self.store(workspace_id, await self.receive(chunks, most))

    async def receive(self, chunks: AsyncIterator[bytes], most: int = MAX_UPLOAD) -> Blob:
        """The bytes of a file, of which nobody knows before it is stored.

        Raises UnsupportedMediaType after the first of them, PayloadTooLarge, DiskFull.
        """
        return await self._blobs.put(_looked_at(chunks), most)

    async def store(
        self, workspace_id: str, blob: Blob, noted: Callable[[Tx, Artifact], None] = _nothing
    ) -> Artifact:
        """Make a received file an artifact; `noted` writes along in the transaction that does it.

        Raises InvalidRequest for a picture too large.
        """
        artifact = await self._artifact(workspace_id, blob, new_id("art"))

        def work(tx: Tx) -> Artifact:
            stored = self._retention.store(tx, artifact)
            noted(tx, stored)
            return stored

        return await self._records.transact(work)

    async def _artifact(self, workspace_id: str, blob: Blob, artifact_id: str) -> Artifact:
        async with self._blobs.local(blob.sha256) as path:
            if path is None:
                raise NotFound("The uploaded bytes are gone.", next_step="Send the file again.")
            mime, sides = await asyncio.to_thread(check_file, path)
        return Artifact(
            id=artifact_id,
            workspace_id=workspace_id,
            name=new_asset_name(extension_of(mime)),
            sha256=blob.sha256,
            mime=mime,
            bytes=blob.bytes,
            created_at=self._clock(),
            role="upload",
            width=sides[0] if sides else None,
            height=sides[1] if sides else None,
        )

    async def begin(
        self, workspace_id: str, length: int, noted: Callable[[Tx, Upload], None] = _nothing
    ) -> Upload:
        """Announce a file of `length` bytes; `noted` writes along in the transaction that makes the upload.

        Raises PayloadTooLarge over `MAX_UPLOAD`, InvalidRequest for an empty file, Conflict where too many
        uploads are unfinished.
        """
        check_length(length)
        now = self._clock()
        upload = Upload(new_id("art"), workspace_id, length, 0, now, now + KEPT)

        def work(tx: Tx) -> None:
            if len(tx.find(Upload, workspace_id=workspace_id, limit=MOST_OPEN)) >= MOST_OPEN:
                raise Conflict(
                    f"This workspace has {MOST_OPEN} unfinished uploads.",
                    next_step="Finish one, or DELETE /v1/upload/{fileId}.",
                )
            tx.insert(upload)
            noted(tx, upload)

        await self._records.transact(work)
        return upload

    async def get(self, workspace_id: str, upload_id: str) -> Upload | Artifact:
        """How far an upload is; the artifact once it is complete. Raises NotFound."""
        upload = await self._records.get(Upload, upload_id)
        if upload is None or upload.workspace_id != workspace_id:
            artifact = await self._records.artifact(workspace_id, upload_id)
            if artifact is None or artifact.role != "upload":
                raise NotFound("There is no such upload in this workspace.", next_step=_BEGIN)
            return artifact
        if upload.received < upload.length or upload_id in self._receiving:
            return upload
        # Every byte was there when the gateway stopped.
        async with self._alone(upload_id):
            return await self._finish(upload)

    async def append(
        self, workspace_id: str, upload_id: str, offset: int, chunks: AsyncIterator[bytes]
    ) -> Upload | Artifact:
        """Go on at `offset`; the artifact when the last byte is there.

        A request that still hangs in the same upload is ended; what it brought is kept. Raises Conflict
        (with the right `offset`), NotFound, PayloadTooLarge, DiskFull; UnsupportedMediaType and
        InvalidRequest for a file that cannot be used, which is forgotten.
        """
        await self.get(workspace_id, upload_id)
        async with self._alone(upload_id) as receiving:
            upload = await self.get(workspace_id, upload_id)
            received = upload.received if isinstance(upload, Upload) else upload.bytes
            if offset != received:
                raise _misplaced(received, offset)
            if isinstance(upload, Artifact):
                return upload
            upload = await self._receive(upload, receiving, chunks)
            return upload if upload.received < upload.length else await self._finish(upload)

    @asynccontextmanager
    async def _alone(self, upload_id: str) -> AsyncGenerator[Receiving]:
        while (busy := self._receiving.get(upload_id)) is not None:
            busy.overtake()
            await busy.over.wait()
        mine = self._receiving[upload_id] = Receiving()
        try:
            yield mine
        finally:
            del self._receiving[upload_id]
            mine.over.set()

    async def _receive(
        self, upload: Upload, receiving: Receiving, chunks: AsyncIterator[bytes]
    ) -> Upload:
        """What comes is written; however it ends, what came is durable and counted."""

        async def claim() -> int:
            nonlocal upload
            upload = await self._claimed(upload)
            return upload.writer

        async with self._parts.growing(upload.id, upload.received, claim) as part:
            begun = 0 < upload.received < HEAD
            head = await self._parts.head(upload.id, upload.received) if begun else b""
            flow = _Flow(part, upload, head)
            try:
                async for chunk in receiving.of(chunks):
                    await flow.add(chunk)
                    if flow.written - upload.received >= _MARK:
                        upload = await self._mark(upload, flow)
            except UnsupportedMediaType:
                await self._forget(upload.id)
                raise
            except BaseException:
                await self._settle(upload, flow)
                raise
            return await self._settle(upload, flow)

    async def _claimed(self, upload: Upload) -> Upload:
        """Become the one writer, in every process: who wrote before counts no more bytes. Raises Conflict."""

        def work(tx: Tx) -> Upload:
            now = tx.get(Upload, upload.id)
            if now is None:
                raise _OVERTAKEN()
            if now.received != upload.received:
                raise _misplaced(now.received, upload.received)
            return tx.change(Upload, upload.id, writer=now.writer + 1) or now

        return await self._records.transact(work)

    async def _settle(self, upload: Upload, flow: _Flow) -> Upload:
        await flow.flush()
        return await self._mark(upload, flow)

    async def _mark(self, upload: Upload, flow: _Flow) -> Upload:
        await flow.part.sync()
        at, written = self._clock(), flow.written

        def work(tx: Tx) -> Upload | None:
            now = tx.get(Upload, upload.id)
            overtaken = tx.get(Artifact, upload.id) if now is None else now.writer != upload.writer
            if overtaken:
                raise _OVERTAKEN()
            return tx.change(Upload, upload.id, received=written, expires_at=at + KEPT)

        changed = await self._records.transact(work)
        if changed is None:
            raise NotFound("The upload was given up meanwhile.", next_step=_BEGIN)
        return changed

    async def _finish(self, upload: Upload) -> Artifact:
        try:
            async with self._parts.whole(upload.id, upload.length) as path:
                await self._checked(upload.id, path)
                # The file stays where it is until the row is written: a crash in between costs nothing.
                blob = await self._blobs.take(path, keep=True)
        except FileNotFoundError:
            made = await self._records.artifact(upload.workspace_id, upload.id)
            if made is not None:
                return made  # another gateway was faster
            await self._forget(upload.id)
            raise NotFound("The bytes of this upload are gone.", next_step=_BEGIN) from None
        artifact = await self._artifact(upload.workspace_id, blob, upload.id)

        def work(tx: Tx) -> Artifact:
            if made := tx.get(Artifact, upload.id):
                return made
            tx.remove(Upload, upload.id)
            return self._retention.store(tx, artifact)

        stored = await self._records.transact(work)
        await self._parts.remove(upload.id)
        return stored

    async def _checked(self, upload_id: str, path: Path) -> None:
        """Forget a file that cannot be used. Raises what is wrong with it."""
        try:
            await asyncio.to_thread(check_file, path)
        except FlexuraError:
            await self._forget(upload_id)
            raise

    async def forget(self, workspace_id: str, upload_id: str) -> None:
        """Give an unfinished upload up. Raises NotFound, or Conflict for one that is complete."""
        if isinstance(await self.get(workspace_id, upload_id), Artifact):
            raise Conflict("The upload is complete.", next_step="Its fileId can be used in jobs.")
        async with self._alone(upload_id):
            await self._forget(upload_id)

    async def _forget(self, upload_id: str) -> None:
        await self._records.transact(lambda tx: tx.remove(Upload, upload_id))
        await self._parts.remove(upload_id)


class _Flow:
    """Bytes on their way into a part, gathered so that the disk is asked seldom."""

    def __init__(self, part: Part, upload: Upload, head: bytes) -> None:
        self.part = part
        self.written = upload.received
        self._head = bytearray(head) if upload.received < HEAD else None
        """The first bytes of the file, until they have been looked at."""
        self._waiting = bytearray()
        self._length = upload.length

    async def add(self, chunk: bytes) -> None:
        """Take a chunk. Raises PayloadTooLarge; UnsupportedMediaType as soon as the first bytes are there."""
        if self.written + len(self._waiting) + len(chunk) > self._length:
            raise PayloadTooLarge(
                f"More bytes came than the {self._length} that were announced.",
                next_step="Begin again with the right Upload-Length.",
            )
        if self._head is not None:
            self._head += chunk[:HEAD]
            if len(self._head) >= HEAD:
                check_head(bytes(self._head[:HEAD]))
                self._head = None
        self._waiting += chunk
        if len(self._waiting) >= _CHUNK:
            await self.flush()

    async def flush(self) -> None:
        """Write what waits."""
        data, self._waiting = bytes(self._waiting), bytearray()
        if data:
            await self.part.write(data)
            # Not counted where the write failed or was cancelled: what is not counted is cut off.
            self.written += len(data)


def check_length(length: int) -> None:
    """Raises PayloadTooLarge or InvalidRequest for a file that would not be taken."""
    if length > MAX_UPLOAD:
        raise PayloadTooLarge(
            f"The upload is over {MAX_UPLOAD} bytes.",
            next_step=f"Send at most {MAX_UPLOAD // 2**20} MiB.",
        )
    if length < 1:
        raise InvalidRequest(
            "The file is empty.", field="Upload-Length", next_step="Send a media file."
        )


def _misplaced(received: int, offset: int) -> Conflict:
    return Conflict(
        f"The upload has {received} bytes, and this part starts at {offset}.",
        field="Upload-Offset",
        next_step=f"Go on with Upload-Offset: {received}.",
        offset=received,
    )


async def _looked_at(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same stream. Raises UnsupportedMediaType as soon as its first bytes are there."""
    head: bytes | None = b""
    async for chunk in chunks:
        if head is None:
            yield chunk
            continue
        head += chunk
        if len(head) >= HEAD:
            check_head(head)
            yield head
            head = None
    if head is not None:
        check_head(head)
        yield head
