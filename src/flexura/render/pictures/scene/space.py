"""Space: nebulae, galaxies, planets with rings, the curve of a world below."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from flexura.render.noise import Field, fractal, ridged, sample, warped
from flexura.render.oklab import RGB, from_oklab, from_polar, gradient, mix, polar, shade, to_oklab
from flexura.render.pictures.scene import light, ridges, stars, tone
from flexura.render.pictures.scene.layer import Drawable, Layer
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
    vivid = [_vivid(hues[int(index)]) for index in order]
    table = to_oklab(
        gradient(
            (shade(vivid[0], 0.5), vivid[0], vivid[1], mix(vivid[2], (1.0, 1.0, 1.0), 0.35)), 256
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


def _vivid(colour: RGB) -> RGB:
    level, chroma, hue = polar(colour)
    return from_polar(min(max(level, 0.55), 0.75), max(chroma, 0.14), hue)


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
    cool, warm = _vivid(palette.sky[3]), mix(palette.light, (1.0, 0.88, 0.66), 0.6)
    table = to_oklab(
        gradient((shade(cool, 0.5), cool, mix(warm, cool, 0.35), warm, (1.0, 0.98, 0.93)), 256)
    )
    lab = table[(np.clip(level * 0.55 + core * 0.7, 0, 1) * 255).astype(np.int32)]
    lab += (to_oklab(_vivid(palette.accents[2])) - lab) * np.clip(knots * 1.2, 0, 0.8)[..., None]
    alpha = np.clip(level + knots * 0.7, 0, 1)
    colour = tone.dithered(from_oklab(lab)).resize(stage.size, Image.Resampling.BICUBIC)
    return Layer(
        colour,
        tone.mask(alpha.astype(np.float32)).resize(stage.size, Image.Resampling.BICUBIC),
        (0, 0),
        0.08,
        "screen",
    )


def _sphere(
    size: int, radius: float, sun: tuple[float, float]
) -> tuple[Field, Field, Field, Field, Field]:
    """Coordinates on a ball in a square of `size`: u, v, depth, light 0..1 and coverage."""
    axis = (np.arange(size, dtype=np.float32) + 0.5 - size / 2) / np.float32(radius)
    u, v = np.meshgrid(axis, axis)
    away = u * u + v * v
    deep = np.sqrt(np.clip(1 - away, 0, 1))
    towards = np.array([sun[0], sun[1], 0.42])
    towards /= np.linalg.norm(towards)
    lit = np.clip(u * towards[0] + v * towards[1] + deep * towards[2], 0, 1)
    cover = np.clip((1 - np.sqrt(away)) * radius + 0.5, 0, 1)
    return u, v, deep, lit.astype(np.float32), cover.astype(np.float32)


def _skin(
    stage: Stage, label: str, u: Field, v: Field, deep: Field, kind: str, hues: tuple[RGB, RGB, RGB]
) -> NDArray[np.float32]:
    """OKLab colours of a planet's surface: gas in bands, land and seas, or craters."""
    generator = stage.rng(label)
    tile = fractal((256, 512), (4, 8), generator, 7, 0.56, wrap=True)
    roll = float(generator.uniform(-0.45, 0.45))
    a, b = u * np.cos(roll) + v * np.sin(roll), v * np.cos(roll) - u * np.sin(roll)
    longitude = np.arctan2(a, deep + 1e-4) / np.float32(2 * np.pi) * 512
    latitude = np.arcsin(np.clip(b, -1, 1)) / np.float32(np.pi) * 256
    rough = sample(tile, latitude, longitude)
    if kind == "gas":
        stretch = sample(tile, latitude * 2.2 + (rough - 0.5) * 22, longitude * 0.22)
        bands = 0.5 + 0.5 * np.sin(latitude / 256 * 2 * np.pi * 9 + (stretch - 0.5) * 7)
        share = np.clip(bands * 0.65 + stretch * 0.45 - 0.05, 0, 1)
        table = to_oklab(gradient((shade(hues[0], 0.75), hues[0], hues[1], hues[2]), 256))
        return table[(share * 255).astype(np.int32)]
    if kind == "earth":
        land = tone.smoothstep(0.5, 0.53, rough)[..., None]
        sea, ground = (
            to_oklab(hues[0]),
            to_oklab(gradient((hues[1], mix(hues[1], hues[2], 0.7), (0.95, 0.95, 0.94)), 256)),
        )
        colour = (
            sea + (ground[(np.clip((rough - 0.5) * 3.4, 0, 1) * 255).astype(np.int32)] - sea) * land
        )
        clouds = tone.smoothstep(
            0.5, 0.74, sample(tile, latitude * 1.7 + 90 + (rough - 0.5) * 40, longitude * 1.2 + 40)
        )[..., None]
        ice = tone.smoothstep(0.82, 0.9, np.abs(b) + (rough - 0.5) * 0.2)[..., None]
        colour = colour + (to_oklab((0.96, 0.97, 1.0)) - colour) * np.maximum(clouds * 0.8, ice)
        return colour.astype(np.float32)
    relief = sample(tile, latitude * 2 + 1, longitude * 2 + 1) - sample(
        tile, latitude * 2, longitude * 2
    )
    table = to_oklab(gradient((shade(hues[0], 0.6), hues[0], hues[1]), 256))
    return table[(np.clip(rough * 0.9 + relief * 4, 0, 1) * 255).astype(np.int32)]


