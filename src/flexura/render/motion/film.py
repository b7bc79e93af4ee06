"""The finish of moving pictures: the still's grade in 8-bit steps that are quick enough for every frame."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageChops

from flexura.render.noise import dither
from flexura.render.pictures.scene.finish import Grade, curve_of, vignette_of
from flexura.render.pictures.scene.light import bloom
from flexura.render.pictures.scene.stage import Stage

_GRAINS = 6


class Film:
    """Develops frames: bloom, contrast, split tones, vignette, grain."""

    def __init__(self, stage: Stage, grade: Grade, size: tuple[int, int]) -> None:
        """`size` is the frame's width and height in pixels."""
        self._grade = grade
        curve = curve_of(grade)
        levels = np.linspace(0, 1, 256)
        table: list[int] = []
        for channel in range(3):
            shadow, high = stage.palette.dark[channel], stage.palette.light[channel]
            toned = curve + (shadow + (high - shadow) * levels - curve) * grade.split
            table += [int(v) for v in np.clip(toned * 255 + 0.5, 0, 255)]
        self._table = table
        fall = Image.fromarray((vignette_of(size, grade.vignette) * 255).astype(np.uint8))
        self._vignette = Image.merge("RGB", (fall, fall, fall)) if grade.vignette > 0.02 else None
        generator = stage.rng("film grain")
        self._grains: list[Image.Image] = []
        for _ in range(_GRAINS if grade.grain > 0.002 else 0):
            noise = np.clip(128 + dither((size[1], size[0]), generator) * 110, 0, 255).astype(
                np.uint8
            )
            grain = Image.fromarray(noise)
            self._grains.append(Image.merge("RGB", (grain, grain, grain)))
        self._share = min(grade.grain * 0.8, 0.02)

    def develop(self, frame: Image.Image, number: int) -> Image.Image:
        """The finished frame; `number` chooses its grain."""
        if self._grade.bloom > 0:
            frame = ImageChops.screen(
                frame, bloom(frame, self._grade.threshold, self._grade.bloom, 104)
            )
        frame = frame.point(self._table)
        if self._vignette is not None:
            frame = ImageChops.multiply(frame, self._vignette)
        if self._grains:
            frame = Image.blend(frame, self._grains[number % len(self._grains)], self._share)
        return frame
