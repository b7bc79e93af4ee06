"""The sky: its gradient, the light round the sun, the sun or the moon itself."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image

from flexura.render.noise import fractal
from flexura.render.oklab import from_oklab, gradient, mix, to_oklab
from flexura.render.pictures.scene import light, tone
from flexura.render.pictures.scene.layer import Layer
from flexura.render.pictures.scene.stage import Stage


def sky(stage: Stage, bottom: int | None = None) -> Layer:
    """The gradient from the zenith to the horizon row `bottom`, brighter round the sun."""
    height = bottom or stage.horizon
    width = stage.width
    generator = stage.rng("sky")
    small = (max(width // 6, 2), max(height // 6, 2))
    _, y = tone.grid(small)
    sun_x, sun_y = stage.sun
    sun_x, sun_y = sun_x / 6, sun_y / 6
    bend = (fractal((small[1], small[0]), (2, 2.5), generator, 3) - 0.5) * np.float32(0.05)
    power = {"day": 1.0, "night": 0.8}.get(stage.hour, 1.12)
    # Towards the sun the warm band of the horizon climbs higher.
    near = light.falloff(small, (sun_x, small[1]), small[1] * 0.9, 1.2)
    share = np.clip(
        (y / small[1]) ** power + bend + near * (0.1 if stage.hour != "night" else 0.02), 0, 1
    )
    table = to_oklab(gradient(stage.palette.sky, 256, (0, 0.45, 0.8, 1.0)))
    lab = table[(share * 255).astype(np.int32)]
    warm = to_oklab(stage.palette.light)
    strength = {"night": 0.14, "day": 0.55, "dusk": 0.22}.get(stage.hour, 0.75)
    if stage.has("rain", "storm", "cloudy", "fog"):
        strength *= 0.35
    halo = light.falloff(small, (sun_x, sun_y), small[1] * 0.24, 1.1) * np.float32(strength)
    halo = np.clip(halo, 0, 1)[..., None]
    lab = lab + (warm - lab) * halo
    if stage.has("rain", "storm", "cloudy"):
        grey = lab * np.array([0.92, 0.55, 0.55], dtype=np.float32)
        lab = lab + (grey - lab) * np.float32(0.7)
    channels = [tone.enlarged(np.ascontiguousarray(lab[..., i]), (width, height)) for i in range(3)]
    return Layer(tone.dithered(from_oklab(np.stack(channels, axis=2))), None, (0, 0), 0.0)


def luminary(stage: Stage) -> Iterator[Layer]:
    """The sun or the moon with its glow, where the hour and the weather let it be seen."""
    if stage.has("storm", "rain", "cloudy") and not stage.has("sun", "moon"):
        return
    x, y = stage.sun
    unit = stage.unit
    generator = stage.rng("luminary")
    asked = stage.has("moon")
    if asked or stage.hour == "night" or (stage.hour == "dusk" and generator.random() < 0.6):
        radius = unit * float(generator.uniform(0.035, 0.06)) * (1.7 if asked else 1.0)
        lit = (
            1.0
            if stage.has("moon") and "crescent" not in stage.words.tokens
            else float(generator.choice([1.0, 0.35]))
        )
        yield light.glow(stage, (x, y), radius * 3.2, stage.palette.light, 0.32, 0.02)
        yield light.moon(stage, (x, y), radius, lit)
        return
    if stage.hour == "dusk":
        return
    large = {"sunset": 0.085, "dawn": 0.07, "golden": 0.06, "day": 0.035}[stage.hour] * float(
        generator.uniform(0.8, 1.3)
    )
    if stage.has("sun", "epic", "flat"):
        large *= 1.5
    core = mix(stage.palette.light, (1.0, 1.0, 0.96), 0.55)
    yield light.glow(stage, (x, y), unit * large * 4.5, stage.palette.light, 0.55, 0.02)
    yield light.disc(stage, (x, y), unit * large, core, 0.02)


def haze(stage: Stage, top: float, bottom: float, strength: float, depth: float) -> Layer:
    """A band of haze from row `top` (none) to row `bottom` (`strength`)."""
    first, last = int(top), max(int(bottom), int(top) + 1)
    rows = tone.smoothstep(0, 1, np.linspace(0, 1, last - first, dtype=np.float32)) * np.float32(
        strength
    )
    reduced = np.broadcast_to(rows[:, None], (last - first, 64))
    alpha = tone.mask(np.ascontiguousarray(reduced)).resize(
        (stage.width, last - first), Image.Resampling.BILINEAR
    )
    return Layer(tone.pixel(stage.palette.haze), alpha, (0, first), depth)


def mist(stage: Stage, top: float, bottom: float, strength: float, depth: float) -> Layer:
    """A bank of drifting mist between two rows, thin at both and torn like cloth."""
    first, last = int(top), max(int(bottom), int(top) + 8)
    height = last - first
    generator = stage.rng(f"mist {first} {depth}")
    small = (max(stage.width // 4, 8), max(height // 4, 4))
    cells = (max(height / stage.unit * 7, 1.0), stage.width / stage.unit * 1.6)
    cloth = fractal((small[1], small[0]), cells, generator, 4)
    rows = np.sin(np.linspace(0, np.pi, small[1], dtype=np.float32))[:, None]
    alpha = tone.smoothstep(0.3, 0.75, cloth) * rows * np.float32(strength)
    picture = tone.mask(np.clip(alpha, 0, 1)).resize(
        (stage.width, height), Image.Resampling.BICUBIC
    )
    return Layer(
        tone.pixel(stage.palette.haze), picture, (0, first), depth, "over", stage.unit * 0.012
    )
