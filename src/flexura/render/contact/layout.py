"""Where the cells of a contact sheet stand: columns, sizes and type chosen by how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median

LONGEST = 1568
"""The longest side in pixels. Models that look at pictures scale larger ones down; text would blur."""
MOST_CELLS = 64
_WIDEST_CELL, _NARROWEST_CELL = 1024, 256
_SMALLEST_TYPE, _LARGEST_TYPE = 13, 22
_FLATTEST, _TALLEST = 2.4, 0.5
"""Cells keep within these ratios of width to height; stranger pictures get bars at their sides."""


@dataclass(frozen=True)
class Grid:
    """Everything in pixels. A cell is a picture box (`box`) over a label of `label` pixels."""

    columns: int
    rows: int
    box: tuple[int, int]
    gap: int
    type: int
    """The size of the type of labels."""
    lines: int
    """Lines of text in a label."""

    @property
    def line(self) -> int:
        """From one line of text to the next."""
        return round(self.type * 1.32)

    @property
    def narrow(self) -> bool:
        """Whether facts need the whole width of a cell, below its number."""
        return self.box[0] < self.type * 15

    @property
    def label(self) -> int:
        """The height of the label under a picture."""
        return self.lines * self.line + round(self.type * 0.7)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the sheet."""
        return (
            self.columns * self.box[0] + (self.columns + 1) * self.gap,
            self.rows * (self.box[1] + self.label) + (self.rows + 1) * self.gap,
        )

    def corner(self, index: int) -> tuple[int, int]:
        """The upper left corner of the picture box of a cell."""
        row, column = divmod(index, self.columns)
        return (
            self.gap + column * (self.box[0] + self.gap),
            self.gap + row * (self.box[1] + self.label + self.gap),
        )


def grid_of(ratios: Sequence[float], longest: int = LONGEST, widest: int = _WIDEST_CELL) -> Grid:
    """The grid that shows pictures of these ratios (width by height) largest, within `longest` pixels.

    No box is wider than `widest`, the widest of the pictures, unless that is too small for a label.
    """
    most = min(max(widest, _NARROWEST_CELL), _WIDEST_CELL)
    ratio = min(max(median(ratios), _TALLEST), _FLATTEST)
    grids = [
        _grid((columns, len(ratios)), ratio, longest, most) for columns in range(1, len(ratios) + 1)
    ]
    # The largest pictures; among equals the sheet without holes, then the wider one.
    return max(
        grids,
        key=lambda g: (g.box[0] * g.box[1], -(g.columns * g.rows - len(ratios)), g.columns),
    )


def _grid(shape: tuple[int, int], ratio: float, longest: int, most: int) -> Grid:
    columns, count = shape
    rows = ceil(count / columns)
    gap = max(6, round(longest / (40 + 12 * max(columns, rows))))
    width = min((longest - (columns + 1) * gap) // columns, most)
    kept = _Label(width)
    # How high a label is depends on the width, and the width on what labels leave.
    for _ in range(3):
        kept = _Label(width)
        height = (longest - (rows + 1) * gap) // rows - kept.height
        width = min(width, max(8, int(height * ratio)))
    box = (max(width, 8), max(8, round(width / ratio)))
    return Grid(columns, rows, box, gap, kept.type, kept.lines)


@dataclass(frozen=True)
class _Label:
    width: int

    @property
    def type(self) -> int:
        return min(max(round(self.width * 0.052), _SMALLEST_TYPE), _LARGEST_TYPE)

    @property
    def lines(self) -> int:
        """Three where seed, price and time would not stand in one line."""
        return 2 if self.width >= self.type * 21 else 3

    @property
    def height(self) -> int:
        return self.lines * round(self.type * 1.32) + round(self.type * 0.7)
