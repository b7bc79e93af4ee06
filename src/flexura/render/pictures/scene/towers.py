"""The outlines of towers and the rows of a skyline."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageDraw

from flexura.render.oklab import RGB, mix
from flexura.render.pictures.scene import facade, tone
from flexura.render.pictures.scene.layer import Layer
from flexura.render.pictures.scene.stage import Stage

Outline = list[tuple[float, float]]

_PLAIN: tuple[Outline, ...] = (
    [(0, 1), (0, 0), (1, 0), (1, 1)],
    [(0, 1), (0, 0.12), (0.2, 0.12), (0.2, 0), (0.8, 0), (0.8, 0.12), (1, 0.12), (1, 1)],
    [
        (0, 1),
        (0, 0.28),
        (0.18, 0.28),
        (0.18, 0.1),
        (0.36, 0.1),
        (0.36, 0),
        (0.64, 0),
        (0.64, 0.1),
        (0.82, 0.1),
        (0.82, 0.28),
        (1, 0.28),
        (1, 1),
    ],
    [(0, 1), (0, 0.09), (1, 0), (1, 1)],
    [(0, 1), (0, 0.16), (0.5, 0), (1, 0.16), (1, 1)],
    [(0, 1), (0, 0.06), (0.06, 0.02), (0.2, 0), (0.8, 0), (0.94, 0.02), (1, 0.06), (1, 1)],
    [(0.0, 1), (0.12, 0.3), (0.3, 0.06), (0.5, 0), (0.7, 0.06), (0.88, 0.3), (1, 1)],
    [(0, 1), (0, 0.2), (0.3, 0.2), (0.3, 0), (1, 0), (1, 1)],
)
_FUTURE: tuple[Outline, ...] = (
    [
        (0.0, 1),
        (0.1, 0.6),
        (0.2, 0.3),
        (0.38, 0.1),
        (0.5, 0),
        (0.62, 0.1),
        (0.8, 0.3),
        (0.9, 0.6),
        (1, 1),
    ],
    [
        (0.1, 1),
        (0.1, 0.5),
        (0, 0.42),
        (0, 0.06),
        (0.14, 0),
        (0.86, 0),
        (1, 0.06),
        (1, 0.42),
        (0.9, 0.5),
        (0.9, 1),
    ],
    [(0, 1), (0.02, 0.4), (0.14, 0.16), (0.4, 0.05), (1, 0), (0.96, 1)],
    [
        (0.25, 1),
        (0.25, 0.34),
        (0, 0.27),
        (0, 0.18),
        (0.32, 0.13),
        (0.38, 0),
        (0.62, 0),
        (0.68, 0.13),
        (1, 0.18),
        (1, 0.27),
        (0.75, 0.34),
        (0.75, 1),
    ],
    [
        (0, 1),
        (0.16, 0.02),
        (0.3, 0),
        (0.42, 0.05),
        (0.5, 0.4),
        (0.58, 0.1),
        (0.7, 0.06),
        (0.84, 0.1),
        (1, 1),
    ],
    [
        (0.08, 1),
        (0, 0.7),
        (0.1, 0.35),
        (0.3, 0.12),
        (0.3, 0.02),
        (0.7, 0.02),
        (0.7, 0.12),
        (0.9, 0.35),
        (1, 0.7),
        (0.92, 1),
    ],
)


@dataclass
class Row:
    """One row of a skyline, ready to be a layer, and where its roofs are."""

    layer: Layer
    roofs: list[tuple[float, float, float]] = field(
        default_factory=list[tuple[float, float, float]]
    )
    """Middle column, row and width of every roof."""


def _curved(
    stage: Stage, size: tuple[int, int], face: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """The front shaded as two faces or as a round one."""
    width = size[0]
    columns = np.linspace(0, 1, width, dtype=np.float32)
    side = 1.0 if stage.sun[0] > stage.width / 2 else 0.0
    if rng.random() < 0.4:
        shadow = 0.68 + 0.42 * (1 - np.abs(columns - (0.3 + 0.4 * side)) ** 1.4 * 1.5)
    else:
        edge = float(rng.uniform(0.55, 0.75))
        shadow = np.where((columns if side == 0.0 else 1 - columns) < edge, 1.0, 0.66)
    return face * np.clip(shadow, 0.45, 1.1)[None, :, None]


def row(
    stage: Stage,
    label: str,
    base: int,
    heights: tuple[float, float],
    depth: float,
    width: tuple[float, float],
    gap: float = 0.1,
) -> Row:
    """A row of buildings standing on the row `base`.

    `heights` and `width` are the ranges in pixels; `depth` (0 far .. 1 near) sets haze and detail;
    `gap` is the share
    of the ground without a building.
    """
    rng = stage.rng(label)
    future = stage.has("futuristic", "neon") and rng.random() < 0.9
    foot = stage.height - base
    tallest = round(heights[1] * 1.3)
    top = max(base - tallest, 0)
    colour = Image.new("RGB", (stage.width, base - top + foot))
    alpha = Image.new("L", colour.size, 0)
    ground = stage.far(mix(stage.palette.dark, stage.palette.sky[1], 0.15), 0.15 + 0.85 * depth)
    ImageDraw.Draw(colour).rectangle(
        (0, base - top, stage.width, colour.height), fill=tone.pixel(ground)
    )
    if foot > 0:
        ImageDraw.Draw(alpha).rectangle((0, base - top, stage.width, colour.height), fill=255)
    result = Row(Layer(colour, alpha, (0, top), 0.1 + 0.5 * depth))
    x = -width[1] * float(rng.random())
    centre = (stage.focus - stage.width / 2) / stage.unit
    while x < stage.width:
        wide = float(rng.uniform(*width))
        near = np.exp(-((((x + wide / 2) - stage.width / 2) / stage.unit - centre) ** 2) / 0.12)
        high = heights[0] + (heights[1] - heights[0]) * min(
            float(rng.random()) ** 1.8 * 0.8 + 0.5 * float(near) * float(rng.random()), 1.2
        )
        if rng.random() > gap:
            if high > wide * 3.2 and rng.random() < 0.3:
                wide *= 0.7
            _build(stage, result, (x, base, wide, high), (depth, future), rng)
        x += wide * float(rng.uniform(0.78, 1.06))
    return result


def _build(
    stage: Stage,
    skyline: Row,
    place: tuple[float, int, float, float],
    kind: tuple[float, bool],
    rng: np.random.Generator,
) -> None:
    x, base, wide, high = place
    depth, future = kind
    width, height = max(round(wide), 4), max(round(high), 6)
    cell = stage.unit * (0.0062 + 0.0055 * depth) * float(rng.uniform(0.85, 1.25))
    look = facade.look_of(stage, depth, rng, cell)
    face = _curved(stage, (width, height), facade.front((width, height), look, rng), rng)
    picture = tone.dithered(face.astype(np.float32))
    shapes = _FUTURE if future and rng.random() < 0.5 else _PLAIN
    outline = shapes[int(rng.integers(len(shapes)))]
    if rng.random() < 0.5:
        outline = [(1 - px, py) for px, py in outline]
    crown = min(1.0, 1.1 * wide / high) if shapes is _PLAIN else 1.0
    points = [
        (px * width * 2, (py * crown if py < 0.99 else 1.0) * height * 2) for px, py in outline
    ]
    mask = Image.new("L", (width * 2, height * 2), 0)
    ImageDraw.Draw(mask).polygon(points, fill=255)
    mask = mask.reduce(2)
    if future and stage.is_night:
        _neon(picture, points, stage, depth, rng)
    layer = skyline.layer
    assert isinstance(layer.colour, Image.Image) and layer.alpha is not None
    at = (round(x), base - layer.at[1] - height)
    layer.colour.paste(picture, at, mask)
    layer.alpha.paste(255, at, mask)
    roof = base - height
    skyline.roofs.append((x + wide / 2, float(roof), wide))
    _roof_gear(
        stage,
        layer,
        (x + wide / 2, at[1] + (min(py for _, py in points) / 2)),
        wide,
        look.wall[0],
        rng,
    )


def _neon(
    picture: Image.Image,
    points: list[tuple[float, float]],
    stage: Stage,
    depth: float,
    rng: np.random.Generator,
) -> None:
    if rng.random() > 0.62:
        return
    accents = stage.palette.accents
    colour = mix(stage.palette.haze, accents[int(rng.integers(3))], 0.45 + 0.55 * depth)
    draw = ImageDraw.Draw(picture)
    thick = max(1, round(stage.unit * (0.0012 + 0.0022 * depth)))
    if rng.random() < 0.6:
        draw.line([(px / 2, py / 2) for px, py in points], fill=tone.pixel(colour), width=thick * 2)
    if rng.random() < 0.6:
        for share in np.linspace(0.08, 0.6, int(rng.integers(2, 6))):
            y = picture.height * float(share)
            draw.line([(0, y), (picture.width, y)], fill=tone.pixel(colour), width=thick)
    if rng.random() < 0.45 and picture.width > 10:
        x = picture.width * float(rng.choice([0.3, 0.5, 0.7]))
        draw.line(
            [(x, picture.height * 0.05), (x, picture.height)],
            fill=tone.pixel(mix(colour, (1.0, 1.0, 1.0), 0.3)),
            width=thick,
        )
    if depth > 0.35 and rng.random() < 0.4 and picture.width > stage.unit * 0.03:
        wide = round(picture.width * float(rng.uniform(0.28, 0.5)))
        tall = round(wide * float(rng.uniform(1.4, 3.2)))
        board = facade.sign((wide, min(tall, picture.height // 2)), colour, rng, True)
        picture.paste(
            board,
            (
                round(picture.width * float(rng.uniform(0.1, 0.5))),
                round(picture.height * float(rng.uniform(0.08, 0.3))),
            ),
        )


def _roof_gear(
    stage: Stage,
    layer: Layer,
    top: tuple[float, float],
    wide: float,
    colour: RGB,
    rng: np.random.Generator,
) -> None:
    """Antennas, water tanks and plant rooms; drawn straight into the row."""
    assert isinstance(layer.colour, Image.Image) and layer.alpha is not None
    x, y = top
    paint, cover = ImageDraw.Draw(layer.colour), ImageDraw.Draw(layer.alpha)
    fill = tone.pixel(mix(colour, stage.palette.dark, 0.2))
    kind = rng.random()
    if kind < 0.3:
        tall = stage.unit * float(rng.uniform(0.02, 0.07))
        thick = max(1, round(wide * 0.025))
        for draw, value in ((paint, fill), (cover, 255)):
            draw.line([(x, y + 2), (x, y - tall)], fill=value, width=thick)
            draw.line([(x, y + 2), (x, y - tall * 0.45)], fill=value, width=thick * 2)
        if stage.is_night:
            paint.rectangle(
                (x - thick, y - tall - thick, x + thick, y - tall + thick), fill=(255, 70, 60)
            )
            cover.rectangle((x - thick, y - tall - thick, x + thick, y - tall + thick), fill=255)
    elif kind < 0.6:
        for _ in range(int(rng.integers(1, 4))):
            room = wide * float(rng.uniform(0.1, 0.26))
            left = x + wide * float(rng.uniform(-0.25, 0.15))
            for draw, value in ((paint, fill), (cover, 255)):
                draw.rectangle((left, y - room * 0.5, left + room, y + 3), fill=value)
