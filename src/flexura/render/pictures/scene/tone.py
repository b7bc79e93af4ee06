"""From floating-point colour to pixels, without banding."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from flexura.render.noise import Field, dither
from flexura.render.oklab import RGB, gradient
from flexura.render.random import rng

_TILE = 256


@lru_cache(maxsize=1)
def _tile() -> NDArray[np.float32]:
    return dither((_TILE, _TILE, 3), rng("dither tile"))


def dithered(colours: Field) -> Image.Image:
    """An RGB picture of (height, width, 3) colours 0..1; a fixed noise hides the 8-bit steps."""
    height, width = colours.shape[:2]
    tile = np.tile(_tile(), (-(-height // _TILE), -(-width // _TILE), 1))[:height, :width]
    levels = colours * np.float32(255) + tile * np.float32(0.75) + np.float32(0.5)
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))


def mask(alpha: Field) -> Image.Image:
    """An 8-bit mask of coverage 0..1."""
    height, width = alpha.shape
    tile = np.tile(_tile()[..., 0], (-(-height // _TILE), -(-width // _TILE)))[:height, :width]
    # Full and empty must stay so: noise there would show as speckles over the whole layer.
    inner = (alpha > 0.004) & (alpha < 0.996)
    levels = (
        np.clip(alpha, 0, 1) * np.float32(255) + np.float32(0.5) + np.where(inner, tile * 0.5, 0)
    )
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))


def pixel(colour: RGB) -> tuple[int, int, int]:
    """A colour as 8-bit channels."""
    red, green, blue = (round(min(max(channel, 0.0), 1.0) * 255) for channel in colour)
    return (red, green, blue)


def vertical(
    size: tuple[int, int], stops: Sequence[RGB], at: Sequence[float] | None = None
) -> Image.Image:
    """A gradient from top to bottom of `size` (width, height)."""
    width, height = size
    column = gradient(stops, height, at)
    return dithered(np.broadcast_to(column[:, None, :], (height, width, 3)))


def enlarged(field: Field, size: tuple[int, int]) -> Field:
    """A field stretched smoothly to `size` (width, height)."""
    return np.asarray(
        Image.fromarray(field).resize(size, Image.Resampling.BICUBIC), dtype=np.float32
    )


def grid(size: tuple[int, int], reduce: int = 1) -> tuple[Field, Field]:
    """Pixel coordinates (x as a row, y as a column) of a canvas of `size`, every `reduce`-th of them."""
    width, height = size
    columns = (np.arange(-(-width // reduce), dtype=np.float32) + 0.5) * reduce
    rows = (np.arange(-(-height // reduce), dtype=np.float32) + 0.5) * reduce
    return columns[None, :], rows[:, None]


def smoothstep(low: float, high: float, values: Field) -> Field:
    """0 below `low`, 1 above `high`, a soft step between; the ends may be swapped."""
    share = np.clip((values - np.float32(low)) / np.float32(high - low), 0, 1)
    return (share * share * (3 - 2 * share)).astype(np.float32)
