"""One state of the catalog: immutable, with what searching in it needs made once."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from flexura.domain.model import KINDS, Kind, Model, ModelStats, ProviderState
from flexura.services.comparable import usual_cost
from flexura.services.model_query import Wanted

_UNKNOWN = float("inf")
_CLOSEST = 40
"""So many ids by common parts are compared letter by letter."""


@dataclass(frozen=True, eq=False)
class Listing:
    """A snapshot. `serial` is new with every snapshot, `version` only when something else is said."""

    serial: int
    version: str
    models: tuple[Model, ...]
    states: tuple[ProviderState, ...] = ()

    @cached_property
    def by_id(self) -> Mapping[str, Model]:
        """Every model by its id."""
        return {m.id: m for m in self.models}

    @cached_property
    def _texts(self) -> tuple[tuple[str, str], ...]:
        """Per model, in small letters: what names it, and what else is told of it."""
        return tuple(
            (
                f"{m.id} {m.name}".lower(),
                f"{' '.join(m.tasks)} {' '.join(m.kinds)} {m.description}".lower(),
            )
            for m in self.models
        )

    @cached_property
    def costs(self) -> tuple[float | None, ...]:
        """Per model: USD for one usual output, or None."""
        return tuple(usual_cost(m) for m in self.models)

    def of_kind(self, kind: Kind | None) -> list[Model]:
        """The models of a kind, or all."""
        return [m for m in self.models if kind is None or kind in m.kinds]

    def search(self, wanted: Wanted, stats: Mapping[str, ModelStats]) -> list[int]:
        """The positions in `models` of what is wanted, best first; limit and offset are not applied.

        Relevance: words found in id or name count more than words found elsewhere; then the catalog's order.
        Unknown prices and speeds come last.
        """
        found = [(self._score(i, wanted.words), i) for i in self._passing(wanted)]
        ranked = [(score, i) for score, i in found if score >= 0]
        if wanted.words:
            ranked.sort(key=lambda entry: (-entry[0], entry[1]))
        positions = [i for _, i in ranked]
        if wanted.sort == "price":
            costs = self.costs
            positions.sort(key=lambda i: _UNKNOWN if (c := costs[i]) is None else c)
        elif wanted.sort == "speed":
            positions.sort(key=lambda i: _seconds(stats.get(self.models[i].id)))
        return positions

    def _passing(self, wanted: Wanted) -> Iterator[int]:
        for i, model in enumerate(self.models):
            if wanted.kind is not None and wanted.kind not in model.kinds:
                continue
            if wanted.provider and wanted.provider != model.provider.lower():
                continue
            if wanted.task and wanted.task not in model.tasks:
                continue
            if wanted.status and wanted.status != model.status:
                continue
            if wanted.max_price is not None:
                cost = self.costs[i]
                if cost is None or cost > wanted.max_price:
                    continue
            yield i

    def _score(self, position: int, words: tuple[str, ...]) -> int:
        """How well a model fits the words; negative if one of them is nowhere."""
        name, rest = self._texts[position]
        score = 0
        for word in words:
            if word in name:
                model = self.models[position]
                whole = word in (model.id.lower(), model.upstream_id.lower(), model.name.lower())
                score += 4 if whole else 2
            elif word not in rest:
                return -1
        return score

    def nearest(self, wanted: str, kind: Kind | None = None, most: int = 3) -> list[str]:
        """The live ids that look most like a name; the first of the catalog where nothing is alike."""
        ids = [m.id for m in self.models if kind is None or kind in m.kinds]
        name = wanted[:200].lower()
        parts = {name[i : i + 3] for i in range(len(name) - 2)} or {name}
        # Comparing every id letter by letter would take seconds in a large catalog.
        shared = sorted(ids, key=lambda i: -sum(part in i.lower() for part in parts))[:_CLOSEST]
        close = difflib.get_close_matches(wanted[:200], shared, n=most, cutoff=0.2)
        return (close + [i for i in ids[: most * 2] if i not in close])[:most]


def counts(models: tuple[Model, ...]) -> dict[Kind, int]:
    """How many models there are of each kind; a model of two kinds counts in both."""
    found: dict[Kind, int] = {kind: sum(kind in m.kinds for m in models) for kind in KINDS}
    return {kind: count for kind, count in found.items() if count}


def _seconds(stats: ModelStats | None) -> float:
    return _UNKNOWN if stats is None or stats.p50 is None else stats.p50
