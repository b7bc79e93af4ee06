"""The frame of a chart: title, value axis with round steps, grid lines and labels."""

from __future__ import annotations

import math
from dataclasses import dataclass

from flexura.render.oklab import RGB, mix
from flexura.render.pictures.chart.data import Series
from flexura.render.pictures.drawing.drawing import Shape
from flexura.render.pictures.drawing.shapes import rect
from flexura.render.type import Setting, drawable, fit, line_path, line_width


@dataclass(frozen=True)
class ChartLook:
    """The colours of a chart and the unit that all its sizes follow, in pixels."""

    ground: RGB
    ink: RGB
    colours: tuple[RGB, ...]
    unit: float

    @property
    def muted(self) -> RGB:
        """Labels: quieter than the title, still legible."""
        return mix(self.ink, self.ground, 0.38)

    @property
    def faint(self) -> RGB:
        """Grid lines."""
        return mix(self.ink, self.ground, 0.89)


@dataclass(frozen=True)
class Plot:
    """The area of the marks in pixels, and the values at its bottom and top."""

    left: float
    top: float
    width: float
    height: float
    low: float
    high: float

    def y(self, value: float) -> float:
        """Where a value stands."""
        return self.top + self.height * (1 - (value - self.low) / (self.high - self.low))


def heading(
    size: tuple[int, int], texts: tuple[str, str], look: ChartLook
) -> tuple[list[Shape], float]:
    """Title and subtitle at the top left, and where the chart may begin."""
    width, height = size
    margin = look.unit * 2.2
    top = margin * 1.1
    shapes: list[Shape] = []
    title, subtitle = (drawable(text) for text in texts)
    if title:
        block = fit(
            title,
            Setting("semibold", look.unit * 1.9, -0.015),
            (width - 2 * margin, height * 0.2),
            smallest=look.unit * 0.8,
            most_lines=2,
        )
        shapes.append(Shape(block.path(margin, top), fill=look.ink))
        top += block.height + look.unit
    if subtitle:
        block = fit(
            subtitle,
            Setting("regular", look.unit * 1.05),
            (width - 2 * margin, height * 0.1),
            smallest=look.unit * 0.7,
            most_lines=1,
        )
        shapes.append(Shape(block.path(margin, top), fill=look.muted))
        top += block.height + look.unit
    return shapes, top + (look.unit * 0.7 if shapes else 0)


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round values from at or below `low` to at or above `high`, at most about `most` of them."""
    span = max(high - low, 1e-9)
    rough = span / max(most, 1)
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= rough * 0.999)
    first = math.floor(low / step + 1e-9)
    last = math.ceil(high / step - 1e-9)
    return [round(i * step, 10) for i in range(first, last + 1)]


def frame(
    size: tuple[int, int], top: float, shown: Series, look: ChartLook
) -> tuple[list[Shape], Plot]:
    """Grid, value labels and the plot between them; the category labels come with the marks."""
    width, height = size
    margin = look.unit * 2.2
    small = Setting("regular", look.unit * 0.92)
    bottom = height - margin - look.unit * 1.5
    room = max(int((bottom - top) / (look.unit * 3)), 2)
    values = ticks(min(0.0, *shown.values), max(0.0, *shown.values), min(room, 6))
    if len(values) < 2:
        values = [0.0, 1.0]
    texts = [shown.text(value) for value in values]
    left = margin + max(line_width(text, small) for text in texts) + look.unit * 0.9
    plot = Plot(
        left, top, max(width - margin - left, 8), max(bottom - top, 8), values[0], values[-1]
    )
    shapes: list[Shape] = []
    thick = max(look.unit / 12, 1.0)
    for value, text in zip(values, texts, strict=True):
        y = round(plot.y(value))
        line = look.faint if value else mix(look.ink, look.ground, 0.72)
        shapes.append(Shape(rect(plot.left, y - thick / 2, plot.width, thick), fill=line))
        label = line_path(text, small, left - look.unit * 0.9, y + small.cap_height / 2, "right")
        shapes.append(Shape(label, fill=look.muted))
    return shapes, plot


def category_labels(
    shown: Series, centres: list[float], plot: Plot, look: ChartLook
) -> list[Shape]:
    """The labels under the plot; when they would touch, only every second, third … is written."""
    small = Setting("regular", look.unit * 0.92)
    texts = [drawable(label) for label in shown.labels]
    step = (centres[-1] - centres[0]) / max(len(centres) - 1, 1)
    widest = max((line_width(text, small) for text in texts), default=0.0) + look.unit * 0.6
    stride = max(math.ceil(widest / step), 1) if step > 0 else 1
    y = plot.top + plot.height + look.unit * 1.75
    return [
        Shape(line_path(text, small, x, y, "center"), fill=look.muted)
        for i, (text, x) in enumerate(zip(texts, centres, strict=True))
        if i % stride == 0
    ]
