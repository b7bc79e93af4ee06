"""How every provider is doing, for people and programs that ask: set up or not, state, limits, calls."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from flexura.domain.model import Kind, ModelStats, ProviderState
from flexura.domain.pace import Pace, ProviderLimit
from flexura.domain.provider import ProviderFacts
from flexura.ports import measures
from flexura.ports.measures import Spread
from flexura.ports.records import Records
from flexura.services.breaker import Breakers
from flexura.services.catalog import Catalog
from flexura.services.clock import now_ms
from flexura.services.search import EngineState, SearchService
from flexura.services.stats import Stats

Status = Literal["ok", "stale", "unavailable", "unknown", "off"]
_SEARCH: Mapping[bool | None, Status] = {None: "unknown", True: "ok", False: "unavailable"}
_ASKED = ("models", "model", "submit", "search")
"""Questions whose time says how quick a vendor is; a poll and a download tell of the job instead."""


@dataclass(frozen=True, slots=True)
class Calls:
    """What this process asked a provider since it began. `median`: seconds, at most (a bound), or None."""

    asked: int = 0
    failed: int = 0
    median: float | None = None


@dataclass(frozen=True, slots=True)
class Runs:
    """The jobs of the last 30 days that its models were given, the newest 200 of each."""

    ended: int = 0
    failed: float = 0.0
    """The share that failed by the vendor's fault, 0 to 1."""


@dataclass(frozen=True)
class Standing:
    """One provider, under the name that its models have."""

    name: str
    facts: ProviderFacts
    status: Status = "unknown"
    error: str = ""
    models: Mapping[Kind, int] = field(default_factory=dict[Kind, int])
    checked_at: str | None = None
    note: str = ""
    rest: float = 0.0
    """Seconds for which it is left alone, because it failed too often or asked for it."""
    per_minute: int | None = None
    at_once: int | None = None
    calls: Calls = Calls()
    runs: Runs = Runs()


@dataclass(frozen=True)
class Known:
    """What is known of providers before one is asked."""

    facts: tuple[ProviderFacts, ...]
    limits: Mapping[str, ProviderLimit] = field(default_factory=dict[str, ProviderLimit])
    concurrency: Mapping[str, int] = field(default_factory=dict[str, int])


class Vendors:
    """Puts together what the catalog, the engines, the breakers and the figures know."""

    def __init__(
        self,
        known: Known,
        catalog: Catalog,
        search: SearchService,
        breakers: Breakers,
        stats: Stats,
        records: Records,
    ) -> None:
        self._known = known
        self._catalog = catalog
        self._search = search
        self._breakers = breakers
        self._stats = stats
        self._records = records

    async def standings(self, *, check: bool = False) -> list[Standing]:
        """Every adapter there is; with `check` every vendor is asked again first, if that costs nothing."""
        if check:
            listing, engines = await asyncio.gather(
                self._catalog.refresh(force=True), self._search.check()
            )
        else:
            listing, engines = await self._catalog.listing(), self._search.states()
        media = {state.name: state for state in listing.states}
        search = {state.name: state for state in engines}
        rest, runs = await self._rests(), _runs(await self._stats.current())
        return [
            self._whole(row, rest, runs)
            for facts in self._known.facts
            for row in _told(facts, media, search)
        ]

    async def _rests(self) -> dict[str, float]:
        """Who is left alone, and for how many seconds still: by this process, or by all."""
        now = now_ms()
        blocked = {
            pace.provider: (pace.blocked_until - now) / 1000
            for pace in await self._records.find(Pace)
            if pace.blocked_until > now
        }
        resting = self._breakers.resting()
        return {n: max(blocked.get(n, 0.0), resting.get(n, 0.0)) for n in {*blocked, *resting}}

    def _whole(
        self, row: Standing, rest: Mapping[str, float], runs: Mapping[str, Runs]
    ) -> Standing:
        limit = self._known.limits.get(row.name, ProviderLimit())
        return Standing(
            row.name,
            row.facts,
            row.status,
            row.error,
            row.models,
            row.checked_at,
            row.note,
            rest=rest.get(row.name, 0.0),
            per_minute=limit.per_minute,
            at_once=limit.at_once or self._known.concurrency.get(row.name),
            calls=_calls(row.name),
            runs=runs.get(row.name, Runs()),
        )


def _told(
    facts: ProviderFacts, media: Mapping[str, ProviderState], search: Mapping[str, EngineState]
) -> Iterator[Standing]:
    """One row for each name under which the adapter answers, or one that says what it lacks."""
    for name in facts.parts or (facts.name,):
        if not facts.configured or facts.problem:
            status: Status = "off" if not facts.configured else "unavailable"
            yield Standing(name, facts, status, facts.problem)
        elif facts.role == "search":
            engine = search.get(name, EngineState(name))
            checked = engine.checked_at or None
            state = _SEARCH[engine.healthy]
            yield Standing(name, facts, state, engine.error, checked_at=checked, note=engine.note)
        elif (found := media.get(name)) is None:
            yield Standing(name, facts, error=facts.problem)
        else:
            yield Standing(name, facts, found.status, found.error, found.models, found.checked_at)


def _calls(name: str) -> Calls:
    counted = {key: n for key, n in measures.PROVIDER_CALLS.values.items() if key[0] == name}
    asked = int(sum(counted.values()))
    # What the caller gave up, or shut down, is nobody's failure.
    good = sum(n for key, n in counted.items() if key[2] in ("ok", "cut_off", "canceled"))
    spreads = [
        spread
        for key, spread in measures.PROVIDER_SECONDS.values.items()
        if key[0] == name and key[1] in _ASKED
    ]
    return Calls(asked, asked - int(good), median_of(spreads, measures.PROVIDER_SECONDS.bounds))


def median_of(spreads: Sequence[Spread], bounds: Sequence[float]) -> float | None:
    """The smallest bound below which half of all notes lie; None for none, or where it is beyond all."""
    counts = [sum(one.buckets[i] for one in spreads) for i in range(len(bounds) + 1)]
    half, below = sum(counts) / 2, 0
    if not half:
        return None
    for bound, count in zip(bounds, counts, strict=False):
        below += count
        if below >= half:
            return bound
    return None


def _runs(figures: Mapping[str, ModelStats]) -> dict[str, Runs]:
    ended, failed = dict[str, int](), dict[str, float]()
    for model_id, stats in figures.items():
        name = model_id.partition(":")[0]
        ended[name] = ended.get(name, 0) + stats.runs
        failed[name] = failed.get(name, 0.0) + stats.runs * stats.failure_rate
    return {name: Runs(count, failed[name] / count) for name, count in ended.items() if count}
