"""Filters that redraw a picture by hand, as it were: paint, pencil, ink and comic."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageFilter, ImageOps

from flexura.render.transform.filters import gaussian, unit
from flexura.render.transform.geometry import crisp
from flexura.render.transform.tone import contrast, picture, pixels, saturation

_MOST_SIDE = 1800
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


def _working(image: Image.Image) -> Image.Image:
    """At most 1800 pixels a side: strokes have a size, and more pixels only cost memory."""
    if max(image.size) <= _MOST_SIDE:
        return image
    small = image.copy()
    small.thumbnail((_MOST_SIDE, _MOST_SIDE), Image.Resampling.LANCZOS)
    return small


def _enlarged(result: Image.Image, size: tuple[int, int]) -> Image.Image:
    if result.size == size:
        return result
    return crisp(result.resize(size, Image.Resampling.LANCZOS), size[0] / result.width)


def edges(image: Image.Image, strength: float) -> Image.Image:
    """Glowing outlines in the picture's own colours on black."""
    small = _working(image)
    sigma = max(0.8, 1.3 * unit(small))
    colours = pixels(small)
    slopes = [np.gradient(gaussian(colours[:, :, channel], sigma)) for channel in range(3)]
    size = np.sqrt(sum(down**2 + right**2 for down, right in slopes))
    top = float(np.percentile(size, 99.3)) + 1e-6
    line = np.clip(size / top, 0, 1) ** (1.25 - 0.6 * strength)
    vivid = colours / (colours.max(axis=2, keepdims=True) + 0.12)
    drawn = picture(np.asarray(line[:, :, None] * (0.25 + 0.85 * vivid), np.float32))
    halo = drawn.filter(ImageFilter.GaussianBlur(7 * unit(small)))
    return _enlarged(ImageChops.screen(drawn, halo), image.size)


def line_art(image: Image.Image, strength: float) -> Image.Image:
    """Ink lines on white."""
    small = _working(image)
    ink = _ink(small, sharpness=12 + 14 * strength, weight=0.6 + 0.4 * strength)
    return _enlarged(picture(np.repeat(ink[:, :, None], 3, axis=2)), image.size)


def sketch(image: Image.Image, strength: float, random: np.random.Generator) -> Image.Image:
    """Pencil on paper: hatched shading, darker where the picture is, and outlines over it."""
    small = _working(image)
    light = pixels(ImageOps.autocontrast(small.convert("L"), cutoff=0.5)) @ _LUMA
    light = gaussian(light, 1.5 * max(0.5, unit(small)))
    dark = (1 - light) * (0.55 + 0.45 * strength)
    # One hatching for all that is not white, another across it for the shadows.
    first = _hatching(small.size, 38.0, unit(small), random)
    second = _hatching(small.size, -52.0, unit(small), random)
    shade = (
        np.clip(dark * 1.5 - 0.7 * first, 0, 1) * 0.55
        + np.clip(dark * 1.9 - 0.55 - 0.6 * second, 0, 1) * 0.6
    )
    paper = np.clip(1 - shade - 0.10 * dark, 0, 1) * _ink(small, sharpness=9, weight=0.75)
    white = np.array([0.985, 0.975, 0.95], np.float32)
    graphite = np.array([0.15, 0.15, 0.18], np.float32)
    drawn = graphite + (white - graphite) * paper[:, :, None]
    return _enlarged(picture(np.asarray(drawn, np.float32)), image.size)


def _hatching(
    size: tuple[int, int], degrees: float, scale: float, random: np.random.Generator
) -> NDArray[np.float32]:
    """Pencil strokes in one direction, 0..1, as even as a hand draws them."""
    side = int(np.hypot(*size)) + 4
    strokes = random.standard_normal((side, side), np.float32)
    strokes = gaussian(strokes, max(0.7, 1.1 * scale), axes=(0,))
    strokes = gaussian(strokes, max(5.0, 16 * scale), axes=(1,))
    strokes = np.clip(0.5 + 0.28 * strokes / float(strokes.std()), 0, 1)
    turned = Image.fromarray((strokes * 255).astype(np.uint8)).rotate(
        degrees, Image.Resampling.BICUBIC
    )
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    cut = turned.crop((left, top, left + size[0], top + size[1]))
    return np.asarray(cut, np.float32) / np.float32(255)


