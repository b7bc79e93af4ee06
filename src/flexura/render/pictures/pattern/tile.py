"""A sheet whose opposite edges meet: places on it, and shapes that go on beyond an edge."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from flexura.render.oklab import RGB
from flexura.render.pictures.drawing.drawing import Shape
from flexura.render.pictures.drawing.path import Path


@dataclass(frozen=True)
class Tile:
    """Size in pixels, the colours (the first is the ground) and the pattern's own chance."""

    width: int
    height: int
    ground: RGB
    colours: tuple[RGB, ...]
    random: np.random.Generator
    tokens: frozenset[str]

    @property
    def side(self) -> int:
        """The shorter side in pixels."""
        return min(self.width, self.height)

    def cells(self, across: int, *, even: bool = False) -> tuple[int, int, float, float]:
        """Columns, rows and the size of a cell: whole near-square cells, about `across` on the short side.

        Only so does the last cell end where the first one of the next tile begins.
        """
        # A long strip gets no more cells than a square would bear.
        step = max(self.side / across, math.sqrt(self.width * self.height) / 16)
        columns, rows = max(round(self.width / step), 1), max(round(self.height / step), 1)
        if even:
            columns, rows = max(columns + columns % 2, 2), max(rows + rows % 2, 2)
        return columns, rows, self.width / columns, self.height / rows

    def wrapped(self, shape: Shape) -> list[Shape]:
        """The shape, and its copies where it sticks out over an edge and comes in again on the other side."""
        left, top, right, bottom = shape.path.bounds()
        margin = shape.stroke_width / 2 + 1
        out: list[Shape] = []
        for dx in (-self.width, 0, self.width):
            for dy in (-self.height, 0, self.height):
                inside_x = right + margin + dx > 0 and left - margin + dx < self.width
                if inside_x and bottom + margin + dy > 0 and top - margin + dy < self.height:
                    out.append(
                        shape if not (dx or dy) else replace(shape, path=shape.path.shift(dx, dy))
                    )
        return out

    def scattered(self, gap: float, most: int = 900) -> list[tuple[float, float]]:
        """Places at least `gap` pixels apart, also across the edges, as many as fit (dart throwing)."""
        cell = gap / math.sqrt(2)
        columns, rows = max(int(self.width / cell), 1), max(int(self.height / cell), 1)
        taken: dict[tuple[int, int], tuple[float, float]] = {}
        placed: list[tuple[float, float]] = []
        missed = 0
        for u, v in self.random.random((4_500, 2)).tolist():
            x, y = u * self.width, v * self.height
            column, row = min(int(u * columns), columns - 1), min(int(v * rows), rows - 1)
            if self._free(taken, (column, row), (columns, rows), (x, y, gap)):
                taken[column, row] = (x, y)
                placed.append((x, y))
                missed = 0
            else:
                missed += 1
            if len(placed) >= most or missed > 160:
                break
        return placed

    def _free(
        self,
        taken: dict[tuple[int, int], tuple[float, float]],
        at: tuple[int, int],
        grid: tuple[int, int],
        dart: tuple[float, float, float],
    ) -> bool:
        x, y, gap = dart
        for i in range(-2, 3):
            for j in range(-2, 3):
                other = taken.get(((at[0] + i) % grid[0], (at[1] + j) % grid[1]))
                if other is None:
                    continue
                dx, dy = abs(other[0] - x), abs(other[1] - y)
                dx, dy = min(dx, self.width - dx), min(dy, self.height - dy)
                if dx * dx + dy * dy < gap * gap:
                    return False
        return True

    def scatter(
        self, gap: float, make: Callable[[int], Path | Shape], *, turned: bool = True
    ) -> list[Shape]:
        """Things made at the origin, laid at scattered places and turned by chance."""
        out: list[Shape] = []
        for i, (x, y) in enumerate(self.scattered(gap)):
            made = make(i)
            shape = (
                made
                if isinstance(made, Shape)
                else Shape(made, fill=self.colours[i % len(self.colours)])
            )
            angle = float(self.random.uniform(0, 360)) if turned else 0.0
            path = shape.path.rotate(angle) if turned else shape.path
            out += self.wrapped(replace(shape, path=path.shift(x, y)))
        return out


def merged(shapes: list[Shape]) -> list[Shape]:
    """Shapes of the same paint as one, in the order of their first: faster, where things do not overlap."""
    groups: dict[tuple[object, ...], list[Shape]] = {}
    for shape in shapes:
        groups.setdefault((shape.fill, shape.stroke, shape.stroke_width, shape.opacity), []).append(
            shape
        )
    return [
        replace(
            group[0],
            path=Path(tuple(command for shape in group for command in shape.path.commands)),
        )
        for group in groups.values()
    ]
