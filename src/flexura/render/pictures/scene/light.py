"""Light that lies over things: glows, shafts, rims and the disc of the sun and the moon."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageFilter

from flexura.render import noise
from flexura.render.noise import Field
from flexura.render.oklab import RGB, mix
from flexura.render.pictures.scene import tone
from flexura.render.pictures.scene.layer import Layer
from flexura.render.pictures.scene.stage import Stage


def falloff(
    size: tuple[int, int], centre: tuple[float, float], radius: float, power: float = 2.0
) -> Field:
    """1 at the centre, falling smoothly to 0 far away; at `radius` it is about a third."""
    x, y = tone.grid(size)
    distance = ((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / np.float32(radius * radius)
    return (1.0 / (1.0 + 2.0 * distance) ** np.float32(power)).astype(np.float32)


def glow(
    stage: Stage,
    centre: tuple[float, float],
    radius: float,
    colour: RGB,
    strength: float,
    depth: float,
) -> Layer:
    """A soft light around a point, added to what lies behind."""
    half = round(radius * 3.2)
    x0, y0 = round(centre[0]) - half, round(centre[1]) - half
    side = 2 * half
    small = max(min(side, 192), 2)
    x, y = tone.grid((small, small))
    distance = np.hypot(x - small / 2, y - small / 2) / np.float32(small / 2)
    shape = np.clip(1 - distance, 0, 1) ** 2 / (1 + 14 * distance * distance)
    alpha = tone.mask(np.clip(shape * np.float32(strength), 0, 1)).resize(
        (side, side), Image.Resampling.BICUBIC
    )
    return Layer(tone.pixel(colour), alpha, (x0, y0), depth, "screen")


def disc(
    stage: Stage, centre: tuple[float, float], radius: float, colour: RGB, depth: float = 0.0
) -> Layer:
    """A plain luminous disc with a clean edge."""
    half = round(radius) + 3
    x, y = tone.grid((2 * half, 2 * half))
    alpha = np.clip(np.float32(radius + 0.5) - np.hypot(x - half, y - half), 0, 1)
    return Layer(
        tone.pixel(colour),
        tone.mask(alpha),
        (round(centre[0]) - half, round(centre[1]) - half),
        depth,
    )


def moon(stage: Stage, centre: tuple[float, float], radius: float, lit: float = 1.0) -> Layer:
    """The moon with its seas; `lit` is 1 when full and smaller for a crescent."""
    half = round(radius) + 3
    x, y = tone.grid((2 * half, 2 * half))
    u, v = (x - half) / np.float32(radius), (y - half) / np.float32(radius)
    inside = np.clip((1 - np.hypot(u, v)) * np.float32(radius) + 0.5, 0, 1)
    seas = noise.fractal((2 * half, 2 * half), (3.4, 3.4), stage.rng("moon seas"), 5, 0.55)
    relief = 0.90 + 0.14 * (tone.smoothstep(0.36, 0.62, seas) - 0.5)
    bulge = np.sqrt(np.clip(1 - u * u - v * v, 0, 1))
    surface = relief * (0.86 + 0.14 * bulge)
    if lit < 0.99:
        # The shadow's edge is a half ellipse between the poles.
        edge = np.sqrt(np.clip(1 - v * v, 0, 1)) * np.float32(1 - 2 * lit)
        inside = inside * tone.smoothstep(-0.05, 0.06, u * 0.94 + v * 0.2 - edge)
    colour = np.asarray(mix(stage.palette.light, (1.0, 0.98, 0.93), 0.6), dtype=np.float32)
    rgb = np.clip(surface[..., None] * colour, 0, 1).astype(np.float32)
    at = (round(centre[0]) - half, round(centre[1]) - half)
    return Layer(tone.dithered(rgb), tone.mask(inside.astype(np.float32)), at, 0.02)


def shafts(
    stage: Stage, source: tuple[float, float], strength: float, depth: float, label: str = "shafts"
) -> Layer:
    """Beams that fan out from a point and fade downwards, as through leaves or clouds."""
    generator = stage.rng(label)
    reduce = 4 if stage.unit > 300 else 2
    x, y = tone.grid(stage.size, reduce)
    angle = np.arctan2(x - np.float32(source[0]), y - np.float32(source[1]))
    span = np.linspace(-np.pi, np.pi, 2048)
    beams = np.zeros(2048)
    for _ in range(14):
        middle, wide = generator.normal(0, 0.55), generator.uniform(0.015, 0.07)
        beams += generator.uniform(0.3, 1.0) * np.exp(-(((span - middle) / wide) ** 2))
    shape = np.interp(angle, span, np.clip(beams, 0, 1.2)).astype(np.float32)
    distance = np.hypot(x - np.float32(source[0]), y - np.float32(source[1])) / np.float32(
        stage.height * 1.05
    )
    shape *= np.clip(1 - distance, 0, 1) ** 1.2 * np.clip(distance * 5, 0, 1) * np.float32(strength)
    alpha = tone.mask(np.clip(shape, 0, 1)).resize(stage.size, Image.Resampling.BICUBIC)
    return Layer(tone.pixel(stage.palette.light), alpha, (0, 0), depth, "screen")


def rimmed(
    picture: Image.Image,
    direction: tuple[float, float],
    colour: RGB,
    width: float,
    strength: float = 0.8,
) -> Image.Image:
    """An RGBA picture with its edge lit on the side that `direction` (a unit vector to the light)
    points to.
    """
    alpha = picture.getchannel("A")
    shift = (round(-direction[0] * width), round(-direction[1] * width))
    if shift == (0, 0):
        return picture
    moved = ImageChops.offset(alpha, shift[0], shift[1])
    rim = ImageChops.subtract(alpha, moved).filter(ImageFilter.GaussianBlur(max(width * 0.35, 0.6)))
    rim = ImageChops.multiply(rim, alpha).point([round(level * strength) for level in range(256)])
    lit = picture.copy()
    lit.paste((*tone.pixel(colour), 255), (0, 0), rim)
    lit.putalpha(alpha)
    return lit


def blurred(field: Field, radius: float) -> Field:
    """A field smoothed by a Gaussian of `radius` pixels."""
    levels = Image.fromarray(np.clip(field * 255, 0, 255).astype(np.uint8))
    return np.asarray(
        levels.filter(ImageFilter.GaussianBlur(radius)), dtype=np.float32
    ) / np.float32(255)


def bloom(picture: Image.Image, threshold: float, strength: float, rows: int = 180) -> Image.Image:
    """What shines beyond its edges: the bright parts of a picture, blurred at two widths; to be
    screened over it.

    `rows` is the number of pixels of the shorter side that it works with.
    """
    factor = max(round(min(picture.size) / rows), 1)
    small = picture.reduce(factor)
    start = round(threshold * 255)
    table = [
        0 if level < start else round((level - start) * 255 / max(255 - start, 1) * strength)
        for level in range(256)
    ]
    bright = small.point(table * 3)
    near = bright.filter(ImageFilter.GaussianBlur(min(small.size) * 0.014))
    far = bright.filter(ImageFilter.GaussianBlur(min(small.size) * 0.06))
    joined = ImageChops.add(
        near, far.point([min(level * 3 // 2, 255) for level in range(256)] * 3), 2.0
    )
    return joined.resize(picture.size, Image.Resampling.BILINEAR)


def toned(colours: Field, dark: RGB, light: RGB, amount: float) -> NDArray[np.float32]:
    """Colours with their shadows drawn to one colour and their lights to another."""
    level = colours.mean(axis=2, keepdims=True)
    shadow, high = np.asarray(dark, dtype=np.float32), np.asarray(light, dtype=np.float32)
    goal = shadow + (high - shadow) * level
    return colours + (goal - colours) * np.float32(amount)
