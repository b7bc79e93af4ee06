"""Under water: light from above, reefs, weed and bubbles."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image

from flexura.render.noise import fractal, ridged
from flexura.render.oklab import RGB, from_hex, mix, shade
from flexura.render.pictures.scene import light, ridges, tone
from flexura.render.pictures.scene.ink import Ink
from flexura.render.pictures.scene.layer import Drawable, Layer, sprite
from flexura.render.pictures.scene.stage import Stage


def depths(stage: Stage) -> tuple[RGB, RGB, RGB]:
    """The water's colours near the surface, half way down, and deep."""
    own = from_hex("#2fb7cf"), from_hex("#0d6c9a"), from_hex("#06233f")
    if stage.is_night or stage.has("dark"):
        own = from_hex("#1a6f93"), from_hex("#0a3a63"), from_hex("#03101f")
    pull = 0.75 if "colours" in stage.palette.name else 0.12
    high, middle, low = own
    return (
        mix(high, stage.palette.sky[3], pull),
        mix(middle, stage.palette.sky[1], pull),
        mix(low, stage.palette.sky[0], pull),
    )


def surface_from_below(stage: Stage) -> Layer:
    """The moving net of light near the surface."""
    generator = stage.rng("caustics")
    height = round(stage.height * 0.4)
    small = (max(stage.width // 3, 8), max(height // 3, 8))
    net = ridged(
        (small[1], small[0]),
        (height / stage.unit * 14, stage.width / stage.unit * 5),
        generator,
        3,
        0.4,
    )
    rows = np.linspace(1, 0, small[1], dtype=np.float32)[:, None]
    x, _ = tone.grid(small)
    spot = np.exp(-(((x * 3 - stage.sun[0]) / (stage.unit * 0.5)) ** 2))
    alpha = (tone.smoothstep(0.6, 0.95, net) * rows**2.2 * (0.35 + 0.65 * spot)).astype(np.float32)
    colour = mix(depths(stage)[0], (1.0, 1.0, 1.0), 0.75)
    return Layer(
        tone.pixel(colour),
        tone.mask(alpha).resize((stage.width, height), Image.Resampling.BICUBIC),
        (0, 0),
        0.1,
        "screen",
        stage.unit * 0.02,
    )


def _staghorn(
    ink: Ink, start: tuple[float, float], size: float, colour: RGB, rng: np.random.Generator
) -> None:
    """A branched coral with pale tips."""
    white: RGB = (1.0, 1.0, 1.0)
    todo = [(start, lean, size * 0.3, size * 0.09, 3) for lean in (-0.5, 0.1, 0.6)]
    while todo:
        (x, y), angle, length, thick, level = todo.pop()
        end = (x + float(np.sin(angle)) * length, y - float(np.cos(angle)) * length)
        tint = mix(colour, white, 0.12 * (3 - level))
        ink.line([(x, y), end], [thick, thick * 0.75], tint, smooth=False)
        ink.ellipse(end, (thick * 0.42, thick * 0.42), mix(colour, white, 0.12 * (4 - level)))
        for turn in (-0.55, 0.5) if level else ():
            bent = angle + turn + float(rng.normal(0, 0.15))
            todo.append((end, bent, length * 0.72, thick * 0.72, level - 1))


def _boulders(
    ink: Ink, foot: tuple[float, float], size: float, colour: RGB, rng: np.random.Generator
) -> None:
    """A heap of round corals."""
    for _ in range(9):
        x, radius = (
            foot[0] + float(rng.normal(0, size * 0.25)),
            size * float(rng.uniform(0.09, 0.18)),
        )
        ink.ellipse((x, foot[1] - radius * 0.7), (radius, radius), shade(colour, 0.85))
        ink.ellipse(
            (x - radius * 0.15, foot[1] - radius * 0.9), (radius * 0.72, radius * 0.66), colour
        )
        gleam = (x - radius * 0.3, foot[1] - radius * 1.15)
        ink.ellipse(gleam, (radius * 0.25, radius * 0.2), mix(colour, (1.0, 1.0, 1.0), 0.35))


def _weed(
    ink: Ink, foot: tuple[float, float], size: float, colour: RGB, rng: np.random.Generator
) -> None:
    """Five strands of weed that wave."""
    start = float(rng.random()) * 6
    for strand in range(5):
        middle = foot[0] + (strand - 2) * size * 0.06
        sway = [float(np.sin(step * 1.1 + strand + start)) * size * 0.05 for step in range(6)]
        points = [(middle + aside, foot[1] - size * 0.2 * step) for step, aside in enumerate(sway)]
        tint = mix(colour, shade(colour, 0.7), strand / 5)
        ink.line(points, [size * 0.055, size * 0.05, size * 0.012], tint)


def _fan(
    ink: Ink, foot: tuple[float, float], size: float, colour: RGB, rng: np.random.Generator
) -> None:
    """A sea fan."""
    lean = float(rng.normal(0, 0.15))
    for angle in np.linspace(-0.95, 0.95, 15) + lean:
        tip = (
            foot[0] + float(np.sin(angle)) * size * 0.55,
            foot[1] - float(np.cos(angle)) * size * 0.6,
        )
        bend = ((foot[0] + tip[0]) / 2, (foot[1] + tip[1]) / 2 - size * 0.03)
        ink.line([foot, bend, tip], [size * 0.035, size * 0.018], colour)


_CORALS = (_staghorn, _boulders, _weed, _fan)


def reef(stage: Stage, label: str, row: float, share: float) -> Iterator[Layer]:
    """A bank of sand and stone with coral on it."""
    generator = stage.rng(label)
    unit = stage.unit
    _, middle, low = depths(stage)
    top = (
        row + ridges.crest(stage, label, 1.3, 0.5) * np.float32(unit * (0.04 + 0.05 * share))
    ).astype(np.float32)
    away = np.abs(np.arange(stage.width) - stage.focus) / (stage.width * 0.5)
    top = (top - away.astype(np.float32) ** 1.5 * np.float32(unit * 0.16 * share)).astype(
        np.float32
    )
    body = mix(mix(middle, from_hex("#1c3a4a"), 0.35), low, 0.25 + 0.5 * share)
    start = max(int(top.min() - unit * 0.3), 0)
    ink = Ink((stage.width, stage.height - start), (0, -start), fine=2)
    hues = (
        from_hex("#ff6f61"),
        from_hex("#ffb347"),
        from_hex("#c86bd6"),
        from_hex("#38c6b4"),
        from_hex("#f7e06e"),
        from_hex("#ff7fb0"),
    )
    for _ in range(int((13 - 3 * share) * stage.width / unit)):
        x = float(generator.random()) * stage.width
        size = unit * (0.07 + 0.13 * share) * float(generator.uniform(0.55, 1.15))
        hue = hues[int(generator.integers(len(hues)))]
        colour = mix(
            middle, mix(hue, low, 0.15), 0.35 + 0.5 * share * (0.5 if stage.has("dark") else 1.0)
        )
        foot = (x, float(top[int(np.clip(x, 0, stage.width - 1))]) + size * 0.1)
        _CORALS[int(generator.integers(4))](ink, foot, size, colour, generator)
    yield sprite(ink.finish(), (0, start), 0.15 + 0.7 * share)
    yield ridges.silhouette(
        stage,
        top,
        (mix(body, from_hex("#d9c79a"), 0.16 * share), body),
        0.15 + 0.7 * share,
        0.3,
        0.5,
    )


def underwater(stage: Stage) -> Iterator[Drawable]:
    """A reef in clear water."""
    high, middle, low = depths(stage)
    yield Layer(
        tone.vertical(
            stage.size,
            (mix(high, (1.0, 1.0, 1.0), 0.25), high, middle, mix(middle, low, 0.6), low),
            (0, 0.12, 0.45, 0.75, 1.0),
        ),
        None,
        (0, 0),
        0.0,
    )
    yield light.glow(
        stage,
        (stage.sun[0], -stage.unit * 0.05),
        stage.unit * 0.4,
        mix(high, (1.0, 1.0, 1.0), 0.6),
        0.55,
        0.02,
    )
    yield surface_from_below(stage)
    far = stage.height * 0.72 + ridges.crest(stage, "far reef", 1.2, 0.5) * np.float32(
        stage.unit * 0.08
    )
    yield ridges.silhouette(
        stage, far.astype(np.float32), (mix(middle, low, 0.25), mix(middle, low, 0.5)), 0.08, 0.3
    )
    yield light.shafts(stage, (stage.sun[0], -stage.unit * 0.3), 0.42, 0.12)
    yield from reef(stage, "reef 0", stage.height * 0.82, 0.25)
    yield _veil(stage, mix(middle, high, 0.2))
    yield from reef(stage, "reef 1", stage.height * 0.92, 0.62)
    yield from reef(stage, "reef 2", stage.height * 1.02, 1.0)


def _veil(stage: Stage, colour: RGB) -> Layer:
    generator = stage.rng("veil")
    cloth = fractal((64, 128), (3, 4), generator, 3)
    rows = np.linspace(0, 1, 64, dtype=np.float32)[:, None]
    alpha = tone.mask((cloth * rows * 0.5).astype(np.float32)).resize(
        stage.size, Image.Resampling.BICUBIC
    )
    return Layer(tone.pixel(colour), alpha, (0, 0), 0.3)
