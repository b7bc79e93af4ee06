"""Picks a model from the live catalog when none is named, and says why.

Cheapest goes by the price for this order, fastest by the median of this gateway's own runs. Best takes the
dearest: a price is the only sign of quality that vendors' catalogs publish, so it is that, and no more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from flexura.domain.errors import ProviderUnavailable
from flexura.domain.generation import GenerationRequest
from flexura.domain.model import Model, ModelStats, Order
from flexura.services.comparable import amounts_of, cost
from flexura.services.mapping import FORMAT

LAST_RESORT = "embedded"
"""The provider that draws by procedure, free and offline: taken when nobody else can do the task."""

_SOUND = re.compile(
    r"\b(sfx|sounds?|effects?|click|beep|whoosh|chime|laser|explosion|footsteps?|notification|alarm|ding|buzz|"
    r"coin|jump|power-?up|thunder|typing|door|applause|siren|engine|bell)\b",
    re.I,
)
_MUSIC = re.compile(
    r"\b(music|song|melody|track|beat|loop|lo-?fi|ambient|soundtrack|score|techno|house|jazz|waltz|chiptune|"
    r"piano|guitar|orchestra\w*|synthwave|bpm)\b",
    re.I,
)
_SPEECH = re.compile(r"\b(say|speak|speech|narrat\w+|voice ?over|read aloud|announce\w*)\b", re.I)


# A model made for something wider also does these.
_ALSO_DONE_BY = {
    "video-to-audio": "video-to-video",
    "audio-to-audio": "video-to-video",
    "audio-to-video": "video-to-video",
}
_DRAWN_FORMATS = frozenset({"svg"})
"""Formats that are no matter of encoding: who does not list them cannot make them."""
_NAMES = {"jpg": "jpeg", "mpeg": "mp3"}
_UNKNOWN = float("inf")


@dataclass(frozen=True)
class Policy:
    """The workspace's wishes: providers to prefer, in order, and what counts after that."""

    prefer: tuple[str, ...] = ()
    order: Order = "cheapest"
    provider: str = ""
    """Only this one, if named."""
    task: str = ""
    """This task instead of the one that the order's words and inputs tell."""


@dataclass(frozen=True)
class Market:
    """What is known beside the models: how they did here, and which providers are left alone for a while."""

    stats: Mapping[str, ModelStats] = field(default_factory=dict[str, ModelStats])
    rest: Callable[[str], float] = lambda provider: 0.0


@dataclass(frozen=True)
class Ranking:
    """The models that can do a task, best first, and what is worth saying about that."""

    models: tuple[Model, ...]
    task: str
    policy: Policy
    costs: Mapping[str, float | None]
    market: Market
    passed_over: Mapping[str, str]
    """Provider → why its models do not count now."""

    @property
    def makeshift(self) -> bool:
        """Whether nobody but the last resort is left."""
        return not any(_counts_first(m, self.policy) and m.status == "active" for m in self.models)

    def why(self, model: Model) -> str:
        """One sentence: why this one."""
        many = len(self.models)
        of = f"of {many} live models" if many > 1 else "the only live model"
        liked = "of a preferred provider, " if model.provider in self.policy.prefer else ""
        reason = f"{liked}{self._reason(model, of) if many > 1 else of}"
        return f"{model.id} was picked for {self.task}: {reason}{self._but()}."

    def _reason(self, model: Model, of: str) -> str:
        price, stats = self.costs[model.id], self.market.stats.get(model.id)
        about = "its price is unknown" if price is None else f"about {price:.3g} USD"
        if self.policy.order == "fastest" and stats is not None and stats.p50 is not None:
            return f"the fastest {of} by its own runs here, {stats.p50:g} s"
        if self.policy.order == "best":
            return f"the best {of} as far as prices tell, {about}"
        told = (
            "no run of any is measured, so the cheapest" if self.policy.order == "fastest" else ""
        )
        return f"{told or 'the cheapest'} {of}, {about}"

    def _but(self) -> str:
        if not self.passed_over:
            return ""
        return "; passed over: " + ", ".join(f"{p} ({w})" for p, w in self.passed_over.items())

    def nobody(self) -> ProviderUnavailable:
        """The error when there is no model for the task."""
        only = f" of {self.policy.provider}" if self.policy.provider else ""
        return ProviderUnavailable(
            f"No live model{only} can do {self.task} now{self._but()}.",
            next_step="See model_catalog for what is live, or add a provider key (`flexura providers`).",
        )


