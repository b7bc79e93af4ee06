"""The filters by the names that the option `filter` has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from PIL import Image

from flexura.render.transform import artistic, filters
from flexura.render.transform.tone import on_colours

_PLAIN: Final[dict[str, Callable[[Image.Image, float], Image.Image]]] = {
    "blur": filters.blur,
    "sharpen": filters.sharpen,
    "vignette": filters.vignette,
    "posterize": filters.posterize,
    "pixelate": filters.pixelate,
    "halftone": filters.halftone,
    "glow": filters.glow,
    "teal_orange": filters.teal_orange,
    "edges": artistic.edges,
    "line_art": artistic.line_art,
    "oil": artistic.oil,
    "cartoon": artistic.cartoon,
}
_WITH_GRAIN: Final[dict[str, Callable[[Image.Image, float, np.random.Generator], Image.Image]]] = {
    "grain": filters.grain,
    "film": filters.film,
    "vintage": filters.vintage,
    "noir": filters.noir,
    "sketch": artistic.sketch,
}
FILTER_NAMES: Final = (*_PLAIN, *_WITH_GRAIN)


def apply_filter(
    image: Image.Image, name: str, strength: float, random: np.random.Generator
) -> Image.Image:
    """The picture with the filter over its colours; transparency stays. `strength` is 0..1."""
    if name in _PLAIN:
        return on_colours(image, lambda colours: _PLAIN[name](colours, strength))
    return on_colours(image, lambda colours: _WITH_GRAIN[name](colours, strength, random))
