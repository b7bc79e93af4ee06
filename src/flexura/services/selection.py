"""Settles which model an order gets: one it names, one that an alias stands for, or one picked by policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from flexura.domain.errors import FlexuraError, InvalidRequest, ModelNotFound
from flexura.domain.generation import GenerationRequest
from flexura.domain.model import KINDS, ORDERS, Kind, Model
from flexura.services.breaker import Breakers
from flexura.services.catalog import POLICY, Catalog
from flexura.services.listing import Listing
from flexura.services.pick import Market, Policy, Ranking, pick, task_of
from flexura.services.stats import Stats

_FIRST_LIST_SECONDS = 8.0
"""So long an order waits for the first lists, before it is given to the last resort."""
_TRIES = 3
"""So many of the best are asked for their schema, until one answers."""
_HOW = (
    "Write the target as a model id, or as policy:cheapest, policy:fastest or policy:best, with"
    " ,provider=NAME or ,task=text-to-image behind it."
)


@dataclass(frozen=True)
class Chosen:
    """The model that an order gets, and why, in one sentence."""

    model: Model
    picked: bool
    why: str


@dataclass(frozen=True)
class Alias:
    """What a name of the operator's stands for: its target, and the ids that it means now, per kind."""

    target: str
    models: Mapping[Kind, str] = field(default_factory=dict[Kind, str])
    problem: str = ""


class Selection:
    """Resolves ids, aliases and policies against the live catalog."""

    def __init__(self, catalog: Catalog, policy: Policy, breakers: Breakers, stats: Stats) -> None:
        self._catalog = catalog
        self._policy = policy
        self._breakers = breakers
        self._stats = stats
        self._table: tuple[object, dict[str, Alias]] = (None, {})

    async def choose(self, request: GenerationRequest, roles: Sequence[str]) -> Chosen:
        """The model for an order whose inputs have these roles.

        Raises ModelNotFound for a name that nothing stands behind, InvalidRequest for an alias that cannot be
        read, ProviderUnavailable when no model can do the task now.
        """
        name = request.model
        target = self._target(name)
        if name and not target.startswith(POLICY):
            model = await self._catalog.find(name, request.kind)
            why = f"The alias {name} stands for it." if target else "The order names it."
            return Chosen(model, picked=False, why=why)
        policy = policy_of(name, target, self._policy) if target else self._policy
        return await self._picked(request, policy.task or task_of(request, roles), policy)

    async def model(self, name: str) -> Model:
        """The model behind an id or an alias, for showing it. Raises as `choose`."""
        target = self._target(name)
        if not target.startswith(POLICY):
            return await self._catalog.find(name)
        table = await self.aliases()
        means = (table.get(name) or await self._meaning(name, target)).models
        ids = list(dict.fromkeys(means.values()))
        raise ModelNotFound(
            f"The alias {name[:100]!r} stands for {target[:100]!r}, which is a choice, not one model.",
            next_step=f"Now it means: {', '.join(f'{k} {i}' for k, i in means.items()) or 'nothing'}.",
            field="model",
            nearest=ids,
        )

    def _target(self, name: str) -> str:
        """What a name stands for: an alias's target, or the policy that it is itself; empty for an id."""
        return self._catalog.aliases.get(name, name if name.startswith(POLICY) else "")

    async def _meaning(self, name: str, target: str) -> Alias:
        return self._alias(name, target, await self._catalog.listing(), await self._market())

    async def aliases(self) -> Mapping[str, Alias]:
        """Every alias and what it stands for now; nobody is asked for that."""
        listing, market = await self._catalog.listing(), await self._market()
        resting = frozenset(s.name for s in listing.states if market.rest(s.name) > 0)
        made_from = (listing.serial, self._stats.version, resting)
        if self._table[0] != made_from:
            named = self._catalog.aliases.items()
            self._table = (made_from, {n: self._alias(n, t, listing, market) for n, t in named})
        return self._table[1]

    def _alias(self, name: str, target: str, listing: Listing, market: Market) -> Alias:
        if not target.startswith(POLICY):
            model = listing.by_id.get(target)
            if model is None:
                return Alias(target, problem="not in the live catalog")
            return Alias(target, dict.fromkeys(model.kinds, target))
        try:
            policy = policy_of(name, target, self._policy)
        except InvalidRequest as error:
            return Alias(target, problem=error.message)
        means: dict[Kind, str] = {}
        for kind in KINDS:
            request = GenerationRequest.model_validate({"kind": kind, "prompt": "anything"})
            task = policy.task or task_of(request, ())
            if found := pick(listing.models, request, task, policy, market).models:
                means[kind] = found[0].id
        return Alias(target, means, "" if means else "no live model can do it")

    async def _market(self) -> Market:
        return Market(await self._stats.current(), self._breakers.rest)

    async def _picked(self, request: GenerationRequest, task: str, policy: Policy) -> Chosen:
        ranking = await self._ranking(request, task, policy, None)
        if ranking.makeshift and self._catalog.waits_for():
            # A gateway that has just started: the vendors' lists are on their way, and worth waiting for.
            ranking = await self._ranking(request, task, policy, _FIRST_LIST_SECONDS)
        problem: FlexuraError = ranking.nobody()
        for model in ranking.models[:_TRIES]:
            try:
                whole = await self._catalog.find(model.id, request.kind)
            except FlexuraError as error:
                problem = error
            else:
                return Chosen(whole, picked=True, why=ranking.why(model))
        raise problem

    async def _ranking(
        self, request: GenerationRequest, task: str, policy: Policy, patience: float | None
    ) -> Ranking:
        market = await self._market()
        # Nothing is awaited after this: what the list lacks is still waited for then.
        listing = await self._catalog.listing(patience)
        return pick(listing.models, request, task, policy, market)


def policy_of(alias: str, target: str, usual: Policy) -> Policy:
    """The policy that an alias stands for, `policy:fastest,provider=…`; what it leaves open is as usual.

    Raises InvalidRequest for a target that cannot be read.
    """
    order, *rest = (part.strip() for part in target.removeprefix(POLICY).split(","))
    pairs = [part.partition("=") for part in rest if part]
    unknown = [name for name, _, _ in pairs if name.strip() not in ("provider", "task")]
    if order not in ORDERS or unknown:
        named = "The policy" if alias == target else f"The alias {alias[:100]!r} stands for"
        raise InvalidRequest(
            f"{named} {target[:100]!r}{'' if alias == target else ', which'} cannot be read.",
            field="model",
            next_step=_HOW,
        )
    limits = {name.strip(): value.strip() for name, _, value in pairs}
    return replace(usual, order=order, **limits)
