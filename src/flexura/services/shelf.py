"""One provider's part of the catalog: what it said last, how it is doing, and the question under way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flexura.domain.errors import FlexuraError, ProviderUnavailable
from flexura.domain.model import Kind, Model, ProviderState
from flexura.ports.provider import Provider
from flexura.services.intake import Intake
from flexura.services.listing import counts
from flexura.services.schema_bounds import plain

log = logging.getLogger(__name__)
_LONG_LIST = 100
"""Lists longer than this are taken in a worker thread: each model costs some tenths of a millisecond."""
_LONGEST_REASON = 300


@dataclass(frozen=True)
class Pace:
    """How often and how patiently a provider is asked; seconds."""

    fresh: float = 300.0
    """An answer is good for so long; then it is asked again, while the old one is shown."""
    answer: float = 60.0
    """The whole list has to be there after this; it may have dozens of pages."""
    old: float = 3600.0
    """An answer of that age is no better than none."""
    cold: float = 0.8
    """So long a reader waits for an answer where there is none, counted from the question."""
    retry: float = 20.0
    """After an error it is asked again so soon; each time in vain doubles that, up to `fresh`."""


class Shelf:
    """Asks one provider, one question at a time."""

    def __init__(self, provider: Provider, pace: Pace, clock: Callable[[], float]) -> None:
        self.provider = provider
        self.pace = pace
        self.models: tuple[Model, ...] = ()
        self.known = False
        self.serial = 0
        """Counts answers and errors."""
        self.content = 0
        """Counts changes of what is said."""
        self.asking: asyncio.Task[None] | None = None
        self.asked_at = float("-inf")
        self._clock = clock
        self._due_at = float("-inf")
        self._answered_at = float("-inf")
        self._error = ""
        self._failures = 0
        self._checked_at: str | None = None
        self._counts: dict[Kind, int] = {}

    @property
    def due(self) -> bool:
        """Whether it is time to ask (again) and nobody has."""
        return self.asking is None and self._clock() >= self._due_at

    def ask(self) -> asyncio.Task[None]:
        """The question that is under way, begun now if there was none. It never raises."""
        if self.asking is None:
            self.asked_at = self._clock()
            self.asking = asyncio.create_task(self._ask(), name=f"models of {self.provider.name}")
        return self.asking

    def wait(self) -> float:
        """Seconds that a reader should still wait for the answer; 0 = what is known will do."""
        old = self._clock() - self._answered_at > self.pace.old
        if not old or self._failures or self.asking is None:
            return 0.0
        return max(0.0, self.asked_at + self.pace.cold - self._clock())

    def state(self) -> ProviderState:
        """How it is doing."""
        status = "stale" if self.known else "unavailable"
        if self.known and not self._error:
            status = "ok"
        return ProviderState(
            name=self.provider.name,
            status=status,
            error=self._error or ("" if self.known else "no answer yet"),
            models=self._counts,
            checked_at=self._checked_at,
        )

    async def aclose(self) -> None:
        """Stop asking."""
        if self.asking is not None:
            self.asking.cancel()
            await asyncio.gather(self.asking, return_exceptions=True)

    async def _ask(self) -> None:
        try:
            try:
                async with asyncio.timeout(self.pace.answer):
                    listed = await self.provider.models()
                    self._learned(await self._taken(listed))
            except TimeoutError:
                self._failed(f"no answer within {self.pace.answer:.0f} s", 0.0)
            except FlexuraError as error:
                told: Any = error.details.get("retry_after")
                self._failed(error.message, told if isinstance(told, int | float) else 0.0)
            except Exception as problem:
                # An adapter that trips over junk hides only its own models.
                log.warning("%s: its list cannot be read", self.provider.name, exc_info=problem)
                self._failed(f"unreadable answer ({type(problem).__name__})", 0.0)
        finally:
            self.asking = None

    async def _taken(self, listed: Sequence[Model]) -> tuple[Model, ...]:
        intake = Intake(self.provider.name)
        if len(listed) > _LONG_LIST:
            taken = await asyncio.to_thread(intake.take, listed)
        else:
            taken = intake.take(listed)
        if listed and not taken:
            raise ProviderUnavailable(f"none of its {len(listed)} models can be used")
        return taken

    def _learned(self, models: tuple[Model, ...]) -> None:
        same = self.known and not self._error and _say_the_same(models, self.models)
        self.models, self.known, self._error, self._failures = models, True, "", 0
        self._counts = counts(models)
        self._checked_at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        self._answered_at = self._clock()
        self._due_at = self._answered_at + self.pace.fresh
        self._tell(changed=not same)

    def _failed(self, reason: str, retry_after: float) -> None:
        reason = plain(reason, _LONGEST_REASON)
        again = max(retry_after, self.pace.retry * 2**self._failures)
        self._due_at = self._clock() + min(again, max(self.pace.fresh, self.pace.retry))
        self._failures = min(self._failures + 1, 16)
        changed = reason != self._error
        if not self._error:
            self.models = tuple(m.model_copy(update={"stale": True}) for m in self.models)
        self._error = reason
        self._tell(changed=changed)

    def _tell(self, *, changed: bool) -> None:
        self.serial += 1
        self.content += changed


def _say_the_same(models: tuple[Model, ...], others: tuple[Model, ...]) -> bool:
    """Whether two lists differ in nothing but when they were fetched."""
    return len(models) == len(others) and all(
        one.__dict__ | {"fetched_at": ""} == other.__dict__ | {"fetched_at": ""}
        for one, other in zip(models, others, strict=True)
    )
