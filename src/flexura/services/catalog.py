"""The live catalog: what every provider offers at this moment, merged.

Each provider has its own time limit and freshness; one that is down or slow never hides or delays the others.
"""

from __future__ import annotations

import asyncio
import difflib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flexura.domain.errors import FlexuraError, ModelNotFound
from flexura.domain.model import Kind, Model, ProviderState
from flexura.ports.provider import Provider

_FRESH_SECONDS = 300.0
_COLD_SECONDS = 0.8
"""How long a first answer waits for a provider that has not answered yet."""
_ASK_SECONDS = 20.0


@dataclass
class _Shelf:
    """What one provider said last, and the question that is under way."""

    models: tuple[Model, ...] = ()
    asked_at: float = -1e9
    error: str = ""
    known: bool = False
    asking: asyncio.Task[None] | None = field(default=None, repr=False)

    def state(self, name: str) -> ProviderState:
        if self.error or not self.known:
            status = "stale" if self.known else "unavailable"
            return ProviderState(name=name, status=status, error=self.error or "no answer yet")
        return ProviderState(name=name, status="ok")


class Catalog:
    """Models of all providers, by id. Aliases and presets are the operator's configuration."""

    def __init__(self, providers: Sequence[Provider], aliases: Mapping[str, str]) -> None:
        self._providers = {p.name: p for p in providers}
        self._shelves = {p.name: _Shelf() for p in providers}
        self.aliases = dict(aliases)

    async def models(self, kind: Kind | None = None) -> list[Model]:
        """Every known model, of one kind if asked."""
        await self._refresh()
        shelves = self._shelves.values()
        found = [
            m if not s.error else m.model_copy(update={"stale": True})
            for s in shelves
            for m in s.models
        ]
        return [m for m in found if kind is None or kind in m.kinds]

    def states(self) -> list[ProviderState]:
        """How each provider's part is doing."""
        return [shelf.state(name) for name, shelf in self._shelves.items()]

    async def find(self, name: str, kind: Kind | None = None) -> Model:
        """The model of that id or alias. Raises ModelNotFound naming the nearest live ids."""
        models = await self.models()
        wanted = self.aliases.get(name, name)
        found = next((m for m in models if m.id == wanted), None)
        if found and (kind is None or kind in found.kinds):
            return found
        nearest = self._nearest(wanted, [m for m in models if kind is None or kind in m.kinds])
        reason = (
            f"makes {' and '.join(found.kinds)}, not {kind}"
            if found
            else "is not in the live catalog"
        )
        raise ModelNotFound(
            f"The model {name[:100]!r} {reason}.",
            next_step=f"Use one of: {', '.join(nearest) or 'no model is live now'}; or leave the model out.",
            field="model",
            nearest=nearest,
        )

    @staticmethod
    def _nearest(wanted: str, models: Sequence[Model]) -> list[str]:
        ids = [m.id for m in models]
        close = difflib.get_close_matches(wanted[:200], ids, n=3, cutoff=0.2)
        return (close + [i for i in ids if i not in close])[:3]

    async def _refresh(self) -> None:
        now = time.monotonic()
        due = [n for n, s in self._shelves.items() if now - s.asked_at > _FRESH_SECONDS]
        for name in due:
            shelf = self._shelves[name]
            if shelf.asking is None or shelf.asking.done():
                shelf.asking = asyncio.create_task(self._ask(name, shelf))
        cold = [
            s.asking
            for s in self._shelves.values()
            if not s.known and s.asking and not s.asking.done()
        ]
        if cold:
            await asyncio.wait(cold, timeout=_COLD_SECONDS)

    async def _ask(self, name: str, shelf: _Shelf) -> None:
        try:
            async with asyncio.timeout(_ASK_SECONDS):
                shelf.models = tuple(await self._providers[name].models())
            shelf.error, shelf.known = "", True
        except FlexuraError as error:
            shelf.error = error.message
        except TimeoutError:
            shelf.error = f"no answer within {_ASK_SECONDS:.0f} s"
        except Exception as error:
            # An adapter that trips over junk hides only its own models.
            shelf.error = f"unreadable answer ({type(error).__name__})"
        shelf.asked_at = time.monotonic()
