"""Size, crop and turn of a picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageFilter

_LANCZOS = Image.Resampling.LANCZOS
_ANALYSIS_SIDE = 192


def energy(image: Image.Image) -> NDArray[np.float32]:
    """How much there is to see at each place, 0..1, on a small grid: edges and colour, less at the rim."""
    scale = _ANALYSIS_SIDE / max(image.size)
    size = (max(8, round(image.width * scale)), max(8, round(image.height * scale)))
    small = np.asarray(image.convert("RGB").resize(size, _LANCZOS), np.float32) / 255
    light = small @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    down, right = np.gradient(light)
    edges = np.hypot(down, right)
    colour = small.max(axis=2) - small.min(axis=2)
    # A plain sky may be saturated as well; what stands out from the picture's usual colour counts.
    odd = np.linalg.norm(small - np.median(small, axis=(0, 1)), axis=2)
    seen = edges / (edges.max() + 1e-6) + 0.35 * colour + 0.5 * odd
    rows = np.linspace(-1, 1, size[1], dtype=np.float32)[:, None]
    columns = np.linspace(-1, 1, size[0], dtype=np.float32)[None, :]
    centred = 1 - 0.25 * (rows**2 + columns**2)
    return np.asarray(seen * centred / (float((seen * centred).max()) + 1e-6), np.float32)


def focus_of(image: Image.Image, focus: str) -> tuple[float, float]:
    """The point, 0..1 from the left and from the top, that a crop keeps: found, or `center`, `top` …"""
    places = {
        "center": (0.5, 0.5),
        "top": (0.5, 0.0),
        "bottom": (0.5, 1.0),
        "left": (0.0, 0.5),
        "right": (1.0, 0.5),
    }
    if focus in places:
        return places[focus]
    weights = np.square(energy(image)) + 1e-6
    rows, columns = int(weights.shape[0]), int(weights.shape[1])
    x = np.average((np.arange(columns) + 0.5) / columns, weights=np.sum(weights, axis=0))
    y = np.average((np.arange(rows) + 0.5) / rows, weights=np.sum(weights, axis=1))
    return float(x), float(y)


def crop_box(image: Image.Image, ratio: float, focus: str) -> tuple[float, float, float, float]:
    """The largest box of this width by height inside the picture, laid where the most is to see."""
    width, height = image.size
    box_width, box_height = min(width, height * ratio), min(height, width / ratio)
    free_x, free_y = width - box_width, height - box_height
    if focus != "auto":
        x, y = focus_of(image, focus)
        left, top = free_x * x, free_y * y
    else:
        seen = energy(image)
        left = _best_offset(seen.sum(axis=0), box_width / width) * width
        top = _best_offset(seen.sum(axis=1), box_height / height) * height
    left, top = min(max(left, 0.0), free_x), min(max(top, 0.0), free_y)
    return left, top, left + box_width, top + box_height


def _best_offset(profile: NDArray[np.float32], share: float) -> float:
    """Where a window that covers `share` of the profile holds the most, 0..1."""
    count = len(profile)
    window = min(count, max(1, round(count * share)))
    sums = np.convolve(profile, np.ones(window, np.float32), mode="valid")
    best = np.flatnonzero(sums >= sums.max() * 0.999)
    # Among equals the one in the middle: a flat picture is cut in its centre.
    return float(best[len(best) // 2]) / count


def crop(image: Image.Image, ratio: float, focus: str) -> Image.Image:
    """The picture cut to width by height = `ratio`."""
    left, top, right, bottom = (round(value) for value in crop_box(image, ratio, focus))
    return image.crop((left, top, max(left + 1, right), max(top + 1, bottom)))


def resize(image: Image.Image, size: tuple[int, int], fit: str, focus: str = "auto") -> Image.Image:
    """The picture at `size`; 0 for one side keeps the proportions.

    `fit`: cover cuts what sticks out, contain adds transparent bars, fill stretches, inside stays within.
    """
    width, height = size
    if not width or not height:
        scale = width / image.width if width else height / image.height
        return scaled(
            image, (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        )
    if fit == "fill":
        return scaled(image, size)
    if fit == "cover":
        return scaled(image, size, box=crop_box(image, width / height, focus))
    scale = min(width / image.width, height / image.height)
    inner = scaled(image, (max(1, round(image.width * scale)), max(1, round(image.height * scale))))
    if fit == "inside":
        return inner
    sheet = Image.new("RGBA", size, (0, 0, 0, 0))
    sheet.paste(inner, ((width - inner.width) // 2, (height - inner.height) // 2))
    return sheet


def scaled(
    image: Image.Image, size: tuple[int, int], box: tuple[float, float, float, float] | None = None
) -> Image.Image:
    """The box of the picture at this size; what is enlarged is also made crisp again."""
    if image.size == size and box is None:
        return image
    result = image.resize(size, _LANCZOS, box=box)
    enlarged = size[0] / (box[2] - box[0] if box else image.width)
    return crisp(result, enlarged) if enlarged > 1.3 else result


def crisp(image: Image.Image, enlarged: float) -> Image.Image:
    """Sharpens the edges of an enlarged picture and leaves its flat places, and their noise, alone.

    It adds no detail that the picture does not have; sharpened values stay within those of the neighbours,
    so that no bright rims appear.
    """
    colours = image.convert("RGB")
    radius = min(4.0, 0.7 * enlarged)
    size = 2 * round(radius) + 1
    sharp = colours.filter(ImageFilter.UnsharpMask(radius=radius, percent=150, threshold=0))
    highest = colours.filter(ImageFilter.MaxFilter(size))
    lowest = colours.filter(ImageFilter.MinFilter(size))
    sharp = ImageChops.lighter(ImageChops.darker(sharp, highest), lowest)
    contrast = ImageChops.difference(highest, lowest).convert("L")
    edges = contrast.point([min(255, max(0, (value - 8) * 6)) for value in range(256)])
    result = Image.composite(sharp, colours, edges.filter(ImageFilter.BoxBlur(radius)))
    if image.mode == "RGBA":
        result.putalpha(image.getchannel("A"))
    return result


def turned(image: Image.Image, degrees: int, flip: str) -> Image.Image:
    """Turned clockwise by a multiple of 90 degrees, then mirrored."""
    turns = {
        90: Image.Transpose.ROTATE_270,
        180: Image.Transpose.ROTATE_180,
        270: Image.Transpose.ROTATE_90,
    }
    if degrees in turns:
        image = image.transpose(turns[degrees])
    if flip == "horizontal":
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    elif flip == "vertical":
        image = image.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    return image
