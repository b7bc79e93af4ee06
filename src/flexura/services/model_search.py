"""Looking into the catalog: the one function behind every face that shows models."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flexura.domain.model import Kind, Model, ModelStats
from flexura.services.catalog import Catalog
from flexura.services.listing import Listing
from flexura.services.model_query import Wanted
from flexura.services.selection import Alias, Selection
from flexura.services.stats import Stats

_RECENT = 64
"""So many searches in one state of the catalog are kept: agents ask the same again and again."""

Row = tuple[int, Kind]
"""One entry of a list: the model's position in the listing, and one of its kinds."""


@dataclass(frozen=True)
class Found:
    """What a search found, before limit and offset; worked out when it is looked at."""

    listing: Listing
    wanted: Wanted
    stats: Mapping[str, ModelStats]
    aliases: Mapping[str, Alias]
    tag: str
    """The same as long as the same would be said; callers who may see less have another one."""

    @cached_property
    def positions(self) -> list[int]:
        """Where in the listing, best first."""
        return self.listing.search(self.wanted, self.stats)

    @cached_property
    def rows(self) -> list[Row]:
        """One row per (model, kind)."""
        models, kind = self.listing.models, self.wanted.kind
        return [(i, k) for i in self.positions for k in models[i].kinds if kind in (None, k)]

    @property
    def page(self) -> list[Model]:
        """The models of the wanted part."""
        first, most = self.wanted.offset, self.wanted.limit
        return [self.listing.models[i] for i in self.positions[first : first + most]]

    def states(self) -> list[dict[str, Any]]:
        """How each provider is doing, for those who may read its errors."""
        return [s.model_dump() for s in self.listing.states]

    def alias_table(self) -> dict[str, dict[str, Any]]:
        """What each alias stands for, and means now."""
        return {
            name: {"target": a.target, "models": dict(a.models)}
            | ({"problem": a.problem} if a.problem else {})
            for name, a in self.aliases.items()
        }


class ModelSearch:
    """Searches, and shows one model. `known` callers see aliases, figures and errors; strangers do not."""

    def __init__(self, catalog: Catalog, selection: Selection, stats: Stats) -> None:
        self._catalog = catalog
        self._selection = selection
        self._stats = stats
        self._recent: OrderedDict[str, Found] = OrderedDict()

    async def search(self, wanted: Wanted, *, known: bool) -> Found:
        """What fits, of what is known now."""
        listing = await self._catalog.listing()
        stats: Mapping[str, ModelStats] = await self._stats.current() if known else {}
        aliases: Mapping[str, Alias] = await self._selection.aliases() if known else {}
        parts = (listing.version, self._stats.version if known else "", wanted, aliases)
        tag = hashlib.sha256(repr(parts).encode()).hexdigest()[:24]
        recent = self._recent
        if recent and next(reversed(recent.values())).listing is not listing:
            recent.clear()
        if tag not in recent:
            recent[tag] = Found(listing, wanted, stats, aliases, tag)
            if len(recent) > _RECENT:
                recent.popitem(last=False)
        return recent[tag]

    async def model(self, name: str) -> Model:
        """One model with its full schema, price and figures. Raises ModelNotFound, ProviderUnavailable."""
        model = await self._selection.model(name)
        stats = (await self._stats.current()).get(model.id)
        return model.model_copy(update={"stats": stats}) if stats else model

    async def durations(self, model_id: str, most: int = 40) -> list[int]:
        """Milliseconds that the last good runs of a model took, the newest first."""
        return await self._stats.durations(model_id, most)
