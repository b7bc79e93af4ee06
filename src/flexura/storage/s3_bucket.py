"""One S3-compatible bucket: what `obstore` does, in our words and with our errors."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from flexura.domain.errors import FlexuraError, InternalError, Overloaded
from flexura.outbound.buckets import AT_ONCE, PART, trouble_of

RETRY_AFTER = 5
"""Seconds, told to whoever asked while the bucket could not be reached."""
_PIECE = 1 << 20


@dataclass(frozen=True)
class Stored:
    """An object; `at` is when it was written, by the clock of the bucket (milliseconds since 1970)."""

    key: str
    bytes: int
    at: int


@dataclass(frozen=True)
class Bucket:
    """Reads and writes of S3 are strongly consistent: what was written is what the next one reads.

    Every method raises Overloaded (with `retry_after`) where the bucket cannot be reached, and InternalError
    where it refuses us.
    """

    store: Any
    where: str
    """How it is called in messages."""
    signing: Any = None
    """The store under the address at which others reach it; None = they do not."""

    async def put(
        self, key: str, what: Path | bytes, attributes: Mapping[str, str] | None = None
    ) -> None:
        """Write an object whole, or not at all; a large file goes in parts and is never in memory."""
        import obstore

        with self._told():
            await obstore.put_async(
                self.store,
                key,
                what,
                attributes=dict(attributes or {}),
                chunk_size=PART,
                # Bytes are in memory already, and go in one request.
                use_multipart=None if isinstance(what, Path) else False,
                max_concurrency=AT_ONCE,
            )

    async def head(self, key: str) -> Stored | None:
        """What is there under a key."""
        import obstore

        with self._told(), contextlib.suppress(_Missing), _missing():
            return _stored(await obstore.head_async(self.store, key))
        return None

    async def stream(
        self, key: str, part: tuple[int, int] | None = None
    ) -> AsyncIterator[bytes] | None:
        """An object, or the part of it from one byte up to another; None where it is not there."""
        import obstore

        with self._told(), contextlib.suppress(_Missing), _missing():
            options: Any = {"range": part} if part else None
            return self._pieces(await obstore.get_async(self.store, key, options=options))
        return None

    async def _pieces(self, found: Any) -> AsyncGenerator[bytes]:
        with self._told():
            async for piece in found.stream(min_chunk_size=_PIECE):
                yield bytes(piece)

    async def below(self, prefix: str) -> list[Stored]:
        """Every object below a prefix, which ends where a name between slashes does."""
        import obstore

        found: list[Stored] = []
        with self._told():
            # Its types name Arrow, which is not installed.
            async for entries in cast("Any", obstore).list(self.store, prefix):
                found += [_stored(entry) for entry in entries]
        return found

    async def delete(self, keys: Sequence[str]) -> None:
        """Remove objects; one that is not there is no error."""
        import obstore

        with self._told():
            await obstore.delete_async(self.store, list(keys))

    async def link(self, key: str, seconds: int) -> str | None:
        """A URL that opens an object for so long; None where others do not reach the bucket."""
        import obstore

        if self.signing is None:
            return None
        with self._told():
            return await obstore.sign_async(self.signing, "GET", key, timedelta(seconds=seconds))

    @contextlib.contextmanager
    def _told(self) -> Generator[None]:
        from obstore.exceptions import BaseError

        try:
            yield
        except (BaseError, OSError) as problem:
            # Not chained: the text of the cause may hold hosts and ids, and tracebacks are logged.
            raise self._error(problem) from None

    def _error(self, problem: Exception) -> FlexuraError:
        trouble = trouble_of(problem)
        if trouble.passing:
            return Overloaded(
                f"The bucket {self.where} cannot be reached{trouble.told}.",
                next_step="Try again in a few seconds; if it stays, the operator has to check its endpoint.",
                retry_after=RETRY_AFTER,
            )
        return InternalError(
            f"The bucket {self.where} refuses the gateway{trouble.told}.",
            next_step=f"The operator of this gateway has to {_remedy(trouble.code)}.",
        )


class _Missing(Exception):
    """There is no such object."""


@contextlib.contextmanager
def _missing() -> Generator[None]:
    try:
        yield
    except FileNotFoundError as problem:
        if trouble_of(problem).missing:
            raise _Missing from None
        raise


def _remedy(code: str) -> str:
    if code == "NoSuchBucket":
        return "create it, or correct FLEXURA_ARTIFACTS"
    if code in ("no credentials", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken"):
        return "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role"
    return "check its region and its permissions (docs/storage.md)"


def _stored(meta: Any) -> Stored:
    return Stored(meta["path"], meta["size"], round(meta["last_modified"].timestamp() * 1000))
