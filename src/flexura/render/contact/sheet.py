"""The maker of contact sheets: several files in one labelled JPEG, whose size holds for any content."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any, cast

from PIL import Image

from flexura.render.contact.cell import PAPER, Cell, paint
from flexura.render.contact.layout import LONGEST, MOST_CELLS, Grid, grid_of
from flexura.render.contact.media import Seen, look
from flexura.render.encode.atomic import whole_file, with_extension
from flexura.render.task import File, Made, Task, TaskError

_QUALITIES = (88, 80, 72, 64, 56, 48, 40)
_SHRINK = 0.82
_SOUND_WIDTH = 560
_SMALLEST = 192
"""A sheet of this many pixels a side is below every size that is asked for, whatever it shows."""
LEAST_BYTES = 24_000


def make(task: Task) -> Made:
    """Write the sheet of `options.cells` in at most `options.most_bytes` bytes.

    A cell is `{number, title, facts, why, mark, input}`, where `input` is the place of its file among the
    task's inputs, or null. The same cells and files give the same bytes. Raises TaskError for no cells, for
    more than 64, or for less than 24,000 bytes.
    """
    cells, files = _read(task.options)
    most = int(task.options["most_bytes"])
    if most < LEAST_BYTES:
        raise TaskError("invalid_request", "The sheet cannot be that small.", "Allow 24,000 bytes.")
    side = _side(len(cells))
    seen: list[Seen | None] = []
    for place in files:
        given = None if place is None else task.inputs[place]
        seen.append(look(given.path, given.mime, side) if given else None)
        task.progress(0.8 * len(seen) / len(files), "looking")
    data, size = fitted(cells, seen, most)
    path = with_extension(task.out, "jpg")
    with whole_file(path) as part:
        part.write_bytes(data)
    return Made((File(path, "image/jpeg", *size),))


def fitted(
    cells: Sequence[Cell], seen: Sequence[Seen | None], most: int
) -> tuple[bytes, tuple[int, int]]:
    """The sheet as JPEG of at most `most` bytes: first by its quality, then by its size."""
    ratios = [one.ratio if one is not None and not one.problem else 1.0 for one in seen]
    known = [r for r, one in zip(ratios, seen, strict=True) if one is not None and not one.problem]
    if known:
        # A cell without a picture takes the shape of the others.
        usual = sorted(known)[len(known) // 2]
        ratios = [
            r if one is not None and not one.problem else usual
            for r, one in zip(ratios, seen, strict=True)
        ]
    widest = max((_wanted(one) for one in seen if one is not None), default=0)
    longest = LONGEST
    while True:
        grid = grid_of(ratios, longest, widest)
        sheet = _painted(grid, cells, seen)
        for quality in _QUALITIES:
            data = _jpeg(sheet, quality)
            if len(data) <= most:
                return data, sheet.size
        if longest <= _SMALLEST:
            return _flattened(sheet, most), sheet.size
        # The type keeps its size: pictures are drawn smaller, labels stay legible as long as they can.
        longest = max(_SMALLEST, round(longest * _SHRINK))


def _wanted(seen: Seen) -> int:
    """How wide a box can be of use for a medium, in pixels."""
    return seen.image.width if seen.image is not None else _SOUND_WIDTH


def _flattened(sheet: Image.Image, most: int) -> bytes:
    """The last resort: the smallest sheet, in coarser and coarser steps."""
    for quality in (30, 20, 10, 5, 1):
        data = _jpeg(sheet, quality)
        if len(data) <= most:
            return data
    raise TaskError("invalid_request", "The sheet cannot be that small.", "Allow more bytes.")


def _painted(grid: Grid, cells: Sequence[Cell], seen: Sequence[Seen | None]) -> Image.Image:
    sheet = Image.new("RGB", grid.size, PAPER)
    for index, (cell, one) in enumerate(zip(cells, seen, strict=True)):
        paint(sheet, grid, index, cell, one)
    return sheet


def _jpeg(sheet: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    # Full colour at the best qualities keeps thin coloured text clean.
    sampling = 0 if quality >= 80 else 2
    # Not `optimize`: Pillow gives that a buffer of a byte for each pixel, and noise needs more.
    sheet.save(out, "JPEG", quality=quality, subsampling=sampling)
    return out.getvalue()


def _side(count: int) -> int:
    """How large a picture can get at most on a sheet of so many cells, with some to spare."""
    across = max(1, int(count**0.5))
    return min(LONGEST, round(LONGEST / across * 1.5))


def _read(options: Mapping[str, Any]) -> tuple[list[Cell], list[int | None]]:
    told = cast("list[dict[str, Any]]", options.get("cells") or [])
    if not 1 <= len(told) <= MOST_CELLS:
        raise TaskError(
            "invalid_request",
            f"A contact sheet of {len(told)} cells is not possible.",
            f"Compare 1 to {MOST_CELLS} files at once.",
        )
    return [Cell.of(cell) for cell in told], [cell.get("input") for cell in told]
