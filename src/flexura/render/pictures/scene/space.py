"""Space: nebulae, galaxies, planets with rings, the curve of a world below."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image

from flexura.render.noise import fractal, ridged, warped
from flexura.render.oklab import from_oklab, gradient, mix, shade, to_oklab
from flexura.render.pictures.scene import light, planets, ridges, stars, tone
from flexura.render.pictures.scene.layer import Drawable, Layer
from flexura.render.pictures.scene.planets import vivid
from flexura.render.pictures.scene.stage import Stage


def backdrop(stage: Stage) -> Layer:
    """The dark behind everything, a little lighter to one side."""
    palette = stage.palette
    deep = mix(palette.sky[0], (0.008, 0.008, 0.02), 0.6)
    small = (max(stage.width // 8, 2), max(stage.height // 8, 2))
    shape = light.falloff(small, (stage.sun[0] / 8, small[1] * 0.35), min(small) * 0.9, 1.0)
    lab = (
        to_oklab(deep)
        + (to_oklab(mix(palette.sky[1], deep, 0.5)) - to_oklab(deep)) * shape[..., None]
    )
    channels = [tone.enlarged(np.ascontiguousarray(lab[..., i]), stage.size) for i in range(3)]
    return Layer(tone.dithered(from_oklab(np.stack(channels, axis=2))), None, (0, 0), 0.0)


def nebula(stage: Stage, strength: float = 1.0) -> Layer:
    """Glowing gas in two or three colours with dark lanes of dust."""
    generator = stage.rng("nebula")
    reduce = 2 if stage.unit < 1200 else 4
    small = (max(stage.width // reduce, 8), max(stage.height // reduce, 8))
    shape = (small[1], small[0])
    cells = (stage.height / stage.unit * 2.2, stage.width / stage.unit * 2.2)
    gas = warped(shape, cells, generator, 0.8, 7)
    fine = ridged(shape, (cells[0] * 2, cells[1] * 2), generator, 5, 0.55)
    dust = warped(shape, (cells[0] * 1.3, cells[1] * 1.3), generator, 0.9, 6)
    x, y = tone.grid(small)
    tilt = float(generator.uniform(-0.9, 0.9))
    across = (x - small[0] * 0.5) / (stage.unit / reduce) * np.sin(tilt) + (
        y - small[1] * float(generator.uniform(0.35, 0.6))
    ) / (stage.unit / reduce) * np.cos(tilt)
    band = np.exp(-((across / float(generator.uniform(0.22, 0.4))) ** 2))
    density = np.clip(
        tone.smoothstep(0.34, 0.8, gas * 0.75 + fine * 0.18 + band * 0.26 - 0.02)
        * (0.35 + 0.75 * band),
        0,
        1,
    )
    palette = stage.palette
    hues = [palette.sky[2], palette.accents[2], palette.accents[0], palette.accents[1]]
    order = generator.permutation(4)
    # A nebula shines in strong colours, whatever the sky of its palette is like.
    strong = [vivid(hues[int(index)]) for index in order]
    table = to_oklab(
        gradient(
            (shade(strong[0], 0.5), strong[0], strong[1], mix(strong[2], (1.0, 1.0, 1.0), 0.35)),
            256,
        )
    )
    share = np.clip(density * 0.75 + (fine - 0.4) * 0.25 + (gas - 0.5) * 0.3, 0, 1)
    lab = table[(share * 255).astype(np.int32)]
    lanes = tone.smoothstep(0.5, 0.72, dust) * 0.75
    glow = density**1.25 * (1 - lanes * 0.8) * np.float32(strength)
    colour = tone.dithered(from_oklab(lab)).resize(stage.size, Image.Resampling.BICUBIC)
    return Layer(
        colour,
        tone.mask(np.clip(glow * 0.95, 0, 1)).resize(stage.size, Image.Resampling.BICUBIC),
        (0, 0),
        0.06,
        "screen",
    )


def galaxy(stage: Stage) -> Layer:
    """A spiral galaxy seen at a slant."""
    generator = stage.rng("galaxy")
    reduce = 2
    small = (max(stage.width // reduce, 8), max(stage.height // reduce, 8))
    x, y = tone.grid(small)
    unit = stage.unit / reduce
    centre = (stage.focus / reduce, small[1] * float(generator.uniform(0.4, 0.52)))
    turn, slant = float(generator.uniform(-0.6, 0.6)), float(generator.uniform(0.34, 0.6))
    dx, dy = (x - np.float32(centre[0])) / unit, (y - np.float32(centre[1])) / unit
    u, v = dx * np.cos(turn) + dy * np.sin(turn), (dy * np.cos(turn) - dx * np.sin(turn)) / slant
    radius, angle = np.hypot(u, v) + 1e-4, np.arctan2(v, u)
    tight = float(generator.uniform(2.2, 3.1))
    phase = angle * 2 + np.log(radius) * tight * 2 * float(generator.choice([-1, 1]))
    grain = fractal((small[1], small[0]), (24, 24 * small[0] / small[1]), generator, 4, 0.6)
    arms = np.clip(0.5 + 0.5 * np.cos(phase + (grain - 0.5) * 2.6), 0, 1) ** 2.2
    disc = np.exp(-radius / 0.17)
    core = np.exp(-((radius / 0.06) ** 1.1))
    knots = tone.smoothstep(0.62, 0.85, grain) * arms * np.exp(-radius / 0.25)
    level = np.clip(disc * (0.16 + 1.15 * arms * (0.4 + grain)) + core * 1.1, 0, 1)
    palette = stage.palette
    cool, warm = vivid(palette.sky[3]), mix(palette.light, (1.0, 0.88, 0.66), 0.6)
    table = to_oklab(
        gradient((shade(cool, 0.5), cool, mix(warm, cool, 0.35), warm, (1.0, 0.98, 0.93)), 256)
    )
    lab = table[(np.clip(level * 0.55 + core * 0.7, 0, 1) * 255).astype(np.int32)]
    lab += (to_oklab(vivid(palette.accents[2])) - lab) * np.clip(knots * 1.2, 0, 0.8)[..., None]
    alpha = np.clip(level + knots * 0.7, 0, 1)
    colour = tone.dithered(from_oklab(lab)).resize(stage.size, Image.Resampling.BICUBIC)
    return Layer(
        colour,
        tone.mask(alpha.astype(np.float32)).resize(stage.size, Image.Resampling.BICUBIC),
        (0, 0),
        0.08,
        "screen",
    )


_VIEWS = (
    ("nebula", "nebula"),
    ("galaxy", "galaxy"),
    ("galaxies", "galaxy"),
    ("saturn", "ringed"),
    ("ringed", "ringed"),
    ("rings", "ringed"),
    ("alien", "shore"),
    ("orbit", "orbit"),
    ("earth", "orbit"),
)
"""Words that choose a view, the weaker first."""


def _view(stage: Stage, generator: np.random.Generator) -> str:
    views = ("nebula", "ringed", "galaxy", "orbit", "shore")
    view = str(generator.choice(views, p=(0.25, 0.25, 0.12, 0.25, 0.13)))
    for word, name in _VIEWS:
        if word in stage.words.tokens:
            view = name
    return "ringed nebula" if view == "nebula" and stage.has("planet") else view


def space(stage: Stage) -> Iterator[Drawable]:
    """One of several views: gas and stars, a ringed planet, a galaxy, a world from orbit, a shore."""
    generator = stage.rng("space")
    unit = stage.unit
    yield backdrop(stage)
    view = _view(stage, generator)
    yield nebula(stage, 1.0 if "nebula" in view else 0.55)
    yield from stars.stars(stage, stage.height * 1.35, 1.25)
    star = (stage.sun[0], stage.sun[1] * 0.7)
    yield light.glow(stage, star, unit * 0.12, stage.palette.light, 0.5, 0.02)
    other = stage.column(0.2 if stage.focus > stage.width / 2 else 0.8)
    row = stage.row(float(generator.uniform(0.42, 0.55)))
    size = unit * float(generator.uniform(0.15, 0.22))
    if view == "galaxy":
        yield galaxy(stage)
    elif "ringed" in view:
        moon = (other, stage.row(0.26))
        yield from planets.planet(stage, "far moon", moon, unit * 0.045, "rock", 0.15)
        yield from planets.ringed(stage, "ringed", (stage.focus, row), size, 0.3)
    elif view == "orbit":
        kind = "earth" if "earth" in stage.words.tokens or generator.random() < 0.45 else "gas"
        moon, radius = (other, stage.row(0.24)), size * 5
        yield from planets.planet(stage, "small moon", moon, unit * 0.055, "rock", 0.15)
        centre = (stage.focus, stage.row(0.66) + radius)
        yield from planets.planet(stage, "great world", centre, radius, kind, 0.45)
    elif view == "shore":
        yield from alien_shore(stage, other)
    else:
        centre = (stage.focus, stage.row(0.6))
        yield from planets.planet(stage, "lone world", centre, size * 0.55, "rock", 0.3)


def alien_shore(stage: Stage, other: float) -> Iterator[Layer]:
    """Two worlds that rise over jagged ground."""
    unit, palette = stage.unit, stage.palette
    centre = (stage.focus, stage.row(0.4))
    yield from planets.planet(stage, "risen world", centre, unit * 0.24, "gas", 0.2)
    yield from planets.planet(stage, "far moon", (other, stage.row(0.2)), unit * 0.04, "rock", 0.12)
    ground = mix(palette.sky[2], palette.sky[1], 0.5)
    for index in range(3):
        rise = ridges.peaks(stage, f"alien {index}", 1.6) * np.float32(
            unit * (0.09 - 0.015 * index)
        )
        top = stage.height * (0.76 + 0.09 * index) - rise
        body = mix(ground, palette.dark, 0.3 + 0.28 * index)
        stops = (body, mix(body, palette.dark, 0.5))
        yield ridges.silhouette(stage, top, stops, 0.35 + 0.25 * index, 0.3, 0.3)
