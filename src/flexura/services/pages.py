"""Pages of strangers, fetched and read."""

from __future__ import annotations

import asyncio

import anyio.to_thread

from flexura.outbound.answer import BodyTooLarge
from flexura.outbound.client import Guard
from flexura.services.page_bytes import UnreadablePage
from flexura.services.page_text import page_text

PAGE_SECONDS = 6.0
MAX_PAGE_BYTES = 2_000_000
MOST_AT_ONCE = 32
"""Pages in memory at once; others wait their turn, as long as a page may take."""
_HEADERS = {
    "accept": "text/html, application/xhtml+xml, text/markdown;q=0.9, text/plain;q=0.8, */*;q=0.1"
}


class Pages:
    """Reads public pages. Its Guard must not allow the operator's own origins: results name the URLs."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._places = asyncio.Semaphore(MOST_AT_ONCE)

    async def text(self, url: str, limit: int) -> str:
        """As `_text`, when it is its turn. Raises UnreadablePage, or the errors of Guard.request."""
        try:
            async with asyncio.timeout(PAGE_SECONDS):
                await self._places.acquire()
        except TimeoutError:
            raise UnreadablePage("too many pages are being read at this moment") from None
        try:
            return await self._text(url, limit)
        finally:
            self._places.release()

    async def _text(self, url: str, limit: int) -> str:
        """At most `limit` characters of a page, cleaned as untrusted.

        Raises UnreadablePage, or the errors of Guard.request.
        """
        try:
            answer = await self._guard.request(
                "GET", url, headers=_HEADERS, timeout=PAGE_SECONDS, max_bytes=MAX_PAGE_BYTES
            )
        except BodyTooLarge as large:
            answer = large.answer
        if answer.status != 200:
            raise UnreadablePage(f"it answered with status {answer.status}")
        # In a thread: a large page takes a while, and others are being answered.
        content_type = answer.headers.get("content-type", "")
        text = await anyio.to_thread.run_sync(page_text, answer.body, content_type, limit)
        if not text:
            raise UnreadablePage("it has no readable text")
        return text
