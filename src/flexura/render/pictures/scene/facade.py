"""The fronts of buildings: walls, windows, neon signs with invented letters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from flexura.render.oklab import RGB, gradient, mix, shade
from flexura.render.pictures.scene import tone
from flexura.render.pictures.scene.stage import Stage


@dataclass(frozen=True)
class Look:
    """How a front is built and lit. Lengths in pixels."""

    wall: tuple[RGB, RGB]
    """At the top and at the foot."""
    cell: tuple[int, int]
    """Width and height of one window's share of the wall."""
    lit: float
    """The share of windows with light in them."""
    lights: tuple[RGB, ...]
    glass: RGB
    """What an unlit window looks like."""
    fill: float = 0.62
    """The share of a cell's width that is glass."""


def front(size: tuple[int, int], look: Look, rng: np.random.Generator) -> NDArray[np.float32]:
    """A wall of windows, (height, width, 3)."""
    width, height = max(size[0], 2), max(size[1], 2)
    picture = np.broadcast_to(gradient(look.wall, height)[:, None, :], (height, width, 3)).copy()
    cell_w, cell_h = look.cell
    columns, rows = width // cell_w, height // cell_h
    if columns < 1 or rows < 1:
        return picture
    glass_w = max(1, round(cell_w * look.fill))
    glass_h = max(1, round(cell_h * float(rng.choice([0.5, 0.62, 0.72]))))
    kinds = np.asarray(look.lights, dtype=np.float32)
    # Floors and offices light up together, so neighbours share their state more often than chance.
    floor = rng.random((rows, 1)) * 0.5 + rng.random((rows, columns)) * 0.5
    on = floor < look.lit
    level = 0.55 + 0.45 * rng.random((rows, columns, 1))
    main = int(rng.integers(len(kinds)))
    which = np.where(
        rng.random((rows, columns)) < 0.75, main, rng.integers(0, len(kinds), (rows, columns))
    )
    wall = picture[cell_h // 2 : rows * cell_h : cell_h, cell_w // 2 : columns * cell_w : cell_w][
        :rows, :columns
    ]
    dark = np.asarray(look.glass, dtype=np.float32) * np.float32(0.6) + wall * np.float32(0.4)
    panes = np.where(on[..., None], kinds[which] * level + wall * (1 - level), dark).astype(
        np.float32
    )
    whole = np.repeat(np.repeat(panes, cell_h, axis=0), cell_w, axis=1)
    shape = np.zeros((cell_h, cell_w), dtype=bool)
    top, left = (cell_h - glass_h) // 2, (cell_w - glass_w) // 2
    shape[top : top + glass_h, left : left + glass_w] = True
    spread = np.tile(shape, (rows, columns))
    shift = (width - columns * cell_w) // 2
    area = picture[: rows * cell_h, shift : shift + columns * cell_w]
    area[spread] = whole[spread]
    return picture


