"""Filters that any picture editor has; each takes an RGB picture and a strength of 0..1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageFilter

from flexura.render.transform.tone import contrast, picture, pixels, saturation

_BAND = 256


def unit(image: Image.Image) -> float:
    """A thousandth of the shorter side in pixels, so that a filter looks alike at every size."""
    return min(image.size) / 1000


def gaussian(
    values: NDArray[np.float32], sigma: float, axes: tuple[int, ...] = (0, 1)
) -> NDArray[np.float32]:
    """A Gaussian blur of a height x width array in float, finer than the eight bits of Pillow's."""
    radius = max(1, round(3 * sigma))
    offsets = np.arange(-radius, radius + 1)
    weights = np.exp(-0.5 * (offsets / max(sigma, 1e-3)) ** 2)
    weights /= weights.sum()
    for axis in axes:
        padding = [(radius, radius) if axis == number else (0, 0) for number in (0, 1)]
        padded = np.pad(values, padding, mode="edge")
        total = np.zeros_like(values)
        for offset, weight in enumerate(weights):
            window = padded[offset : offset + len(values)] if axis == 0 else None
            part = window if window is not None else padded[:, offset : offset + values.shape[1]]
            total += np.float32(weight) * part
        values = total
    return values


def blur(image: Image.Image, strength: float) -> Image.Image:
    """Soft focus; at 1 only colours are left."""
    return image.filter(ImageFilter.GaussianBlur(max(1.0, unit(image) * (1 + 45 * strength**1.6))))


def sharpen(image: Image.Image, strength: float) -> Image.Image:
    """Fine sharpening for the edges and a wide, weak one for the depth."""
    fine = image.filter(
        ImageFilter.UnsharpMask(max(0.8, 1.4 * unit(image)), round(220 * strength), 2)
    )
    return fine.filter(ImageFilter.UnsharpMask(22 * unit(image), round(30 * strength), 2))


def vignette(image: Image.Image, strength: float) -> Image.Image:
    """Darker corners, as of an old lens."""
    width, height = image.size
    across = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    down = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    distance = np.sqrt(across**2 + down**2) / np.float32(np.sqrt(2))
    shade = 1 - np.float32(0.85 * strength) * np.clip((distance - 0.35) / 0.65, 0, 1) ** 2
    mask = Image.fromarray((shade * 255 + 0.5).astype(np.uint8))
    return ImageChops.multiply(image, Image.merge("RGB", (mask, mask, mask)))


def grain(image: Image.Image, strength: float, random: np.random.Generator) -> Image.Image:
    """Film grain: strongest in the middle tones, of one size at every picture size."""
    scale = max(1.0, 1.1 * unit(image))
    size = (max(2, round(image.width / scale)), max(2, round(image.height / scale)))
    speck = random.normal(128, 42 * (0.15 + 0.85 * strength), (size[1], size[0]))
    noise = Image.fromarray(np.clip(speck, 0, 255).astype(np.uint8)).resize(
        image.size, Image.Resampling.BICUBIC
    )
    return ImageChops.soft_light(image, Image.merge("RGB", (noise, noise, noise)))


def posterize(image: Image.Image, strength: float) -> Image.Image:
    """A screen print in few flat colours, taken from the picture, without small specks between them."""
    smooth = image.filter(ImageFilter.MedianFilter(3)).filter(
        ImageFilter.GaussianBlur(2.2 * unit(image))
    )
    colours = round(14 - 9 * strength)
    flat = smooth.quantize(
        colours, method=Image.Quantize.MEDIANCUT, kmeans=3, dither=Image.Dither.NONE
    )
    return saturation(flat.convert("RGB").filter(ImageFilter.MedianFilter(5)), 0.15)


def pixelate(image: Image.Image, strength: float) -> Image.Image:
    """Square blocks, each the mean of what it covers."""
    blocks = max(8, round(min(image.size) / max(2.0, unit(image) * (6 + 60 * strength))))
    scale = blocks / min(image.size)
    small = image.resize(
        (max(1, round(image.width * scale)), max(1, round(image.height * scale))),
        Image.Resampling.BOX,
    )
    return small.resize(image.size, Image.Resampling.NEAREST)


def halftone(image: Image.Image, strength: float) -> Image.Image:
    """Four-colour print seen from near: dots of cyan, magenta, yellow and black, each screen at its angle."""
    pitch = max(4.0, unit(image) * (6 + 16 * strength))
    soft = image.filter(ImageFilter.GaussianBlur(pitch * 0.35))
    result = Image.new("RGB", image.size)
    # In bands: the screens of a large photograph would take gigabytes at once.
    for top in range(0, image.height, _BAND):
        band = soft.crop((0, top, image.width, min(top + _BAND, image.height)))
        result.paste(_printed(band, top, pitch), (0, top))
    return result


