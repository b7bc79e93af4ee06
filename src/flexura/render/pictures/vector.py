"""The maker of the model `vector`: drawings as SVG."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from flexura.render.encode.svg import write_svg
from flexura.render.pictures.avatar.painter import draw as avatar
from flexura.render.pictures.canvas import lay_out, unused_options
from flexura.render.pictures.chart.painter import draw as chart
from flexura.render.pictures.choose import choose
from flexura.render.pictures.drawing.drawing import Drawing
from flexura.render.pictures.drawing.svg import drawing_svg
from flexura.render.pictures.icon.painter import draw as icon
from flexura.render.pictures.logo.painter import draw as logo
from flexura.render.pictures.pattern.painter import draw as pattern
from flexura.render.pictures.placeholder import draw as placeholder
from flexura.render.pictures.sheet import Sheet
from flexura.render.pictures.wireframe.painter import draw as wireframe
from flexura.render.provenance import record_of
from flexura.render.task import Made, Task, TaskError, Warning
from flexura.render.words import Words, read

DRAWERS: Final[dict[str, Callable[[Sheet], Drawing]]] = {
    "icon": icon,
    "logo": logo,
    "pattern": pattern,
    "avatar": avatar,
    "placeholder": placeholder,
    "chart": chart,
    "wireframe": wireframe,
}


def make(task: Task) -> Made:
    """One drawing by the prompt and the options. Raises TaskError for a size or style that does not exist."""
    style, warnings = _style(read(task.prompt), task.options)
    sheet, style = lay_out(task, style)
    task.progress(0.2, f"drawing {style}")
    drawing = DRAWERS[style](sheet)
    file = write_svg(
        drawing_svg(drawing),
        task.out,
        width=sheet.width,
        height=sheet.height,
        provenance=record_of(task),
    )
    return Made((file,), (*drawing.warnings, *warnings, *unused_options(sheet, style)))


def _style(words: Words, options: Mapping[str, Any]) -> tuple[str, tuple[Warning, ...]]:
    """The style asked for; where the prompt wants a painted one, the nearest drawn one, with a warning."""
    asked = str(options.get("style", "auto") or "auto")
    if asked != "auto":
        if asked not in DRAWERS:
            raise TaskError(
                "invalid_request",
                f"The style {asked!r} cannot be drawn as SVG.",
                f"Use auto or one of {', '.join(DRAWERS)}, or the model canvas for a picture in pixels.",
            )
        return asked, ()
    style = choose(words, options)
    if style in DRAWERS:
        return style, ()
    nearest = {"texture": "pattern", "abstract": "pattern"}.get(style, "icon")
    message = (
        f"The prompt asks for a picture of the style {style}, which has no vector form; "
        f"this is a drawing of the style {nearest}."
    )
    return nearest, (Warning("subject_not_drawn", message),)
