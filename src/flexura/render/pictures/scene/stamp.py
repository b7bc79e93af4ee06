"""Small pictures that are drawn once and put down many times."""

from __future__ import annotations

from PIL import Image


def put_down(
    sheet: Image.Image,
    stamp: Image.Image,
    foot: tuple[float, float],
    scale: float = 1.0,
    flip: bool = False,
) -> None:
    """Blend `stamp` (RGBA) into `sheet` (RGBA) with the middle of its lower edge at `foot`."""
    picture = stamp
    if abs(scale - 1.0) > 0.01:
        size = (max(round(stamp.width * scale), 1), max(round(stamp.height * scale), 1))
        picture = stamp.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    if flip:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    left, top = round(foot[0] - picture.width / 2), round(foot[1] - picture.height)
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + picture.width, sheet.width), min(top + picture.height, sheet.height)
    if x1 <= x0 or y1 <= y0:
        return
    sheet.alpha_composite(picture, (x0, y0), (x0 - left, y0 - top, x1 - left, y1 - top))
