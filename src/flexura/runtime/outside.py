"""What reaches out of the process: strangers' URLs, webhooks, engines, the render child, destinations."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from flexura import destinations
from flexura.domain.artifact import Artifact
from flexura.domain.errors import ProviderError
from flexura.gateway.links import Links
from flexura.gateway.services import Preview
from flexura.outbound.client import TOTAL_SECONDS, Guard
from flexura.ports.blobs import Blobs
from flexura.ports.contact import SheetMaker
from flexura.ports.conversion import Converter
from flexura.ports.records import Records
from flexura.providers import search
from flexura.providers.render_pool import RenderPool
from flexura.providers.render_preview import RenderPreview
from flexura.providers.render_sheets import RenderSheets
from flexura.providers.render_variants import RenderVariants
from flexura.providers.variant_cache import VariantCache
from flexura.services.delivering import Deliverer
from flexura.services.events import Events
from flexura.services.inputs import Download
from flexura.services.pages import Pages
from flexura.services.publishing import Known, Publishing
from flexura.services.search import SearchService
from flexura.settings import Settings

_MOST_VARIANT_BYTES = 1 << 30
"""Of previews and other formats of files, which are kept for the next one who asks."""


def download_of(stack: AsyncExitStack, folder: Path) -> Download:
    guard = Guard()
    stack.push_async_callback(guard.aclose)

    @asynccontextmanager
    async def download(url: str, max_bytes: int) -> AsyncGenerator[Path]:
        # Through the disk: a few of the largest files at once would fill the memory. What a crash leaves
        # behind goes with forgotten uploads.
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        to = folder / f"fetched-{secrets.token_hex(8)}.part"
        try:
            answer = await guard.save(url, to, timeout=TOTAL_SECONDS, max_bytes=max_bytes)
            if answer.status != 200:
                raise ProviderError(f"the address answered {answer.status}, not with a file.")
            yield to
        finally:
            await asyncio.to_thread(to.unlink, missing_ok=True)

    return download


def deliverer_of(stack: AsyncExitStack, records: Records, events: Events) -> Deliverer:
    guard = Guard(allow_origins=events.allowed, redirects=False)
    stack.push_async_callback(guard.aclose)
    return Deliverer(records, events, guard)


def search_of(stack: AsyncExitStack, settings: Settings) -> SearchService:
    # A page that a stranger names must not reach what the operator allowed for an engine.
    asking = Guard(allow_origins=search.origins(settings.environment))
    reading = Guard(plain_http=True)
    stack.push_async_callback(asking.aclose)
    stack.push_async_callback(reading.aclose)
    engines = search.engines(settings.environment, asking)
    return SearchService(engines, Pages(reading), variables=search.deciding())


def converting_of(
    stack: AsyncExitStack, blobs: Blobs, settings: Settings, scratch: Path
) -> tuple[Preview, Converter, SheetMaker]:
    # A child of its own: a preview does not wait behind somebody's video.
    pool = RenderPool(1)
    stack.push_async_callback(pool.aclose)
    preview = RenderPreview(blobs, pool, scratch)
    cache = VariantCache(settings.home / "variants", _MOST_VARIANT_BYTES)
    converter = RenderVariants(blobs, pool, cache, scratch)
    stack.push_async_callback(converter.aclose)
    sheets = RenderSheets(blobs, pool, cache, scratch)
    stack.push_async_callback(sheets.aclose)

    async def jpeg(artifact: Artifact) -> bytes | None:
        return await preview.jpeg(artifact.sha256, artifact.mime)

    return jpeg, converter, sheets


def publishing_of(
    stack: AsyncExitStack, settings: Settings, records: Records, blobs: Blobs, links: Links
) -> Publishing:
    opened = destinations.opened(settings.destinations, settings.environment)
    for destination in opened.destinations.values():
        stack.push_async_callback(destination.aclose)

    def link(artifact: Artifact) -> str:
        return links.signed(settings.public_url, artifact)

    return Publishing(
        records,
        blobs,
        opened.destinations,
        {name: Known(name, *wrong) for name, wrong in opened.problems.items()},
        # Whoever gets a link lies outside: without a public URL none of ours would lead here.
        link if settings.public_url else None,
    )
