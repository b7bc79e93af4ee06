"""Trees in blossom."""

from __future__ import annotations

import numpy as np

from flexura.render.oklab import RGB, from_hex, mix, shade
from flexura.render.pictures.scene.ink import Ink
from flexura.render.pictures.scene.layer import Layer, sprite
from flexura.render.pictures.scene.stage import Stage


class _Boughs:
    """Draws the boughs of a tree and keeps where they end."""

    def __init__(self, ink: Ink, bark: RGB, rng: np.random.Generator) -> None:
        self._ink, self._bark, self._rng = ink, bark, rng
        self.tips: list[tuple[float, float]] = []

    def grow(
        self, start: tuple[float, float], angle: float, length: float, thick: float, level: int
    ) -> None:
        """One bough and, `level` times over, the boughs that it forks into."""
        rng = self._rng
        end = (start[0] + float(np.cos(angle)) * length, start[1] - float(np.sin(angle)) * length)
        aside = float(rng.normal(0, length * 0.1))
        bend = ((start[0] + end[0]) / 2 + aside, (start[1] + end[1]) / 2)
        self._ink.line([start, bend, end], [thick, thick * 0.7], self._bark)
        self.tips.append(end)
        if level == 0:
            return
        for turn in (-0.5, 0.15, 0.6):
            lean = angle + turn + float(rng.normal(0, 0.15))
            self.grow(end, lean, length * float(rng.uniform(0.55, 0.75)), thick * 0.6, level - 1)


def blossom_tree(
    stage: Stage, foot: tuple[float, float], size: float, colour: RGB, depth: float, label: str
) -> Layer:
    """A tree in blossom: dark boughs and clouds of petals."""
    rng = stage.rng(label)
    wide, high = round(size * 1.5), round(size * 1.2)
    ink = Ink((wide, high), (wide / 2, high - 2), size, fine=2)
    wood = mix(stage.lit(from_hex("#4a3532"), 0.7), stage.palette.dark, 0.3)
    boughs = _Boughs(ink, stage.far(wood, depth + 0.2), rng)
    boughs.grow((0.0, 0.0), 1.5, 0.34, 0.075, 3)
    pale = stage.far(mix(colour, (1.0, 1.0, 1.0), 0.5), depth + 0.3)
    deep = stage.far(mix(shade(colour, 0.72), stage.palette.sky[1], 0.2), depth + 0.2)
    plain = stage.far(colour, depth + 0.25)
    offsets = rng.normal(0, 1, (len(boughs.tips) * 2, 2)) * (0.05, 0.04)
    spots = np.repeat(np.array(boughs.tips), 2, axis=0) + offsets
    radii = rng.uniform(0.035, 0.085, len(spots))
    heaps = sorted(zip(spots.tolist(), radii.tolist(), strict=True), key=lambda heap: -heap[0][1])
    for (x, y), radius in heaps:
        ink.ellipse((x, y + radius * 0.3), (radius * 1.1, radius * 0.85), deep)
    for (x, y), radius in heaps:
        ink.ellipse((x, y), (radius, radius * 0.75), mix(deep, plain, 0.75))
    for (x, y), radius in heaps:
        for dx, dy in rng.normal(0, radius * 0.65, (6, 2)).tolist():
            ink.ellipse((x + dx, y + dy - radius * 0.2), (radius * 0.17, radius * 0.13), pale)
    return sprite(ink.finish(), (round(foot[0] - wide / 2), round(foot[1] - high + 2)), depth)
