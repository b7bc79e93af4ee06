"""The maker that turns a picture into what a terminal shows: PNG of some width, or sixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from flexura.render.contact.media import on_checkers
from flexura.render.encode.atomic import whole_file, with_extension
from flexura.render.task import File, Made, Task
from flexura.render.transform.picture_input import open_picture

_COLOURS = 240
"""Terminals that show sixels have 256 registers, some of which are their own."""
_BAND = 6


def make(task: Task) -> Made:
    """Write the task's one input as `format` (png or sixel), at most `width` pixels wide, never larger.

    Raises TaskError for a file that cannot be read.
    """
    image = on_checkers(open_picture(task.inputs[0].path).image)
    width = int(task.options["width"])
    if image.width > width:
        height = max(1, round(image.height * width / image.width))
        image = image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    if task.options["format"] == "sixel":
        path = with_extension(task.out, "six")
        with whole_file(path) as part:
            part.write_bytes(sixels(image))
        return Made((File(path, "image/x-sixel", image.width, image.height),))
    path = with_extension(task.out, "png")
    with whole_file(path) as part:
        image.save(part, "PNG", compress_level=4)
    return Made((File(path, "image/png", image.width, image.height),))


def sixels(image: Image.Image) -> bytes:
    """The picture as DEC sixel graphics, with a palette of its own."""
    paletted = image.quantize(
        _COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.FLOYDSTEINBERG
    )
    colours = np.asarray(paletted.getpalette() or [], np.uint8).reshape(-1, 3)
    pixels = np.asarray(paletted, np.uint8)
    height, width = pixels.shape
    out = [f'\x1bP0;1;0q"1;1;{width};{height}'.encode()]
    for number in np.unique(pixels):
        red, green, blue = (round(int(part) * 100 / 255) for part in colours[number])
        out.append(f"#{number};2;{red};{green};{blue}".encode())
    for top in range(0, height, _BAND):
        out.append(_band(pixels[top : top + _BAND]))
    out.append(b"\x1b\\")
    return b"".join(out)


def _band(rows: NDArray[np.uint8]) -> bytes:
    """Six rows: each colour in them is drawn over the others, `$` goes back to the left, `-` down."""
    weights = (1 << np.arange(len(rows))).astype(np.uint8)[:, None]
    lines: list[bytes] = []
    for number in np.unique(rows):
        bits = ((rows == number) * weights).sum(axis=0).astype(np.uint8) + 63
        lines.append(f"#{number}".encode() + _run_lengths(bits))
    return b"$".join(lines) + b"-"


def _run_lengths(codes: NDArray[np.uint8]) -> bytes:
    edges = np.flatnonzero(np.diff(codes)) + 1
    starts = np.concatenate([[0], edges])
    lengths = np.diff(np.concatenate([starts, [len(codes)]]))
    parts: list[bytes] = []
    for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
        code = bytes([int(codes[start])])
        parts.append(b"!%d%s" % (length, code) if length > 3 else code * length)
    return b"".join(parts)
