"""Silhouettes of land: ridge lines, hills and the tree lines on them."""

from __future__ import annotations

import numpy as np
from PIL import Image

from flexura.render.noise import Field, fractal, line
from flexura.render.oklab import RGB, gradient, mix
from flexura.render.pictures.scene import tone, trees
from flexura.render.pictures.scene.ink import Ink
from flexura.render.pictures.scene.layer import Layer
from flexura.render.pictures.scene.stage import Stage


def crest(stage: Stage, label: str, cells: float, gain: float = 0.5, octaves: int = 7) -> Field:
    """A rough line over the canvas's width, about -1..1; `cells` is hills per shorter side."""
    count = cells * stage.width / stage.unit
    return line(stage.width, max(count, 1.2), stage.rng(label), octaves, gain)


def peaks(stage: Stage, label: str, cells: float) -> Field:
    """A line of pointed peaks, about -1..1."""
    broad = line(stage.width, max(cells * stage.width / stage.unit, 1.2), stage.rng(label), 1)
    sharp = 1 - np.abs(
        line(
            stage.width,
            max(cells * 1.9 * stage.width / stage.unit, 1.2),
            stage.rng(label + "s"),
            6,
            0.46,
        )
    )
    return (broad * 0.5 + (sharp - 0.55) * 1.1).astype(np.float32)


def silhouette(
    stage: Stage,
    top: Field,
    stops: tuple[RGB, RGB],
    depth: float,
    foot: float = 1.0,
    texture: float = 0.0,
) -> Layer:
    """Land below the row `top` of each column, running from one colour at its crest to the other at
    its foot.

    `foot` is where the second colour is reached, as a share of the canvas below the crest;
    `texture` is how strongly
    the surface is mottled.
    """
    start = max(int(top.min()) - 2, 0)
    height = stage.height - start
    if height <= 1:
        start, height = stage.height - 2, 2
    _, y = tone.grid((stage.width, height))
    below = y + start - top[None, :]
    alpha = np.clip(below + 0.5, 0, 1)
    table = gradient(stops, 256)
    reach = max(stage.height * foot * 0.5, 1.0)
    column = (
        np.clip(below / reach, 0, 1)
        if texture
        else np.clip((y + start - float(np.percentile(top, 30))) / reach, 0, 1)
    )
    if texture:
        cells = (height / stage.unit * 16, stage.width / stage.unit * 12)
        column = np.clip(
            column
            + (fractal((height, stage.width), cells, stage.rng(f"mottle {depth}"), 4) - 0.5)
            * texture,
            0,
            1,
        )
        colours = table[(column * 255).astype(np.int32)]
    else:
        colours = np.broadcast_to(table[(column * 255).astype(np.int32)], (height, stage.width, 3))
    return Layer(tone.dithered(colours), tone.mask(alpha), (0, start), depth)


def wooded(
    stage: Stage,
    top: Field,
    label: str,
    tall: float,
    stops: tuple[RGB, RGB],
    depth: float,
    kind: str = "fir",
) -> Layer:
    """Land below `top` with trees of about `tall` pixels along its crest, all in one silhouette."""
    generator = stage.rng(label)
    land = silhouette(stage, np.clip(top, 0, stage.height - 2), stops, depth, 0.4)
    rise = round(tall * 1.3)
    start = max(land.at[1] - rise, 0)
    alpha = Image.new("L", (stage.width, stage.height - start), 0)
    if land.alpha is not None:
        alpha.paste(land.alpha, (0, land.at[1] - start))
    shapes = _tree_masks(generator, tall, kind)
    grove = line(stage.width, max(3.2 * stage.width / stage.unit, 1.2), generator, 3)
    x = -tall
    while x < stage.width + tall:
        x += tall * float(generator.uniform(0.08, 0.42))
        index = int(np.clip(x, 0, stage.width - 1))
        if grove[index] < -0.2:
            continue
        size = 0.5 + 0.5 * min(max(float(grove[index]) + 0.35, 0.1), 1.0)
        shape = shapes[int(generator.integers(len(shapes)))]
        scale = size * float(generator.uniform(0.7, 1.1))
        tree = shape.resize(
            (max(round(shape.width * scale), 2), max(round(shape.height * scale), 2)),
            Image.Resampling.BILINEAR,
        )
        foot = int(top[index]) + round(tall * 0.06) - start
        alpha.paste(255, (round(x - tree.width / 2), foot - tree.height), tree)
    colour = land.colour
    if isinstance(colour, Image.Image):
        whole = Image.new("RGB", alpha.size)
        first = colour.crop((0, 0, stage.width, 1)).resize(
            (stage.width, max(land.at[1] - start, 1)), Image.Resampling.NEAREST
        )
        whole.paste(first, (0, 0))
        whole.paste(colour, (0, land.at[1] - start))
        colour = whole
    return Layer(colour, alpha, (0, start), depth)


def _tree_masks(generator: np.random.Generator, tall: float, kind: str) -> list[Image.Image]:
    masks: list[Image.Image] = []
    for _ in range(6):
        wide, high = max(round(tall * 0.9), 4), max(round(tall), 4)
        ink = Ink((wide, high), (wide / 2, high), fine=3)
        paint = trees.fir if kind == "fir" else trees.crown
        paint(ink, (0.0, 0.0), high * 0.98, ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0)), generator)
        masks.append(ink.finish().getchannel("A"))
    return masks


def range_of_hills(
    stage: Stage,
    label: str,
    rows: tuple[float, float],
    count: int,
    colours: tuple[RGB, RGB],
    rough: float = 0.4,
) -> list[Layer]:
    """`count` hills one behind the other between two rows, from the far colour to the near one."""
    layers: list[Layer] = []
    for index in range(count):
        share = (index + 1) / count
        base = rows[0] + (rows[1] - rows[0]) * share
        swing = (rows[1] - rows[0]) / count * (0.9 + 0.7 * share)
        top = base + crest(stage, f"{label} {index}", 0.9 + 0.9 * (1 - share), rough) * np.float32(
            swing
        )
        body = mix(colours[0], colours[1], share)
        foot = mix(body, stage.palette.haze, 0.35 * (1 - share * 0.7))
        layers.append(silhouette(stage, top, (body, foot), 0.15 + 0.6 * share, 0.5))
    return layers
