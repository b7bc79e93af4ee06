"""Parts of uploads for tests: streams that break off, hang, or come in pieces of any size."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from doubles import png

BOUNDARY = "----flexura-test-boundary"
HEAD = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2"


def film_of(size: int) -> bytes:
    """Bytes that start like an MP4."""
    pattern = bytes(range(256)) * 16
    return (HEAD + pattern * (size // len(pattern) + 1))[:size]


async def pieces(content: bytes, size: int = 65_536) -> AsyncIterator[bytes]:
    """A stream in pieces of that size."""
    for start in range(0, len(content), size):
        yield content[start : start + size]


class Broken(Exception):
    """The connection is gone."""


async def broken_after(content: bytes, size: int = 65_536) -> AsyncIterator[bytes]:
    """A stream that breaks off after these bytes."""
    async for piece in pieces(content, size):
        yield piece
    raise Broken


async def hanging_after(
    content: bytes, hangs: asyncio.Event, size: int = 65_536
) -> AsyncIterator[bytes]:
    """A stream that says when all of these bytes are out, and then is silent for ever."""
    async for piece in pieces(content, size):
        yield piece
    hangs.set()
    await asyncio.Event().wait()


def form(*fields: tuple[str, str, bytes], end: bool = True) -> bytes:
    """A multipart body of (name, file name or "", content)."""
    body = b""
    for name, file, content in fields:
        named = f'; filename="{file}"' if file else ""
        body += f"--{BOUNDARY}\r\n".encode()
        body += f'Content-Disposition: form-data; name="{name}"{named}\r\n'.encode()
        body += b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n"
    return body + (f"--{BOUNDARY}--\r\n".encode() if end else b"")


FORM_TYPE = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
PICTURE = png(grey=7)
