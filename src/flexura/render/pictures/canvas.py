"""The maker of the model `canvas`: raster pictures of every style."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from PIL import Image

from flexura.render.encode.image import write_image
from flexura.render.palette import NAMES, palette
from flexura.render.pictures.abstract.painter import paint as abstract
from flexura.render.pictures.avatar.painter import paint as avatar
from flexura.render.pictures.card.painter import paint as card
from flexura.render.pictures.chart.painter import paint as chart
from flexura.render.pictures.choose import choose, size_in
from flexura.render.pictures.icon.painter import paint as icon
from flexura.render.pictures.logo.painter import paint as logo
from flexura.render.pictures.pattern.painter import paint as pattern
from flexura.render.pictures.placeholder import paint as placeholder
from flexura.render.pictures.scene.painter import paint as scene
from flexura.render.pictures.sheet import Painting, Sheet
from flexura.render.pictures.texture.painter import paint as texture
from flexura.render.pictures.wireframe.painter import paint as wireframe
from flexura.render.provenance import record_of
from flexura.render.random import rng
from flexura.render.task import Made, Task, TaskError, Warning
from flexura.render.words import read

PAINTERS: Final[dict[str, Callable[[Sheet], Painting]]] = {
    "scene": scene,
    "abstract": abstract,
    "pattern": pattern,
    "texture": texture,
    "icon": icon,
    "logo": logo,
    "card": card,
    "placeholder": placeholder,
    "avatar": avatar,
    "chart": chart,
    "wireframe": wireframe,
}
CUT_OUT: Final = frozenset({"icon", "logo", "avatar", "pattern", "chart"})
"""The styles that can stand on a transparent background."""

SMALLEST, LARGEST, USUAL = 16, 4096, 1024


def make(task: Task) -> Made:
    """One picture by the prompt and the options. Raises TaskError for a size or style that does not exist."""
    sheet, style = lay_out(task)
    task.progress(0.1, f"painting {style}")
    painting = PAINTERS[style](sheet)
    task.progress(0.8, "writing the file")
    image, warnings = _on_background(painting.image, sheet, style)
    file = write_image(
        image,
        task.out,
        format=str(sheet.options.get("format", "png")),
        quality=int(sheet.options.get("quality", 90)),
        provenance=record_of(task),
    )
    return Made((file,), (*painting.warnings, *warnings, *unused_options(sheet, style)))


def lay_out(task: Task, chosen: str = "") -> tuple[Sheet, str]:
    """The sheet for a task and the style that it asks for, unless that is `chosen` already."""
    options: dict[str, Any] = dict(task.options)
    words = read(task.prompt)
    width, height = _size(task.prompt, options)
    style = chosen or str(options.get("style", "auto") or "auto")
    if style == "auto":
        style = choose(words, options)
    if style not in PAINTERS:
        raise TaskError(
            "invalid_request",
            f"The style {style!r} does not exist.",
            f"Use auto or one of {', '.join(PAINTERS)}.",
        )
    wanted = str(options.get("palette", "") or "").strip()
    asked = read(wanted) if wanted and wanted not in NAMES else words
    name = wanted if wanted in NAMES else ", ".join(_codes(wanted))
    # The colours are drawn from their own stream: the same prompt keeps its hues when only its size changes.
    colours = palette(
        asked if asked.colours else words, rng(task.prompt, task.seed, "palette"), name
    )
    return Sheet(task.prompt, words, colours, width, height, options, task.seed), style


def _codes(wanted: str) -> list[str]:
    return [
        part.strip() for part in wanted.replace(";", ",").split(",") if part.strip().startswith("#")
    ]


def _size(prompt: str, options: dict[str, Any]) -> tuple[int, int]:
    width, height = int(options.get("width", USUAL)), int(options.get("height", USUAL))
    if (width, height) == (USUAL, USUAL):
        width, height = _written(prompt) or (width, height)
    if not (SMALLEST <= width <= LARGEST and SMALLEST <= height <= LARGEST):
        raise TaskError(
            "invalid_request",
            f"A picture of {width} x {height} pixels cannot be painted.",
            f"Set width and height to {SMALLEST} .. {LARGEST}.",
        )
    return width, height


def _written(prompt: str) -> tuple[int, int] | None:
    """The prompt's own size, if there is one that can be painted."""
    size = size_in(prompt)
    return size if size and all(SMALLEST <= side <= LARGEST for side in size) else None


def _on_background(
    image: Image.Image, sheet: Sheet, style: str
) -> tuple[Image.Image, tuple[Warning, ...]]:
    if sheet.options.get("background", "opaque") != "transparent":
        return image, ()
    if style not in CUT_OUT:
        why = f"a picture of the style {style} fills its whole area. Use one of {', '.join(sorted(CUT_OUT))}"
    elif sheet.options.get("format") == "jpeg":
        why = "JPEG has no transparency. Use png, webp or avif"
    else:
        return image, ()
    return image, (
        Warning("option_not_applied", f"background=transparent was not applied: {why}."),
    )


def unused_options(sheet: Sheet, style: str) -> tuple[Warning, ...]:
    """A warning for every text option that says something this style does not show."""
    shown = {"card": {"text", "subtitle"}, "chart": {"data", "text", "subtitle"}}
    named = {"logo", "icon", "avatar", "placeholder", "wireframe"}
    used = shown.get(style, {"text"} if style in named else set[str]())
    idle = [
        name
        for name in ("text", "subtitle", "data")
        if sheet.options.get(name) and name not in used
    ]
    return tuple(
        Warning(
            "option_not_applied",
            f"{name} was not used: a picture of the style {style} does not show it.",
        )
        for name in idle
    )
