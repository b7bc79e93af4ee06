"""Charts: bar, line, area and ring, with axes and labels."""

from __future__ import annotations

from flexura.render.pictures.chart.axes import ChartLook, frame, heading
from flexura.render.pictures.chart.data import Series, kind, series, title
from flexura.render.pictures.chart.marks import bars, line, ring
from flexura.render.pictures.contrast import legible
from flexura.render.pictures.drawing.drawing import Drawing
from flexura.render.pictures.drawn import painting
from flexura.render.pictures.scheme import scheme
from flexura.render.pictures.sheet import Painting, Sheet
from flexura.render.random import rng
from flexura.render.task import Warning
from flexura.render.type import missing_warnings


def paint(sheet: Sheet) -> Painting:
    """The chart in pixels and as SVG."""
    return painting(draw(sheet))


def draw(sheet: Sheet) -> Drawing:
    """The chart as a drawing; without numbers in `data` or the prompt it shows made-up ones and says so."""
    random = rng(sheet.prompt, sheet.seed, "chart")
    shown = series(sheet.words, sheet.options, random)
    look = _look(sheet)
    texts = (title(sheet.words, sheet.options), _subtitle(sheet, shown))
    size = (sheet.width, sheet.height)
    shapes, top = heading(size, texts, look)
    form = kind(sheet.words, shown)
    if form == "donut":
        margin = look.unit * 2.2
        area = (margin, top, sheet.width - 2 * margin, sheet.height - top - margin)
        shapes += ring(shown, area, look)
    else:
        grid, plot = frame(size, top + look.unit, shown, look)
        shapes += grid
        shapes += (
            bars(shown, plot, look)
            if form == "bar"
            else line(shown, plot, look, filled=form == "area")
        )
    clear = sheet.options.get("background") == "transparent"
    ground = None if clear else look.ground
    return Drawing(
        *size, tuple(shapes), ground, (*_warnings(shown), *missing_warnings(*texts, *shown.labels))
    )


def _look(sheet: Sheet) -> ChartLook:
    colours = scheme(sheet, "chart")
    dark = bool(set(sheet.words.tokens) & {"dark", "night", "black", "neon"})
    ground = colours.ink if dark else (1.0, 1.0, 1.0)
    lead = colours.strong(ground, 2.4)
    fresh = sorted(colours.vivid, key=lambda colour: colour != lead)
    unit = max(min(sheet.width / 34, sheet.height / 26), 4.0)
    marks = tuple(legible(colour, ground, 1.9 if i else 2.4) for i, colour in enumerate(fresh))
    return ChartLook(ground, colours.paper if dark else colours.ink, marks, unit)


def _subtitle(sheet: Sheet, shown: Series) -> str:
    given = str(sheet.options.get("subtitle", "") or "")
    return given or ("Illustrative data" if shown.sample else "")


def _warnings(shown: Series) -> tuple[Warning, ...]:
    if not shown.sample:
        return ()
    message = (
        "The prompt has no numbers, so the chart shows made-up ones. "
        'Give the option data, for example "2022: 10, 2023: 20".'
    )
    return (Warning("sample_data", message),)
