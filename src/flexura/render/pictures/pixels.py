"""Between fields of numbers and pictures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from flexura.render.noise import dither

Field = NDArray[np.float32]
_STRIP = 256


def to_image(colours: Field, random: np.random.Generator, *, grain: float = 0.0) -> Image.Image:
    """An RGB picture of colours (h, w, 3) in 0..1, dithered; `grain` adds film grain, in 8-bit steps."""
    height, width, _ = colours.shape
    out = np.empty((height, width, 3), dtype=np.uint8)
    tile = dither((min(height, 512), min(width, 1024), 1), random) * np.float32(0.5 + grain)
    for top in range(0, height, _STRIP):
        part = colours[top : top + _STRIP] * np.float32(255)
        rows, columns = part.shape[:2]
        # One tile of noise is laid again and again, shifted: fresh noise costs more than the painting.
        shift = int(random.integers(int(tile.shape[1])))
        first = (top // _STRIP * 97) % tile.shape[0]
        picked = np.roll(tile, (first, shift), axis=(0, 1))
        repeat = (-(-rows // tile.shape[0]), -(-columns // tile.shape[1]), 1)
        part += np.tile(picked, repeat)[:rows, :columns]
        out[top : top + _STRIP] = np.clip(part + np.float32(0.5), 0, 255)
    return Image.fromarray(out)


def enlarged(field: Field, width: int, height: int) -> Field:
    """A smooth field (h, w) or (h, w, channels) brought to another size."""
    if field.ndim == 2:
        picture = Image.fromarray(field).resize((width, height), Image.Resampling.BICUBIC)
        return np.asarray(picture, dtype=np.float32)
    out = np.empty((height, width, field.shape[2]), dtype=np.float32)
    for channel in range(field.shape[2]):
        out[..., channel] = enlarged(np.ascontiguousarray(field[..., channel]), width, height)
    return out


def working_size(width: int, height: int, most: int) -> tuple[int, int]:
    """Width and height in the same proportion, the longer side at most `most`, for what is smooth anyway."""
    scale = min(1.0, most / max(width, height))
    return max(round(width * scale), 2), max(round(height * scale), 2)


def grid(width: int, height: int) -> tuple[Field, Field]:
    """Coordinates of the pixel centres: x and y with the shorter side 0..1, as (1, w) and (h, 1)."""
    side = min(width, height)
    x = (np.arange(width, dtype=np.float32)[None, :] + np.float32(0.5)) / np.float32(side)
    y = (np.arange(height, dtype=np.float32)[:, None] + np.float32(0.5)) / np.float32(side)
    return x, y
