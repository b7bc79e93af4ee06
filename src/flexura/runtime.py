"""Composition root: the only file that knows concrete classes; opens and closes everything."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from flexura.domain.artifact import Artifact
from flexura.gateway.access import Access
from flexura.gateway.links import Links
from flexura.gateway.services import Preview, Services
from flexura.outbound.client import Guard
from flexura.ports.blobs import Blobs
from flexura.ports.provider import Provider
from flexura.providers.media.embedded import Embedded
from flexura.providers.render_pool import RenderPool
from flexura.providers.render_preview import RenderPreview
from flexura.providers.search import engines, origins
from flexura.queues.embedded import EmbeddedQueue
from flexura.services.catalog import Catalog
from flexura.services.generation import Generation, Preset
from flexura.services.inputs import Download, Inputs
from flexura.services.jobs import Jobs
from flexura.services.keys import Keys
from flexura.services.pages import Pages
from flexura.services.pick import Policy
from flexura.services.search import SearchService
from flexura.services.watch import Watcher
from flexura.services.work import Worker
from flexura.settings import Settings
from flexura.storage.files import FileBlobs
from flexura.storage.migrate import migrate
from flexura.storage.sqlite import SqliteRecords

_DRAIN_SECONDS = 5.0
_NOTE_KEYS_SECONDS = 60.0


@dataclass(frozen=True)
class Bind:
    """What only the process that listens knows."""

    instance: str = ""
    allowed_hosts: tuple[str, ...] = ()
    works: bool = True
    """Whether this process also runs jobs; without, it only accepts them."""


@asynccontextmanager
async def open_records(settings: Settings) -> AsyncGenerator[SqliteRecords]:
    """The store alone, migrated; for commands that need no gateway."""
    migrate(settings.database)
    records = SqliteRecords(settings.database)
    try:
        yield records
    finally:
        await records.aclose()


@asynccontextmanager
async def open_keys(settings: Settings) -> AsyncGenerator[tuple[Keys, str]]:
    """The API keys, straight from the database, and the first key if it was made just now."""
    async with open_records(settings) as records:
        keys = Keys(records)
        yield keys, await keys.first_start()


@asynccontextmanager
async def open_services(
    settings: Settings, bind: Bind, more_providers: Sequence[Provider] = ()
) -> AsyncGenerator[Services]:
    """Everything that a gateway answers with; jobs run while this is open, if `bind.works`."""
    async with AsyncExitStack() as stack:
        records = await stack.enter_async_context(open_records(settings))
        secret = await records.transact(lambda tx: tx.secret("links", secrets.token_urlsafe(32)))
        blobs = FileBlobs(settings.home / "artifacts")
        download = _download(stack)
        embedded = Embedded(settings.home / "staging", RenderPool())
        providers: dict[str, Provider] = {p.name: p for p in (embedded, *more_providers)}
        for provider in providers.values():
            stack.push_async_callback(provider.aclose)
        watcher = Watcher(records)

        catalog = Catalog(list(providers.values()), settings.aliases)
        inputs = Inputs(records, blobs, download)
        keys = Keys(records)
        worker = Worker(records, blobs, providers, watcher, download)
        services = Services(
            access=Access(settings.public_url, (*settings.allowed_hosts, *bind.allowed_hosts)),
            keys=keys,
            catalog=catalog,
            generation=Generation(
                records, catalog, inputs, _presets(settings), Policy(prefer=settings.prefer)
            ),
            jobs=Jobs(records, watcher),
            inputs=inputs,
            search=_search(stack, settings),
            blobs=blobs,
            records=records,
            links=Links(secret, settings.public_url),
            preview=_preview(stack, blobs, settings),
            instance=bind.instance or secrets.token_hex(8),
        )
        await stack.enter_async_context(_running(watcher.run()))
        await stack.enter_async_context(_running(_note_keys(keys)))
        if bind.works:
            queue = EmbeddedQueue(records, lease_seconds=settings.lease_seconds)
            limits = {name: provider.concurrency for name, provider in providers.items()}
            await stack.enter_async_context(_running(queue.work(worker.run, limits)))
            stack.push_async_callback(queue.drain, _DRAIN_SECONDS)
        yield services


def _download(stack: AsyncExitStack) -> Download:
    guard = Guard()
    stack.push_async_callback(guard.aclose)

    async def download(url: str, max_bytes: int) -> bytes:
        return (await guard.request("GET", url, max_bytes=max_bytes)).body

    return download


def _search(stack: AsyncExitStack, settings: Settings) -> SearchService:
    # A page that a stranger names must not reach what the operator allowed for an engine.
    asking = Guard(allow_origins=origins(settings.environment))
    reading = Guard(plain_http=True)
    stack.push_async_callback(asking.aclose)
    stack.push_async_callback(reading.aclose)
    return SearchService(engines(settings.environment, asking), Pages(reading))


def _preview(stack: AsyncExitStack, blobs: Blobs, settings: Settings) -> Preview:
    # A child of its own: a preview does not wait behind somebody's video.
    pool = RenderPool(1)
    stack.push_async_callback(pool.aclose)
    preview = RenderPreview(blobs, pool, settings.home / "staging")

    async def jpeg(artifact: Artifact) -> bytes | None:
        return await preview.jpeg(artifact.sha256, artifact.mime)

    return jpeg


def _presets(settings: Settings) -> dict[str, Preset]:
    return {
        name: Preset(str(preset.get("model", "")), dict(preset.get("options", {})))
        for name, preset in settings.presets.items()
    }


@asynccontextmanager
async def _running(work: Coroutine[Any, Any, None]) -> AsyncGenerator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _note_keys(keys: Keys) -> None:
    while True:
        await asyncio.sleep(_NOTE_KEYS_SECONDS)
        await keys.note_used()
