"""Synthwave: a striped sun over a neon grid that runs towards the viewer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from flexura.render.oklab import RGB, from_hex, from_oklab, gradient, mix, to_oklab
from flexura.render.palette import Palette
from flexura.render.pictures.scene import light, ridges, stars, tone, towers, trees
from flexura.render.pictures.scene.ink import Ink
from flexura.render.pictures.scene.layer import Drawable, Layer, Moment, sprite
from flexura.render.pictures.scene.stage import Stage


def neon_palette(own: Palette, asked: bool) -> Palette:
    """The palette of the eighties, or the prompt's own colours made to glow."""
    if asked:
        return own
    codes = ("#12042f", "#3b0f6f", "#a11a8a", "#ff4f8b")
    sky = tuple(from_hex(code) for code in codes)
    return replace(
        own,
        sky=(sky[0], sky[1], sky[2], sky[3]),
        light=from_hex("#ffe08a"),
        haze=from_hex("#d03a9a"),
        dark=from_hex("#0a0220"),
        accents=(from_hex("#ff2fa0"), from_hex("#27e6ff"), from_hex("#ffd23f")),
    )


def striped_sun(stage: Stage, centre: tuple[float, float], radius: float) -> Iterator[Layer]:
    """A sun that runs from yellow to pink and is cut into stripes below its middle."""
    half = round(radius) + 3
    x, y = tone.grid((2 * half, 2 * half))
    inside = np.clip((radius + 0.5) - np.hypot(x - half, y - half), 0, 1)
    share = np.clip((y - (half - radius)) / (2 * radius), 0, 1)
    stripes = np.ones_like(share)
    for index in range(7):
        middle, thick = 0.5 + index * 0.072, 0.008 + index * 0.0045
        stripes *= np.clip((np.abs(share - middle) - thick) * radius * 2 + 0.5, 0, 1)
    table = gradient(
        (
            from_hex("#fff3a6"),
            from_hex("#ffc24a"),
            stage.palette.accents[0],
            mix(stage.palette.accents[0], stage.palette.sky[2], 0.5),
        ),
        256,
    )
    colours = np.broadcast_to(table[(share * 255).astype(np.int32)], (2 * half, 2 * half, 3))
    yield light.glow(stage, centre, radius * 1.6, stage.palette.accents[0], 0.65, 0.02)
    yield Layer(
        tone.dithered(colours),
        tone.mask((inside * stripes).astype(np.float32)),
        (round(centre[0]) - half, round(centre[1]) - half),
        0.03,
    )


