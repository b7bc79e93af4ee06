"""Light and colour of a picture: tone, tints and two-colour prints."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageOps

RGB = tuple[float, float, float]
_LUMA = (0.2126, 0.7152, 0.0722)


def on_colours(image: Image.Image, change: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """Applies `change` to the RGB part and keeps the transparency."""
    changed = change(image.convert("RGB")).convert("RGB")
    if image.mode == "RGBA":
        changed.putalpha(image.getchannel("A"))
    return changed


def brightness(image: Image.Image, amount: float) -> Image.Image:
    """Lifts or lowers the middle tones, -1..1; black stays black, and lifted white stays white."""
    gamma = 2.0 ** (-1.3 * amount)
    curved = image.point([round(255 * (value / 255) ** gamma) for value in range(256)] * 3)
    if amount >= 0:
        return curved
    # A curve alone makes colours louder as it darkens them; a plain dimmer does not.
    dimmed = image.point([round(value * (1 + 0.7 * amount)) for value in range(256)] * 3)
    return Image.blend(curved, dimmed, 0.6)


def contrast(image: Image.Image, amount: float) -> Image.Image:
    """-1 is flat grey, 1 is strong; an S-shaped curve, so that no light or dark place is cut off."""
    if amount <= 0:
        return ImageEnhance.Contrast(image).enhance(1 + amount)
    curve = np.linspace(0, 1, 256)
    steep = 1 + 7 * amount
    bent = 1 / (1 + np.exp(-steep * (curve - 0.5)))
    bent = (bent - bent[0]) / (bent[-1] - bent[0])
    return image.point([round(255 * float(value)) for value in bent] * 3)


def saturation(image: Image.Image, amount: float) -> Image.Image:
    """-1 takes all colour away, 1 more than doubles it."""
    return ImageEnhance.Color(image).enhance(1 + amount * (1.5 if amount > 0 else 1))


def warmth(image: Image.Image, amount: float) -> Image.Image:
    """1 is warm as in evening light, -1 cold."""
    gains = (1 + 0.30 * amount, 1 + 0.03 * amount, 1 - 0.42 * amount)
    table = [min(255, round(value * gain)) for gain in gains for value in range(256)]
    return image.point(table)


def grayscale(image: Image.Image) -> Image.Image:
    """The lightness alone, weighed as the eye weighs the colours."""
    return image.convert("L", matrix=(*_LUMA, 0)).convert("RGB")


def sepia(image: Image.Image) -> Image.Image:
    """The brown of an old print."""
    return toned(image, ((0.13, 0.08, 0.05), (0.62, 0.46, 0.31), (1.0, 0.96, 0.87)))


def inverted(image: Image.Image) -> Image.Image:
    """The negative."""
    return ImageOps.invert(image)


def toned(image: Image.Image, colours: Sequence[RGB]) -> Image.Image:
    """Each lightness printed in the colour that lies there on the way through `colours`, dark to light."""
    gray = ImageOps.autocontrast(image.convert("L", matrix=(*_LUMA, 0)), cutoff=0.3)
    stops = np.linspace(0, 255, len(colours))
    table = [
        round(255 * float(np.interp(value, stops, [colour[channel] for colour in colours])))
        for channel in range(3)
        for value in range(256)
    ]
    return Image.merge("RGB", (gray, gray, gray)).point(table)


def lightness(colour: RGB) -> float:
    """How light a colour looks, 0..1."""
    return sum(part * weight for part, weight in zip(colour, _LUMA, strict=True))


def duotone(image: Image.Image, colours: Sequence[RGB]) -> Image.Image:
    """The picture in two or more inks; one alone is joined by a deep shade and a pale tint of itself."""
    inks = sorted(colours, key=lightness)
    if len(inks) == 1:
        ink = inks[0]
        dark = (ink[0] * 0.16, ink[1] * 0.16, ink[2] * 0.2)
        light = (ink[0] * 0.12 + 0.88, ink[1] * 0.12 + 0.88, ink[2] * 0.12 + 0.88)
        return toned(image, (dark, ink, light) if lightness(ink) > 0.12 else (ink, light))
    if lightness(inks[-1]) - lightness(inks[0]) < 0.35:
        # Two colours of one lightness would make a flat picture.
        first, last = inks[0], inks[-1]
        inks = [(first[0] * 0.35, first[1] * 0.35, first[2] * 0.35), *inks[1:-1]]
        inks.append((last[0] * 0.45 + 0.55, last[1] * 0.45 + 0.55, last[2] * 0.45 + 0.55))
    return toned(image, inks)


def tint(image: Image.Image, colour: RGB, strength: float) -> Image.Image:
    """A wash of one colour over the picture that keeps its own colours, 0..1."""
    return Image.blend(image, duotone(image, [colour]), min(1.0, max(0.0, strength)))


def hue_turned(image: Image.Image, degrees: float) -> Image.Image:
    """Every hue turned around the colour wheel."""
    hue, grade, value = image.convert("HSV").split()
    shift = round(degrees / 360 * 256)
    hue = hue.point([(number + shift) % 256 for number in range(256)])
    return Image.merge("HSV", (hue, grade, value)).convert("RGB")


def pixels(image: Image.Image) -> NDArray[np.float32]:
    """Height x width x 3, 0..1."""
    return np.asarray(image.convert("RGB"), np.float32) / np.float32(255)


def picture(values: NDArray[np.float32]) -> Image.Image:
    """The picture of an array of 0..1."""
    return Image.fromarray(np.clip(values * 255 + 0.5, 0, 255).astype(np.uint8))
