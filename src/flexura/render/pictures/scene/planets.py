"""Planets: gas giants, rocks, worlds like ours, and rings."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image

from flexura.render.noise import Field, fractal, sample
from flexura.render.oklab import RGB, from_oklab, from_polar, gradient, mix, polar, shade, to_oklab
from flexura.render.pictures.scene import tone
from flexura.render.pictures.scene.layer import Layer
from flexura.render.pictures.scene.stage import Stage

Hues = tuple[RGB, RGB, RGB]


def vivid(colour: RGB) -> RGB:
    """A colour made strong enough to glow in the dark."""
    level, chroma, hue = polar(colour)
    return from_polar(min(max(level, 0.55), 0.75), max(chroma, 0.14), hue)


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
    stage: Stage, label: str, ball: tuple[Field, Field, Field], kind: str, hues: Hues
) -> Field:
    """OKLab colours of a planet's surface: gas in bands, land and seas, or craters."""
    u, v, deep = ball
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


def _hues(stage: Stage, label: str, kind: str) -> Hues:
    generator = stage.rng(label + " hues")
    palette = stage.palette
    pool = [*palette.accents, palette.sky[3], palette.sky[2]]
    order = generator.permutation(5)
    first, second = pool[int(order[0])], pool[int(order[1])]
    tint = stage.words.tint("planet")
    if tint is not None:
        return shade(tint, 0.7), tint, mix(tint, (1.0, 1.0, 1.0), 0.5)
    if kind == "earth":
        return (0.08, 0.3, 0.6), (0.25, 0.48, 0.22), (0.75, 0.62, 0.4)
    lights = mix(second, palette.light, 0.35), mix(palette.light, first, 0.15)
    return mix(first, second, 0.15), *lights


def planet(
    stage: Stage, label: str, centre: tuple[float, float], radius: float, kind: str, depth: float
) -> Iterator[Layer]:
    """A planet (gas, earth or rock) with its day side to the sun and a thin shell of air."""
    full = round(radius * 2.5)
    reduce = max(1, round(full / 1400))
    size = max(full // reduce, 8)
    away = np.array([stage.sun[0] - centre[0], stage.sun[1] * 0.6 - centre[1]])
    away = away / max(float(np.linalg.norm(away)), 1e-6)
    u, v, deep, lit, cover = _sphere(size, radius / reduce, (float(away[0]), float(away[1])))
    lab = _skin(stage, label, (u, v, deep), kind, _hues(stage, label, kind))
    day = (tone.smoothstep(0.0, 0.75, lit) * 0.97 + 0.03)[..., None]
    lab = lab * np.concatenate([day, day**0.6, day**0.6], axis=2)
    own = 0.5 if kind == "earth" else 0.15
    air = mix(vivid(stage.palette.sky[3]), (0.5, 0.75, 1.0), own)
    edge = ((1 - deep) ** 3.2 * (0.15 + 0.85 * lit**0.6))[..., None]
    lab += (to_oklab(mix(air, (1.0, 1.0, 1.0), 0.25)) - lab) * np.clip(edge * 0.9, 0, 1)
    outside = np.hypot(u, v) - 1
    facing = np.clip(0.35 + 0.75 * (u * away[0] + v * away[1]), 0, 1)
    shell = np.exp(-np.clip(outside, 0, None) / 0.045) * facing * (outside > -0.02) * 0.75
    at, side = (round(centre[0] - full / 2), round(centre[1] - full / 2)), (full, full)
    halo = tone.mask(shell).resize(side, Image.Resampling.BICUBIC)
    yield Layer(tone.pixel(air), halo, at, depth, "screen")
    ball = tone.dithered(from_oklab(lab)).resize(side, Image.Resampling.BICUBIC)
    yield Layer(ball, tone.mask(cover).resize(side, Image.Resampling.BICUBIC), at, depth)


def _rings(stage: Stage, label: str, size: int, radius: float) -> tuple[Field, Field, Field, Field]:
    """Coordinates x and y in planet radii, how thick the rings are there, and what lies in front."""
    generator = stage.rng(label + " rings")
    axis = (np.arange(size, dtype=np.float32) + 0.5 - size / 2) / np.float32(radius)
    x, y = np.meshgrid(axis, axis)
    turn = float(generator.choice([-1, 1])) * float(generator.uniform(0.2, 0.45))
    flat = float(generator.uniform(0.18, 0.32))
    a, b = x * np.cos(turn) + y * np.sin(turn), (y * np.cos(turn) - x * np.sin(turn)) / flat
    away = np.hypot(a, b)
    bands = np.concatenate([[0.0], 0.25 + 0.75 * generator.random(260) ** 0.7, [0.0]])
    place = np.clip((away - 1.2) / 1.3 * 260 + 1, 0, 261)
    index = np.minimum(place.astype(np.int32), 260)
    grooves = bands[index] + (bands[index + 1] - bands[index]) * (place - index)
    grooves *= 1 - 0.85 * np.exp(-(((away - 2.02) / 0.035) ** 2))
    inner, outer = tone.smoothstep(1.32, 1.4, away), tone.smoothstep(2.46, 2.36, away)
    return x, y, grooves * inner * outer, b > 0


def ringed(
    stage: Stage, label: str, centre: tuple[float, float], radius: float, depth: float
) -> Iterator[Layer]:
    """A gas planet inside its rings, which pass behind and before it and lie in its shadow."""
    full = round(radius * 5.2)
    reduce = max(1, round(full / 1600))
    size = max(full // reduce, 8)
    x, y, thick, front = _rings(stage, label, size, radius / reduce)
    sun = np.array([stage.sun[0] - centre[0], stage.sun[1] - centre[1]])
    sun = sun / max(float(np.linalg.norm(sun)), 1e-6)
    behind = -(x * sun[0] + y * sun[1])
    off = np.abs(x * sun[1] - y * sun[0])
    lit = 1 - 0.8 * tone.smoothstep(1.04, 0.94, off) * (behind > 0)
    colour = np.asarray(mix(stage.palette.light, stage.palette.accents[0], 0.3), dtype=np.float32)
    rgb = colour * ((thick * 0.45 + 0.55) * lit)[..., None]
    side = (full, full)
    picture = tone.dithered(rgb).resize(side, Image.Resampling.BICUBIC)
    at = (round(centre[0] - full / 2), round(centre[1] - full / 2))

    def half(part: Field) -> Layer:
        mask = tone.mask(thick * part * np.float32(0.85))
        return Layer(picture, mask.resize(side, Image.Resampling.BICUBIC), at, depth)

    yield half(1.0 - front)
    yield from planet(stage, label, centre, radius, "gas", depth)
    yield half(front * 1.0)
