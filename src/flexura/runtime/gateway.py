"""A whole gateway: what it stands on, what orders are settled with, what answers, what runs beside."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial

from flexura.domain.job import TEMPLATE_PROVIDER
from flexura.domain.pace import ProviderLimit
from flexura.gateway.access import Access
from flexura.gateway.form_tokens import FormTokens
from flexura.gateway.links import Links
from flexura.gateway.services import Services
from flexura.ports.provider import Provider
from flexura.ports.records import Records
from flexura.providers.media.embedded import Embedded
from flexura.providers.render_pool import RenderPool
from flexura.runtime import background, outside, soundness
from flexura.runtime.agents import agents_of
from flexura.runtime.files import Files, open_files
from flexura.runtime.otel import traced
from flexura.runtime.queues import queue_of
from flexura.runtime.stopping import Stopping
from flexura.runtime.stores import open_records
from flexura.runtime.vendors import facts_of, vendors_of
from flexura.runtime.vitals import alive, lived, readiness_of, secrets_of, vitals_of
from flexura.services import logs
from flexura.services.admission import Admission
from flexura.services.artifacts import Artifacts
from flexura.services.breaker import Breakers
from flexura.services.buying import Patience
from flexura.services.catalog import Catalog
from flexura.services.confirm import Confirmations
from flexura.services.credits import Credits
from flexura.services.events import Events
from flexura.services.explaining import Explaining
from flexura.services.figures import Sources
from flexura.services.gallery import Gallery
from flexura.services.generation import Generation
from flexura.services.idempotency import IdempotencyKeys
from flexura.services.inputs import Inputs
from flexura.services.jobs import Jobs
from flexura.services.keys import Keys
from flexura.services.limits import Limiter
from flexura.services.load import Load
from flexura.services.marking import Marker
from flexura.services.measured import measured
from flexura.services.model_search import ModelSearch
from flexura.services.money import Money
from flexura.services.paces import Paces
from flexura.services.pick import Policy
from flexura.services.publishing import Publishing
from flexura.services.queue_caps import QueueCaps
from flexura.services.retention import Retention, Sweeper
from flexura.services.review_sets import ReviewSets
from flexura.services.runs.comparison import Comparisons
from flexura.services.runs.media import Media
from flexura.services.runs.review import Review
from flexura.services.runs.run import Means
from flexura.services.runs.runner import Runner
from flexura.services.runs.start import Runs
from flexura.services.search import SearchService
from flexura.services.selection import Selection
from flexura.services.sessions import Sessions
from flexura.services.sheets import Sheets
from flexura.services.sign_ups import SignUps
from flexura.services.signing import SigningSecrets
from flexura.services.stats import Stats
from flexura.services.templates.pipelines import Pipelines
from flexura.services.templates.presets import Preset, Presets
from flexura.services.templates.store import Templates
from flexura.services.transitions import Transitions
from flexura.services.trash import Trash
from flexura.services.uploads import Uploads
from flexura.services.usage import Usage
from flexura.services.vendors import Known, Vendors
from flexura.services.watch import Watcher
from flexura.services.webhooks import Webhooks
from flexura.services.work import Worker
from flexura.services.workspaces import Workspaces
from flexura.settings import Settings
from flexura.storage.scratch import scratch

# Only an order that is on its way to a vendor is waited for; everything else can go on later.
_DRAIN_SECONDS = 60.0
_MOST_RUNS = 1000
"""Runs of templates at once; they wait for their steps, which have limits of their own."""


@dataclass(frozen=True)
class Bind:
    """What only the process that listens knows."""

    instance: str = ""
    allowed_hosts: tuple[str, ...] = ()
    works: bool = True
    """Whether this process also runs jobs; without, it only accepts them."""
    loopback: bool = False
    """Whether nobody but this machine reaches it directly."""
    patience: Patience = field(default_factory=Patience)
    stopping: Stopping = field(default_factory=Stopping)


class _Ground:
    """What everything stands on: the store, the files, the providers, the catalog."""

    def __init__(
        self,
        stack: AsyncExitStack,
        settings: Settings,
        records: Records,
        files: Files,
        more_providers: Sequence[Provider],
    ) -> None:
        self.settings, self.records = settings, records
        self.blobs, self.parts = files.blobs, files.parts
        # Below the home, as the files are: what is finished is renamed into its place.
        self.scratch = stack.enter_context(scratch(settings.home / "staging" / "scratch"))
        vendors = vendors_of(settings)
        embedded = Embedded(self.scratch / "drawn", RenderPool(), marked=settings.provenance)
        made = tuple(
            measured(p) for p in (embedded, *itertools.chain(*vendors.values()), *more_providers)
        )
        self.providers: dict[str, Provider] = {p.name: p for p in made}
        self.concurrency = {p.name: p.concurrency for p in made}
        self.facts = facts_of(settings, vendors, (embedded, *more_providers))
        for provider in made:
            stack.push_async_callback(provider.aclose)
        self.readiness = readiness_of(settings, records)
        stack.push_async_callback(self.readiness.aclose)
        self.watcher, self.breakers = Watcher(records), Breakers()
        self.events = Events(settings.webhook_origins)
        self.retention = Retention(self.events, settings.retention_days)
        caps = QueueCaps(settings.access.most_queued)
        money = Money(settings.credits)
        self.transitions = Transitions(records, money, self.events, caps, self.retention)
        self.catalog = Catalog(list(self.providers.values()), settings.aliases)
        self.stats = Stats(records)
        stack.push_async_callback(self.stats.aclose)
        stack.push_async_callback(self.catalog.aclose)
        self.policy = Policy(settings.prefer, settings.order)
        self.selection = Selection(self.catalog, self.policy, self.breakers, self.stats)
        self.uploads = Uploads(records, self.blobs, self.parts, self.retention)
        fetching = outside.download_of(stack, settings.home / "staging" / "uploads")
        self.inputs = Inputs(records, self.blobs, self.uploads, fetching)
        self.preview, self.converter, self.sheets = outside.converting_of(
            stack, self.blobs, settings, self.scratch
        )


class _Orders:
    """What orders are settled, priced, run and published with."""

    def __init__(self, stack: AsyncExitStack, ground: _Ground, secret: str) -> None:
        settings, records = ground.settings, ground.records
        self.links = Links(secret, settings.public_url)
        self.publishing: Publishing = outside.publishing_of(
            stack, settings, records, ground.blobs, self.links
        )
        self.confirmations = Confirmations(records, secret, settings.credits)
        self.templates = Templates(records)
        self.presets = Presets(self.templates, _presets(settings))
        self.generation = Generation(
            ground.selection,
            ground.inputs,
            self.presets,
            ground.breakers,
            ground.transitions,
            self.confirmations,
        )
        self.searching: SearchService = outside.search_of(stack, settings)
        self.runs = Runs(
            self.generation,
            self.presets,
            self.confirmations,
            Media(ground.inputs),
            self.publishing,
            ground.transitions,
        )
        self.comparisons = Comparisons(
            self.generation, ground.inputs, self.presets, self.confirmations
        )
        self.jobs = Jobs(records, ground.watcher, ground.transitions)


@asynccontextmanager
async def open_services(
    settings: Settings, bind: Bind, more_providers: Sequence[Provider] = ()
) -> AsyncGenerator[Services]:
    """Everything that a gateway answers with; jobs run while this is open, if `bind.works`."""
    async with AsyncExitStack() as stack:
        logs.redaction.add(secrets_of(settings))
        bind = replace(bind, instance=bind.instance or secrets.token_hex(8))
        stack.enter_context(traced(bind.instance))
        stack.enter_context(lived(bind.instance, bind.works))
        records = await stack.enter_async_context(open_records(settings))
        await stack.enter_async_context(soundness.watched(records, settings))
        secret = await soundness.links_secret(records)
        files = await stack.enter_async_context(open_files(settings))
        ground = _Ground(stack, settings, records, files, more_providers)
        orders = _Orders(stack, ground, secret)
        services = _services(ground, orders, secret, bind)
        bind.stopping.tell(ground.readiness.drain)
        deliverer = outside.deliverer_of(stack, records, ground.events)
        for begin in (
            ground.watcher.run,
            partial(background.note_keys, services.keys),
            deliverer.run,
            partial(background.sweep, services.webhooks, services.idempotency, services.sessions),
        ):
            # Begun one by one: a coroutine that nobody comes to await would be told of as forgotten.
            await stack.enter_async_context(background.running(begin()))
        if bind.works:
            await _begin_work(stack, ground, orders, bind)
        yield services


def _services(ground: _Ground, orders: _Orders, secret: str, bind: Bind) -> Services:
    settings, records = ground.settings, ground.records
    keys, load = Keys(records), Load(settings.load)
    admission = Admission(records, keys, settings.access, Limiter())
    sources = Sources(load, ground.breakers, ground.catalog, ground.readiness)
    artifacts = Artifacts(records, ground.blobs, ground.converter)
    return Services(
        access=Access(settings.public_url, (*settings.allowed_hosts, *bind.allowed_hosts)),
        admission=admission,
        load=load,
        vitals=vitals_of(settings, bind.instance, admission, records, sources),
        keys=keys,
        workspaces=Workspaces(records),
        sessions=Sessions(records, admission),
        sign_ups=SignUps(records, settings.access),
        forms=FormTokens(secret),
        catalog=ground.catalog,
        models=ModelSearch(ground.catalog, ground.selection, ground.stats),
        generation=orders.generation,
        runs=orders.runs,
        comparisons=orders.comparisons,
        review=Review(records),
        credits=Credits(records, settings.credits),
        usage=Usage(records, settings.credits),
        jobs=orders.jobs,
        idempotency=IdempotencyKeys(records),
        webhooks=Webhooks(records, ground.events),
        signing_secrets=SigningSecrets(records),
        inputs=ground.inputs,
        uploads=ground.uploads,
        artifacts=artifacts,
        gallery=Gallery(records),
        trash=Trash(records, _sweeper(ground).sweep),
        explaining=Explaining(records, artifacts),
        review_sets=ReviewSets(records, orders.jobs),
        sheets=Sheets(records, orders.jobs, ground.sheets),
        publishing=orders.publishing,
        templates=orders.templates,
        pipelines=Pipelines(orders.templates, ground.catalog, ground.breakers, ground.policy),
        presets=orders.presets,
        search=orders.searching,
        providers=ground.facts,
        vendors=_vendors(ground, orders),
        agents=agents_of(settings, loopback=bind.loopback),
        blobs=ground.blobs,
        records=records,
        links=orders.links,
        preview=ground.preview,
        instance=bind.instance,
    )


def _vendors(ground: _Ground, orders: _Orders) -> Vendors:
    return Vendors(
        Known(ground.facts, ground.settings.provider_limits, ground.concurrency),
        ground.catalog,
        orders.searching,
        ground.breakers,
        ground.stats,
        ground.records,
    )


async def _begin_work(stack: AsyncExitStack, ground: _Ground, orders: _Orders, bind: Bind) -> None:
    """Run jobs, and remove what has had its time, until the stack is closed."""
    records, settings = ground.records, ground.settings
    means = Means(
        records,
        ground.watcher,
        ground.transitions,
        orders.generation,
        orders.searching,
        orders.publishing,
        bind.patience,
    )
    worker = Worker(
        records,
        ground.blobs,
        ground.providers,
        ground.watcher,
        ground.breakers,
        ground.transitions,
        ground.scratch,
        bind.patience,
        Paces(settings.provider_limits),
        Runner(means).run,
        Marker(records, ground.scratch) if settings.provenance else None,
    )
    await stack.enter_async_context(background.running(_sweeper(ground).run()))
    queue = queue_of(settings, records)
    bind.stopping.tell(queue.pause)
    limits = {
        name: settings.provider_limits.get(name, ProviderLimit()).at_once or provider.concurrency
        for name, provider in ground.providers.items()
    }
    limits[TEMPLATE_PROVIDER] = _MOST_RUNS
    work = background.running(queue.work(worker.run, limits))
    working = await stack.enter_async_context(work)
    ground.readiness.add("queue", alive(working, "What runs jobs"))
    stack.push_async_callback(queue.drain, _DRAIN_SECONDS)


def _sweeper(ground: _Ground) -> Sweeper:
    return Sweeper(ground.records, ground.blobs, ground.parts, ground.converter, ground.events)


def _presets(settings: Settings) -> Mapping[str, Preset]:
    return {
        name: Preset(str(preset.get("model", "")), dict(preset.get("options", {})))
        for name, preset in settings.presets.items()
    }