def _printed(band: Image.Image, top: int, pitch: float) -> Image.Image:
    inks = 1 - pixels(band)
    black = inks.min(axis=2) ** 1.3
    sheet = np.ones_like(inks)
    for channel, degrees in enumerate((15.0, 75.0, 0.0)):
        amount = np.clip((inks[:, :, channel] - black) / (1 - black + 1e-3), 0, 1)
        sheet[:, :, channel] *= 1 - _dots(amount, top, pitch, degrees)
    sheet *= (1 - 0.94 * _dots(black, top, pitch, 45.0))[:, :, None]
    return picture(sheet * np.array([0.985, 0.97, 0.94], np.float32))


def _dots(
    amount: NDArray[np.float32], first: int, pitch: float, degrees: float
) -> NDArray[np.float32]:
    """A screen of round dots that cover `amount` of each place, with soft rims; `first` is its first row."""
    height, width = amount.shape
    turn = np.radians(degrees)
    across = np.arange(width, dtype=np.float32)[None, :]
    down = np.arange(first, first + height, dtype=np.float32)[:, None]
    along = (across * np.float32(np.cos(turn)) + down * np.float32(np.sin(turn))) * np.float32(
        2 * np.pi / pitch
    )
    beside = (down * np.float32(np.cos(turn)) - across * np.float32(np.sin(turn))) * np.float32(
        2 * np.pi / pitch
    )
    screen = 0.5 + 0.25 * (np.cos(along) + np.cos(beside))
    cover = np.clip((amount - (1 - screen)) * np.float32(pitch * 0.9) + 0.5, 0, 1)
    return np.asarray(cover, np.float32)


def glow(image: Image.Image, strength: float) -> Image.Image:
    """Light that spills from the bright places."""
    bright = image.point(
        [round(255 * max(0.0, (value - 90) / 165) ** 1.2) for value in range(256)] * 3
    )
    wide = bright.filter(ImageFilter.GaussianBlur(unit(image) * (14 + 22 * strength)))
    near = bright.filter(ImageFilter.GaussianBlur(unit(image) * 5))
    light = ImageChops.add(wide, near, scale=1.6)
    return Image.blend(image, ImageChops.screen(image, light), min(1.0, 0.3 + 0.7 * strength))


def film(image: Image.Image, strength: float, random: np.random.Generator) -> Image.Image:
    """Colour negative film: lifted blacks, warm lights, cool shadows and a fine grain."""
    graded = _curves(image, ((0.06, 0.5, 0.99), (0.065, 0.49, 0.965), (0.095, 0.485, 0.90)))
    graded = saturation(contrast(graded, 0.12), 0.06)
    graded = vignette(graded, 0.25)
    return grain(Image.blend(image, graded, 0.4 + 0.6 * strength), 0.2 + 0.3 * strength, random)


def vintage(image: Image.Image, strength: float, random: np.random.Generator) -> Image.Image:
    """A print that lay in the sun for decades: faded, warm and soft."""
    faded = _curves(image, ((0.16, 0.58, 0.97), (0.11, 0.50, 0.91), (0.12, 0.42, 0.74)))
    faded = vignette(saturation(faded, -0.3), 0.5)
    return grain(Image.blend(image, faded, 0.4 + 0.6 * strength), 0.25 + 0.3 * strength, random)


def teal_orange(image: Image.Image, strength: float) -> Image.Image:
    """The grade of the cinema: shadows to teal, lights to orange."""
    graded = _curves(image, ((0.0, 0.50, 1.0), (0.045, 0.485, 0.95), (0.10, 0.47, 0.80)))
    graded = saturation(contrast(graded, 0.3), 0.18)
    return Image.blend(image, graded, 0.35 + 0.65 * strength)


def noir(image: Image.Image, strength: float, random: np.random.Generator) -> Image.Image:
    """Black and white with deep shadows, as in the films of the forties."""
    gray = image.convert("L", matrix=(0.35, 0.55, 0.10, 0)).convert("RGB")
    return grain(vignette(contrast(gray, 0.3 + 0.5 * strength), 0.6), 0.35, random)


def _curves(image: Image.Image, curves: tuple[tuple[float, float, float], ...]) -> Image.Image:
    """One smooth tone curve a channel, through its values for black, the middle and white."""
    positions = np.linspace(0, 1, 256)
    table: list[int] = []
    for low, middle, high in curves:
        # The parabola through the three points.
        bend = 2 * (low + high - 2 * middle)
        values = low + (high - low - bend) * positions + bend * positions**2
        table += [round(255 * min(1.0, max(0.0, float(value)))) for value in values]
    return image.point(table)