@dataclass
class Grid:
    """A floor of luminous lines; it moves one square per turn, so any whole number of turns loops."""

    horizon: int
    height: int
    middle: float
    unit: float
    colours: tuple[RGB, RGB]

    def draw(self, frame: Image.Image, moment: Moment) -> None:
        """Draw the floor of this moment."""
        top = self.horizon - moment.margin[1]
        width, height = frame.width, frame.height - top
        if height <= 2:
            return
        middle = self.middle - moment.offset(0.35)
        turns = max(1, round(moment.seconds * 1.2))
        step = (moment.phase * turns) % 1.0
        fine = 2
        lines = Image.new("L", (width * fine, height * fine), 0)
        draw = ImageDraw.Draw(lines)
        reach = self.unit * 0.42
        for column in range(-46, 47):
            x = middle + column * self.unit * 0.024
            far = middle + column * self.unit * 0.6
            level = max(40, 255 - abs(column) * 4)
            draw.line(
                [(x * fine, 0), (far * fine, height * fine)],
                fill=level,
                width=max(1, round(self.unit * 0.0024 * fine)),
            )
        for row in range(40):
            away = row + 1 - step
            y = reach / away
            if y > height * 1.05:
                continue
            draw.line(
                [(0, y * fine), (width * fine, y * fine)],
                fill=255,
                width=max(1, round(self.unit * 0.0042 * fine * min(1.0, 0.25 + y / height))),
            )
        sharp = lines.reduce(fine)
        soft = sharp.resize((max(width // 4, 1), max(height // 4, 1)), Image.Resampling.BOX).filter(
            ImageFilter.GaussianBlur(self.unit * 0.0022)
        )
        glow = soft.resize((width, height), Image.Resampling.BILINEAR)
        frame.paste(
            tone.pixel(self.colours[1]),
            (0, top),
            glow.point([min(round(v * 0.9), 200) for v in range(256)]),
        )
        frame.paste(tone.pixel(self.colours[0]), (0, top), sharp)


def synthwave(stage: Stage) -> Iterator[Drawable]:
    """Sky, sun, wire mountains or a skyline, the grid, palms."""
    generator = stage.rng("synthwave")
    unit, horizon = stage.unit, stage.horizon
    palette = stage.palette
    table = to_oklab(gradient(palette.sky, horizon, (0, 0.45, 0.82, 1.0)))
    column = np.broadcast_to(from_oklab(table)[:, None, :], (horizon, stage.width, 3))
    yield Layer(tone.dithered(column), None, (0, 0), 0.0)
    yield from stars.stars(stage, horizon * 0.9, 0.7)
    x = stage.column(0.5 + float(generator.choice([0.0, -0.12, 0.12])))
    yield from striped_sun(
        stage, (x, horizon - unit * 0.13), unit * float(generator.uniform(0.2, 0.26))
    )
    if stage.words.place in {"city", "street"} or generator.random() < 0.3:
        evening = replace(stage, words=replace(stage.words, time_of_day="night"))
        made = towers.row(
            evening,
            "retro city",
            horizon,
            (unit * 0.06, unit * 0.3),
            0.75,
            (unit * 0.035, unit * 0.08),
        )
        yield made.layer
    else:
        yield from wire_mountains(stage)
    floor = tone.vertical(
        (stage.width, stage.height - horizon),
        (
            mix(palette.sky[2], palette.dark, 0.45),
            palette.dark,
            mix(palette.dark, palette.sky[0], 0.5),
        ),
        (0, 0.25, 1),
    )
    yield Layer(floor, None, (0, horizon), 0.3)
    yield Grid(
        horizon,
        stage.height - horizon,
        x,
        unit,
        (mix(palette.accents[1], (1.0, 1.0, 1.0), 0.3), palette.accents[0]),
    )
    yield light.glow(stage, (x, horizon), unit * 0.4, palette.accents[0], 0.35, 0.3)
    if stage.has("palm", "tree", "beach") or generator.random() < 0.65:
        yield palms(stage)


def wire_mountains(stage: Stage) -> Iterator[Layer]:
    """Dark peaks with luminous edges on both sides of the sun."""
    unit = stage.unit
    across = np.abs(np.linspace(-1, 1, stage.width, dtype=np.float32))
    for index in range(2):
        rise = (0.2 + 0.8 * tone.smoothstep(0.1, 0.85, across)) * np.float32(
            unit * (0.2 - 0.06 * index)
        )
        coarse = ridges.peaks(stage, f"wire {index}", 2.6)[:: max(round(unit * 0.03), 1)]
        rough = np.interp(
            np.arange(stage.width), np.linspace(0, stage.width, len(coarse)), coarse
        ).astype(np.float32)
        top = stage.horizon + 1 - rise * np.clip(0.7 + rough, 0.12, 1.8)
        body = mix(stage.palette.dark, stage.palette.sky[1], 0.3 - 0.2 * index)
        layer = ridges.silhouette(
            stage,
            top.astype(np.float32),
            (body, mix(body, stage.palette.haze, 0.35)),
            0.1 + 0.1 * index,
            0.2,
        )
        yield layer
        start = layer.at[1]
        _, y = tone.grid((stage.width, stage.horizon - start + 2))
        edge = np.exp(-(((y + start - top[None, :]) / (unit * 0.0022)) ** 2)) * 0.95
        colour = stage.palette.accents[1] if index else stage.palette.accents[0]
        yield Layer(
            tone.pixel(colour),
            tone.mask(edge.astype(np.float32)),
            (0, start),
            0.1 + 0.1 * index,
            "screen",
        )


def palms(stage: Stage) -> Layer:
    """Black palms at both sides."""
    generator = stage.rng("retro palms")
    unit = stage.unit
    ink = Ink(stage.size, fine=1)
    for side, count in ((-1, 2), (1, 1)):
        for _ in range(count):
            x = stage.column(0.5 + side * float(generator.uniform(0.36, 0.5)))
            trees.palm(
                ink,
                (x, stage.height * 1.02),
                unit * float(generator.uniform(0.5, 0.72)),
                mix(stage.palette.dark, stage.palette.sky[1], 0.12),
                generator,
                -side * float(generator.uniform(0.04, 0.14)),
            )
    return sprite(ink.finish(), (0, 0), 0.95)
