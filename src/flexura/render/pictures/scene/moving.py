"""Layers that change by themselves: twinkling points, drifting clouds, mirrors in water."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from flexura.render.noise import Field
from flexura.render.pictures.scene.layer import Layer, Moment, put
from flexura.render.random import rng


@dataclass
class Twinkle:
    """A mask whose points brighten and dim, each at its own time; whole turns per loop keep it seamless."""

    colour: Image.Image | tuple[int, int, int]
    alpha: Image.Image
    phases: Image.Image
    """An 8-bit picture: when in the turn each point is brightest."""
    at: tuple[int, int] = (0, 0)
    depth: float = 0.0
    rate: float = 1.0
    """Turns per three seconds, about."""
    swing: float = 0.5
    """How much of the brightness comes and goes, 0..1."""
    sharp: float = 1.0
    """Above 1 the bright moments are shorter."""

    def draw(self, frame: Image.Image, moment: Moment) -> None:
        """Add the lights of this moment."""
        turns = max(1, round(self.rate * moment.seconds / 3))
        steps = (np.arange(256) / 256 + moment.phase * turns) * 2 * np.pi
        level = (1 - self.swing) + self.swing * (0.5 + 0.5 * np.cos(steps)) ** self.sharp
        if moment.seconds == 0 and self.sharp > 1:
            level = np.maximum(level, 0.0)
        table = [int(value) for value in np.clip(level * 255, 0, 255)]
        alpha = ImageChops.multiply(self.alpha, self.phases.point(table))
        # A bright flat colour looks the same laid over as screened, and is much cheaper.
        blend = "over" if isinstance(self.colour, tuple) else "screen"
        layer = Layer(self.colour, alpha, self.at, self.depth, blend)
        put(frame, layer, self.at[0] - moment.offset(self.depth), self.at[1] - moment.margin[1])


@dataclass
class Drift:
    """A layer that moves on steadily: two copies half a loop apart fade into each other, so the
    loop has no seam.
    """

    layer: Layer
    travel: float
    """How far it comes in one loop, in pixels to the right."""

    def draw(self, frame: Image.Image, moment: Moment) -> None:
        """Put the one or two copies that this moment shows."""
        if moment.seconds == 0:
            self.layer.draw(frame, moment)
            return
        left = self.layer.at[0] - moment.offset(self.layer.depth)
        top = self.layer.at[1] - moment.margin[1]
        alpha = self.layer.alpha
        for start in (0.0, 0.5):
            phase = (moment.phase + start) % 1.0
            weight = 1.0 - abs(2.0 * phase - 1.0)
            if weight < 0.02 or alpha is None:
                continue
            table = [round(level * weight) for level in range(256)]
            copy = Layer(
                self.layer.colour,
                alpha.point(table),
                self.layer.at,
                self.layer.depth,
                self.layer.blend,
            )
            put(frame, copy, left + (phase - 0.5) * self.travel, top)


@dataclass
class Mirror:
    """What lies above the row `line`, seen in water below it: darker, tinted, and broken by ripples."""

    line: int
    height: int
    tint: Image.Image
    """The water's own colour, as wide as the canvas and as high as `height`."""
    clear: Image.Image
    """How much of the reflection shows: an 8-bit mask of the same size."""
    ripple: float
    """How far the reflection is torn sideways near the viewer, in pixels."""
    smear: int = 1
    """Rows that run into one another; wet streets smear, lakes do not."""
    seed: int = 0
    squeeze: float = 1.0
    """How much of the height above is seen per height of water."""

    def draw(self, frame: Image.Image, moment: Moment) -> None:
        """Paint the water and the reflection over the lower part of the frame."""
        line = self.line - moment.margin[1]
        high = min(self.height, frame.height - line)
        if high <= 0:
            return
        left = moment.margin[0]
        box = (left, 0, left + frame.width, high)
        water = self.tint.crop(box)
        seen = min(round(high * self.squeeze), line)
        image = frame.crop((0, line - seen, frame.width, line)).transpose(
            Image.Transpose.FLIP_TOP_BOTTOM
        )
        if self.smear > 1:
            image = image.resize((frame.width, max(high // self.smear, 1)), Image.Resampling.BOX)
        image = image.resize((frame.width, high), Image.Resampling.BILINEAR)
        image = self._rippled(image, moment)
        water.paste(image, (0, 0), self.clear.crop(box))
        frame.paste(water, (0, line))

    def _rippled(self, image: Image.Image, moment: Moment) -> Image.Image:
        pixels = np.asarray(image, dtype=np.uint8)
        wide, high = image.size
        near = np.arange(high, dtype=np.float64) / self.height
        # Ripples look longer the nearer they are, hence the logarithm.
        far = np.log(near * 14 + 0.6)
        waves = np.zeros(high)
        generator = rng("ripples", self.seed)
        for index, often in enumerate((6.0, 13.0, 29.0, 53.0)):
            knots = generator.normal(0, 1, 64)
            turns = max(1, round(moment.seconds * (0.25 + 0.15 * index)))
            swing = np.cos(2 * np.pi * (moment.phase * turns + generator.random(64)))
            at = np.interp((far + 1) * often * 0.6 % 63, np.arange(64), knots * swing)
            waves += np.asarray(at) * (0.6, 0.5, 0.4, 0.3)[index]
        shifts: Field = waves * self.ripple * (0.12 + near)
        moved = np.arange(wide)[None, :] + np.asarray(shifts + 0.5, dtype=np.int64)[:, None]
        # Past the edge the reflection turns back, so that no bare strip shows.
        folded = (wide - 1) - np.abs((wide - 1) - np.abs(moved))
        index = (np.arange(high)[:, None] * wide + np.clip(folded, 0, wide - 1)).ravel()
        return Image.fromarray(pixels.reshape(-1, 3).take(index, axis=0).reshape(high, wide, 3))


@dataclass
class Sprites:
    """Small pictures whose place and strength are a function of the moment: boats, birds, lights of
    cars.
    """

    depth: float
    place: Callable[[Moment], list[tuple[Image.Image, float, float]]]
    """Gives the RGBA pictures to show and their top left corners on the canvas."""
    blend: str = "over"

    def draw(self, frame: Image.Image, moment: Moment) -> None:
        """Put every sprite where it is now."""
        for picture, x, y in self.place(moment):
            layer = Layer(
                picture.convert("RGB"),
                picture.getchannel("A"),
                (0, 0),
                self.depth,
                "screen" if self.blend == "screen" else "over",
            )
            put(frame, layer, x - moment.offset(self.depth), round(y - moment.margin[1]))


@dataclass
class Haze:
    """A blur over everything drawn so far, for glass and depth of field."""

    radius: float

    def draw(self, frame: Image.Image, moment: Moment) -> None:
        """Soften the frame."""
        factor = max(int(self.radius / 3), 1)
        small = frame.reduce(factor) if factor > 1 else frame.copy()
        soft = small.filter(ImageFilter.GaussianBlur(self.radius / factor))
        frame.paste(
            soft.resize(frame.size, Image.Resampling.BICUBIC) if factor > 1 else soft, (0, 0)
        )
