"""The last touch of a still: bloom, contrast, colour grade, vignette, grain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from flexura.render import noise
from flexura.render.oklab import mix
from flexura.render.pictures.scene import tone
from flexura.render.pictures.scene.light import bloom
from flexura.render.pictures.scene.stage import Stage

_STRIP = 256


@dataclass(frozen=True)
class Grade:
    """How a scene is finished; every strength is 0 for nothing."""

    bloom: float = 0.5
    threshold: float = 0.62
    contrast: float = 0.12
    split: float = 0.06
    """How far shadows lean to the palette's dark colour and lights to its light."""
    vignette: float = 0.22
    grain: float = 0.016
    saturation: float = 1.06


def grade_of(stage: Stage) -> Grade:
    """The finish that fits the words."""
    if stage.has("flat", "pixel", "line", "lowpoly"):
        return Grade(bloom=0.15, contrast=0.04, split=0.0, vignette=0.05, grain=0.006)
    if stage.has("watercolour"):
        return Grade(
            bloom=0.1, contrast=0.0, split=0.03, vignette=0.0, grain=0.012, saturation=0.95
        )
    if stage.has("cinematic", "epic", "noir"):
        return Grade(bloom=0.7, threshold=0.55, contrast=0.2, split=0.1, vignette=0.4, grain=0.024)
    if stage.is_night or stage.has("neon", "futuristic", "synthwave"):
        return Grade(bloom=0.75, threshold=0.5, contrast=0.14, vignette=0.3, grain=0.018)
    return Grade()


def curve_of(grade: Grade) -> NDArray[np.float32]:
    """The contrast curve as 256 levels 0..1."""
    level = np.linspace(0, 1, 256)
    steep = level * level * (3 - 2 * level)
    return (level + (steep - level) * grade.contrast * 1.6).astype(np.float32)


def vignette_of(size: tuple[int, int], strength: float) -> NDArray[np.float32]:
    """What every pixel is multiplied by, 1 in the middle."""
    width, height = size
    x, y = tone.grid(size)
    far = ((x / width - 0.5) * 2) ** 2 * 0.55 + ((y / height - 0.5) * 2) ** 2 * 0.45
    return (1 - np.float32(strength) * np.clip(far, 0, 1.2) ** 1.5).astype(np.float32)


def finish(picture: Image.Image, stage: Stage, grade: Grade) -> Image.Image:
    """The finished picture. It works in strips, so that large ones do not fill the memory."""
    if grade.bloom > 0:
        picture = ImageChops.screen(picture, bloom(picture, grade.threshold, grade.bloom))
    width, height = picture.size
    table = curve_of(grade)
    fall = vignette_of((256, 256), grade.vignette)
    rows = np.asarray(
        Image.fromarray(fall).resize((min(width, 512), height), Image.Resampling.BICUBIC)
    )
    across = np.arange(width) * (rows.shape[1] - 1) // max(width - 1, 1)
    generator = stage.rng("grain")
    tile = noise.dither((512, 512), generator)
    shadow = np.asarray(stage.palette.dark, dtype=np.float32)
    high = np.asarray(mix(stage.palette.light, (1.0, 1.0, 1.0), 0.3), dtype=np.float32)
    result = Image.new("RGB", picture.size)
    for top in range(0, height, _STRIP):
        part = np.asarray(picture.crop((0, top, width, min(top + _STRIP, height))))
        colours = table[part]
        grey = colours.mean(axis=2, keepdims=True)
        colours += (grey - colours) * np.float32(1 - grade.saturation)
        if grade.split:
            colours += ((shadow + (high - shadow) * grey) - colours) * np.float32(grade.split)
        colours *= rows[top : top + len(part), across][..., None]
        if grade.grain:
            grain = np.tile(np.roll(tile, (top * 7) % 512, 1), (1, -(-width // 512)))[
                : len(part), :width
            ]
            colours += (grain * (0.35 + 0.65 * (1 - np.abs(2 * grey[..., 0] - 1))))[
                ..., None
            ] * np.float32(grade.grain)
        result.paste(tone.dithered(colours), (0, top))
    return result
