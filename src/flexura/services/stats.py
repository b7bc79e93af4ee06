"""How models did in this gateway's own runs: how long they take, how often they fail."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from flexura.domain.model import ModelStats
from flexura.ports.records import Records, Run
from flexura.services.clock import now_ms

log = logging.getLogger(__name__)
EVERY_SECONDS = 60.0
MOST_RUNS = 200
"""Of each model, the newest."""
DAYS = 30
_DAY_MS = 86_400_000
NOT_THE_MODELS_FAULT = (
    "content_policy",
    "canceled",
    "invalid_request",
    "invalid_json",
    "input_validation_error",
    "unsupported_media_type",
    "payload_too_large",
    "not_found",
    "model_not_found",
    "artifact_expired",
    "insufficient_credits",
    "budget_exceeded",
    "forbidden",
    "disk_full",
    "internal_error",
)
"""Error codes of jobs that failed by what the caller (or this gateway) did."""


class Stats:
    """Asked of the store at most once a minute, for all models at once, while somebody reads them."""

    def __init__(self, records: Records, clock: Callable[[], float] = time.monotonic) -> None:
        self._records = records
        self._clock = clock
        self._known: Mapping[str, ModelStats] = {}
        self._asked_at = float("-inf")
        self._asking: asyncio.Task[None] | None = None
        self._loaded = False
        self.version = 0
        """Counts changes of the figures."""

    async def current(self) -> Mapping[str, ModelStats]:
        """The figures by model id. The first call waits for them; later ones get what is known."""
        if self._asking is None and self._clock() - self._asked_at >= EVERY_SECONDS:
            self._asked_at = self._clock()
            self._asking = asyncio.create_task(self._ask(), name="statistics of models")
        if not self._loaded and self._asking is not None:
            await asyncio.wait([self._asking])
        return self._known

    async def durations(self, model_id: str, most: int) -> list[int]:
        """Milliseconds that the last good runs of a model took, the newest first."""
        return await self._records.durations(model_id, most)

    async def aclose(self) -> None:
        """Stop asking."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    async def _ask(self) -> None:
        try:
            since = now_ms() - DAYS * _DAY_MS
            runs = await self._records.runs(since, MOST_RUNS, NOT_THE_MODELS_FAULT)
            figures = await asyncio.to_thread(summed_up, runs)
            if figures != self._known:
                self._known = figures
                self.version += 1
        except Exception as problem:
            # Figures are an extra: the catalog and picking work without.
            log.warning("the statistics of models cannot be read", exc_info=problem)
        finally:
            self._loaded = True
            self._asking = None


def summed_up(runs: Sequence[Run]) -> dict[str, ModelStats]:
    """The figures of each model that ran. Times are those of good runs, in seconds, by nearest rank."""
    took: dict[str, list[int]] = defaultdict(list)
    failures: dict[str, int] = defaultdict(int)
    for run in runs:
        if run.failed:
            failures[run.model_id] += 1
        else:
            took[run.model_id].append(run.milliseconds)
    figures: dict[str, ModelStats] = {}
    for model_id in {*took, *failures}:
        good, bad = sorted(took[model_id]), failures[model_id]
        figures[model_id] = ModelStats(
            runs=len(good) + bad,
            failure_rate=round(bad / (len(good) + bad), 4),
            p50=_percentile(good, 50),
            p95=_percentile(good, 95),
        )
    return figures


def _percentile(ordered: list[int], percent: int) -> float | None:
    """The nearest-rank percentile: the smallest value that so many percent do not exceed."""
    if not ordered:
        return None
    rank = -(-percent * len(ordered) // 100)
    return round(ordered[max(0, rank - 1)] / 1000, 3)
