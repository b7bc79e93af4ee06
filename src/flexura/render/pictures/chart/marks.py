"""The marks of charts: bars, lines, areas and rings."""

from __future__ import annotations

from flexura.render.oklab import RGB, mix
from flexura.render.pictures.chart.axes import ChartLook, Plot, category_labels
from flexura.render.pictures.chart.data import Series
from flexura.render.pictures.drawing.drawing import Shape, fading, linear
from flexura.render.pictures.drawing.path import Command, Path, Point
from flexura.render.pictures.drawing.shapes import circle, rect, ring_sector, rounded
from flexura.render.type import Setting, drawable, line_path, line_width


def bars(shown: Series, plot: Plot, look: ChartLook) -> list[Shape]:
    """One bar per value, the greatest in full colour and labelled."""
    count = len(shown.values)
    step = plot.width / count
    wide = min(step * 0.62, look.unit * 6)
    zero = plot.y(0.0)
    lead = look.colours[0]
    soft = mix(lead, look.ground, 0.42)
    greatest = max(range(count), key=lambda i: shown.values[i])
    shapes: list[Shape] = []
    centres: list[float] = []
    for i, value in enumerate(shown.values):
        centre = plot.left + step * (i + 0.5)
        centres.append(centre)
        y = plot.y(value)
        low, high = max(y, zero), min(y, zero)
        colour = lead if i == greatest else soft
        bar = _bar(
            centre - wide / 2,
            high,
            wide,
            max(low - high, 1.0),
            min(wide * 0.22, look.unit * 0.7),
            value < 0,
        )
        shapes.append(
            Shape(bar, fill=linear((0, high), (0, low), mix(colour, (1.0, 1.0, 1.0), 0.08), colour))
        )
        if count <= 12 and step > look.unit * 2.6:
            setting = Setting("semibold", look.unit * 0.92)
            at = high - look.unit * 0.6 if value >= 0 else low + look.unit * 1.4
            ink = look.ink if i == greatest else look.muted
            shapes.append(
                Shape(line_path(shown.text(value), setting, centre, at, "center"), fill=ink)
            )
    return [*shapes, *category_labels(shown, centres, plot, look)]


def _bar(x: float, y: float, width: float, height: float, radius: float, down: bool) -> Path:
    """A bar with round corners on its free end."""
    radius = min(radius, height)
    body = rounded(x, y, width, height, radius)
    foot = min(radius, height / 2)
    return body + rect(x, y if down else y + height - foot, width, foot)


def line(shown: Series, plot: Plot, look: ChartLook, *, filled: bool) -> list[Shape]:
    """A smooth line with its points; an area under it when `filled`."""
    count = len(shown.values)
    step = plot.width / max(count - 1, 1)
    points = [(plot.left + i * step, plot.y(value)) for i, value in enumerate(shown.values)]
    lead = look.colours[0]
    curve = monotone(points)
    base = plot.y(max(plot.low, 0.0))
    area = Path(
        (*curve.commands, ("L", (points[-1][0], base)), ("L", (points[0][0], base)), ("Z", ()))
    )
    tint = fading(
        linear((0, min(y for _, y in points)), (0, base), lead, lead),
        0.45 if filled else 0.16,
        0.02,
    )
    width = look.unit * 0.3
    shapes = [Shape(area, fill=tint), Shape(curve, stroke=lead, stroke_width=width)]
    if count <= 13:
        for x, y in points[:-1]:
            shapes.append(Shape(circle(x, y, width * 1.15), fill=look.ground))
            shapes.append(Shape(circle(x, y, width * 1.15), stroke=lead, stroke_width=width * 0.7))
    x, y = points[-1]
    shapes.append(Shape(circle(x, y, width * 4), fill=lead, opacity=0.18))
    shapes.append(Shape(circle(x, y, width * 1.7), fill=lead))
    shapes += _tip(shown.text(shown.values[-1]), (x, y), plot, look)
    return [*shapes, *category_labels(shown, [px for px, _ in points], plot, look)]


def _tip(text: str, at: Point, plot: Plot, look: ChartLook) -> list[Shape]:
    """The last value in a small plate beside its point."""
    setting = Setting("semibold", look.unit * 0.98)
    wide, tall = line_width(text, setting) + look.unit * 1.3, look.unit * 2
    x = min(at[0] - wide / 2, plot.left + plot.width + look.unit * 1.4 - wide)
    above = at[1] - look.unit - tall
    y = above if above > plot.top - look.unit * 2.6 else at[1] + look.unit * 1.3
    plate = rounded(x, y, wide, tall, look.unit * 0.5)
    written = line_path(
        text, setting, x + wide / 2, y + tall / 2 + setting.cap_height / 2, "center"
    )
    return [Shape(plate, fill=look.ink), Shape(written, fill=look.ground)]


