"""One quick call of every tool, as an agent would make it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Order:
    """A tool, its arguments, and the type of the file that it saves; nothing is saved by the others."""

    tool: str
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])
    mime: str = ""
    name: str = ""

    def __str__(self) -> str:
        return self.name.partition(".")[0] or self.tool


def _made(medium: str, name: str, mime: str, prompt: str, **more: Any) -> Order:
    return Order(f"generate_{medium}", {"prompt": prompt, "wait": 45, **more}, mime, name)


EVERY_TOOL = (
    Order("search", {"query": "retries", "max_results": 3}),
    Order("model_catalog", {"kind": "image", "limit": 3}),
    Order("job_status", {"wait": 0}),
    _made("image", "picture.png", "image/png", "a lighthouse at dusk", size="96x64"),
    _made("video", "film.mp4", "video/mp4", "rain", seconds=1, size="160x128", options={"fps": 8}),
    _made("audio", "click.wav", "audio/wav", "a click", kind="sfx", format="wav"),
)
# The other kinds of sound; speech needs the extra `speech`.
MORE_SOUND = (
    _made("audio", "speech.mp3", "audio/mpeg", "Hello", kind="speech"),
    _made("audio", "music.ogg", "audio/ogg", "calm", kind="music", seconds=1, format="ogg"),
)
