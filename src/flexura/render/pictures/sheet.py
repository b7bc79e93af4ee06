"""What a painter is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PIL import Image

from flexura.render.palette import Palette
from flexura.render.task import Warning
from flexura.render.words import Words


@dataclass(frozen=True)
class Sheet:
    """One picture to paint: `width` and `height` in pixels, `options` as in the model's schema."""

    prompt: str
    words: Words
    palette: Palette
    width: int
    height: int
    options: Mapping[str, Any]
    seed: int


@dataclass(frozen=True)
class Painting:
    """A finished picture (RGB, or RGBA where it has transparency), its vector form if it has one."""

    image: Image.Image
    svg: str | None = None
    warnings: tuple[Warning, ...] = ()