def monotone(points: list[Point]) -> Path:
    """A smooth curve that never overshoots its points (Fritsch-Carlson)."""
    count = len(points)
    slopes = [
        (points[i + 1][1] - points[i][1]) / max(points[i + 1][0] - points[i][0], 1e-9)
        for i in range(count - 1)
    ]
    tangents = [slopes[0] if slopes else 0.0]
    for i in range(1, count - 1):
        before, after = slopes[i - 1], slopes[i]
        tangents.append(0.0 if before * after <= 0 else 2 * before * after / (before + after))
    tangents.append(slopes[-1] if slopes else 0.0)
    commands: list[Command] = [("M", points[0])]
    for i in range(count - 1):
        (x0, y0), (x1, y1) = points[i], points[i + 1]
        third = (x1 - x0) / 3
        commands.append(
            (
                "C",
                (
                    x0 + third,
                    y0 + tangents[i] * third,
                    x1 - third,
                    y1 - tangents[i + 1] * third,
                    x1,
                    y1,
                ),
            )
        )
    return Path(tuple(commands))


def ring(shown: Series, area: tuple[float, float, float, float], look: ChartLook) -> list[Shape]:
    """A ring of shares with a legend beside or below it; the leading share stands in the middle."""
    left, top, width, height = area
    values = [max(value, 0.0) for value in shown.values]
    total = sum(values) or 1.0
    wide = width > height * 1.25
    count = len(values)
    legend = look.unit * 2.3 * count
    size = (
        min(height, width * 0.5)
        if wide
        else min(width, max(height - legend - look.unit, height * 0.45))
    )
    cx = left + size / 2 + (max(width * 0.5 - size, 0) * 0.5 if wide else (width - size) / 2)
    cy = top + height / 2 if wide else top + size / 2
    shapes: list[Shape] = []
    start = -90.0
    outer, inner = size / 2, size * 0.315
    for i, value in enumerate(values):
        sweep = 360 * value / total
        gap = min(1.6, sweep * 0.2) if count > 1 else 0.0
        if sweep > 0.05:
            piece = ring_sector((cx, cy), outer, inner, start + gap / 2, start + sweep - gap / 2)
            shapes.append(Shape(piece, fill=_colour(look, i)))
        start += sweep
    greatest = max(range(count), key=lambda i: values[i])
    figure = shown.text(values[greatest]) if shown.suffix else f"{values[greatest] / total:.0%}"
    shapes += _middle(figure, drawable(shown.labels[greatest]), (cx, cy), inner, look)
    x = left + width * 0.58 if wide else left
    y = cy - legend / 2 if wide else top + size + look.unit * 1.4
    across = left + width - x
    for i in range(count):
        shapes += _row(shown, i, (x, y + look.unit * 2.3 * i, across), look)
    return shapes


def _colour(look: ChartLook, i: int) -> RGB:
    base = look.colours[i % len(look.colours)]
    return mix(base, look.ground, 0.3 * (i // len(look.colours)))


def _middle(figure: str, label: str, centre: Point, inner: float, look: ChartLook) -> list[Shape]:
    big, small = Setting("semibold", inner * 0.52, -0.02), Setting("regular", inner * 0.2)
    cx, cy = centre
    wide = line_width(label, small)
    small = small.sized(small.size * min(1.0, inner * 1.5 / wide)) if wide else small
    return [
        Shape(line_path(figure, big, cx, cy + big.cap_height * 0.3, "center"), fill=look.ink),
        Shape(
            line_path(label, small, cx, cy + big.cap_height * 0.3 + small.size * 1.6, "center"),
            fill=look.muted,
        ),
    ]


def _row(shown: Series, i: int, place: tuple[float, float, float], look: ChartLook) -> list[Shape]:
    x, y, width = place
    setting = Setting("regular", look.unit * 1.05)
    strong = Setting("semibold", look.unit * 1.05)
    middle = y + look.unit * 1.15
    base = middle + setting.cap_height / 2
    figure = shown.text(shown.values[i])
    dot = rounded(
        x, middle - look.unit * 0.42, look.unit * 0.84, look.unit * 0.84, look.unit * 0.25
    )
    return [
        Shape(dot, fill=_colour(look, i)),
        Shape(
            line_path(drawable(shown.labels[i]), setting, x + look.unit * 1.6, base), fill=look.ink
        ),
        Shape(line_path(figure, strong, x + width, base, "right"), fill=look.muted),
    ]
