"""Clouds: heaps, streaks and layers, lit from the side of the sun."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageFilter

from flexura.render.noise import Field, fractal, sample
from flexura.render.oklab import RGB, from_oklab, mix, to_oklab
from flexura.render.pictures.scene import tone
from flexura.render.pictures.scene.layer import Layer
from flexura.render.pictures.scene.moving import Drift
from flexura.render.pictures.scene.stage import Stage


def _colours(stage: Stage) -> tuple[RGB, RGB]:
    """The lit and the shaded side."""
    sky = stage.palette.sky
    lit = mix(stage.palette.light, sky[3], 0.25)
    shaded = mix(sky[1], sky[2], 0.55)
    if stage.hour == "day":
        return mix(lit, (1.0, 1.0, 1.0), 0.75), mix(
            mix(sky[1], sky[3], 0.6), (0.8, 0.84, 0.9), 0.35
        )
    if stage.hour == "night":
        return mix(sky[2], sky[3], 0.5), mix(sky[0], sky[1], 0.7)
    if stage.hour == "dusk":
        return mix(sky[3], sky[2], 0.25), mix(sky[1], sky[2], 0.3)
    return lit, mix(shaded, sky[0], 0.2)


def _sheet(stage: Stage, height: int, label: str, cells: tuple[float, float]) -> Field:
    """A field of cloud matter in perspective: flatter and finer towards the row `height`."""
    generator = stage.rng(label)
    tile = fractal((512, 512), (4, 4), generator, 7, 0.55, wrap=True)
    reduce = 2 if stage.unit > 500 else 1
    x, y = tone.grid((stage.width, height), reduce)
    # Rows map to distances: the plane of the clouds runs away to the horizon.
    away = 1.0 / np.clip(1.06 - y / height, 0.05, None)
    middle = stage.width / 2
    columns = (x - middle) / np.float32(stage.unit) * 128 * cells[1] * (0.35 + 0.65 * away) + float(
        generator.random() * 512
    )
    rows = away * np.float32(128 * cells[0]) + np.zeros_like(x)
    return sample(tile, rows.astype(np.float32), columns.astype(np.float32))


def plane(stage: Stage, bottom: float, cover: float, label: str = "clouds") -> Drift:
    """A field of clouds that runs to the horizon; `cover` is about the share of the sky that it fills."""
    height = int(bottom)
    matter = _sheet(stage, height, label, (0.9, 1.1))
    edge = 0.78 - cover * 0.5
    thick = tone.smoothstep(edge, edge + 0.24, matter)
    return Drift(_shaded(stage, thick, height, 0.03), stage.unit * 0.05)


def _shaded(stage: Stage, thick: Field, height: int, depth: float) -> Layer:
    lit, shaded = (to_oklab(colour) for colour in _colours(stage))
    step = max(thick.shape[1] // 160, 1)
    sun_x, sun_y = stage.sun
    across = np.sign(sun_x - stage.width / 2)
    # The nearest matter towards the sun; at the edges of the field it is the edge itself.
    down, right = (step if sun_y < height * 0.5 else -step), int(across * step)
    wide = np.pad(thick, step, mode="edge")
    toward = wide[
        step - down : step - down + thick.shape[0], step + right : step + right + thick.shape[1]
    ]
    relief = np.clip(0.62 + (thick - toward) * 2.2 - thick * 0.42, 0, 1)[..., None]
    lab = shaded + (lit - shaded) * relief
    rows = np.linspace(0, 1, thick.shape[0], dtype=np.float32)[:, None]
    alpha = thick * (0.95 - 0.75 * rows**2.5) * np.float32(0.92)
    size = (stage.width, height)
    colour = tone.dithered(from_oklab(lab)).resize(size, Image.Resampling.BICUBIC)
    return Layer(colour, tone.mask(alpha).resize(size, Image.Resampling.BICUBIC), (0, 0), depth)


def streaks(stage: Stage, bottom: float, cover: float, label: str = "streaks") -> Drift:
    """Long thin clouds that catch the light, as at sunrise and sunset."""
    height = int(bottom)
    generator = stage.rng(label)
    small = (max(stage.width // 2, 8), max(height // 2, 8))
    cells = (height / stage.unit * 11, stage.width / stage.unit * 1.3)
    matter = fractal((small[1], small[0]), cells, generator, 5, 0.55)
    broad = fractal((small[1], small[0]), (2, 2), generator, 2)
    thick = tone.smoothstep(
        0.62 - cover * 0.3, 0.86 - cover * 0.2, matter * 0.72 + broad * 0.4 - 0.06
    )
    rows = np.linspace(0, 1, small[1], dtype=np.float32)[:, None]
    lit, shaded = _colours(stage)
    near_sun = np.exp(
        -(((np.arange(small[0]) * 2 - stage.sun[0]) / (stage.unit * 0.8)) ** 2)
    ).astype(np.float32)[None, :]
    share = np.clip(rows * 0.75 + near_sun * 0.4, 0, 1)[..., None]
    lab = to_oklab(shaded) + (to_oklab(lit) - to_oklab(shaded)) * share
    alpha = thick * tone.smoothstep(0.02, 0.3, rows) * (1 - 0.5 * rows**4) * np.float32(0.75)
    size = (stage.width, height)
    colour = tone.dithered(from_oklab(lab)).resize(size, Image.Resampling.BICUBIC)
    layer = Layer(colour, tone.mask(alpha).resize(size, Image.Resampling.BICUBIC), (0, 0), 0.02)
    return Drift(layer, stage.unit * 0.04)


def _rounded(body: Field, side: float, small: tuple[int, int], foot: float) -> Field:
    """How much light falls on a heap of cloud whose depth inside its outline is `body`."""
    high = np.sqrt(np.clip(body / np.float32(small[1] * 0.2), 0, 1))
    levels = Image.fromarray((high * 255).astype(np.uint8)).filter(
        ImageFilter.GaussianBlur(small[1] * 0.022)
    )
    bulge = np.asarray(levels, dtype=np.float32) / np.float32(255)
    slope_y, slope_x = np.gradient(bulge)
    facing = (slope_y * 1.0 - slope_x * side * 0.7) * np.float32(small[1] * 0.055)
    up = np.clip((foot - np.arange(small[1], dtype=np.float32)[:, None]) / (small[1] * 0.8), 0, 1)
    return np.clip(0.3 + 0.42 * up + np.clip(facing, -0.45, 0.45), 0, 1).astype(np.float32)


def heap(
    stage: Stage, centre: tuple[float, float], width: float, label: str, depth: float = 0.06
) -> Layer:
    """One cumulus: a flat foot and a head of rounded heaps, lit from the sun's side."""
    generator = stage.rng(label)
    w, h = max(round(width), 16), max(round(width * 0.52), 10)
    reduce = 2 if w > 240 else 1
    small = (w // reduce, h // reduce)
    x, y = tone.grid(small)
    rough = (fractal((small[1], small[0]), (5, 9), generator, 4, 0.55) - 0.5) * np.float32(
        small[1] * 0.16
    )
    body = np.full((small[1], small[0]), -1e3, dtype=np.float32)
    foot = small[1] * 0.84
    side = np.sign(stage.sun[0] - centre[0]) or 1.0
    for _ in range(22):
        share = float(np.clip(generator.normal(0.5, 0.19), 0.12, 0.88))
        room = 1 - abs(share - 0.5) * 1.75
        radius = small[1] * float(generator.uniform(0.1, 0.27)) * (0.45 + 0.75 * room)
        cx, cy = (
            share * small[0],
            foot - radius * 0.5 - small[1] * 0.42 * room * float(generator.random()) ** 0.7,
        )
        body = np.maximum(
            body, np.float32(radius) - np.hypot(x - np.float32(cx), y - np.float32(cy))
        )
    body = body + rough
    soft = small[1] * 0.03
    alpha = tone.smoothstep(-soft * 0.5, soft * 1.6, body) * tone.smoothstep(
        foot + soft * 3, foot - soft * 2, y + rough * 0.3
    )
    share = _rounded(body, side, small, foot)[..., None]
    lit, shaded = (to_oklab(colour) for colour in _colours(stage))
    colour = tone.dithered(from_oklab(shaded + (lit - shaded) * share)).resize(
        (w, h), Image.Resampling.BICUBIC
    )
    picture = tone.mask(alpha.astype(np.float32)).resize((w, h), Image.Resampling.BICUBIC)
    return Layer(
        colour,
        picture,
        (round(centre[0] - w / 2), round(centre[1] - h)),
        depth,
        "over",
        stage.unit * 0.01,
    )


def heaps(stage: Stage, bottom: float, count: int, label: str = "heaps") -> Iterator[Layer]:
    """Some cumulus clouds, smaller and paler towards the horizon."""
    generator = stage.rng(label)
    shares = np.sort(generator.random(count))
    for index, share in enumerate(shares):
        y = bottom * float(0.92 - 0.72 * share**1.3)
        width = stage.unit * float(0.16 + 0.5 * share) * float(generator.uniform(0.8, 1.3))
        x = stage.column(float(generator.uniform(-0.05, 1.05)))
        yield heap(stage, (x, y), width, f"{label} {index}", 0.03 + 0.08 * float(share))


def sky_clouds(stage: Stage, bottom: float) -> Iterator[Layer | Drift]:
    """The clouds that fit the hour and the weather."""
    generator = stage.rng("which clouds")
    if stage.has("storm", "rain", "cloudy"):
        yield plane(stage, bottom, 1.0)
        if stage.words.place != "street":
            yield streaks(stage, bottom, 0.7)
        return
    if stage.has("clear") or (stage.has("flat") and generator.random() < 0.5):
        return
    kind = generator.random()
    if stage.hour in {"sunset", "dawn", "dusk"}:
        yield streaks(stage, bottom, float(generator.uniform(0.25, 0.6)))
        if kind < 0.4:
            yield from heaps(stage, bottom, 4)
    elif stage.hour == "night":
        if kind < 0.5:
            yield streaks(stage, bottom, 0.2)
    elif kind < 0.45:
        yield plane(stage, bottom, float(generator.uniform(0.35, 0.6)))
    elif kind < 0.85:
        yield from heaps(stage, bottom, int(generator.integers(4, 8)))
    else:
        yield streaks(stage, bottom, 0.35)