def look_of(stage: Stage, depth: float, rng: np.random.Generator, cell: float) -> Look:
    """A front for this hour at a depth (0 far .. 1 near); `cell` is the size of a window cell in pixels."""
    palette = stage.palette
    hue = (
        mix(palette.sky[1], palette.accents[2], 0.12),
        (0.42, 0.4, 0.42),
        (0.5, 0.44, 0.38),
        (0.36, 0.42, 0.5),
    )
    own: RGB = hue[int(rng.integers(len(hue)))]
    if stage.is_night:
        body = mix(mix(own, palette.dark, 0.78), palette.sky[0], 0.35)
        wall = (
            stage.far(body, 0.25 + 0.75 * depth),
            stage.far(mix(body, palette.haze, 0.25), 0.2 + 0.7 * depth),
        )
        lit = float(rng.uniform(0.25, 0.5)) * (1.0 if stage.hour == "night" else 0.75)
        glass = mix(wall[0], palette.dark, 0.45)
    else:
        body = stage.lit(mix(own, (0.78, 0.76, 0.74), float(rng.uniform(0.1, 0.6))), 0.95)
        wall = (
            stage.far(body, 0.2 + 0.75 * depth),
            stage.far(shade(body, 0.92), 0.12 + 0.7 * depth),
        )
        lit = 0.04 if stage.hour == "day" else 0.14
        glass = mix(
            stage.far(mix(palette.sky[0], palette.sky[1], 0.5), 0.2 + 0.8 * depth), wall[0], 0.35
        )
    warm = mix((1.0, 0.78, 0.45), palette.light, 0.2)
    lights = (
        warm,
        mix(warm, (1.0, 0.93, 0.78), 0.7),
        mix(palette.accents[1], (1.0, 1.0, 1.0), 0.35),
    )
    if stage.has("neon", "futuristic", "synthwave"):
        lights = (*lights, mix(palette.accents[0], (1.0, 0.9, 0.95), 0.3), palette.accents[1])
    faded = tuple(mix(stage.palette.haze, light, 0.45 + 0.55 * depth) for light in lights)
    wide = max(2, round(cell * float(rng.uniform(0.75, 1.3))))
    high = max(3, round(cell * float(rng.uniform(1.0, 1.6))))
    fill = float(rng.choice([0.5, 0.62, 0.75, 0.9]))
    return Look(wall, (wide, high), lit, faded, glass, fill)


def letter(
    draw: ImageDraw.ImageDraw,
    box: tuple[float, float, float, float],
    colour: tuple[int, int, int],
    rng: np.random.Generator,
) -> None:
    """One invented letter: a few straight strokes in a box."""
    x0, y0, x1, y1 = box
    wide, high = x1 - x0, y1 - y0
    thick = max(1, round(min(wide, high) * 0.13))
    for share in rng.permutation([0.08, 0.36, 0.64, 0.92])[: int(rng.integers(2, 4))]:
        left = x0 + wide * float(rng.choice([0.0, 0.0, 0.2]))
        right = x1 - wide * float(rng.choice([0.0, 0.0, 0.25]))
        draw.line([(left, y0 + high * share), (right, y0 + high * share)], fill=colour, width=thick)
    for share in rng.permutation([0.08, 0.5, 0.92])[: int(rng.integers(1, 3))]:
        top = y0 + high * float(rng.choice([0.0, 0.08, 0.36]))
        draw.line([(x0 + wide * share, top), (x0 + wide * share, y1)], fill=colour, width=thick)


def sign(
    size: tuple[int, int], colour: RGB, rng: np.random.Generator, upright: bool
) -> Image.Image:
    """A luminous sign with invented letters, RGB."""
    fine = 2
    width, height = max(size[0], 4) * fine, max(size[1], 4) * fine
    bright = mix(colour, (1.0, 1.0, 1.0), 0.45)
    style = int(rng.integers(3))
    back = {
        0: mix(colour, (0.02, 0.02, 0.05), 0.86),
        1: colour,
        2: mix(colour, (0.0, 0.0, 0.0), 0.7),
    }[style]
    ink = {0: bright, 1: mix(colour, (0.04, 0.02, 0.06), 0.88), 2: (1.0, 0.97, 0.9)}[style]
    picture = Image.new("RGB", (width, height), tone.pixel(back))
    draw = ImageDraw.Draw(picture)
    edge = max(1, round(min(width, height) * 0.06))
    if style != 1:
        draw.rectangle(
            (edge // 2, edge // 2, width - 1 - edge // 2, height - 1 - edge // 2),
            outline=tone.pixel(colour),
            width=edge,
        )
    pad = edge * 2.5
    side = (width if upright else height) - 2 * pad
    long = (height if upright else width) - 2 * pad
    count = max(1, int(long // (side * 1.18)))
    step = long / count
    for index in range(count):
        start = pad + index * step + (step - side * 0.95) / 2
        across = (
            (pad, start, width - pad, start + side * 0.95)
            if upright
            else (start, pad, start + side * 0.95, height - pad)
        )
        letter(draw, across, tone.pixel(ink), rng)
    return picture.reduce(fine)
