"""Reads a backup or an export that may have come from anywhere: nothing in it is trusted.

The headers are read here and not by `tarfile`'s iteration, which follows links, long names and sparse maps
and takes as much memory for them as the file says: only plain files with the names of ours pass.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import tarfile
import tempfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from flexura.storage.archive_format import (
    BLOCK,
    MANIFEST,
    MEMBERS,
    MOST_MANIFEST,
    Manifest,
    Member,
    check_name,
    damaged,
    manifest_from,
)

_CHUNK = 1 << 20
_SPOOLED = 4 << 20
_PLAIN = (tarfile.REGTYPE, tarfile.AREGTYPE)
_MOST_BYTES = 1 << 50
_LINE = 200
"""Bytes that a line of the list of members takes at most."""


class Entry:
    """The member that is being read: read it in chunks, once."""

    def __init__(self, file: IO[bytes], name: str, size: int) -> None:
        self._file, self._left = file, size
        self._digest = hashlib.sha256()
        self.name, self.bytes = name, size

    def chunks(self) -> Iterator[bytes]:
        """What is left of it. Raises StoreDamaged where the file ends early."""
        while self._left:
            chunk = self._file.read(min(_CHUNK, self._left))
            if not chunk:
                raise damaged(f"it ends in the middle of {self.name}")
            self._left -= len(chunk)
            self._digest.update(chunk)
            yield chunk

    def lines(self, longest: int = 32 << 20) -> Iterator[bytes]:
        """Its lines. Raises StoreDamaged for one longer than `longest`."""
        rest = b""
        for chunk in self.chunks():
            *whole, rest = (rest + chunk).split(b"\n")
            yield from whole
            if len(rest) > longest:
                raise damaged(f"a line of {self.name} is too long")
        if rest:
            raise damaged(f"the last line of {self.name} has no end")

    def copy_to(self, target: IO[bytes]) -> None:
        """Write it to an open file."""
        for chunk in self.chunks():
            target.write(chunk)

    def digest(self) -> str:
        """The SHA-256 of all of it; what nobody has read is read now."""
        for _ in self.chunks():
            pass
        return self._digest.hexdigest()


class ArchiveReader:
    """Members in their order; `manifest` is there when all have been read and proven."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._last = ""
        self._found = cast("IO[bytes]", tempfile.SpooledTemporaryFile(_SPOOLED))  # noqa: SIM115
        self.count = 0
        self._manifest: Manifest | None = None

    def __enter__(self) -> ArchiveReader:
        return self

    def __exit__(self, *_: object) -> None:
        self._found.close()

    @property
    def manifest(self) -> Manifest:
        """What the file is. Raises StoreDamaged before its end was reached."""
        if self._manifest is None:
            raise damaged("it has no manifest at its end, so it was cut off")
        return self._manifest

    def entries(self) -> Iterator[Entry]:
        """Every member but the two lists, which are compared at the end. Raises StoreDamaged."""
        try:
            yield from self._entries()
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise damaged(f"it cannot be unpacked ({error})") from None

    def _entries(self) -> Iterator[Entry]:
        while (entry := self._next()) is not None:
            if entry.name == MEMBERS:
                listed = self._compare(entry)
                self._end(listed)
                return
            check_name(entry.name, self._last)
            self._last = entry.name
            yield entry
            member = Member(entry.name, entry.bytes, entry.digest())
            self._skip(-entry.bytes % BLOCK)
            self._found.write(_line(member))
            self.count += 1

    def _next(self) -> Entry | None:
        block = self._file.read(BLOCK)
        if len(block) < BLOCK or not any(block):
            return None
        try:
            head = tarfile.TarInfo.frombuf(block, "ascii", "strict")
        except (tarfile.HeaderError, UnicodeDecodeError, ValueError) as error:
            raise damaged(f"it is no tar file, or it is cut off ({error})") from None
        if head.type not in _PLAIN or not 0 <= head.size <= _MOST_BYTES:
            raise damaged(f"{head.name[:80]!r} is no plain file")
        return Entry(self._file, head.name, head.size)

    def _skip(self, size: int) -> None:
        if len(self._file.read(size)) < size:
            raise damaged("it ends in the middle")

    def _compare(self, entry: Entry) -> str:
        """The list of members against what was read; its digest."""
        if entry.bytes > (self.count + 1) * _LINE:
            raise damaged("its list of members is too long")
        self._found.seek(0)
        for chunk in entry.chunks():
            if self._found.read(len(chunk)) != chunk:
                raise damaged("a member is missing or is not what its list says: its bytes changed")
        if self._found.read(1):
            raise damaged("it holds more than its list says")
        self._skip(-entry.bytes % BLOCK)
        return entry.digest()

    def _end(self, listed: str) -> None:
        entry = self._next()
        if entry is None or entry.name != MANIFEST or entry.bytes > MOST_MANIFEST:
            raise damaged("it has no manifest at its end, so it was cut off")
        try:
            table: Any = json.loads(b"".join(entry.chunks()))
        except (ValueError, RecursionError) as error:
            raise damaged(f"its manifest cannot be read ({str(error)[:80]})") from None
        manifest = manifest_from(table)
        if (manifest.members, manifest.members_sha256) != (self.count, listed):
            raise damaged("its manifest does not belong to its list of members")
        self._manifest = manifest


def _line(member: Member) -> bytes:
    table = {"name": member.name, "bytes": member.bytes, "sha256": member.sha256}
    return json.dumps(table, separators=(",", ":")).encode() + b"\n"


@contextmanager
def reading(path: Path) -> Generator[ArchiveReader]:
    """A file, packed or not. Raises OSError."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if not packed:
            with ArchiveReader(file) as archive:
                yield archive
            return
        with (
            gzip.GzipFile(fileobj=file, mode="rb") as unpacked,
            ArchiveReader(cast("IO[bytes]", unpacked)) as archive,
        ):
            yield archive
