"""Picks a model from the live catalog when none is named, and says why."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from flexura.domain.errors import ProviderUnavailable
from flexura.domain.generation import GenerationRequest
from flexura.domain.model import Model

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


@dataclass(frozen=True)
class Policy:
    """The workspace's wishes: providers to prefer, in order, and what counts after that."""

    prefer: tuple[str, ...] = ()
    order: Literal["cheapest", "fastest", "best"] = "cheapest"


def task_of(request: GenerationRequest, input_roles: Sequence[str]) -> str:
    """The task, in the catalog's words, that this request is about."""
    if request.kind == "image":
        return "image-to-image" if input_roles else "text-to-image"
    if request.kind == "video":
        if not input_roles:
            return "text-to-video"
        return "image-to-video" if set(input_roles) <= {"image"} else "video-to-video"
    return _sound_task(request, input_roles)


def _sound_task(request: GenerationRequest, input_roles: Sequence[str]) -> str:
    if set(input_roles) & {"video", "audio"}:
        return "video-to-video"
    asked = str(request.options.get("kind") or "")
    if not asked:
        first = next((m.group(0) for m in (_SPEECH.search(request.prompt),) if m), "")
        asked = "speech" if first or request.options.get("voice") else ""
    if not asked:
        asked = (
            "sfx"
            if _SOUND.search(request.prompt) and not _MUSIC.search(request.prompt)
            else "music"
        )
    return {"speech": "text-to-speech", "sfx": "text-to-sound", "music": "text-to-music"}[asked]


def pick(models: Sequence[Model], request: GenerationRequest, task: str, policy: Policy) -> Model:
    """The model for a task by the policy. Raises ProviderUnavailable if none can do it."""
    able = [
        m
        for m in models
        if request.kind in m.kinds and task in m.tasks and m.status == "active" and not m.stale
    ]
    if not able:
        raise ProviderUnavailable(
            f"No live model can do {task}.",
            next_step="See model_catalog for what is live, or add a provider key (`flexura providers`).",
        )
    wanted_format = str(request.options.get("format") or "")

    def rank(model: Model) -> tuple[int, int, float]:
        preferred = policy.prefer.index(model.provider) if model.provider in policy.prefer else 99
        formats = model.input_schema.get("properties", {}).get("format", {}).get("enum", [])
        misses = int(bool(wanted_format) and wanted_format not in formats)
        price = model.price.amount if model.price else float("inf")
        return misses, preferred, price

    return min(able, key=rank)  # the first of equals, in the catalog's own order
