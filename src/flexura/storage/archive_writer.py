"""Writes a backup or an export: aside, streaming, synced, then renamed."""

from __future__ import annotations

import contextlib
import fcntl
import gzip
import hashlib
import io
import json
import os
import secrets
import tarfile
import tempfile
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO, cast

from flexura.storage.archive_format import (
    BLOCK,
    MANIFEST,
    MEMBERS,
    Manifest,
    Member,
    check_name,
    name_of_blob,
)
from flexura.storage.files import sync_folder

_CHUNK = 1 << 20
_SPOOLED = 4 << 20
_ASIDE = ".flexura-{}.part"
_ZIPPED = (".gz", ".tgz")


class ArchiveWriter:
    """Members one after the other, then what they are."""

    def __init__(self, out: IO[bytes], at: int, scratch: Path) -> None:
        self._out, self._at, self._scratch = out, at // 1000, scratch
        self._members = self._aside()
        self._list_digest = hashlib.sha256()
        self._listed, self._last = 0, ""
        self.count, self.bytes = 0, 0

    def _aside(self) -> IO[bytes]:
        """What grows while it is not known how long it will be: on the disk of the target, without a name."""
        return cast("IO[bytes]", tempfile.SpooledTemporaryFile(_SPOOLED, dir=str(self._scratch)))

    def __enter__(self) -> ArchiveWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._members.close()

    def add_file(self, name: str, path: Path) -> Member:
        """A file as it is now."""
        with path.open("rb") as file:
            return self.add_stream(name, file, os.fstat(file.fileno()).st_size)

    def add_stream(self, name: str, file: IO[bytes], size: int) -> Member:
        """`size` bytes of a stream; zeros where it ends early, which the digest tells."""
        check_name(name, self._last)
        self._last = name
        member = Member(name, size, self._write(name, file, size))
        line = json.dumps(asdict(member), separators=(",", ":")).encode() + b"\n"
        self._members.write(line)
        self._list_digest.update(line)
        self._listed += len(line)
        self.count += 1
        self.bytes += size
        return member

    def add_bytes(self, name: str, data: bytes) -> Member:
        """What is in memory."""
        return self.add_stream(name, io.BytesIO(data), len(data))

    def add_lines(self, name: str, lines: Iterable[bytes]) -> tuple[Member, int]:
        """Lines, whose length nobody knows before: kept aside first. The member, and how many lines."""
        with self._aside() as aside:
            count = 0
            for line in lines:
                aside.write(line + b"\n")
                count += 1
            size = aside.tell()
            aside.seek(0)
            return self.add_stream(name, aside, size), count

    def add_blob(self, sha256: str, path: Path | None) -> Member | None:
        """A blob; None if it is not there. Its member has another digest if its bytes are damaged."""
        if path is None:
            return None
        with contextlib.suppress(FileNotFoundError):
            return self.add_file(name_of_blob(sha256), path)
        return None

    def finish(self, manifest: Manifest) -> Manifest:
        """The two lists, and the end of the tar."""
        self._members.seek(0)
        self._write(MEMBERS, self._members, self._listed)
        whole = replace(manifest, members=self.count, members_sha256=self._list_digest.hexdigest())
        data = json.dumps(asdict(whole), indent=1).encode()
        self._write(MANIFEST, io.BytesIO(data), len(data))
        self._out.write(bytes(2 * BLOCK))
        return whole

    def _write(self, name: str, file: IO[bytes], size: int) -> str:
        head = tarfile.TarInfo(name)
        head.size, head.mtime, head.mode = size, self._at, 0o600
        self._out.write(head.tobuf(tarfile.GNU_FORMAT))
        digest, left = hashlib.sha256(), size
        while left:
            chunk = file.read(min(_CHUNK, left)) or bytes(min(_CHUNK, left))
            digest.update(chunk)
            self._out.write(chunk)
            left -= len(chunk)
        self._out.write(bytes(-size % BLOCK))
        return digest.hexdigest()


@contextmanager
def writing(target: Path, at: int) -> Generator[ArchiveWriter]:
    """A new file for its owner alone, there only once it is whole and durable.

    What an interrupted one left, hidden and with another name, is removed. Raises OSError.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with beside(target.parent) as (aside, file):
        with _packed(file, target) as out, ArchiveWriter(out, at, target.parent) as archive:
            yield archive
        file.flush()
        os.fsync(file.fileno())
        aside.replace(target)
    sync_folder(target.parent)


@contextmanager
def beside(folder: Path) -> Generator[tuple[Path, IO[bytes]]]:
    """A hidden file in a folder, while this lasts; the next one removes what a killed process left."""
    _remove_left(folder)
    aside = folder / _ASIDE.format(secrets.token_hex(6))
    descriptor = os.open(aside, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb", buffering=_CHUNK) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield aside, file
        finally:
            # A copy of a database may have come with files of its own.
            for left in (aside, *folder.glob(f"{aside.name}-*")):
                left.unlink(missing_ok=True)


@contextmanager
def _packed(file: IO[bytes], target: Path) -> Generator[IO[bytes]]:
    if target.suffix not in _ZIPPED:
        yield file
        return
    with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=6, filename="") as packed:
        yield cast("IO[bytes]", packed)


def _remove_left(folder: Path) -> None:
    """Files that nobody holds any more: whoever wrote them was killed."""
    for file in folder.glob(_ASIDE.format("*")):
        with contextlib.suppress(OSError), file.open("rb") as left:
            fcntl.flock(left, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for one in (file, *folder.glob(f"{file.name}-*")):
                one.unlink(missing_ok=True)
