"""A drawing as pixels."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from flexura.render.pictures.drawing.coverage import Coverage, fill_coverage, stroke_coverage
from flexura.render.pictures.drawing.drawing import Drawing, Gradient, Paint, Shape
from flexura.render.pictures.drawing.path import Path
from flexura.render.pictures.drawing.shapes import rect

_DITHER: Final = 256


def drawing_image(drawing: Drawing) -> Image.Image:
    """The drawing in pixels: RGB with a background, RGBA without one."""
    size = (drawing.width, drawing.height)
    if drawing.background is None:
        image = Image.new("RGBA", size, (0, 0, 0, 0))
        draw_over(image, drawing.shapes)
        return image
    image = Image.new("RGB", size)
    draw_over(image, (Shape(rect(0, 0, *size), fill=drawing.background), *drawing.shapes))
    return image


def draw_over(image: Image.Image, shapes: tuple[Shape, ...]) -> None:
    """Paints the shapes on an RGB or RGBA picture, in place."""
    clips: dict[Path, Coverage | None] = {}
    for shape in shapes:
        if shape.fill is not None:
            _paint(image, shape, shape.fill, clips, stroke=False)
        if shape.stroke is not None and shape.stroke_width > 0:
            _paint(image, shape, shape.stroke, clips, stroke=True)


def _paint(
    image: Image.Image,
    shape: Shape,
    paint: Paint,
    clips: dict[Path, Coverage | None],
    *,
    stroke: bool,
) -> None:
    coverage = _blurred(shape, image.width, image.height, stroke)
    if coverage is None:
        return
    alpha = coverage.alpha * np.float32(shape.opacity)
    if shape.clip is not None:
        if shape.clip not in clips:
            clips[shape.clip] = fill_coverage(shape.clip, image.width, image.height)
        alpha = alpha * _window(clips[shape.clip], coverage)
    left, top = coverage.left, coverage.top
    if isinstance(paint, Gradient):
        colours, opacity = _gradient(paint, left, top, alpha.shape)
        mask = Image.fromarray(_bytes(alpha * opacity * 255))
        layer = Image.fromarray(colours)
    else:
        mask = Image.fromarray(_bytes(alpha * 255))
        red, green, blue = (round(min(max(c, 0.0), 1.0) * 255) for c in paint)
        if image.mode == "RGB":
            image.paste((red, green, blue), (left, top, left + mask.width, top + mask.height), mask)
            return
        layer = Image.new("RGB", mask.size, (red, green, blue))
    if image.mode == "RGB":
        image.paste(layer, (left, top), mask)
    else:
        # Pasting on a clear ground would mix with its black; compositing does not.
        layer.putalpha(mask)
        image.alpha_composite(layer, (left, top))


def _bytes(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    return (values + np.float32(0.5)).astype(np.uint8)


def _coverage(shape: Shape, width: int, height: int, stroke: bool) -> Coverage | None:
    if stroke:
        return stroke_coverage(shape.path, shape.stroke_width, width, height)
    return fill_coverage(shape.path, width, height, even_odd=shape.even_odd)


def _blurred(shape: Shape, width: int, height: int, stroke: bool) -> Coverage | None:
    if shape.blur <= 0.3:
        return _coverage(shape, width, height, stroke)
    # The outline is rasterised on a wider and coarser sheet: light that comes from outside the
    # picture still falls in, and a wide blur costs no more than a narrow one.
    coarse = max(1.0, shape.blur / 6)
    margin = math.ceil(shape.blur * 3)
    path = shape.path.shift(margin, margin).scale(1 / coarse)
    small = Shape(path, stroke_width=shape.stroke_width / coarse, even_odd=shape.even_odd)
    size = (math.ceil((width + 2 * margin) / coarse), math.ceil((height + 2 * margin) / coarse))
    found = _coverage(small, *size, stroke)
    if found is None:
        return None
    reach = math.ceil(shape.blur * 3 / coarse)
    padded = Image.fromarray(np.pad(_bytes(found.alpha * 255), reach))
    soft = padded.filter(ImageFilter.GaussianBlur(shape.blur / coarse))
    left = round((found.left - reach) * coarse) - margin
    top = round((found.top - reach) * coarse) - margin
    soft = soft.resize(
        (round(soft.width * coarse), round(soft.height * coarse)), Image.Resampling.BICUBIC
    )
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + soft.width, width), min(top + soft.height, height)
    if x1 <= x0 or y1 <= y0:
        return None
    inner = soft.crop((x0 - left, y0 - top, x1 - left, y1 - top))
    return Coverage(x0, y0, np.asarray(inner, dtype=np.float32) / np.float32(255))


def _window(clip: Coverage | None, over: Coverage) -> NDArray[np.float32]:
    """The clip's coverage in the box of another coverage, zero outside its own box."""
    out = np.zeros_like(over.alpha)
    if clip is None:
        return out
    height, width = out.shape
    x0, y0 = max(clip.left, over.left), max(clip.top, over.top)
    x1 = min(clip.left + clip.alpha.shape[1], over.left + width)
    y1 = min(clip.top + clip.alpha.shape[0], over.top + height)
    if x1 > x0 and y1 > y0:
        part = clip.alpha[y0 - clip.top : y1 - clip.top, x0 - clip.left : x1 - clip.left]
        out[y0 - over.top : y1 - over.top, x0 - over.left : x1 - over.left] = part
    return out


def _gradient(
    gradient: Gradient, left: int, top: int, shape: tuple[int, ...]
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Colour bytes (h, w, 3) and opacity of a gradient in a box."""
    height, width = shape
    x = np.arange(width, dtype=np.float32)[None, :] + np.float32(left + 0.5 - gradient.x0)
    y = np.arange(height, dtype=np.float32)[:, None] + np.float32(top + 0.5 - gradient.y0)
    if gradient.kind == "linear":
        dx, dy = gradient.x1 - gradient.x0, gradient.y1 - gradient.y0
        square = max(dx * dx + dy * dy, 1e-9)
        t = x * np.float32(dx / square) + y * np.float32(dy / square)
    else:
        t = np.sqrt(x * x + y * y) / np.float32(max(gradient.x1, 1e-6))
    steps = 4096
    index = np.clip(t * np.float32(steps - 1), 0, steps - 1).astype(np.int32)
    at = np.linspace(0, 1, steps)
    offsets = [stop[0] for stop in gradient.stops]
    dither = _dither(height, width, left, top)
    colours = np.empty((height, width, 3), dtype=np.uint8)
    for channel in range(3):
        ramp = np.interp(at, offsets, [stop[1][channel] * 255 for stop in gradient.stops]).astype(
            np.float32
        )
        colours[..., channel] = np.clip(ramp[index] + dither, 0, 255)
    opacity = np.interp(at, offsets, [stop[2] for stop in gradient.stops]).astype(np.float32)
    return colours, opacity[index]


def _dither(height: int, width: int, left: int, top: int) -> NDArray[np.float32]:
    """Interleaved gradient noise 0..1: keeps long, faint gradients free of bands."""
    rows = np.arange(top, top + height) % _DITHER
    columns = np.arange(left, left + width) % _DITHER
    return _dither_tile()[rows[:, None], columns[None, :]]


@lru_cache(maxsize=1)
def _dither_tile() -> NDArray[np.float32]:
    x = np.arange(_DITHER, dtype=np.float64)[None, :]
    y = np.arange(_DITHER, dtype=np.float64)[:, None]
    inner = np.mod(0.06711056 * x + 0.00583715 * y, 1.0)
    return np.mod(52.9829189 * inner, 1.0).astype(np.float32)
