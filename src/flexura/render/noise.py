"""Smooth noise in one and two dimensions, fast enough to be called per layer."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Field = NDArray[np.floating[Any]]
"""Numbers on a grid or along a line; float32 wherever it matters for speed."""


def value(
    shape: tuple[int, int], cells: tuple[float, float], rng: np.random.Generator, wrap: bool = False
) -> Field:
    """One octave of smooth noise, `shape` (height, width), about 0..1.

    `cells` says how many lattice cells fit into the height and the width. With `wrap` the field
    tiles in both axes.
    """
    height, width = shape
    rows, columns = max(1, round(cells[0])), max(1, round(cells[1]))
    if wrap:
        lattice = np.pad(rng.random((rows, columns), dtype=np.float32), 2, mode="wrap")
        box = (2.0, 2.0, columns + 2.0, rows + 2.0)
    else:
        lattice = rng.random((rows + 5, columns + 5), dtype=np.float32)
        start_y, start_x = rng.random(2)
        box = (
            2 + start_x,
            2 + start_y,
            2 + start_x + min(cells[1], columns),
            2 + start_y + min(cells[0], rows),
        )
    picture = Image.fromarray(lattice).resize((width, height), Image.Resampling.BICUBIC, box=box)
    return np.asarray(picture, dtype=np.float32)


def fractal(
    shape: tuple[int, int],
    cells: tuple[float, float],
    rng: np.random.Generator,
    octaves: int = 5,
    gain: float = 0.5,
    wrap: bool = False,
) -> Field:
    """Octaves of smooth noise, each twice as fine and `gain` times as strong; stretched to about
    0..1, mean 0.5.
    """
    total = np.zeros(shape, dtype=np.float32)
    weight, spread = 1.0, 0.0
    for octave in range(octaves):
        fine = 2.0**octave
        if octave and (cells[0] * fine > shape[0] or cells[1] * fine > shape[1]):
            break
        total += np.float32(weight) * (
            value(shape, (cells[0] * fine, cells[1] * fine), rng, wrap) - np.float32(0.5)
        )
        spread += weight * weight
        weight *= gain
    total *= np.float32(0.68 / np.sqrt(spread))
    total += np.float32(0.5)
    return np.clip(total, 0.0, 1.0, out=total)


def ridged(
    shape: tuple[int, int],
    cells: tuple[float, float],
    rng: np.random.Generator,
    octaves: int = 5,
    gain: float = 0.5,
    wrap: bool = False,
) -> Field:
    """Fractal noise with sharp crests (mountain ridges, lightning, marble veins), 0..1."""
    total = np.zeros(shape, dtype=np.float32)
    weight, most = 1.0, 0.0
    for octave in range(octaves):
        fine = 2.0**octave
        if octave and (cells[0] * fine > shape[0] or cells[1] * fine > shape[1]):
            break
        crest = 1.0 - np.abs(
            2.0 * value(shape, (cells[0] * fine, cells[1] * fine), rng, wrap) - 1.0
        )
        total += np.float32(weight) * crest * crest
        most += weight
        weight *= gain
    return np.clip(total / np.float32(most), 0.0, 1.0)


def line(
    length: int, cells: float, rng: np.random.Generator, octaves: int = 5, gain: float = 0.5
) -> Field:
    """Fractal noise along a line of `length` samples, about -1..1, mean 0."""
    total = np.zeros(length, dtype=np.float64)
    weight, spread = 1.0, 0.0
    for octave in range(octaves):
        fine = cells * 2.0**octave
        knots = rng.random(int(np.ceil(fine)) + 4) * 2 - 1
        at = np.linspace(0, fine, length) + rng.random()
        whole = at.astype(np.int64)
        share = at - whole
        share = share * share * (3 - 2 * share)
        total += weight * (knots[whole] * (1 - share) + knots[whole + 1] * share)
        spread += weight * weight
        weight *= gain
    return (total / (1.1 * np.sqrt(spread))).astype(np.float32)


def sample(field: Field, rows: Field, columns: Field) -> Field:
    """Bilinear look-up in a field that tiles; `rows` and `columns` are in its pixels, of any size."""
    height, width = field.shape
    row, column = np.floor(rows), np.floor(columns)
    down, right = rows - row, columns - column
    top, left = row.astype(np.int32) % height, column.astype(np.int32) % width
    below, beside = (top + 1) % height, (left + 1) % width
    flat = field.ravel()
    upper = flat[top * width + left] * (1 - right) + flat[top * width + beside] * right
    lower = flat[below * width + left] * (1 - right) + flat[below * width + beside] * right
    return (upper * (1 - down) + lower * down).astype(np.float32)


def warped(
    shape: tuple[int, int],
    cells: tuple[float, float],
    rng: np.random.Generator,
    strength: float = 0.6,
    octaves: int = 5,
) -> Field:
    """Fractal noise bent by other fractal noise (smoke, marble, nebulae). `strength` is in cells."""
    height, width = shape
    source = fractal(shape, cells, rng, octaves, wrap=True)
    reach = strength * min(height / max(cells[0], 1), width / max(cells[1], 1)) * 2
    across = fractal(shape, cells, rng, 3) - np.float32(0.5)
    along = fractal(shape, cells, rng, 3) - np.float32(0.5)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    return sample(source, rows + across * np.float32(reach), columns + along * np.float32(reach))


def dither(shape: tuple[int, ...], rng: np.random.Generator) -> Field:
    """Triangular noise of one 8-bit step either way; add it to 0..255 values before rounding and no
    gradient bands.
    """
    first = rng.random(shape, dtype=np.float32)
    first -= rng.random(shape, dtype=np.float32)
    return first