def task_of(request: GenerationRequest, input_roles: Sequence[str]) -> str:
    """The task, in the catalog's words, that this request is about."""
    roles = set(input_roles)
    if request.kind == "image":
        return "image-to-image" if roles else "text-to-image"
    if request.kind == "video":
        if not roles:
            return "text-to-video"
        if roles == {"audio"}:
            return "audio-to-video"
        return "video-to-video" if roles & {"video", "audio"} else "image-to-video"
    return _sound_task(request, roles)


def _sound_task(request: GenerationRequest, roles: set[str]) -> str:
    if "video" in roles:
        return "video-to-audio"
    if "audio" in roles:
        return "audio-to-audio"
    asked = str(request.options.get("kind") or "")
    if not asked and (_SPEECH.search(request.prompt) or request.options.get("voice")):
        asked = "speech"
    if not asked:
        sound = _SOUND.search(request.prompt) and not _MUSIC.search(request.prompt)
        asked = "sfx" if sound else "music"
    return {"speech": "text-to-speech", "sfx": "text-to-sound", "music": "text-to-music"}[asked]


def pick(
    models: Sequence[Model],
    request: GenerationRequest,
    task: str,
    policy: Policy,
    market: Market | None = None,
) -> Ranking:
    """Every model that can do the task now, best first by the policy; deprecated and stale ones cannot."""
    market = market or Market()
    wanted = {task, _ALSO_DONE_BY.get(task, task)}
    passed_over: dict[str, str] = {}
    able: list[Model] = []
    for model in models:
        if request.kind not in model.kinds or wanted.isdisjoint(model.tasks):
            continue
        if model.status == "deprecated" or policy.provider not in ("", model.provider):
            continue
        if why := _not_now(model, market):
            passed_over[model.provider] = why
        else:
            able.append(model)
    amounts = amounts_of(request)
    costs = {m.id: cost(m.price, amounts) for m in able}
    limit = request.max_cost
    affordable = [m for m in able if limit is None or _within(costs[m.id], limit)]
    # When nothing is within the limit, the order is refused with the figure of the best one.
    ranked = sorted(affordable or able, key=_Rank(request, policy, market, costs))
    return Ranking(tuple(ranked), task, policy, costs, market, passed_over)


def _within(price: float | None, limit: float) -> bool:
    return price is not None and price <= limit


def _not_now(model: Model, market: Market) -> str:
    """Why a model of that provider does not count at this moment; empty if it does."""
    if (rest := market.rest(model.provider)) > 0:
        return f"failing, left alone for {rest:.0f} s"
    return "its last list is stale" if model.stale else ""


def _counts_first(model: Model, policy: Policy) -> bool:
    liked = LAST_RESORT in (*policy.prefer, policy.provider)
    return model.provider != LAST_RESORT or liked


@dataclass(frozen=True)
class _Rank:
    """The sort key of a model: smaller is better; equals stay in the catalog's own order."""

    request: GenerationRequest
    policy: Policy
    market: Market
    costs: Mapping[str, float | None]

    def __call__(self, model: Model) -> tuple[float, ...]:
        prefer = self.policy.prefer
        liked = prefer.index(model.provider) if model.provider in prefer else len(prefer)
        misses = _misses(model, str(self.request.options.get("format") or ""))
        return (
            misses == 2,
            model.status == "limited",
            not _counts_first(model, self.policy),
            liked,
            misses,
            *self._by_policy(model),
        )

    def _by_policy(self, model: Model) -> tuple[float, float]:
        price = self.costs[model.id]
        stats = self.market.stats.get(model.id)
        seconds = _UNKNOWN if stats is None or stats.p50 is None else stats.p50
        cheap = _UNKNOWN if price is None else price
        if model.provider == LAST_RESORT:
            # They make different things: the one that happened to be quick must not change what is drawn.
            seconds = _UNKNOWN
        if self.policy.order == "fastest":
            return seconds, cheap
        if self.policy.order == "best":
            return (_UNKNOWN if price is None else -price), seconds
        return cheap, seconds


def _misses(model: Model, wanted: str) -> int:
    """0: makes the format; 1: nothing is known; 2: does not make it, by its own schema."""
    if not wanted:
        return 0
    name = _NAMES.get(wanted.lower(), wanted.lower())
    properties = cast("dict[str, dict[str, object]]", model.input_schema.get("properties", {}))
    for option in FORMAT:
        listed = properties.get(option, {}).get("enum")
        if isinstance(listed, list):
            formats = {_format(str(value)) for value in cast("list[object]", listed)}
            return 0 if name in formats else 2
    return 2 if name in _DRAWN_FORMATS else 1


def _format(value: str) -> str:
    """`mp3_44100_128`, `audio/mp3`, `JPG` → the format's own name."""
    name = value.lower().rpartition("/")[2].partition("_")[0].partition("+")[0]
    return _NAMES.get(name, name)
