"""Rain, snow, lightning, leaves, fireflies, embers, bubbles, dust: what falls, floats and flashes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from flexura.render.oklab import RGB, from_hex, mix
from flexura.render.pictures.scene import tone
from flexura.render.pictures.scene.ink import Ink
from flexura.render.pictures.scene.layer import Drawable, Moment
from flexura.render.pictures.scene.moving import Sprites, Twinkle
from flexura.render.pictures.scene.stage import Stage


@dataclass
class Falling:
    """A field of drops or flakes that tiles in both directions and moves on by whole tiles per loop."""

    tile: Image.Image
    colour: tuple[int, int, int]
    speed: float
    """Tiles per second downwards."""
    slant: float = 0.0
    """Pixels to the right per pixel down, about."""
    swing: float = 0.0
    """How far it sways, in pixels."""

    def draw(self, frame: Image.Image, moment: Moment) -> None:
        """Put the field over the frame."""
        width, height = self.tile.size
        turns = max(1, round(self.speed * moment.seconds))
        aside = round(self.slant * turns * height / width)
        down = round(moment.phase * turns * height)
        across = round(moment.phase * aside * width + self.swing * np.sin(2 * np.pi * moment.phase))
        moved = ImageChops.offset(self.tile, across % width, down % height)
        for top in range(0, frame.height, height):
            for left in range(0, frame.width, width):
                frame.paste(self.colour, (left, top), moved)


def _streaks(
    size: tuple[int, int],
    count: int,
    long: float,
    lean: float,
    thick: float,
    rng: np.random.Generator,
) -> Image.Image:
    """Slanted streaks on a tile; what leaves it on one side comes in on the other."""
    width, height = size
    fine = 2
    picture = Image.new("L", (width * fine, height * fine), 0)
    draw = ImageDraw.Draw(picture)
    for _ in range(count):
        x, y = float(rng.random()) * width, float(rng.random()) * height
        reach = long * float(rng.uniform(0.5, 1.2))
        level = int(rng.integers(70, 230))
        for dx in (-width, 0, width):
            for dy in (-height, 0):
                start, end = (
                    ((x + dx) * fine, (y + dy) * fine),
                    ((x + dx + lean * reach) * fine, (y + dy + reach) * fine),
                )
                if (
                    end[1] > 0
                    and start[1] < height * fine
                    and -reach * fine < start[0] < (width + reach) * fine
                ):
                    draw.line([start, end], fill=level, width=max(1, round(thick * fine)))
    return picture.reduce(fine)


def _flakes(
    size: tuple[int, int], count: int, radius: float, soft: float, rng: np.random.Generator
) -> Image.Image:
    """Round flakes on a tile that wraps."""
    width, height = size
    fine = 2
    picture = Image.new("L", (width * fine, height * fine), 0)
    draw = ImageDraw.Draw(picture)
    for _ in range(count):
        x, y = float(rng.random()) * width * fine, float(rng.random()) * height * fine
        r = radius * float(rng.uniform(0.5, 1.25)) * fine
        level = int(rng.integers(130, 255))
        for dx in (-width * fine, 0, width * fine):
            for dy in (-height * fine, 0, height * fine):
                if -r < x + dx < width * fine + r and -r < y + dy < height * fine + r:
                    draw.ellipse((x + dx - r, y + dy - r, x + dx + r, y + dy + r), fill=level)
    small = picture.reduce(fine)
    if soft > 0.4:
        wide = Image.new("L", (width + 64, height + 64))
        for dx in (-width, 0, width):
            for dy in (-height, 0, height):
                wide.paste(small, (32 + dx, 32 + dy))
        small = wide.filter(ImageFilter.GaussianBlur(soft)).crop((32, 32, 32 + width, 32 + height))
    return small


def _rain(
    stage: Stage, size: tuple[int, int], amount: float, generator: np.random.Generator
) -> Iterator[Falling]:
    """Streaks near by, and behind them short ones at two distances that fall as one."""
    unit = stage.unit
    lean = 0.26 if stage.has("storm", "wind") else 0.1
    colour = tone.pixel(mix(stage.palette.haze, (0.92, 0.96, 1.0), 0.6))
    tiles: list[Image.Image] = []
    for share, count in ((0.0, 330), (0.5, 235), (1.0, 140)):
        long, thick = unit * (0.03 + 0.06 * share), max(unit * (0.0007 + 0.0011 * share), 0.5)
        tile = _streaks(size, int(count * amount), long, lean, thick, generator)
        level = 0.3 + 0.2 * share
        tiles.append(tile.point([round(v * level) for v in range(256)]))
    yield Falling(ImageChops.lighter(tiles[0], tiles[1]), colour, 1.5, lean)
    yield Falling(tiles[2], colour, 2.1, lean)


def falling(stage: Stage, kind: str, strength: float = 1.0) -> Iterator[Falling]:
    """Rain or snow in three depths."""
    generator = stage.rng(f"falling {kind}")
    unit = stage.unit
    width, height = stage.width - 2 * stage.margin[0], stage.height - 2 * stage.margin[1]
    area = width * height / unit**2
    if kind == "rain":
        yield from _rain(stage, (width, height), strength * area, generator)
        return
    for layer in range(3):
        share = layer / 2
        size = (width, max(height // (3 - layer), 8))
        count = int((260, 110, 26)[layer] * strength * area / (3 - layer))
        tile = _flakes(
            size,
            count,
            unit * (0.0016, 0.0034, 0.0075)[layer],
            unit * (0.0, 0.0007, 0.0032)[layer],
            generator,
        )
        level = (0.75, 0.9, 0.7)[layer]
        yield Falling(
            tile.point([round(v * level) for v in range(256)]),
            (252, 253, 255),
            0.22 + 0.05 * share,
            0.0,
            unit * 0.02 * (1 + share),
        )


def splashes(stage: Stage, top: float) -> Twinkle:
    """Small rings where drops strike the ground below the row `top`."""
    generator = stage.rng("splashes")
    row = int(top)
    size = (stage.width, max(stage.height - row, 2))
    alpha, phases = Image.new("L", size, 0), Image.new("L", size, 0)
    rings, times = ImageDraw.Draw(alpha), ImageDraw.Draw(phases)
    for _ in range(int(230 * stage.width / stage.unit)):
        share = float(generator.random()) ** 1.4
        x, y = float(generator.random()) * stage.width, share * size[1]
        radius = stage.unit * (0.003 + 0.011 * share)
        box = (x - radius, y - radius * 0.3, x + radius, y + radius * 0.3)
        rings.ellipse(box, outline=int(90 + 80 * share), width=max(1, round(stage.unit * 0.0012)))
        times.rectangle(
            (box[0] - 2, box[1] - 2, box[2] + 2, box[3] + 2), fill=int(generator.integers(256))
        )
    return Twinkle((225, 235, 245), alpha, phases, (0, row), 0.6, 5.0, 0.92, 4.0)


@dataclass
class Lightning:
    """A bolt that flashes twice per loop and lights the whole sky."""

    bolt: Image.Image
    at: tuple[int, int]
    tint: tuple[int, int, int]

    def draw(self, frame: Image.Image, moment: Moment) -> None:
        """Show the flash of this moment."""
        level = 0.85
        if moment.seconds:
            level = max(
                max(0.0, 1 - abs(moment.phase - start) * moment.seconds * 5)
                for start in (0.31, 0.35, 0.72)
            )
        if level < 0.03:
            return
        glow = Image.new(
            "RGB", frame.size, tuple(round(channel * 0.22 * level) for channel in self.tint)
        )
        frame.paste(ImageChops.screen(frame, glow))
        alpha = self.bolt.point([round(v * level) for v in range(256)])
        frame.paste(
            self.tint, (self.at[0] - moment.margin[0], self.at[1] - moment.margin[1]), alpha
        )


def lightning(stage: Stage) -> Lightning:
    """One forked bolt from the clouds to the horizon."""
    generator = stage.rng("lightning")
    unit = stage.unit
    height = max(round(stage.horizon * 0.96), 16)
    width = round(unit * 0.7)
    fine = 2
    picture = Image.new("L", (width * fine, (height + round(unit * 0.05)) * fine), 0)
    draw = ImageDraw.Draw(picture)

    def fork(
        start: tuple[float, float], length: float, lean: float, thick: float, level: int
    ) -> None:
        x, y = start
        steps = 30
        for step in range(steps):
            nx, ny = (
                x + (lean + float(generator.normal(0, 0.55))) * length / steps,
                y + length / steps,
            )
            draw.line(
                [(x * fine, y * fine), (nx * fine, ny * fine)],
                fill=level,
                width=max(1, round(thick * fine)),
            )
            x, y = nx, ny
            if thick > unit * 0.0016 and generator.random() < 0.1:
                fork(
                    (x, y),
                    length * 0.35 * (1 - step / steps),
                    lean + float(generator.choice([-1, 1])) * 0.9,
                    thick * 0.5,
                    round(level * 0.75),
                )

    fork((width * 0.5, 0), height, float(generator.normal(0, 0.12)), unit * 0.0045, 255)
    sharp = picture.reduce(fine)
    soft = sharp.filter(ImageFilter.GaussianBlur(unit * 0.012)).point(
        [min(v * 3, 170) for v in range(256)]
    )
    x = round(stage.column(float(generator.uniform(0.2, 0.8))) - width / 2)
    return Lightning(ImageChops.lighter(sharp, soft), (x, 0), (226, 232, 255))


def _spot(radius: float, colour: RGB, hard: float = 0.3) -> Image.Image:
    half = max(round(radius * 3), 3)
    x, y = tone.grid((2 * half, 2 * half))
    away = np.hypot(x - half, y - half) / np.float32(radius)
    alpha = np.clip(np.exp(-(away**2) / (2 * hard)) + 0.35 * np.exp(-(away**2) / 2), 0, 1)
    picture = Image.new("RGB", (2 * half, 2 * half), tone.pixel(colour))
    picture.putalpha(tone.mask(alpha.astype(np.float32)))
    return picture


def _dimmed(picture: Image.Image, levels: int) -> list[Image.Image]:
    shades: list[Image.Image] = []
    for index in range(levels):
        copy = picture.copy()
        share = (index + 1) / levels
        copy.putalpha(picture.getchannel("A").point([round(v * share) for v in range(256)]))
        shades.append(copy)
    return shades


def floating(stage: Stage, kind: str, count: int) -> Sprites:
    """Fireflies, embers, bubbles or dust that wander on closed ways."""
    generator = stage.rng(f"floating {kind}")
    unit = stage.unit
    colour = {
        "firefly": from_hex("#e8ff7a"),
        "ember": from_hex("#ff8a2b"),
        "bubble": (0.85, 0.97, 1.0),
        "dust": stage.palette.light,
    }[kind]
    size = {"firefly": 0.0042, "ember": 0.0026, "bubble": 0.005, "dust": 0.002}[kind]
    stamps = [
        _dimmed(_bubble(unit * size * s) if kind == "bubble" else _spot(unit * size * s, colour), 6)
        for s in (0.7, 1.0, 1.5)
    ]
    rows = {
        "firefly": (0.42, 0.92),
        "ember": (0.1, 0.9),
        "bubble": (0.1, 0.95),
        "dust": (0.15, 0.85),
    }[kind]
    number = int(count * stage.width / unit)
    x = generator.random(number) * stage.width
    y = (rows[0] + (rows[1] - rows[0]) * generator.random(number)) * stage.height
    start, often = generator.random(number), generator.integers(1, 3, number)
    which, reach = generator.integers(0, 3, number), generator.uniform(0.3, 1.0, number) * unit
    rises = kind in {"ember", "bubble"}

    def place(moment: Moment) -> list[tuple[Image.Image, float, float]]:
        shown: list[tuple[Image.Image, float, float]] = []
        turns = often * max(1, round(moment.seconds / 5))
        run = (start + moment.phase * turns) % 1.0
        for index in range(number):
            angle = 2 * np.pi * run[index]
            if rises:
                px = x[index] + np.sin(angle * 2 + index) * unit * 0.015
                py = stage.height * 1.02 - run[index] * stage.height * 1.05
                level = 1 - run[index] ** 2 if kind == "ember" else 0.9
            else:
                px = x[index] + np.sin(angle) * reach[index] * 0.05
                py = y[index] + np.sin(angle * 2 + 1) * reach[index] * 0.025
                level = 0.5 + 0.5 * np.sin(angle * 2 + index)
            picture = stamps[int(which[index])][int(np.clip(level, 0, 0.99) * 6)]
            shown.append((picture, float(px) - picture.width / 2, float(py) - picture.height / 2))
        return shown

    return Sprites(0.6, place, "over" if kind == "bubble" else "screen")


def _bubble(radius: float) -> Image.Image:
    half = max(round(radius * 1.3), 3)
    ink = Ink((2 * half, 2 * half), (half, half), radius, fine=3)
    ink.ellipse((0, 0), (1, 1), (0.8, 0.95, 1.0), 0.55)
    ink.ellipse((0, 0), (0.84, 0.84), (0.55, 0.82, 0.92), 0.5)
    ink.ellipse((-0.35, -0.4), (0.26, 0.2), (1.0, 1.0, 1.0), 0.9, -0.6)
    return ink.finish()


def petals(stage: Stage, colours: tuple[RGB, ...], count: int) -> Sprites:
    """Leaves or petals that tumble down on the wind."""
    generator = stage.rng("petals")
    unit = stage.unit
    turns = 8
    stamps: list[list[Image.Image]] = []
    for index in range(6):
        size = unit * (0.008, 0.012, 0.018)[index % 3]
        row: list[Image.Image] = []
        for turn in range(turns):
            angle = 2 * np.pi * turn / turns
            half = max(round(size * 1.3), 3)
            ink = Ink((2 * half, 2 * half), (half, half), size, fine=2)
            flat = 0.22 + 0.3 * abs(np.sin(angle * 1.5))
            ink.ellipse(
                (0, 0), (1.0, float(flat)), colours[index % len(colours)], 0.95, float(angle)
            )
            row.append(ink.finish())
        stamps.append(row)
    number = int(count * stage.width / unit)
    x, start = generator.random(number) * stage.width, generator.random(number)
    which, spin = generator.integers(0, 6, number), generator.integers(1, 4, number)

    def place(moment: Moment) -> list[tuple[Image.Image, float, float]]:
        shown: list[tuple[Image.Image, float, float]] = []
        rounds = max(1, round(moment.seconds / 6))
        for index in range(number):
            run = (start[index] + moment.phase * rounds) % 1.0
            px = (x[index] + run * stage.width * 0.35 + np.sin(run * 12 + index) * unit * 0.03) % (
                stage.width * 1.05
            ) - unit * 0.02
            py = -unit * 0.04 + run * stage.height * 1.08
            turn = int((run * spin[index] * turns * 2) % turns)
            shown.append((stamps[int(which[index])][turn], float(px), float(py)))
        return shown

    return Sprites(0.8, place)


def weather(stage: Stage) -> Iterator[Drawable]:
    """The weather and small life over a finished scene."""
    place = stage.words.place
    if place == "room":
        return
    if stage.has("storm"):
        yield lightning(stage)
    if stage.has("rain", "storm") and place not in {"space", "underwater"}:
        yield from falling(stage, "rain", 1.3 if stage.has("storm") else 1.0)
        if place in {"street"}:
            yield splashes(stage, stage.height * 0.62)
    if stage.has("snow") and place not in {"space", "underwater"}:
        yield from falling(stage, "snow")
    if stage.has("firefly") or (
        stage.is_night and place in {"forest", "garden", "meadow"} and not stage.has("snow", "rain")
    ):
        yield floating(stage, "firefly", 34)
    if place == "volcano" or stage.has("campfire"):
        yield floating(stage, "ember", 46 if place == "volcano" else 14)
    if place == "underwater":
        yield floating(stage, "bubble", 30)
    if place == "forest" and not stage.is_night and not stage.has("snow", "rain"):
        yield floating(stage, "dust", 40)
    if place not in {"space", "underwater", "street", "city"}:
        if stage.has("wind") and not stage.has("snow"):
            yield petals(stage, (from_hex("#d9772f"), from_hex("#c04a26"), from_hex("#e5b13f")), 24)
        elif stage.has("blossom") or place == "garden":
            yield petals(stage, (from_hex("#f9c3d6"), from_hex("#f4a3bf"), from_hex("#fde3ec")), 22)
