"""A volcano: its cone, streams of lava, the glowing cloud."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image

from flexura.render.noise import fractal, line, ridged, warped
from flexura.render.oklab import from_hex, from_oklab, gradient, mix, to_oklab
from flexura.render.pictures.scene import light, ridges, sky, tone
from flexura.render.pictures.scene.layer import Drawable, Layer
from flexura.render.pictures.scene.mountains import open_sky
from flexura.render.pictures.scene.stage import Stage

HOT = from_hex("#ff7a1f")
EMBER = from_hex("#e0301e")
CORE = from_hex("#fff0b0")


def cone(stage: Stage, peak: tuple[float, float], foot: float) -> Iterator[Layer]:
    """The mountain and the lava that runs down it."""
    generator = stage.rng("cone")
    unit = stage.unit
    columns = (np.arange(stage.width, dtype=np.float32) - np.float32(peak[0])) / np.float32(unit)
    mouth = 0.065
    off = np.clip(np.abs(columns) - mouth, 0, None)
    high = (foot - peak[1]) / unit
    rise = (
        high * np.exp(-off / (high * 0.62))
        + line(stage.width, 14 * stage.width / unit, generator, 5) * 0.012
    )
    dip = np.where(np.abs(columns) < mouth, 0.018 * (1 - (columns / mouth) ** 2), 0)
    top = (foot - (rise - dip) * unit).astype(np.float32)
    start = max(int(top.min()) - 2, 0)
    height = stage.height - start
    x, y = tone.grid((stage.width, height))
    rock = fractal(
        (height, stage.width), (height / unit * 7, stage.width / unit * 16), generator, 5
    )
    below = (y + start - top[None, :]) / np.float32(unit)
    side = np.clip(0.5 + columns[None, :] * (1.2 if stage.sun[0] > peak[0] else -1.2), 0, 1)
    level = np.clip(0.25 + 0.35 * side + (rock - 0.5) * 0.7, 0, 1)
    dark = mix(stage.palette.dark, from_hex("#1a1215"), 0.5)
    lit = mix(stage.lit(from_hex("#5a4648")), stage.palette.haze, 0.25)
    colours = from_oklab(to_oklab(gradient((dark, lit), 256))[(level * 255).astype(np.int32)])
    alpha = np.clip(y + start - top[None, :] + 0.5, 0, 1).astype(np.float32)
    yield Layer(tone.dithered(colours), tone.mask(alpha), (0, start), 0.3)
    rows = np.clip((y + start - peak[1]) / np.float32(foot - peak[1]), 0, 1.3)
    glow = np.zeros((height, stage.width), dtype=np.float32)
    for _ in range(5):
        bend = line(height, 5 * height / unit, generator, 3)
        lean = float(generator.uniform(-1, 1))
        middle = peak[0] + lean * unit * (0.05 + 0.3 * rows[:, 0] ** 1.25) + bend * unit * 0.03
        wide = unit * float(generator.uniform(0.004, 0.011)) * (0.7 + 1.1 * rows)
        fade = np.clip(float(generator.uniform(0.7, 1.2)) - rows * 0.75, 0, 1)
        glow = np.maximum(glow, np.exp(-(((x - middle[:, None]) / wide) ** 2)) * fade)
    glow *= (below > -0.002) * (0.75 + 0.5 * rock)
    table = to_oklab(gradient((EMBER, HOT, CORE), 128))
    hot = from_oklab(table[(np.clip(glow, 0, 1) * 127).astype(np.int32)])
    yield Layer(
        tone.dithered(hot), tone.mask(np.clip(glow * 1.5, 0, 1).astype(np.float32)), (0, start), 0.3
    )
    soft = light.blurred(glow, unit * 0.02)
    yield Layer(tone.pixel(EMBER), tone.mask(np.clip(soft * 1.2, 0, 1)), (0, start), 0.3, "screen")


def plume(stage: Stage, peak: tuple[float, float]) -> Iterator[Layer]:
    """The cloud of ash, lit from below, and the fountain of fire."""
    generator = stage.rng("plume")
    unit = stage.unit
    height = max(int(peak[1] + unit * 0.02), 8)
    small = (max(stage.width // 3, 8), max(height // 3, 8))
    x, y = tone.grid(small)
    up = 1 - y / small[1]
    drift = float(generator.choice([-1, 1])) * 0.28
    middle = peak[0] / 3 + drift * up**1.8 * unit / 3
    wide = (0.045 + 0.34 * up**0.8) * unit / 3
    rough = warped(
        (small[1], small[0]), (height / unit * 6, stage.width / unit * 6), generator, 0.7, 5
    )
    shape = tone.smoothstep(1.15, 0.55, np.abs(x - middle) / wide - (rough - 0.5) * 1.3)
    fire = np.exp(-up / 0.22) * np.exp(-(((x - peak[0] / 3) / (unit / 3 * 0.16)) ** 2))
    table = to_oklab(
        gradient(
            (
                mix(stage.palette.dark, stage.palette.sky[0], 0.5),
                mix(stage.palette.sky[1], (0.35, 0.3, 0.3), 0.5),
                mix(stage.palette.haze, (0.6, 0.5, 0.48), 0.4),
            ),
            128,
        )
    )
    lab = table[(np.clip(rough * 1.2 - 0.1, 0, 1) * 127).astype(np.int32)]
    lab += (to_oklab(HOT) - lab) * np.clip(fire * 1.5 * (0.3 + rough), 0, 0.95)[..., None]
    size = (stage.width, height)
    yield Layer(
        tone.dithered(from_oklab(lab)).resize(size, Image.Resampling.BICUBIC),
        tone.mask((shape * 0.93).astype(np.float32)).resize(size, Image.Resampling.BICUBIC),
        (0, 0),
        0.25,
        "over",
        unit * 0.006,
    )
    yield light.glow(stage, (peak[0], peak[1] - unit * 0.02), unit * 0.16, HOT, 0.85, 0.28)


def volcano(stage: Stage) -> Iterator[Drawable]:
    """An eruption over a dark plain with cracks of lava."""
    generator = stage.rng("volcano")
    unit, horizon = stage.unit, stage.horizon
    yield from open_sky(stage)
    far = horizon - ridges.peaks(stage, "far", 1.4) * np.float32(unit * 0.07)
    yield ridges.silhouette(
        stage,
        far.astype(np.float32),
        (mix(stage.palette.sky[1], stage.palette.haze, 0.4), stage.palette.haze),
        0.05,
        0.3,
    )
    peak = (stage.focus, horizon - unit * float(generator.uniform(0.26, 0.36)))
    yield from plume(stage, peak)
    yield from cone(stage, peak, horizon + unit * 0.08)
    yield sky.mist(stage, horizon - unit * 0.04, horizon + unit * 0.16, 0.5, 0.35)
    yield from lava_field(stage)


def lava_field(stage: Stage) -> Iterator[Layer]:
    """The near ground: black crust with glowing cracks."""
    generator = stage.rng("lava field")
    unit = stage.unit
    top = (
        stage.horizon
        + unit * 0.12
        + ridges.crest(stage, "crust", 2.2, 0.55) * np.float32(unit * 0.03)
    ).astype(np.float32)
    dark = mix(stage.palette.dark, from_hex("#120b0d"), 0.6)
    yield ridges.silhouette(stage, top, (mix(dark, from_hex("#4a2f2c"), 0.5), dark), 0.75, 0.3, 0.7)
    start = max(int(top.min()), 0)
    height = stage.height - start
    small = (max(stage.width // 2, 8), max(height // 2, 8))
    veins = ridged(
        (small[1], small[0]), (height / unit * 9, stage.width / unit * 4), generator, 4, 0.5
    )
    patch = fractal((small[1], small[0]), (2, 3), generator, 2)
    rows = np.linspace(0.25, 1, small[1], dtype=np.float32)[:, None]
    crack = tone.smoothstep(0.8, 0.94, veins) * tone.smoothstep(0.42, 0.62, patch) * rows
    table = to_oklab(gradient((EMBER, HOT, CORE), 64))
    colour = from_oklab(table[(np.clip(crack, 0, 1) * 63).astype(np.int32)])
    size = (stage.width, height)
    cover = np.clip(tone.enlarged(crack.astype(np.float32), size), 0, 1) * (
        np.arange(height)[:, None] + start > top[None, :]
    )
    yield Layer(
        tone.dithered(colour).resize(size, Image.Resampling.BICUBIC),
        tone.mask(cover.astype(np.float32)),
        (0, start),
        0.75,
    )
    yield Layer(
        tone.pixel(EMBER),
        tone.mask(np.clip(light.blurred(cover.astype(np.float32), unit * 0.015), 0, 1)),
        (0, start),
        0.75,
        "screen",
    )
