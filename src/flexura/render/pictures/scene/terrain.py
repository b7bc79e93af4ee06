"""Land in perspective: a height field seen from a low camera, lit by the sun and veiled by distance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from flexura.render.noise import Field, sample
from flexura.render.oklab import RGB, from_oklab, to_oklab
from flexura.render.pictures.scene.layer import Layer
from flexura.render.pictures.scene.stage import Stage


@dataclass(frozen=True)
class Land:
    """A stretch of land between two distances. Distances and heights are in units of the camera's
    focal length.
    """

    near: float
    far: float
    height: Callable[[Field, Field], Field]
    """The height above the plain at (across, away)."""
    colour: Callable[[Field, Field, Field], NDArray[np.float32]]
    """OKLab colours by height, steepness (0 flat .. 1 wall) and distance share (0..1)."""
    eye: float = 0.25
    """The camera's height above the plain."""
    haze: tuple[float, float] = (0.1, 0.85)
    """How much of the near and of the far end the haze takes."""
    contrast: float = 0.75
    """How much darker the sides away from the sun are."""
    depth: float = 0.2
    steps: int = 220
    reach: float = 0.0
    """Where the highest peak ends above the horizon, in units of the stage; 0 leaves the heights as
    they are.
    """
    sun_height: float = 0.75
    """How steeply the light falls: small values give long shadows."""


def _seen(rows: Field, count: int) -> NDArray[np.int32]:
    """Which sample shows at each of `count` pixel rows: the first, from the viewer on, that reaches
    as high.
    """
    steps, width = rows.shape
    # Samples run from near to far; only those that rise above all nearer ones can be seen.
    crest = np.minimum.accumulate(rows, axis=0)
    fresh = np.ones(rows.shape, dtype=bool)
    fresh[1:] = crest[1:] < crest[:-1]
    target = np.clip(np.ceil(crest), 0, count).astype(np.int32)
    index = np.full((count + 1, width), steps, dtype=np.int32)
    order = np.broadcast_to(np.arange(steps, dtype=np.int32)[:, None], rows.shape)
    columns = np.broadcast_to(np.arange(width, dtype=np.int32)[None, :], rows.shape)
    keep = fresh & (rows <= count)
    # From far to near, so that at one row the nearest wins.
    np.minimum.at(index, (target[keep], columns[keep]), order[keep])
    return np.minimum.accumulate(index[:count], axis=0)


def render(stage: Stage, land: Land, base: float | None = None) -> Layer:
    """The land as a layer; `base` is the row of its horizon (the stage's without)."""
    fine = 2
    width = stage.width if stage.width < 1500 else stage.width // 2
    ratio = width / stage.width
    horizon = (stage.horizon if base is None else base) * ratio * fine
    rows_count = round(stage.height * ratio) * fine
    focal = stage.unit * ratio * fine
    away = np.geomspace(land.near, land.far, land.steps, dtype=np.float32)[:, None]
    across_pixel = (
        (np.arange(width, dtype=np.float32) - width / 2) / np.float32(stage.unit * ratio)
    )[None, :]
    across = across_pixel * away
    height = land.height(across, np.broadcast_to(away, across.shape))
    if land.reach:
        # The scale at which the most prominent point of the view just touches the wanted height.
        height = height * np.float32(
            np.min((land.reach * away + land.eye) / np.maximum(height, 1e-3))
        )
    rows = np.float32(horizon) + (np.float32(land.eye) - height) * np.float32(focal) / away
    top = max(int(rows.min()) - 2, 0)
    count = rows_count - top
    index = _seen(rows - top, count)
    slope_x = np.gradient(height, axis=1) / np.maximum(np.gradient(across, axis=1), 1e-6)
    slope_z = np.gradient(height, axis=0) / np.gradient(away, axis=0)
    colours = _lit(stage, land, (height, slope_x, slope_z), away)
    table = np.concatenate([colours.reshape(-1, 3), np.zeros((width, 3), dtype=np.uint8)])
    flat = index * width + np.arange(width, dtype=np.int32)[None, :]
    pixels = table.take(flat.ravel(), axis=0).reshape(count, width, 3)
    alpha = np.where(index < land.steps, 255, 0).astype(np.uint8)
    picture = Image.fromarray(np.dstack([pixels, alpha])).reduce((1, fine))
    if ratio != 1:
        picture = picture.resize(
            (stage.width, round(picture.height / ratio)), Image.Resampling.BICUBIC
        )
    at = (0, round(top / fine / ratio))
    return Layer(picture.convert("RGB"), picture.getchannel("A"), at, land.depth)


def _lit(
    stage: Stage, land: Land, shape: tuple[Field, Field, Field], away: Field
) -> NDArray[np.uint8]:
    height, slope_x, slope_z = shape
    sun_x = (stage.sun[0] - stage.width / 2) / stage.unit
    towards = np.array([sun_x * 1.6 + (0.35 if sun_x >= 0 else -0.35), land.sun_height, 0.45])
    towards = towards / np.linalg.norm(towards)
    length = np.sqrt(slope_x**2 + slope_z**2 + 1)
    facing = (-slope_x * towards[0] + towards[1] - slope_z * towards[2] * 0.6) / length
    level = np.clip(0.5 + 0.75 * (facing - towards[1] * 0.72), 0, 1.15)
    steep = 1 - 1 / length
    share = np.log(away / land.near) / np.log(land.far / land.near)
    lab = land.colour(
        height, steep.astype(np.float32), np.broadcast_to(share, height.shape).astype(np.float32)
    )
    shadow = to_oklab(stage.palette.sky[1])
    warm = to_oklab(stage.palette.light)
    dim = 1 - land.contrast * (1 - np.clip(level, 0, 1))
    lab = lab * np.stack([dim, 0.75 + 0.25 * dim, 0.75 + 0.25 * dim], axis=2)
    lab += (shadow - lab) * ((1 - np.clip(level, 0, 1)) * 0.22)[..., None]
    strength = 0.3 if stage.hour in {"golden", "sunset", "dawn"} else 0.12
    lab += (warm - lab) * (np.clip(level - 0.55, 0, 0.6) * strength)[..., None]
    veil = land.haze[0] + (land.haze[1] - land.haze[0]) * share**1.3
    lab += (to_oklab(stage.palette.haze) - lab) * np.broadcast_to(veil, height.shape)[
        ..., None
    ].astype(np.float32)
    return (from_oklab(lab) * 255 + 0.5).astype(np.uint8)


def looked_up(
    tile: Field, scale: float, shift: tuple[float, float] = (0.0, 0.0)
) -> Callable[[Field, Field], Field]:
    """A height function that reads a tiling field; one unit of land is `scale` of its pixels."""

    def height(across: Field, away: Field) -> Field:
        return sample(
            tile,
            away * np.float32(scale) + np.float32(shift[0]),
            across * np.float32(scale) + np.float32(shift[1]),
        )

    return height


def banded(stops: tuple[RGB, ...], at: tuple[float, ...]) -> Callable[[Field], NDArray[np.float32]]:
    """OKLab colours along a scale: `stops` at the values `at`."""
    lab = to_oklab(np.asarray(stops, dtype=np.float32))

    def colours(values: Field) -> NDArray[np.float32]:
        parts = [np.interp(values, at, lab[:, channel]).astype(np.float32) for channel in range(3)]
        return np.stack(parts, axis=2)

    return colours
