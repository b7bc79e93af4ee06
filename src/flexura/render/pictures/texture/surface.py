"""What textures are made of: tiling noise, cells, and light that falls on a surface."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flexura.render.noise import Field, fractal, sample
from flexura.render.oklab import RGB, gradient

Numbers = NDArray[np.floating[Any]]
"""A field in whatever precision the sums left it."""


@dataclass(frozen=True)
class Surface:
    """The working size in pixels, the named colour if any, the words and the texture's own chance."""

    width: int
    height: int
    colour: RGB | None
    tokens: frozenset[str]
    random: np.random.Generator

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.height, self.width

    def noise(
        self, across: float, octaves: int = 5, gain: float = 0.5, stretch: float = 1.0
    ) -> Field:
        """Tiling fractal noise; `across` cells on the shorter side, `stretch` times longer horizontally."""
        side = min(self.width, self.height)
        cells = (max(across * self.height / side, 1), max(across * self.width / side / stretch, 1))
        return fractal(self.shape, cells, self.random, octaves, gain, wrap=True)

    def grain(self, strength: float) -> Field:
        """Fine noise per pixel, mean 0."""
        return (self.random.random(self.shape, dtype=np.float32) - np.float32(0.5)) * np.float32(
            strength
        )

    def bent(self, field: Field, reach: float, across: float = 3) -> Field:
        """The tiling field, moved about by other tiling noise; `reach` as a share of the shorter side."""
        side = min(self.width, self.height) * reach
        rows = np.arange(self.height, dtype=np.float32)[:, None] + (
            self.noise(across, 3) - 0.5
        ) * np.float32(side)
        columns = np.arange(self.width, dtype=np.float32)[None, :] + (
            self.noise(across, 3) - 0.5
        ) * np.float32(side)
        return sample(field, rows.astype(np.float32), columns.astype(np.float32))


def lit(height: Numbers, strength: float) -> Numbers:
    """How light a surface is under light from the upper left, mean about 0; tiles as its height does."""
    across = np.roll(height, -1, axis=1) - np.roll(height, 1, axis=1)
    down = np.roll(height, -1, axis=0) - np.roll(height, 1, axis=0)
    return np.clip((across + down) * np.float32(-strength * height.shape[0] / 1024), -1, 1)


def coloured(tone: Numbers, stops: list[RGB]) -> Field:
    """Colours (h, w, 3) of a tone 0..1 through the stops."""
    ramp = gradient(stops, 512)
    return ramp[(np.clip(tone, 0, 1) * 511).astype(np.int32)]


def cells(surface: Surface, across: int, jitter: float = 0.85) -> tuple[Field, Field, Field]:
    """Tiling cells about random seeds: distance to the nearest, to the second, and the nearest's number 0..1.

    Distances are in cell widths.
    """
    side = min(surface.width, surface.height) / across
    columns, rows = max(round(surface.width / side), 3), max(round(surface.height / side), 3)
    seeds = surface.random.random((rows, columns, 2), dtype=np.float32) * np.float32(
        jitter
    ) + np.float32((1 - jitter) / 2)
    names = surface.random.random((rows, columns), dtype=np.float32)
    y = (np.arange(surface.height, dtype=np.float32) + 0.5) * np.float32(rows / surface.height)
    x = (np.arange(surface.width, dtype=np.float32) + 0.5) * np.float32(columns / surface.width)
    row, column = np.floor(y).astype(np.int32), np.floor(x).astype(np.int32)
    first = np.full(surface.shape, 9, dtype=np.float32)
    second = np.full(surface.shape, 9, dtype=np.float32)
    name = np.zeros(surface.shape, dtype=np.float32)
    for dj in (-1, 0, 1):
        for di in (-1, 0, 1):
            near = np.ix_((row + dj) % rows, (column + di) % columns)
            seed = seeds[near]
            dy = (row + dj)[:, None] + seed[..., 1] - y[:, None]
            dx = (column + di)[None, :] + seed[..., 0] - x[None, :]
            distance = np.sqrt(dx * dx + dy * dy)
            closer = distance < first
            second = np.where(closer, first, np.minimum(second, distance))
            name = np.where(closer, names[near], name)
            first = np.where(closer, distance, first)
    return first, second, name
