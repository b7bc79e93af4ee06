"""What a vendor tells of one model when asked for it alone: its schema, its price, or that there is none."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from flexura.domain.errors import FlexuraError, ProviderUnavailable
from flexura.domain.model import Model
from flexura.ports.provider import Provider
from flexura.services.intake import Intake
from flexura.services.schema_bounds import Unusable

log = logging.getLogger(__name__)
_KEEP_SECONDS = 3600.0
_KEEP_ABSENT_SECONDS = 60.0
_MOST_KEPT = 500
_ANSWER_SECONDS = 10.0
_AGAIN = "Try again in a moment, or use a model of another provider (model_catalog)."


@dataclass(frozen=True)
class _Known:
    model: Model | None
    until: float


class Details:
    """Answers are kept for an hour, a bounded number of them; the same question is asked once at a time."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._asking: dict[str, asyncio.Task[Model | None]] = {}

    async def of(self, provider: Provider, upstream_id: str, listed: Model | None) -> Model | None:
        """The model as its vendor tells it; None: it has none of that name.

        An unreachable vendor's last answer is given instead, as stale. Raises what the adapter raises when
        there is none, or ProviderUnavailable.
        """
        name = f"{provider.name}:{upstream_id}"
        known = self._known.get(name)
        if known is None or known.until <= self._clock():
            try:
                known = _Known(await self._asked(name, provider, upstream_id, listed), 0.0)
            except FlexuraError:
                if known is None or known.model is None:
                    raise
                return known.model.model_copy(update={"stale": True})
        return _with_list(known.model, listed)

    async def aclose(self) -> None:
        """Stop asking."""
        tasks = list(self._asking.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _asked(
        self, name: str, provider: Provider, upstream_id: str, listed: Model | None
    ) -> Model | None:
        task = self._asking.get(name)
        if task is None:
            task = asyncio.create_task(self._ask(name, provider, upstream_id, listed))
            self._asking[name] = task
            task.add_done_callback(lambda done: self._over(name, done))
        # One caller who gives up must not take the answer from the others.
        return await asyncio.shield(task)

    def _over(self, name: str, task: asyncio.Task[Model | None]) -> None:
        self._asking.pop(name, None)
        if not task.cancelled():
            task.exception()  # whoever waited has been told; nobody may be waiting any more

    async def _ask(
        self, name: str, provider: Provider, upstream_id: str, listed: Model | None
    ) -> Model | None:
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                told = await provider.model(upstream_id, listed)
        except FlexuraError:
            raise
        except TimeoutError:
            raise _unreachable(name, f"no answer within {_ANSWER_SECONDS:.0f} s") from None
        except Exception as problem:
            log.warning("%s: what is told of it cannot be read", name, exc_info=problem)
            raise _unreachable(name, f"unreadable answer ({type(problem).__name__})") from None
        model = _usable(provider.name, name, told)
        kept = _KEEP_SECONDS if model else _KEEP_ABSENT_SECONDS
        self._known[name] = _Known(model, self._clock() + kept)
        self._known.move_to_end(name)
        if len(self._known) > _MOST_KEPT:
            self._known.popitem(last=False)
        return model


def _usable(provider: str, name: str, told: Model | None) -> Model | None:
    try:
        return Intake(provider).one(told) if told is not None and told.id == name else None
    except Unusable as why:
        raise ProviderUnavailable(
            f"The model {name} cannot be used: {why}.",
            next_step="Use another model (model_catalog).",
        ) from None


def _unreachable(name: str, reason: str) -> ProviderUnavailable:
    return ProviderUnavailable(f"{name} cannot be asked about now: {reason}.", next_step=_AGAIN)


def _with_list(model: Model | None, listed: Model | None) -> Model | None:
    """The answer, with what the list tells more often: whether the model still lives, and its price."""
    if model is None or listed is None:
        return model
    newer = {
        "status": listed.status,
        "shutdown_date": listed.shutdown_date,
        "stale": listed.stale,
        "price": model.price or listed.price,
    }
    return model.model_copy(update=newer)
