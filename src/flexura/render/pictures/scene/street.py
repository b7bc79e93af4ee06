"""A street between tall houses, seen down its middle: signs, lamps, cars, wet asphalt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from flexura.render.noise import fractal
from flexura.render.oklab import RGB, mix
from flexura.render.pictures.scene import facade, light, people, sky, tone, towers, vehicles
from flexura.render.pictures.scene.ink import Ink
from flexura.render.pictures.scene.layer import DEPTH_STEPS, Drawable, Layer, sprite
from flexura.render.pictures.scene.mountains import open_sky
from flexura.render.pictures.scene.moving import Mirror, Twinkle
from flexura.render.pictures.scene.stage import Stage


@dataclass(frozen=True)
class View:
    """The camera in the street. Lengths of the street are in units of half its width."""

    stage: Stage
    vanishing: tuple[float, float]
    focal: float
    eye: float = 0.62

    def at(self, x: float, y: float, z: float) -> tuple[float, float]:
        """The pixel of a point: `x` to the right of the middle, `y` above the ground, `z` away."""
        scale = self.focal / z
        return self.vanishing[0] + x * scale, self.vanishing[1] + (self.eye - y) * scale

    def scale(self, z: float) -> float:
        """Pixels per unit at a distance."""
        return self.focal / z


def view_of(stage: Stage) -> View:
    """The view for a stage: the street runs to a point on one of the thirds or to the middle."""
    generator = stage.rng("street view")
    share = float(generator.choice([0.38, 0.5, 0.6])) if stage.width > stage.height * 1.15 else 0.5
    x = stage.column(share + float(generator.uniform(-0.03, 0.03)))
    y = stage.row(float(generator.uniform(0.54, 0.62)))
    wide = min(stage.width, stage.unit * 1.7)
    return View(stage, (x, y), wide * 0.5, float(generator.uniform(0.42, 0.6)))


def _warp(
    texture: Image.Image, quad: list[tuple[float, float]], size: tuple[int, int]
) -> Image.Image:
    """`texture` (RGBA) stretched over a quad (top left, top right, bottom right, bottom left) on a
    canvas.
    """
    width, height = texture.size
    corners = [(0.0, 0.0), (float(width), 0.0), (float(width), float(height)), (0.0, float(height))]
    rows: list[list[float]] = []
    for (x, y), (u, v) in zip(quad, corners, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    goal = np.array([value for corner in corners for value in corner])
    coefficients = np.linalg.solve(np.array(rows), goal)
    return texture.transform(
        size,
        Image.Transform.PERSPECTIVE,
        tuple(float(c) for c in coefficients),
        Image.Resampling.BILINEAR,
    )


def houses(view: View) -> Iterator[Layer]:
    """Both sides of the street, far to near, as fronts in perspective."""
    stage = view.stage
    generator = stage.rng("houses")
    ends = [1.0]
    while ends[-1] < 15:
        ends.append(ends[-1] * float(generator.uniform(1.25, 1.6)))
    ends[0] = 0.5
    for index in range(len(ends) - 2, -1, -1):
        near, far = ends[index], ends[index + 1]
        depth = float(np.clip(1.15 - np.log(far) / np.log(15), 0.12, 1.0))
        for side in (-1, 1):
            high = float(generator.uniform(1.9, 3.8)) * (1.0 + 0.25 * (far > 4))
            yield _house(view, side, (near, far), high, depth)
        if stage.has("fog", "rain", "cinematic") or depth < 0.6:
            low = view.at(0, 0, far)[1]
            yield sky.haze(stage, low - view.scale(far) * 2.2, low + 1, 0.16, 0.15 + 0.5 * depth)


def _house(view: View, side: int, reach: tuple[float, float], high: float, depth: float) -> Layer:
    stage = view.stage
    near, far = reach
    generator = stage.rng(f"house {side} {near:.3f}")
    detail = min(view.scale(near) * 0.9, stage.unit * 1.1)
    width, height = max(round((far - near) * detail), 8), max(round(high * detail), 8)
    width, height = min(width, 900), min(height, 1400)
    look = facade.look_of(
        stage,
        0.35 + 0.65 * depth,
        generator,
        max(height / high * float(generator.uniform(0.06, 0.085)), 3),
    )
    face = facade.front((width, height), look, generator)
    _shop(stage, face, high, generator)
    picture = tone.dithered(np.clip(face, 0, 1).astype(np.float32)).convert("RGBA")
    x = side * 1.45
    quad = [view.at(x, high, far), view.at(x, high, near), view.at(x, 0, near), view.at(x, 0, far)]
    if side > 0:
        quad = [quad[1], quad[0], quad[3], quad[2]]
    left, right = min(p[0] for p in quad), max(p[0] for p in quad)
    x0, x1 = max(int(left) - 1, 0), min(int(right) + 2, stage.width)
    y0, y1 = (
        max(int(min(p[1] for p in quad)) - 1, 0),
        min(int(max(p[1] for p in quad)) + 2, stage.height),
    )
    if x1 <= x0 or y1 <= y0:
        return Layer((0, 0, 0), Image.new("L", (1, 1), 0))
    moved = [(px - x0, py - y0) for px, py in quad]
    warped = _warp(picture, moved, (x1 - x0, y1 - y0))
    cover = Image.new("L", ((x1 - x0) * 2, (y1 - y0) * 2), 0)
    ImageDraw.Draw(cover).polygon([(px * 2, py * 2) for px, py in moved], fill=255)
    return Layer(warped.convert("RGB"), cover.reduce(2), (x0, y0), 0.15 + 0.5 * depth)


def _shop(stage: Stage, face: np.ndarray, high: float, generator: np.random.Generator) -> None:
    """A lit ground floor with windows and an awning line."""
    height, width = face.shape[:2]
    floor = int(height * 0.34 / high)
    if floor < 4:
        return
    glow = mix(stage.palette.accents[int(generator.integers(3))], (1.0, 0.86, 0.62), 0.55)
    strength = 0.85 if stage.is_night else 0.25
    top = height - floor
    wall = face[top - 1].mean(axis=0)
    shop = np.asarray(
        mix((float(wall[0]), float(wall[1]), float(wall[2])), glow, strength), dtype=np.float32
    )
    face[top:] = wall * np.float32(0.5)
    panes = max(2, int(width / max(floor * 1.1, 1)))
    for pane in range(panes):
        x0, x1 = int(width * (pane + 0.08) / panes), int(width * (pane + 0.92) / panes)
        if generator.random() < 0.75:
            face[top + floor // 6 : height - floor // 10, x0:x1] = shop * np.float32(
                generator.uniform(0.65, 1.05)
            )
    face[top - max(floor // 8, 1) : top] = np.asarray(
        mix(glow, stage.palette.dark, 0.3), dtype=np.float32
    )


def signs(view: View) -> Iterator[Layer | Twinkle]:
    """Blade signs that stand out from the houses and face the viewer, far to near, with their light."""
    stage = view.stage
    generator = stage.rng("blade signs")
    lively = stage.has("neon", "futuristic", "sign", "synthwave") or stage.is_night
    places = sorted(
        (float(generator.uniform(1.25, 8.5)) for _ in range(22 if lively else 7)), reverse=True
    )
    for index, z in enumerate(places):
        side = -1 if index % 2 else 1
        scale = view.scale(z)
        upright = generator.random() < 0.72
        wide = (
            float(generator.uniform(0.14, 0.26)) if upright else float(generator.uniform(0.34, 0.6))
        )
        high = (
            wide * float(generator.uniform(2.2, 4.2))
            if upright
            else wide * float(generator.uniform(0.32, 0.5))
        )
        low = float(generator.uniform(0.45, 1.7))
        colour = stage.palette.accents[int(generator.integers(3))]
        depth = float(np.clip(1.1 - np.log(z) / np.log(12), 0.25, 1.0))
        if not stage.is_night:
            colour = stage.far(mix(colour, stage.palette.haze, 0.3), depth)
        colour = mix(stage.palette.haze, colour, 0.55 + 0.45 * depth)
        x, y = view.at(side * 1.45, low + high, z)
        size = (max(round(wide * scale), 3), max(round(high * scale), 3))
        board = facade.sign(size, colour, generator, upright)
        left = round(x) if side < 0 else round(x) - size[0]
        plane = 0.15 + 0.5 * depth
        if stage.is_night:
            centre = (left + size[0] / 2, y + size[1] / 2)
            yield light.glow(stage, centre, max(size) * 0.75, colour, 0.42, plane)
        yield Layer(board, None, (left, round(y)), plane)
        if stage.is_night and index % 4 == 0:
            dark = Image.new("L", size, 210)
            phases = Image.new("L", size, int(generator.integers(256)))
            yield Twinkle(board, dark, phases, (left, round(y)), plane, 6.0, 0.5, 3.0)


def asphalt(view: View) -> Mirror:
    """The road: dark and wet when it rains or at night, with the lights smeared over it."""
    stage = view.stage
    line = round(view.vanishing[1]) + 1
    height = stage.height - line
    wet = stage.has("rain", "storm", "reflection", "neon", "cinematic", "futuristic")
    base: RGB = (
        mix(stage.palette.dark, stage.palette.sky[1], 0.2)
        if stage.is_night
        else stage.lit((0.34, 0.34, 0.37), 0.8)
    )
    tint = tone.vertical(
        (stage.width, height), (stage.far(base, 0.35), base, mix(base, stage.palette.dark, 0.45))
    )
    generator = stage.rng("puddles")
    x, y = tone.grid((stage.width, height), 2)
    away = stage.height * 0.5 / np.maximum(y, 2)
    tile = fractal((256, 256), (5, 5), generator, 5, wrap=True)
    from flexura.render.noise import sample

    rows = away * np.float32(46) + np.zeros_like(x)
    puddles = sample(
        tile,
        rows.astype(np.float32),
        ((x - view.vanishing[0]) / stage.unit * away * 34).astype(np.float32),
    )
    strength = (0.62 if wet else 0.12) if stage.is_night else (0.5 if wet else 0.04)
    clear = np.clip(strength * (0.65 + 0.6 * tone.smoothstep(0.48, 0.62, puddles)), 0, 0.95)
    alpha = tone.mask(clear.astype(np.float32)).resize(
        (stage.width, height), Image.Resampling.BICUBIC
    )
    return Mirror(
        line, height, tint, alpha, stage.unit * 0.007, 22, int(generator.integers(1000)), 1.15
    )


def markings(view: View) -> Layer:
    """Kerbs, the lane line and a zebra crossing."""
    stage = view.stage
    top = round(view.vanishing[1])
    ink = Ink((stage.width, stage.height - top), (0, -top), fine=2)
    paint = mix(stage.lit((0.9, 0.88, 0.82)), stage.palette.dark, 0.35 if stage.is_night else 0.1)
    kerb = mix(stage.palette.dark, stage.palette.sky[2], 0.3)
    z = 0.5
    while z < 12:
        ink.polygon(
            [
                view.at(-0.025, 0, z),
                view.at(0.025, 0, z),
                view.at(0.025, 0, z + 0.28),
                view.at(-0.025, 0, z + 0.28),
            ],
            paint,
            0.5,
        )
        z += 0.62
    for side in (-1, 1):
        ink.polygon(
            [
                view.at(side * 1.02, 0, 0.4),
                view.at(side * 1.06, 0, 0.4),
                view.at(side * 1.06, 0, 14),
                view.at(side * 1.02, 0, 14),
            ],
            kerb,
            0.75,
        )
    if stage.rng("zebra").random() < 0.45:
        for bar in np.arange(-0.92, 0.9, 0.2):
            ink.polygon(
                [
                    view.at(bar, 0, 1.02),
                    view.at(bar + 0.11, 0, 1.02),
                    view.at(bar + 0.11, 0, 1.3),
                    view.at(bar, 0, 1.3),
                ],
                paint,
                0.42,
            )
    return sprite(ink.finish(), (0, top), 0.4)


def lamps(view: View) -> Iterator[Layer]:
    """Street lamps on both kerbs, far to near."""
    stage = view.stage
    iron = mix(stage.palette.dark, stage.palette.sky[1], 0.15)
    warm = mix((1.0, 0.84, 0.58), stage.palette.light, 0.25)
    for z in (9.0, 6.0, 4.0, 2.7, 1.75):
        depth = float(np.clip(1.1 - np.log(z) / np.log(12), 0.25, 1.0))
        for side in (-1, 1):
            foot, head = view.at(side * 1.1, 0, z), view.at(side * 1.1, 1.25, z)
            scale = view.scale(z)
            wide, high = round(scale * 0.5) + 4, round(foot[1] - head[1]) + 8
            ink = Ink((wide * 2, high), (wide, 6), fine=2)
            colour = stage.far(iron, 0.3 + 0.7 * depth)
            ink.line([(0, high - 8), (0, 0)], [scale * 0.028, scale * 0.016], colour, smooth=False)
            ink.line(
                [
                    (0, scale * 0.04),
                    (-side * scale * 0.12, 0),
                    (-side * scale * 0.26, scale * 0.03),
                ],
                scale * 0.016,
                colour,
            )
            bulb = (-side * scale * 0.26, scale * 0.045)
            ink.ellipse(
                bulb,
                (scale * 0.05, scale * 0.018),
                mix(warm, (1.0, 1.0, 1.0), 0.5) if stage.is_night else colour,
            )
            yield sprite(
                ink.finish(), (round(head[0]) - wide, round(head[1]) - 6), 0.15 + 0.5 * depth
            )
            if stage.is_night:
                yield light.glow(
                    stage,
                    (head[0] + bulb[0], head[1] + bulb[1]),
                    scale * 0.3,
                    warm,
                    0.5,
                    0.15 + 0.5 * depth,
                )


def _far_to_near(layers: list[Layer | Twinkle]) -> list[Layer | Twinkle]:
    """Layers in steps of depth, those of one step as they came, lights that flicker last."""
    return sorted(
        layers, key=lambda layer: (round(layer.depth * DEPTH_STEPS), isinstance(layer, Twinkle))
    )


def street(stage: Stage) -> Iterator[Drawable]:
    """The whole street."""
    view = view_of(stage)
    end = round(view.vanishing[1]) + 2
    yield from open_sky(stage, end)
    far = towers.row(
        stage,
        "street end",
        end,
        (stage.unit * 0.12, stage.unit * 0.4),
        0.16,
        (stage.unit * 0.05, stage.unit * 0.11),
    )
    yield far.layer
    yield sky.haze(stage, end - stage.unit * 0.3, end + 1, 0.6, 0.1)
    if stage.is_night:
        colour = mix(stage.palette.accents[0], stage.palette.haze, 0.4)
        yield light.glow(
            stage, (view.vanishing[0], end - stage.unit * 0.03), stage.unit * 0.24, colour, 0.6, 0.1
        )
    yield from _far_to_near([*houses(view), *signs(view)])
    yield asphalt(view)
    yield markings(view)
    yield from _far_to_near([*lamps(view), *vehicles.traffic(view), *people.pedestrians(view)])
