"""The layers of a scene: each is drawn once and then put into the frame where the camera sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from PIL import Image, ImageChops

from flexura.render.noise import Field
from flexura.render.oklab import RGB
from flexura.render.pictures.scene import tone

Blend = Literal["over", "add", "screen"]
DEPTH_STEPS = 6
"""How many planes of depth a scene in motion has; layers of one plane move as one."""


@dataclass(frozen=True)
class Moment:
    """One instant of a scene."""

    phase: float = 0.0
    """The share of the whole duration that has passed, 0..1; 1 looks like 0."""
    seconds: float = 0.0
    """The duration of one loop; 0 in a still."""
    camera: float = 0.0
    """How far the camera has moved to the right, in pixels of the nearest layer."""
    margin: tuple[int, int] = (0, 0)
    """What the layers are wider and higher than the frame, per side, in pixels."""

    def offset(self, depth: float) -> float:
        """Where the frame's left edge lies on a layer of this depth."""
        return self.margin[0] + self.camera * depth


class Drawable(Protocol):
    """Anything that puts itself into a frame."""

    def draw(self, frame: Image.Image, moment: Moment) -> None:
        """Change `frame` (RGB) in place to what it looks like at `moment`."""
        ...


@dataclass
class Layer:
    """A still picture at a depth: 0 never moves, 1 moves with the whole camera travel."""

    colour: Image.Image | tuple[int, int, int]
    alpha: Image.Image | None = None
    at: tuple[int, int] = (0, 0)
    depth: float = 0.0
    blend: Blend = "over"
    sway: float = 0.0
    """How far it swings from side to side by itself, in pixels."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        if self.alpha is not None:
            return self.alpha.size
        if isinstance(self.colour, Image.Image):
            return self.colour.size
        raise ValueError("a layer of one colour needs a mask that says where it is")

    def draw(self, frame: Image.Image, moment: Moment) -> None:
        """Put the layer into the frame."""
        left = self.at[0] - moment.offset(self.depth)
        if self.sway:
            left += self.sway * float(np.sin(2 * np.pi * moment.phase))
        top = self.at[1] - moment.margin[1]
        put(frame, self, left, top)


def _cut(picture: Image.Image, box: tuple[int, int, int, int], share: float) -> Image.Image:
    """The part of a picture in `box`, moved left by `share` of a pixel."""
    whole = picture.crop(box)
    if share < 0.02:
        return whole
    beside = picture.crop((box[0] + 1, box[1], box[2] + 1, box[3]))
    return Image.blend(whole, beside, share)


def put(frame: Image.Image, layer: Layer, left: float, top: int) -> None:
    """Blend a layer into `frame` with its corner at (`left`, `top`); fractions of a pixel are kept."""
    width, height = layer.size
    whole = int(np.floor(left))
    share = left - whole
    # Moving right by `share` equals moving left by its rest from the next pixel on.
    if layer.blend != "over":
        # Lights are soft: a half pixel more or less is not seen, and whole ones are much quicker.
        whole, share = round(left), 0.0
    elif share >= 0.02:
        whole, share = whole + 1, 1.0 - share
    x0, y0 = max(whole, 0), max(top, 0)
    x1, y1 = min(whole + width, frame.width), min(top + height, frame.height)
    if x1 <= x0 or y1 <= y0:
        return
    box = (x0 - whole, y0 - top, x1 - whole, y1 - top)
    colour = layer.colour if isinstance(layer.colour, tuple) else _cut(layer.colour, box, share)
    alpha = None if layer.alpha is None else _cut(layer.alpha, box, share)
    area = (x0, y0, x1, y1)
    if layer.blend == "over":
        frame.paste(colour, area, alpha)
        return
    source = Image.new("RGB", (x1 - x0, y1 - y0), colour) if isinstance(colour, tuple) else colour
    if alpha is not None:
        source = ImageChops.multiply(source, Image.merge("RGB", (alpha, alpha, alpha)))
    chop = ImageChops.add if layer.blend == "add" else ImageChops.screen
    frame.paste(chop(frame.crop(area), source), area)


def flat(
    colour: RGB, alpha: Field, depth: float, at: tuple[int, int] = (0, 0), blend: Blend = "over"
) -> Layer:
    """A layer of one colour where `alpha` (0..1) covers it."""
    return Layer(tone.pixel(colour), tone.mask(alpha), at, depth, blend)


def painted(
    colours: Field,
    alpha: Field | None,
    depth: float,
    at: tuple[int, int] = (0, 0),
    blend: Blend = "over",
) -> Layer:
    """A layer of (height, width, 3) colours 0..1 where `alpha` (0..1) covers it."""
    return Layer(
        tone.dithered(colours), None if alpha is None else tone.mask(alpha), at, depth, blend
    )


def sprite(picture: Image.Image, at: tuple[int, int], depth: float, sway: float = 0.0) -> Layer:
    """A layer of an RGBA picture."""
    return Layer(picture.convert("RGB"), picture.getchannel("A"), at, depth, "over", sway)