def oil(image: Image.Image, strength: float) -> Image.Image:
    """Flat touches of paint that keep the edges, lit as if the paint stood up a little."""
    small = _working(image)
    radius = max(2, round(unit(small) * (5 + 7 * strength)))
    colours = _kuwahara(_kuwahara(pixels(small), radius), max(2, round(radius * 0.6)))
    light = colours @ _LUMA
    relief = light - gaussian(light, 1.2 * max(1.0, unit(small)))
    relief = np.roll(relief, (1, 1), (0, 1)) - relief
    lit = picture(np.asarray(colours * (1 + 2.4 * relief[:, :, None]), np.float32))
    return _enlarged(contrast(saturation(lit, 0.22), 0.08), image.size)


def cartoon(image: Image.Image, strength: float) -> Image.Image:
    """Flat colours in a few steps of light, with ink outlines."""
    small = _working(image)
    colours = _kuwahara(_kuwahara(pixels(small), max(2, round(3 * unit(small)))), 2)
    light = colours @ _LUMA
    steps = 8 - round(3 * strength)
    position = light * steps
    # Soft stairs: a hard quantiser would leave ragged rims.
    near = (
        np.floor(position)
        + 0.5
        + 0.5 * np.tanh(6 * (position - np.floor(position) - 0.5)) / np.tanh(3)
    )
    flat = colours * ((near / steps + 0.02) / (light + 0.02))[:, :, None]
    ink = _ink(small, sharpness=16, weight=0.55 + 0.35 * strength)
    drawn = picture(np.asarray(np.clip(flat, 0, 1) * ink[:, :, None], np.float32))
    return _enlarged(saturation(drawn, 0.35), image.size)


def _ink(image: Image.Image, sharpness: float, weight: float) -> NDArray[np.float32]:
    """0 where there is a line, 1 where there is paper: a difference of Gaussians with a soft threshold."""
    light = pixels(image) @ _LUMA
    sigma = max(0.7, 1.25 * unit(image))
    sharp = gaussian(light, sigma)
    wide = gaussian(light, 1.6 * sigma)
    # Noise of flat places stays below the threshold; without it paper would fill with specks.
    line = (wide - sharp) * 40 - 0.12
    ink = 1 - weight * np.clip(np.tanh(np.clip(line, 0, None) * sharpness / 6), 0, 1)
    return np.asarray(ink, np.float32)


def _box_mean(values: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """The mean of the size x size pixels to the right and below of each, over a padded array."""
    sums = np.cumsum(np.cumsum(values, axis=0, dtype=np.float64), axis=1)
    sums = np.pad(sums, ((1, 0), (1, 0)))
    total = sums[size:, size:] - sums[:-size, size:] - sums[size:, :-size] + sums[:-size, :-size]
    return np.asarray(total / (size * size), np.float32)


def _kuwahara(colours: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    """Each pixel takes the mean of that one of its four corner windows in which light varies least."""
    height, width = colours.shape[:2]
    padded = np.pad(colours, ((radius, radius), (radius, radius), (0, 0)), mode="reflect")
    size = radius + 1
    light: NDArray[np.float32] = padded @ _LUMA
    variance = _box_mean(np.square(light), size) - _box_mean(light, size) ** 2
    corners = [(top, left) for top in (0, radius) for left in (0, radius)]
    spreads = np.stack([variance[top : top + height, left : left + width] for top, left in corners])
    best = spreads.argmin(axis=0)
    result = np.empty_like(colours)
    for channel in range(3):
        means = _box_mean(padded[:, :, channel], size)
        windows = np.stack(
            [means[top : top + height, left : left + width] for top, left in corners]
        )
        result[:, :, channel] = np.take_along_axis(windows, best[None], axis=0)[0]
    return result
