"""Colour in OKLab, where equal steps look equal and mixtures stay clean."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

RGB = tuple[float, float, float]
"""sRGB, each channel 0..1."""

_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    dtype=np.float32,
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    dtype=np.float32,
)
_FROM_LAB = np.linalg.inv(_TO_LAB).astype(np.float32)
_FROM_LMS = np.linalg.inv(_TO_LMS).astype(np.float32)


def to_oklab(rgb: ArrayLike) -> NDArray[np.float32]:
    """OKLab (L, a, b) of sRGB colours; the last axis holds the channels."""
    srgb = np.asarray(rgb, dtype=np.float32)
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((np.maximum(srgb, 0) + 0.055) / 1.055) ** 2.4)
    return (np.cbrt(linear @ _TO_LMS.T) @ _TO_LAB.T).astype(np.float32)


def from_oklab(lab: ArrayLike) -> NDArray[np.float32]:
    """sRGB of OKLab colours, clipped to 0..1."""
    linear = ((np.asarray(lab, dtype=np.float32) @ _FROM_LAB.T) ** 3) @ _FROM_LMS.T
    linear = np.clip(linear, 0.0, 1.0)
    srgb = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * np.power(linear, 1 / 2.4) - 0.055)
    return np.clip(srgb, 0.0, 1.0).astype(np.float32)


def _rgb(values: NDArray[np.float32]) -> RGB:
    return (float(values[0]), float(values[1]), float(values[2]))


@lru_cache(maxsize=4096)
def mix(one: RGB, other: RGB, share: float) -> RGB:
    """`one` with `share` (0..1) of `other` in it."""
    first, second = to_oklab(one), to_oklab(other)
    return _rgb(from_oklab(first + (second - first) * np.float32(share)))


@lru_cache(maxsize=1024)
def lightness(colour: RGB) -> float:
    """The perceived lightness, 0 black .. 1 white."""
    return float(to_oklab(colour)[0])


def polar(colour: RGB) -> tuple[float, float, float]:
    """Lightness, chroma and hue (radians)."""
    light, a, b = (float(value) for value in to_oklab(colour))
    return light, float(np.hypot(a, b)), float(np.arctan2(b, a))


def from_polar(light: float, chroma: float, hue: float) -> RGB:
    """The colour of a lightness, chroma and hue (radians); chroma shrinks until sRGB can show it."""
    for _ in range(12):
        lab = np.array([light, chroma * np.cos(hue), chroma * np.sin(hue)], dtype=np.float32)
        linear = ((lab @ _FROM_LAB.T) ** 3) @ _FROM_LMS.T
        if linear.min() >= -0.002 and linear.max() <= 1.002:
            break
        chroma *= 0.88
    return _rgb(from_oklab([light, chroma * np.cos(hue), chroma * np.sin(hue)]))


@lru_cache(maxsize=4096)
def shade(colour: RGB, light: float = 1.0, chroma: float = 1.0) -> RGB:
    """The same hue with its lightness and chroma multiplied."""
    own_light, own_chroma, hue = polar(colour)
    return from_polar(min(own_light * light, 1.0), own_chroma * chroma, hue)


def gradient(
    stops: Sequence[RGB], count: int, at: Sequence[float] | None = None
) -> NDArray[np.float32]:
    """`count` colours (count, 3) through `stops`, which lie at the positions `at` (0..1; evenly without)."""
    lab = to_oklab(np.asarray(stops, dtype=np.float32))
    places = np.linspace(0, 1, len(stops)) if at is None else np.asarray(at, dtype=np.float64)
    steps = np.linspace(0, 1, count)
    return from_oklab(
        np.stack([np.interp(steps, places, lab[:, channel]) for channel in range(3)], axis=1)
    )


def from_hex(code: str) -> RGB:
    """The colour of `#rgb` or `#rrggbb`, with or without the sign. Raises ValueError for anything else."""
    digits = code.lstrip("#")
    if len(digits) in (3, 4):
        digits = "".join(digit * 2 for digit in digits[:3])
    if len(digits) not in (6, 8):
        raise ValueError(f"{code!r} is not a colour code: write it as #rrggbb")
    return (int(digits[0:2], 16) / 255, int(digits[2:4], 16) / 255, int(digits[4:6], 16) / 255)


def to_hex(colour: RGB) -> str:
    """`#rrggbb`."""
    return "#" + "".join(f"{round(min(max(channel, 0.0), 1.0) * 255):02x}" for channel in colour)
