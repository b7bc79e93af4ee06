"""Composition root: the only file that knows concrete classes; opens and closes everything."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import secrets
from collections.abc import AsyncGenerator, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from flexura.domain.artifact import Artifact
from flexura.domain.provider import ProviderFacts, Role
from flexura.gateway.access import Access
from flexura.gateway.links import Links
from flexura.gateway.services import Preview, Services
from flexura.outbound.client import Guard, is_url
from flexura.ports.blobs import Blobs
from flexura.ports.provider import Provider
from flexura.providers import media, search
from flexura.providers.media import Setup
from flexura.providers.media.embedded import Embedded
from flexura.providers.render_pool import RenderPool
from flexura.providers.render_preview import RenderPreview
from flexura.queues.embedded import EmbeddedQueue
from flexura.services.breaker import Breakers
from flexura.services.buying import Patience
from flexura.services.catalog import Catalog
from flexura.services.generation import Generation, Preset
from flexura.services.inputs import Download, Inputs
from flexura.services.jobs import Jobs
from flexura.services.keys import Keys
from flexura.services.model_search import ModelSearch
from flexura.services.pages import Pages
from flexura.services.pick import Policy
from flexura.services.search import SearchService
from flexura.services.selection import Selection
from flexura.services.stats import Stats
from flexura.services.watch import Watcher
from flexura.services.work import Worker
from flexura.settings import Settings
from flexura.storage.files import FileBlobs
from flexura.storage.migrate import migrate
from flexura.storage.sqlite import SqliteRecords

log = logging.getLogger(__name__)
# Only an order that is on its way to a vendor is waited for; everything else can go on later.
_DRAIN_SECONDS = 60.0
_NOTE_KEYS_SECONDS = 60.0


@dataclass(frozen=True)
class Bind:
    """What only the process that listens knows."""

    instance: str = ""
    allowed_hosts: tuple[str, ...] = ()
    works: bool = True
    """Whether this process also runs jobs; without, it only accepts them."""
    patience: Patience = field(default_factory=Patience)


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
        vendors = _vendors(settings)
        made = (embedded, *itertools.chain(*vendors.values()), *more_providers)
        providers: dict[str, Provider] = {p.name: p for p in made}
        for provider in made:
            stack.push_async_callback(provider.aclose)
        watcher, breakers = Watcher(records), Breakers()

        catalog, stats = Catalog(list(providers.values()), settings.aliases), Stats(records)
        stack.push_async_callback(stats.aclose)
        stack.push_async_callback(catalog.aclose)
        selection = Selection(catalog, Policy(settings.prefer, settings.order), breakers, stats)
        inputs = Inputs(records, blobs, download)
        keys = Keys(records)
        scratch = settings.home / "staging" / "downloads"
        worker = Worker(records, blobs, providers, watcher, breakers, scratch, bind.patience)
        services = Services(
            access=Access(settings.public_url, (*settings.allowed_hosts, *bind.allowed_hosts)),
            keys=keys,
            catalog=catalog,
            models=ModelSearch(catalog, selection, stats),
            generation=Generation(records, selection, inputs, _presets(settings), breakers),
            jobs=Jobs(records, watcher),
            inputs=inputs,
            search=_search(stack, settings),
            providers=_facts(settings, vendors, (embedded, *more_providers)),
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


def _vendors(settings: Settings) -> dict[str, Sequence[Provider]]:
    """What each configured adapter makes. Each has a guard of its own, for its own origins alone."""
    env, made = settings.environment, dict[str, Sequence[Provider]]()
    for adapter in media.adapters():
        if adapter.configured(env):
            guard = Guard(allow_origins=[url for url in adapter.origins(env) if is_url(url)])
            staging = settings.home / "staging" / adapter.NAME
            try:
                made[adapter.NAME] = adapter.make(Setup(env, guard, settings.home, staging))
            except Exception:
                # One vendor's settings must not keep the gateway from starting.
                log.exception("The provider %s cannot be made from its settings.", adapter.NAME)
    return made


def _facts(
    settings: Settings, vendors: Mapping[str, Sequence[Provider]], ours: Sequence[Provider]
) -> tuple[ProviderFacts, ...]:
    """What there is to know about every adapter without asking anybody."""
    env = settings.environment

    def facts(adapter: media.Adapter | search.Adapter, role: Role) -> ProviderFacts:
        known, works = adapter.VARIABLES, adapter.configured(env)
        locked = [f"{n} is not used: {why}" for n, why in settings.locked.items() if n in known]
        return ProviderFacts(
            adapter.NAME,
            role,
            known,
            adapter.DOCS,
            tuple(adapter.PROVEN),
            configured=works or bool(locked),
            problem="" if works else "; ".join(locked),
        )

    def of_vendor(adapter: media.Adapter) -> ProviderFacts:
        found, made = facts(adapter, "media"), vendors.get(adapter.NAME)
        if made is None and not found.problem and found.configured:
            return replace(found, problem="It cannot be made from its settings; the log says why.")
        return replace(found, parts=tuple(p.name for p in made or ()))

    return (
        *(ProviderFacts(p.name, "media", {}, "", ("itself",), configured=True) for p in ours),
        *map(of_vendor, media.adapters()),
        *(replace(facts(a, "search"), keyless=a.keyless(env)) for a in search.adapters()),
    )


def provider_variables() -> dict[str, str]:
    """Every variable that a provider of this installation reads, and what to set it to."""
    return {**media.variables(), **search.variables()}


def _download(stack: AsyncExitStack) -> Download:
    guard = Guard()
    stack.push_async_callback(guard.aclose)

    async def download(url: str, max_bytes: int) -> bytes:
        return (await guard.request("GET", url, max_bytes=max_bytes)).body

    return download


def _search(stack: AsyncExitStack, settings: Settings) -> SearchService:
    # A page that a stranger names must not reach what the operator allowed for an engine.
    asking = Guard(allow_origins=search.origins(settings.environment))
    reading = Guard(plain_http=True)
    stack.push_async_callback(asking.aclose)
    stack.push_async_callback(reading.aclose)
    engines = search.engines(settings.environment, asking)
    return SearchService(engines, Pages(reading), variables=search.deciding())


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
