"""Dots: halftone screens, and a sea of particles in perspective."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from flexura.render.noise import fractal
from flexura.render.oklab import gradient
from flexura.render.pictures.abstract.brief import Brief
from flexura.render.pictures.pixels import Field, grid, to_image


def halftone(brief: Brief) -> Image.Image:
    """A turned screen of dots that swell where the light falls."""
    pitch = 1 / float(brief.random.choice([30, 38, 48]))
    angle = float(brief.random.choice([0.26, 0.52, 0.785]))
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    light = _light(brief)
    ground = np.array(brief.scheme.ground, dtype=np.float32)
    one, two = brief.scheme.vivid[0], brief.scheme.vivid[1]
    ramp = gradient([one, two, brief.scheme.vivid[2]], 256)
    picture = np.empty((brief.height, brief.width, 3), dtype=np.float32)
    x, every = grid(brief.width, brief.height)
    edge = np.float32(1 / brief.side)
    for top in range(0, brief.height, 256):
        y = every[top : top + 256]
        u, v = (cos * x + sin * y) / pitch, (-sin * x + cos * y) / pitch
        cu, cv = np.floor(u) + 0.5, np.floor(v) + 0.5
        mx, my = (cos * cu - sin * cv) * pitch, (sin * cu + cos * cv) * pitch
        column = np.clip(mx / brief.wide * (light.shape[1] - 1), 0, light.shape[1] - 1).astype(
            np.int32
        )
        row = np.clip(my / brief.tall * (light.shape[0] - 1), 0, light.shape[0] - 1).astype(
            np.int32
        )
        tone = light[row, column]
        distance = np.sqrt((u - cu) ** 2 + (v - cv) ** 2) * np.float32(pitch)
        radius = np.float32(pitch * 0.62) * np.sqrt(tone)
        alpha = np.clip((radius - distance) / edge + 0.5, 0, 1) * (tone > 0.012)
        ink = ramp[np.clip((mx / brief.wide + my / brief.tall) * 127, 0, 255).astype(np.int32)]
        picture[top : top + 256] = ground * (1 - alpha[..., None]) + ink * alpha[..., None]
    return to_image(picture, brief.random)


def _light(brief: Brief) -> Field:
    """Where the dots are large, 0..1, on a coarse sheet."""
    height, width = 160, max(round(160 * brief.wide / brief.tall), 16)
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j].astype(np.float32)
    angle = float(brief.random.uniform(0, 2 * np.pi))
    if brief.random.random() < 0.5:
        flow = 0.5 + 0.75 * ((x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle))
    else:
        cx, cy = brief.random.uniform(0.2, 0.8, 2)
        flow = 1.05 - 1.5 * np.sqrt(((x - cx) * brief.wide) ** 2 + ((y - cy) * brief.tall) ** 2)
    bent = fractal((height, width), (2.2, 2.2 * width / height), brief.random, 2) - 0.5
    return np.clip(flow + bent * 0.75, 0, 1).astype(np.float32)


def particles(brief: Brief) -> Image.Image:
    """A dotted sea that rolls away to the horizon."""
    ground = brief.scheme.ground
    y = np.linspace(0, 1, brief.height, dtype=np.float32)
    glow = np.exp(-(((y - 0.4) / 0.28) ** 2))[:, None, None] * np.float32(
        0.2 if brief.scheme.dark else 0.1
    )
    base = np.array(ground, dtype=np.float32)
    picture = base + (np.array(brief.scheme.vivid[0], dtype=np.float32) - base) * glow
    picture = np.broadcast_to(picture, (brief.height, brief.width, 3)).astype(np.float32)
    columns, rows = int(92 * min(max(brief.wide, 1), 3)), 64
    depth = np.linspace(0, 1, rows)[:, None] ** 1.5
    across = np.linspace(-1.9, 1.9, columns)[None, :]
    phase = brief.random.uniform(0, 2 * np.pi, 4)
    wave = np.sin(across * 2.4 + phase[0] + depth * 5) + 0.7 * np.sin(
        across * 4.3 + phase[1] - depth * 7
    )
    wave = wave + 0.5 * np.sin(depth * 17 + phase[2] + across * 1.3)
    near = 1 / (0.24 + depth * 1.5)
    px = (0.5 + across * near * 0.2) * brief.width
    py = (0.36 + 0.17 * near - wave * 0.026 * near) * brief.height
    radius = np.broadcast_to(0.00078 * near * brief.side * 1.45, px.shape) * (
        1 + 0.2 * np.clip(wave, -1, 2)
    )
    alpha = np.clip(0.2 + 0.24 * near + 0.22 * wave, 0.05, 1) * np.clip(near / 1.1, 0.25, 1)
    ramp = gradient([brief.scheme.vivid[0], brief.scheme.vivid[1], brief.scheme.vivid[2]], 256)
    shade = np.clip((wave * 0.22 + 0.5) * 255, 0, 255).astype(np.int32)
    discs = np.stack([px.ravel(), py.ravel(), radius.ravel()])
    _splat(picture, discs, alpha.ravel(), ramp[shade.ravel()])
    return to_image(picture, brief.random, grain=0.3)


def _splat(
    picture: Field, discs: NDArray[np.float64], alpha: NDArray[np.float64], colours: Field
) -> None:
    """Lays small discs on the picture, all of one size class at once."""
    height, width, _ = picture.shape
    x, y, radius = discs
    classes = np.ceil(radius + 1).astype(np.int64)
    for reach in sorted({int(value) for value in classes}):
        chosen = classes == reach
        span = np.arange(-reach, reach + 1)
        columns = np.floor(x[chosen])[:, None].astype(np.int64) + span
        rows = np.floor(y[chosen])[:, None].astype(np.int64) + span
        dx, dy = columns + 0.5 - x[chosen][:, None], rows + 0.5 - y[chosen][:, None]
        distance = np.sqrt(dx[:, None, :] ** 2 + dy[:, :, None] ** 2)
        cover = (
            np.clip(radius[chosen][:, None, None] + 0.5 - distance, 0, 1)
            * alpha[chosen][:, None, None]
        )
        cover *= np.minimum(radius[chosen] * 2, 1)[:, None, None]
        inside = (
            ((columns >= 0) & (columns < width))[:, None, :]
            & ((rows >= 0) & (rows < height))[:, :, None]
            & (cover > 0)
        )
        which, row, column = (index.astype(np.int64) for index in np.nonzero(inside))
        values = cover[inside].astype(np.float32)
        place = (rows[which, row], columns[which, column])
        target = colours[chosen][which]
        picture[place] += values[:, None] * (target - picture[place])
