"""Figures in Prometheus' text format: what this process counted, and what the store holds.

prometheus_client is imported when somebody asks for the first time: it would make every start a tenth
slower. The store is asked at most once a second, however many ask.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import flexura
from flexura.ports import measures
from flexura.ports.census import Census
from flexura.ports.measures import Counter, Histogram
from flexura.services.clock import now_ms
from flexura.services.figures import GAUGES, HELD, Gauge, Held, Sources, Values

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

_REMEMBERED_SECONDS = 1.0
_CENSUS_SECONDS = 5.0


class Exposition:
    """Renders every figure."""

    def __init__(
        self,
        census: Callable[[], Awaitable[Census]],
        sources: Sources,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], int] = now_ms,
    ) -> None:
        self._census = census
        self._sources = sources
        self._clock, self._now = clock, now
        self._asked_at = float("-inf")
        self._counting: asyncio.Task[Census | None] | None = None

    async def scrape(self) -> bytes:
        """Every figure; those of the store are left out, and `flexura_store_up` is 0, where it is away."""
        counted = await self._counted()
        # In a thread: the first time imports the library, and many series take some milliseconds.
        return await asyncio.to_thread(self._rendered, counted)

    async def _counted(self) -> Census | None:
        stale = self._clock() - self._asked_at >= _REMEMBERED_SECONDS
        if self._counting is None or (self._counting.done() and stale):
            self._asked_at = self._clock()
            self._counting = asyncio.create_task(self._count())
        return await asyncio.shield(self._counting)

    async def _count(self) -> Census | None:
        try:
            async with asyncio.timeout(_CENSUS_SECONDS):
                return await self._census()
        except Exception:
            # Figures are wanted most when something is broken.
            return None

    def _rendered(self, counted: Census | None) -> bytes:
        from prometheus_client import ProcessCollector
        from prometheus_client.exposition import generate_latest

        own = ProcessCollector(registry=None)

        everything: Any = _Everything([own.collect, lambda: self._families(counted)])
        return generate_latest(everything)

    def _families(self, counted: Census | None) -> Iterator[Metric]:
        from prometheus_client.metrics_core import GaugeMetricFamily as Family

        info = Family("flexura_build_info", "The version that runs.", labels=["version"])
        info.add_metric([flexura.__version__], 1.0)
        yield info
        yield Family(
            "flexura_store_up", "Whether the store answered.", value=float(counted is not None)
        )
        for measure in measures.ALL:
            yield _counter(measure) if isinstance(measure, Counter) else _histogram(measure)
        now = self._now()
        for gauge in GAUGES:
            yield _gauge(gauge, gauge.read(self._sources, now))
        if counted is not None:
            for held in HELD:
                yield _gauge(held, held.read(counted, now))


@dataclass(frozen=True)
class _Everything:
    """What prometheus_client takes for a registry."""

    parts: Sequence[Callable[[], Iterable[Metric]]]

    def collect(self) -> Iterator[Metric]:
        for part in self.parts:
            yield from part()


def _counter(measure: Counter) -> Metric:
    from prometheus_client.metrics_core import CounterMetricFamily

    family = CounterMetricFamily(measure.name, measure.help, labels=measure.labels)
    # Copied first: the event loop counts on meanwhile.
    for labels, value in dict(measure.values).items():
        family.add_metric(labels, value)
    return family


def _histogram(measure: Histogram) -> Metric:
    from prometheus_client.metrics_core import HistogramMetricFamily

    family = HistogramMetricFamily(measure.name, measure.help, labels=measure.labels)
    for labels, spread in dict(measure.values).items():
        buckets, below = list[tuple[str, float]](), 0
        names = (*(f"{bound:g}" for bound in measure.bounds), "+Inf")
        for name, count in zip(names, list(spread.buckets), strict=True):
            below += count
            buckets.append((name, float(below)))
        family.add_metric(labels, buckets, spread.sum)
    return family


def _gauge(figure: Gauge | Held, values: Values) -> Metric:
    from prometheus_client.metrics_core import GaugeMetricFamily

    family = GaugeMetricFamily(figure.name, figure.help, labels=figure.labels)
    for labels, value in values:
        family.add_metric(labels, value)
    return family


def described() -> list[dict[str, str]]:
    """Every figure of ours with its type, labels and meaning, for the documentation."""
    rows: list[dict[str, str]] = []
    for figure in (*measures.ALL, *GAUGES, *HELD):
        kind = "counter" if isinstance(figure, Counter) else "gauge"
        kind = "histogram" if isinstance(figure, Histogram) else kind
        name = f"{figure.name}_total" if kind == "counter" else figure.name
        labels = ", ".join(figure.labels)
        rows.append({"name": name, "type": kind, "labels": labels, "help": figure.help})
    return rows