def planet(
    stage: Stage, label: str, centre: tuple[float, float], radius: float, kind: str, depth: float
) -> Iterator[Layer]:
    """A planet with its day side to the sun and a thin shell of air."""
    generator = stage.rng(label + " hues")
    full = round(radius * 2.5)
    reduce = max(1, round(full / 1400))
    size = max(full // reduce, 8)
    away = np.array([stage.sun[0] - centre[0], stage.sun[1] * 0.6 - centre[1]])
    away = away / max(float(np.linalg.norm(away)), 1e-6)
    r = radius / reduce
    u, v, deep, lit, cover = _sphere(size, r, (float(away[0]), float(away[1])))
    palette = stage.palette
    pool = [
        palette.accents[0],
        palette.accents[1],
        palette.accents[2],
        palette.sky[3],
        palette.sky[2],
    ]
    order = generator.permutation(5)
    first, second = pool[int(order[0])], pool[int(order[1])]
    hues = (
        mix(first, second, 0.15),
        mix(second, palette.light, 0.35),
        mix(palette.light, first, 0.15),
    )
    if kind == "earth":
        hues = ((0.08, 0.3, 0.6), (0.25, 0.48, 0.22), (0.75, 0.62, 0.4))
    tint = stage.words.tint("planet")
    if tint is not None:
        hues = (shade(tint, 0.7), tint, mix(tint, (1.0, 1.0, 1.0), 0.5))
    lab = _skin(stage, label, u, v, deep, kind, hues)
    day = (tone.smoothstep(0.0, 0.75, lit) * 0.97 + 0.03)[..., None]
    lab = lab * np.concatenate([day, day**0.6, day**0.6], axis=2)
    air = mix(_vivid(palette.sky[3]), (0.5, 0.75, 1.0), 0.5 if kind == "earth" else 0.15)
    edge = ((1 - deep) ** 3.2 * (0.15 + 0.85 * lit**0.6))[..., None]
    lab += (to_oklab(mix(air, (1.0, 1.0, 1.0), 0.25)) - lab) * np.clip(edge * 0.9, 0, 1)
    at = (round(centre[0] - full / 2), round(centre[1] - full / 2))
    outside = np.hypot(u, v) - 1
    facing = np.clip(0.35 + 0.75 * (u * away[0] + v * away[1]), 0, 1)
    shell = np.exp(-np.clip(outside, 0, None) / 0.045) * facing * (outside > -0.02) * 0.75
    side = (full, full)
    yield Layer(
        tone.pixel(air),
        tone.mask(shell.astype(np.float32)).resize(side, Image.Resampling.BICUBIC),
        at,
        depth,
        "screen",
    )
    yield Layer(
        tone.dithered(from_oklab(lab)).resize(side, Image.Resampling.BICUBIC),
        tone.mask(cover).resize(side, Image.Resampling.BICUBIC),
        at,
        depth,
    )


def ringed(
    stage: Stage, label: str, centre: tuple[float, float], radius: float, depth: float
) -> Iterator[Layer]:
    """A gas planet inside its rings; the rings pass behind and before it, and its shadow falls on them."""
    generator = stage.rng(label + " rings")
    full = round(radius * 5.2)
    reduce = max(1, round(full / 1600))
    size = max(full // reduce, 8)
    axis = (np.arange(size, dtype=np.float32) + 0.5 - size / 2) / np.float32(radius / reduce)
    x, y = np.meshgrid(axis, axis)
    turn, flat = (
        float(generator.choice([-1, 1])) * float(generator.uniform(0.2, 0.45)),
        float(generator.uniform(0.18, 0.32)),
    )
    a, b = x * np.cos(turn) + y * np.sin(turn), (y * np.cos(turn) - x * np.sin(turn)) / flat
    away = np.hypot(a, b)
    bands = np.concatenate([[0.0], 0.25 + 0.75 * generator.random(260) ** 0.7, [0.0]])
    place = np.clip((away - 1.2) / 1.3 * 260 + 1, 0, 261)
    index = np.minimum(place.astype(np.int32), 260)
    grooves = (bands[index] + (bands[index + 1] - bands[index]) * (place - index)).astype(
        np.float32
    )
    grooves *= 1 - 0.85 * np.exp(-(((away - 2.02) / 0.035) ** 2))
    alpha = (
        grooves
        * tone.smoothstep(1.32, 1.4, away)
        * tone.smoothstep(2.46, 2.36, away)
        * np.float32(0.85)
    )
    sun = np.array([stage.sun[0] - centre[0], stage.sun[1] - centre[1]])
    sun = sun / max(float(np.linalg.norm(sun)), 1e-6)
    behind = -(x * sun[0] + y * sun[1])
    off = np.abs(x * sun[1] - y * sun[0])
    alpha_shadow = 1 - 0.8 * tone.smoothstep(1.04, 0.94, off) * (behind > 0)
    colour = mix(stage.palette.light, stage.palette.accents[0], 0.3)
    rgb = (
        np.asarray(colour, dtype=np.float32)
        * (grooves * 0.45 + 0.55)[..., None]
        * alpha_shadow[..., None]
    )
    picture = tone.dithered(rgb.astype(np.float32)).resize((full, full), Image.Resampling.BICUBIC)
    front = (b > 0).astype(np.float32)
    at = (round(centre[0] - full / 2), round(centre[1] - full / 2))
    for index, part in enumerate((1 - front, front)):
        if index == 1:
            yield from planet(stage, label, centre, radius, "gas", depth)
        mask = tone.mask((alpha * part).astype(np.float32)).resize(
            (full, full), Image.Resampling.BICUBIC
        )
        yield Layer(picture, mask, at, depth)


def space(stage: Stage) -> Iterator[Drawable]:
    """One of several views: gas and stars, a ringed planet, a galaxy, a world from orbit, an alien shore."""
    generator = stage.rng("space")
    tokens = set(stage.words.tokens)
    yield backdrop(stage)
    views = ["nebula", "ringed", "galaxy", "orbit", "shore"]
    view = str(generator.choice(views, p=[0.25, 0.25, 0.12, 0.25, 0.13]))
    for word, name in (
        ("nebula", "nebula"),
        ("galaxy", "galaxy"),
        ("galaxies", "galaxy"),
        ("saturn", "ringed"),
        ("ringed", "ringed"),
        ("rings", "ringed"),
        ("alien", "shore"),
        ("orbit", "orbit"),
        ("earth", "orbit"),
    ):
        if word in tokens:
            view = name
    if view == "nebula" and stage.has("planet"):
        view = "ringed nebula"
    yield nebula(stage, 1.0 if "nebula" in view else 0.55)
    yield from stars.stars(stage, stage.height * 1.35, 1.25)
    if view == "galaxy":
        yield galaxy(stage)
    unit = stage.unit
    other = stage.column(0.2 if stage.focus > stage.width / 2 else 0.8)
    yield light.glow(
        stage, (stage.sun[0], stage.sun[1] * 0.7), unit * 0.12, stage.palette.light, 0.5, 0.02
    )
    if "ringed" in view:
        yield from planet(stage, "far moon", (other, stage.row(0.26)), unit * 0.045, "rock", 0.15)
        yield from ringed(
            stage,
            "ringed",
            (stage.focus, stage.row(float(generator.uniform(0.42, 0.55)))),
            unit * float(generator.uniform(0.15, 0.22)),
            0.3,
        )
    elif view == "orbit":
        kind = "earth" if "earth" in tokens or generator.random() < 0.45 else "gas"
        radius = unit * float(generator.uniform(0.75, 1.05))
        yield from planet(stage, "small moon", (other, stage.row(0.24)), unit * 0.055, "rock", 0.15)
        yield from planet(
            stage, "great world", (stage.focus, stage.row(0.66) + radius), radius, kind, 0.45
        )
    elif view == "shore":
        yield from planet(
            stage, "risen world", (stage.focus, stage.row(0.4)), unit * 0.24, "gas", 0.2
        )
        yield from planet(stage, "far moon", (other, stage.row(0.2)), unit * 0.04, "rock", 0.12)
        for index in range(3):
            top = stage.height * (0.76 + 0.09 * index) - ridges.peaks(
                stage, f"alien {index}", 1.6
            ) * np.float32(unit * (0.09 - 0.015 * index))
            body = mix(
                mix(stage.palette.sky[2], stage.palette.sky[1], 0.5),
                stage.palette.dark,
                0.3 + 0.28 * index,
            )
            yield ridges.silhouette(
                stage,
                top.astype(np.float32),
                (body, mix(body, stage.palette.dark, 0.5)),
                0.35 + 0.25 * index,
                0.3,
                0.3,
            )
    elif view == "nebula":
        yield from planet(
            stage,
            "lone world",
            (stage.focus, stage.row(0.6)),
            unit * float(generator.uniform(0.07, 0.13)),
            "rock",
            0.3,
        )
