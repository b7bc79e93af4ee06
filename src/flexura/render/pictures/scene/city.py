"""Skylines: over water, from a roof, over a lower town; plain or futuristic."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw

from flexura.render.oklab import mix
from flexura.render.pictures.scene import facade, light, sky, tone, towers
from flexura.render.pictures.scene.ink import Ink
from flexura.render.pictures.scene.layer import Drawable, Layer, Moment, sprite
from flexura.render.pictures.scene.mountains import open_sky, water
from flexura.render.pictures.scene.moving import Sprites, Twinkle
from flexura.render.pictures.scene.stage import Stage


def town_glow(stage: Stage, base: int, strength: float) -> Layer:
    """The light that a town throws into the air above it."""
    rows = np.linspace(0, 1, 128, dtype=np.float32)[:, None] ** 2.2
    columns = np.linspace(-1, 1, 128, dtype=np.float32)[None, :] - np.float32(
        (stage.focus / stage.width - 0.5) * 2
    )
    alpha = rows * np.exp(-(columns**2) * 1.3) * np.float32(strength)
    high = round(stage.unit * 0.5)
    colour = mix(stage.palette.accents[0], stage.palette.sky[3], 0.45)
    if not stage.is_night:
        colour = stage.palette.haze
    return Layer(
        tone.pixel(colour),
        tone.mask(alpha).resize((stage.width, high), Image.Resampling.BICUBIC),
        (0, base - high),
        0.05,
        "screen",
    )


def beams(stage: Stage, base: int) -> Layer:
    """Search lights that rise from between the towers."""
    generator = stage.rng("beams")
    picture = Image.new("L", (stage.width // 4, base // 4), 0)
    draw = ImageDraw.Draw(picture)
    for _ in range(int(generator.integers(2, 5))):
        x = stage.width / 4 * float(generator.uniform(0.15, 0.85))
        lean, wide = float(generator.normal(0, 0.25)) * base / 4, stage.unit / 4 * 0.03
        draw.polygon(
            [(x - 1, base / 4), (x + lean - wide, 0), (x + lean + wide, 0), (x + 1, base / 4)],
            fill=int(generator.integers(35, 75)),
        )
    fade = Image.linear_gradient("L").resize(picture.size)
    from PIL import ImageChops, ImageFilter

    soft = ImageChops.multiply(picture, fade).filter(
        ImageFilter.GaussianBlur(stage.unit / 4 * 0.008)
    )
    return Layer(
        tone.pixel(stage.palette.accents[1]),
        soft.resize((stage.width, base), Image.Resampling.BICUBIC),
        (0, 0),
        0.12,
        "screen",
    )


def ring(stage: Stage, base: int) -> Layer:
    """A great luminous ring behind the towers, the sign of a city to come."""
    generator = stage.rng("ring")
    radius = stage.unit * float(generator.uniform(0.17, 0.26))
    half = round(radius * 1.25)
    x, y = tone.grid((2 * half, 2 * half))
    away = np.abs(np.hypot(x - half, y - half) - np.float32(radius))
    thin = stage.unit * 0.0022
    alpha = (
        np.exp(-((away / (thin * 1.5)) ** 2))
        + 0.3 * np.exp(-away / (thin * 9))
        + 0.06 * (np.hypot(x - half, y - half) < radius)
    )
    alpha += (
        0.5
        * np.exp(-(((away - radius * 0.12) / thin) ** 2))
        * (np.sin(np.arctan2(y - half, x - half) * 24) > 0.1)
    )
    centre = (round(stage.focus), round(base - stage.unit * float(generator.uniform(0.33, 0.42))))
    return Layer(
        tone.pixel(stage.palette.accents[1]),
        tone.mask(np.clip(alpha * 0.75, 0, 1).astype(np.float32)),
        (centre[0] - half, centre[1] - half),
        0.06,
        "screen",
    )


def flying_traffic(stage: Stage, rows: tuple[float, float], depth: float, count: int) -> Sprites:
    """Lanes of lights in the air; every vehicle comes round once or more per loop."""
    generator = stage.rng(f"flying {depth}")
    palette = stage.palette
    shapes: list[Image.Image] = []
    for colour in (
        mix(palette.light, (1.0, 1.0, 1.0), 0.5),
        palette.accents[0],
        palette.accents[1],
    ):
        long = max(round(stage.unit * 0.028 * (0.4 + depth)), 5)
        ink = Ink((long * 2, max(round(long * 0.5), 4)), (0, max(long * 0.25, 2)), fine=2)
        for step in range(8):
            ink.line(
                [(long * 2 * step / 8, 0), (long * 2 * (step + 1) / 8, 0)],
                long * 0.06 * (0.3 + step / 8),
                colour,
                0.1 + 0.09 * step,
                False,
            )
        ink.ellipse((long * 1.92, 0), (long * 0.07, long * 0.06), (1.0, 1.0, 1.0))
        shapes.append(ink.finish())
        shapes.append(shapes[-1].transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    lanes = [float(generator.uniform(*rows)) for _ in range(4)]
    cars = [
        (
            int(generator.integers(3)) * 2,
            float(generator.random()),
            int(generator.integers(4)),
            float(generator.normal(0, stage.unit * 0.008)),
        )
        for _ in range(count)
    ]
    span = stage.width * 1.15

    def place(moment: Moment) -> list[tuple[Image.Image, float, float]]:
        turns = max(1, round(moment.seconds * 0.09 * (0.5 + depth)))
        seen: list[tuple[Image.Image, float, float]] = []
        for kind, start, lane, off in cars:
            back = lane % 2
            run = (start + moment.phase * turns) % 1.0
            x = (1 - run if back else run) * span - stage.width * 0.08
            slope = (x / stage.width - 0.5) * stage.unit * 0.05 * (1 if lane < 2 else -1)
            seen.append((shapes[kind + back], x, lanes[lane] + off + slope))
        return seen

    return Sprites(depth, place)


def roof_lamps(stage: Stage, row: towers.Row, depth: float) -> Twinkle:
    """Red lamps on the roofs that go on and off, and a few windows with them."""
    generator = stage.rng(f"roof lamps {depth}")
    alpha = Image.new("L", stage.size, 0)
    draw = ImageDraw.Draw(alpha)
    radius = max(stage.unit * 0.002, 1.0)
    for x, y, wide in row.roofs:
        for _ in range(3):
            left, top = (
                x + wide * float(generator.uniform(-0.4, 0.4)),
                y + wide * float(generator.uniform(0.3, 2.0)),
            )
            if top < stage.horizon:
                draw.rectangle((left, top, left + radius * 2, top + radius * 2.4), fill=150)
    box = alpha.getbbox() or (0, 0, 1, 1)
    alpha = alpha.crop(box)
    noise = generator.integers(
        0, 256, (max(alpha.height // 6, 1), max(alpha.width // 6, 1)), dtype=np.uint8
    )
    phases = Image.fromarray(noise).resize(alpha.size, Image.Resampling.NEAREST)
    colour = tone.pixel(mix(stage.palette.accents[0], stage.palette.light, 0.5))
    return Twinkle(colour, alpha, phases, (box[0], box[1]), depth, 1.0, 0.8, 2.0)


def skyline(stage: Stage, base: int, rows: int = 4) -> Iterator[Drawable]:
    """Rows of towers on the line `base`, far to near."""
    generator = stage.rng("skyline")
    unit = stage.unit
    tall = float(generator.uniform(0.8, 1.15)) * (1.25 if stage.has("futuristic", "epic") else 1.0)
    room = base / unit
    for index in range(rows):
        share = index / (rows - 1)
        most = min(tall * (0.5 - 0.13 * share), room * 0.82) * unit
        least = most * (0.3 - 0.12 * share)
        width = (unit * (0.03 + 0.025 * share), unit * (0.075 + 0.06 * share))
        made = towers.row(
            stage,
            f"row {index}",
            base,
            (least, most),
            0.18 + 0.72 * share,
            width,
            0.05 + 0.12 * share,
        )
        yield made.layer
        if stage.is_night and index >= rows - 2:
            yield roof_lamps(stage, made, made.layer.depth)
        if index < rows - 1:
            yield sky.haze(
                stage, base - unit * 0.28, base + 1, 0.5 - 0.3 * share, 0.1 + 0.4 * share
            )
        if index == 1 and stage.has("futuristic", "traffic", "neon") and stage.is_night:
            yield flying_traffic(stage, (base - unit * 0.5, base - unit * 0.16), 0.3, 14)


def city(stage: Stage) -> Iterator[Drawable]:
    """A skyline: over water, or seen over near roofs."""
    generator = stage.rng("city")
    yield from open_sky(stage)
    base = stage.horizon
    if stage.is_night:
        yield town_glow(stage, base, 0.65)
    if stage.has("futuristic"):
        if stage.is_night and generator.random() < 0.6:
            yield ring(stage, base)
        if stage.is_night:
            yield beams(stage, base)
    over_water = stage.has("water", "reflection", "sea", "lake") or generator.random() < 0.6
    yield from skyline(stage, base)
    if over_water:
        yield water(stage, base, 0.9, stage.unit * 0.016, 7)
        yield sky.haze(stage, base - stage.unit * 0.01, base + 2, 0.2, 0.3)
    else:
        yield from _roofs(stage)
    if stage.has("futuristic", "neon") and stage.is_night:
        yield flying_traffic(stage, (base * 0.35, base * 0.75), 0.7, 8)


def _roofs(stage: Stage) -> Iterator[Drawable]:
    """The lower town that the viewer looks over: nearer rows, down to a parapet."""
    unit = stage.unit
    depth = stage.height - stage.horizon
    for index in range(3):
        base = stage.horizon + round(depth * (0.3 + 0.34 * index))
        step = depth * 0.34
        high = step * (1.5 + 0.12 * index)
        made = towers.row(
            stage,
            f"low {index}",
            base,
            (step * 0.98, high),
            0.9 + 0.05 * index,
            (unit * (0.07 + 0.05 * index), unit * (0.16 + 0.1 * index)),
            0.0,
        )
        made.layer.depth = 0.62 + 0.14 * index
        yield made.layer
        yield sky.haze(stage, base - high * 0.5, base + 2, 0.22 - 0.07 * index, made.layer.depth)
    if stage.is_night:
        yield _rooftop_sign(stage)


def _rooftop_sign(stage: Stage) -> Layer:
    """A large neon sign on a scaffold at one side."""
    generator = stage.rng("rooftop sign")
    unit = stage.unit
    wide, high = round(unit * 0.34), round(unit * 0.115)
    colour = stage.palette.accents[int(generator.integers(2))]
    board = facade.sign((wide, high), colour, generator, False)
    ink = Ink((wide, high * 2), fine=2)
    for share in np.linspace(0.06, 0.94, 6):
        ink.line(
            [(wide * share, high), (wide * share, high * 2)],
            unit * 0.005,
            stage.palette.dark,
            smooth=False,
        )
        ink.line(
            [(wide * share, high), (wide * (share + 0.12), high * 2)],
            unit * 0.003,
            stage.palette.dark,
            smooth=False,
        )
    picture = ink.finish()
    picture.paste(board.convert("RGBA"), (0, 0))
    x = stage.column(0.66 if stage.focus < stage.width / 2 else 0.04)
    return sprite(picture, (round(x), round(stage.height - unit * 0.24)), 0.9)


def lamp_glow(stage: Stage, at: tuple[float, float], radius: float, depth: float) -> Layer:
    """The light of one street lamp."""
    return light.glow(
        stage, at, radius, mix(stage.palette.accents[0], (1.0, 0.85, 0.6), 0.6), 0.6, depth
    )
