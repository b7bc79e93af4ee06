"""The live catalog: what every provider offers at this moment, merged.

Each provider has its own pace and state; one that is down, slow or talks junk never hides or delays the
others. What was known is shown while a new answer is on its way.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
from collections.abc import Callable, Mapping, Sequence

from flexura.domain.errors import ModelNotFound, ProviderUnavailable
from flexura.domain.model import Kind, Model, ProviderState
from flexura.ports.provider import Provider
from flexura.services.details import Details
from flexura.services.intake import ON_REQUEST, is_id
from flexura.services.listing import Listing
from flexura.services.shelf import Pace, Shelf

_FIRST_LIST_SECONDS = 8.0
"""So long an order that names a model waits for the first list of its provider."""
_NOT_IN_AN_ID = frozenset("?#%\\")
POLICY = "policy:"
"""What the target of an alias begins with when it stands for a choice, not for one model."""


class Catalog:
    """Models of all providers, by id. Aliases are configuration: name to id, or to a policy."""

    def __init__(
        self,
        providers: Sequence[Provider],
        aliases: Mapping[str, str] | None = None,
        *,
        paces: Mapping[str, Pace] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.aliases = dict(aliases or {})
        self._shelves = {
            p.name: Shelf(p, (paces or {}).get(p.name, Pace()), clock) for p in providers
        }
        self._details = Details(clock)
        self._instance = secrets.token_hex(4)
        self._serials = itertools.count(1)
        self._made_from: tuple[int, ...] = (-1,)
        self._listing = Listing(0, "", ())
        self._closed = False

    async def listing(self, patience: float | None = None) -> Listing:
        """What is known now. Asks again where it is time to, and waits for first answers alone.

        The wait ends 0.8 s after the question; with `patience`, so many seconds from now.
        """
        for shelf in self._shelves.values():
            if shelf.due and not self._closed:
                shelf.ask()
        waits = {s.asking: s.wait() for s in self._shelves.values() if s.asking}
        if patience is not None:
            waits = {s.asking: patience for s in self._shelves.values() if s.asking and not s.known}
        tasks = [task for task, seconds in waits.items() if seconds > 0]
        if tasks:
            await asyncio.wait(tasks, timeout=max(waits.values()))
        return self._snapshot()

    async def refresh(self, *, force: bool = False) -> Listing:
        """Ask every provider whose answer is no longer fresh (all with `force`) and wait for the answers."""
        asked = [s.ask() for s in self._shelves.values() if (force or s.due) and not self._closed]
        if asked:
            await asyncio.wait(asked)
        return self._snapshot()

    async def models(self, kind: Kind | None = None) -> list[Model]:
        """Every known model, of one kind if asked."""
        return (await self.listing()).of_kind(kind)

    def states(self) -> tuple[ProviderState, ...]:
        """How each provider's part is doing."""
        return self._snapshot().states

    def waits_for(self) -> list[str]:
        """The providers whose first answer is still on its way."""
        return [name for name, s in self._shelves.items() if s.asking and not s.known]

    async def find(self, name: str, kind: Kind | None = None) -> Model:
        """The model of that id (or of an alias that stands for one) with its full schema and price.

        Raises ModelNotFound naming the nearest live ids, or ProviderUnavailable when only the vendor knows.
        """
        wanted = self.aliases.get(name, name)
        listing = await self._listing_with(wanted)
        model = await self._model(wanted, listing.by_id.get(wanted))
        if model is not None and (kind is None or kind in model.kinds):
            return model
        raise not_found(name, wanted, model, kind, listing)

    async def aclose(self) -> None:
        """Stop asking; what is known can still be read."""
        self._closed = True
        await self._details.aclose()
        await asyncio.gather(*(s.aclose() for s in self._shelves.values()))

    async def _listing_with(self, wanted: str) -> Listing:
        """The listing; with the first answer of the provider that is meant, should it come within seconds."""
        listing = await self.listing()
        shelf = self._shelves.get(wanted.partition(":")[0])
        if shelf is None or shelf.known or shelf.asking is None or wanted in listing.by_id:
            return listing
        await asyncio.wait([shelf.asking], timeout=_FIRST_LIST_SECONDS)
        return self._snapshot()

    async def _model(self, wanted: str, listed: Model | None) -> Model | None:
        if listed is not None and listed.schema_source != ON_REQUEST:
            return listed
        provider, _, upstream_id = wanted.partition(":")
        shelf = self._shelves.get(provider)
        if shelf is None or self._closed or not _may_be_asked_for(upstream_id):
            return listed
        model = await self._details.of(shelf.provider, upstream_id, listed)
        if model is None and not shelf.known:
            raise ProviderUnavailable(
                f"Whether there is a model {wanted} is not known: {provider} gave no list yet"
                f" ({shelf.state().error}).",
                next_step="Try again in a moment, or use a model of another provider (model_catalog).",
            )
        return model

    def _snapshot(self) -> Listing:
        """The listing, made anew when a provider has answered (or failed) since."""
        shelves = self._shelves.values()
        made_from = tuple(s.serial for s in shelves)
        if made_from != self._made_from:
            self._made_from = made_from
            self._listing = Listing(
                next(self._serials),
                "-".join([self._instance, *(str(s.content) for s in shelves)]),
                tuple(itertools.chain.from_iterable(s.models for s in shelves)),
                tuple(s.state() for s in shelves),
            )
        return self._listing


def _may_be_asked_for(upstream_id: str) -> bool:
    """Whether a caller's word may become part of a question to a vendor: it may end up in a path."""
    steps = upstream_id.split("/")
    return (
        is_id(upstream_id)
        and not _NOT_IN_AN_ID.intersection(upstream_id)
        and not any(step in ("", ".", "..") for step in steps)
    )


def not_found(
    name: str, wanted: str, model: Model | None, kind: Kind | None, listing: Listing
) -> ModelNotFound:
    """There is no such model, or it makes something else; with the nearest that do exist."""
    asked = f"The alias {name[:100]!r} stands for {wanted[:200]!r}, which" if name != wanted else ""
    asked = asked or f"The model {name[:200]!r}"
    reason = (
        f"makes {' and '.join(model.kinds)}, not {kind}" if model else "is not in the live catalog"
    )
    nearest = listing.nearest(wanted, kind)
    change = "change the alias, or use" if name != wanted else "use"
    return ModelNotFound(
        f"{asked} {reason}.",
        next_step=f"{change.capitalize()} one of: {', '.join(nearest) or 'no model is live now'};"
        " or leave the model out.",
        field="model",
        nearest=nearest,
    )
