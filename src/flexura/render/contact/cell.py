"""One cell of a contact sheet: its medium in the box, and under it number, model and facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageDraw

from flexura.render.contact.layout import Grid
from flexura.render.contact.media import Seen, boxed
from flexura.render.contact.text import font, legible, shortened, width_of, wrapped

PAPER = (240, 240, 242)
_BOX = (225, 225, 229)
_INK, _FAINT, _WHITE = (24, 24, 27), (82, 82, 91), (255, 255, 255)
_FAULT, _CHOSEN = (153, 27, 27), (4, 120, 87)
_SMOOTHER = 4


@dataclass(frozen=True)
class Cell:
    """What is told of one file. `number` is empty for one that cannot be picked; `why` says why."""

    number: str
    title: str
    facts: tuple[str, ...]
    why: str = ""
    mark: str = ""

    @staticmethod
    def of(told: Mapping[str, Any]) -> Cell:
        """The cell of a task; every text in it may be a stranger's."""
        facts: Sequence[Any] = told.get("facts") or ()
        return Cell(
            legible(str(told.get("number") or "")),
            legible(str(told.get("title") or "")),
            tuple(legible(str(fact)) for fact in facts),
            legible(str(told.get("why") or "")),
            str(told.get("mark") or ""),
        )


def paint(sheet: Image.Image, grid: Grid, index: int, cell: Cell, seen: Seen | None) -> None:
    """Draw one cell where it stands."""
    left, top = grid.corner(index)
    width, height = grid.box
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((left, top, left + width - 1, top + height - 1), fill=_BOX)
    why = cell.why or (seen.problem if seen else "There is no file.")
    if seen is None or why:
        _tell(draw, (left, top, width, height), legible(why), grid)
    else:
        image = boxed(seen, grid.box)
        sheet.paste(image, (left + (width - image.width) // 2, top + (height - image.height) // 2))
        if seen.seconds is not None:
            _playing(sheet, (left, top, width, height), seen, grid)
    if cell.mark == "selected":
        frame = (left - 3, top - 3, left + width + 2, top + height + 2)
        draw.rectangle(frame, outline=_CHOSEN, width=4)
    _label(draw, (left, top + height, width), cell, grid)


def _tell(draw: ImageDraw.ImageDraw, box: tuple[int, int, int, int], why: str, grid: Grid) -> None:
    """Why there is nothing to see, in the middle of the box."""
    left, top, width, height = box
    room, most = width - grid.type, max(1, (height - grid.type) // grid.line)
    lines = wrapped(why, "regular", grid.type, room, min(most, 8))
    start = top + (height - len(lines) * grid.line) / 2
    for number, line in enumerate(lines):
        x = left + (width - width_of(line, "regular", grid.type)) / 2
        draw.text((x, start + number * grid.line), line, _FAULT, font("regular", grid.type))


def _label(draw: ImageDraw.ImageDraw, place: tuple[int, int, int], cell: Cell, grid: Grid) -> None:
    left, top, width = place
    top += round(grid.type * 0.35)
    past = left + _badge(draw, (left, top), cell, grid) if cell.number else left
    room = width - (past - left)
    title = shortened(cell.title, "semibold", grid.type, room)
    draw.text((past, top), title, _INK, font("semibold", grid.type))
    if grid.narrow:
        past, room = left, width
    for number, line in enumerate(_facts(cell, grid, room), start=1):
        draw.text((past, top + number * grid.line), line, _FAINT, font("regular", grid.type))


def _badge(draw: ImageDraw.ImageDraw, place: tuple[int, int], cell: Cell, grid: Grid) -> int:
    """The number, beside the title and, where there is room, the line below; how far that pushes them."""
    left, top = place
    side = grid.line if grid.narrow else 2 * grid.line - 2
    badge = font("semibold", round(grid.type * (1 if grid.narrow else 1.35)))
    wide = max(side, round(badge.getlength(cell.number)) + grid.type // (2 if grid.narrow else 1))
    fill = _CHOSEN if cell.mark == "selected" else _INK
    draw.rounded_rectangle((left, top, left + wide - 1, top + side - 2), grid.type // 3, fill)
    draw.text((left + wide / 2, top + side / 2), cell.number, _WHITE, badge, anchor="mm")
    return wide + grid.type // 2


def _facts(cell: Cell, grid: Grid, room: float) -> list[str]:
    """The facts on as few lines as they need; each stays whole as long as it fits a line."""
    lines: list[str] = []
    for fact in cell.facts:
        longer = f"{lines[-1]} · {fact}" if lines else fact
        if lines and width_of(longer, "regular", grid.type) <= room:
            lines[-1] = longer
        else:
            lines.append(fact)
    most = grid.lines - 1
    if len(lines) > most:
        lines = [*lines[: most - 1], " · ".join(lines[most - 1 :])]
    return [shortened(line, "regular", grid.type, room) for line in lines]


def _playing(sheet: Image.Image, box: tuple[int, int, int, int], seen: Seen, grid: Grid) -> None:
    """A play mark over a video, and how long it plays."""
    left, top, width, height = box
    draw = ImageDraw.Draw(sheet)
    if seen.is_video:
        radius = max(10, min(width, height) // 9)
        mark = _play_mark(radius)
        sheet.paste(_WHITE, (left + width // 2 - radius, top + height // 2 - radius), mark)
    text = clock(seen.seconds or 0.0)
    room = round(width_of(text, "semibold", grid.type)) + grid.type
    right, bottom = left + width - 6, top + height - 6
    corner = (right - room, bottom - grid.line - 2, right, bottom)
    draw.rounded_rectangle(corner, 4, fill=_INK)
    middle = ((corner[0] + corner[2]) / 2, (corner[1] + corner[3]) / 2)
    draw.text(middle, text, _WHITE, font("semibold", grid.type), anchor="mm")


def _play_mark(radius: int) -> Image.Image:
    """A disc with a triangle left out of it, as a mask."""
    side = 2 * radius * _SMOOTHER
    mask = Image.new("L", (side, side), 0)
    draw = ImageDraw.Draw(mask)
    draw.ellipse((0, 0, side - 1, side - 1), fill=225)
    third = side * 0.22
    middle = side / 2 + third * 0.18
    points = [
        (middle - third * 0.75, side / 2 - third),
        (middle - third * 0.75, side / 2 + third),
        (middle + third, side / 2),
    ]
    draw.polygon(points, fill=0)
    return mask.resize((2 * radius, 2 * radius), Image.Resampling.BOX)


def clock(seconds: float) -> str:
    """`0:05`, `1:02:03`; what is shorter than ten seconds also in tenths, `4.5 s`."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
