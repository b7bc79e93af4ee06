"""What goes around a picture and over it: corners, borders, padding, a watermark."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from flexura.render.transform.tone import RGB

_FONT = Path(__file__).parents[1] / "fonts" / "inter-semibold.ttf"


def rounded(image: Image.Image, radius: float) -> Image.Image:
    """Transparent corners; `radius` is a part of the shorter side, 0..0.5."""
    result = image.convert("RGBA")
    alpha = np.asarray(result.getchannel("A"), np.float32) * _inside(image.size, radius, 0)
    result.putalpha(Image.fromarray((alpha + 0.5).astype(np.uint8)))
    return result


def square(image: Image.Image) -> Image.Image:
    """The middle of the picture, as wide as high."""
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side))


def bordered(image: Image.Image, pixels: int, colour: RGB, radius: float) -> Image.Image:
    """A line of this colour along the inside of the edges, round at the corners as `rounded` cuts them."""
    inner = _inside(image.size, radius, min(pixels, min(image.size) / 2))
    ring = Image.fromarray(((1 - inner) * 255 + 0.5).astype(np.uint8))
    result = image.copy()
    result.paste((*_bytes(colour), 255) if image.mode == "RGBA" else _bytes(colour), mask=ring)
    return result


def _inside(size: tuple[int, int], radius: float, margin: float) -> NDArray[np.float32]:
    """How much of each pixel, 0..1, lies in the rounded rectangle that is `margin` within the edges."""
    width, height = size
    corner = max(0.0, radius * min(size) - margin)
    across = np.abs(np.arange(width, dtype=np.float32) + 0.5 - width / 2) - (
        width / 2 - margin - corner
    )
    down = np.abs(np.arange(height, dtype=np.float32) + 0.5 - height / 2) - (
        height / 2 - margin - corner
    )
    if corner == 0:
        far = np.maximum(across[None, :], down[:, None])
    else:
        far = np.hypot(np.maximum(across, 0)[None, :], np.maximum(down, 0)[:, None]) - corner
    # The distance to the rim in pixels is the share of the pixel that is covered: a smooth edge.
    return np.asarray(np.clip(0.5 - far, 0, 1), np.float32)


def padded(image: Image.Image, pixels: int, colour: RGB | None) -> Image.Image:
    """Room of so many pixels on each side, in this colour or transparent."""
    size = (image.width + 2 * pixels, image.height + 2 * pixels)
    fill = (0, 0, 0, 0) if colour is None else (*_bytes(colour), 255)
    sheet = Image.new("RGBA", size, fill)
    sheet.paste(
        image, (pixels, pixels), image if image.mode == "RGBA" and colour is not None else None
    )
    return sheet if colour is None or image.mode == "RGBA" else sheet.convert("RGB")


def watermarked(image: Image.Image, text: str) -> Image.Image:
    """The text small in the lower right corner, white over a soft shadow, readable on any picture."""
    size = max(9.0, min(image.size) * 0.036)
    room = image.width * 0.9
    font = ImageFont.truetype(str(_FONT), size)
    while font.getlength(text) > room and size > 6:
        size *= 0.9
        font = ImageFont.truetype(str(_FONT), size)
    margin = round(min(image.size) * 0.035)
    place = (image.width - margin, image.height - margin)
    shadow = Image.new("L", image.size, 0)
    draw = ImageDraw.Draw(shadow)
    draw.text(
        place,
        text,
        150,
        font=font,
        anchor="rs",
        stroke_width=max(1, round(size / 9)),
        stroke_fill=70,
    )
    ink = Image.new("L", image.size, 0)
    ImageDraw.Draw(ink).text(place, text, 235, font=font, anchor="rs")
    result = image.copy()
    opaque = (255,) if image.mode == "RGBA" else ()
    result.paste((0, 0, 0, *opaque), mask=shadow)
    result.paste((255, 255, 255, *opaque), mask=ink)
    return result


def _bytes(colour: RGB) -> tuple[int, int, int]:
    red, green, blue = (round(255 * part) for part in colour)
    return red, green, blue
