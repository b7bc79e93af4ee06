"""Takes away a background of one plain colour, such as a studio wall or a green screen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from flexura.render.transform.tone import pixels

_GRID = 384
_NEAR = 0.055
_FAR = 0.14
_PLAIN_SHARE = 0.55
# A real rim is a few pixels wide; more half-transparent places are a gradient, such as a sky.
_MOST_SOFT = 0.04


def without_background(image: Image.Image) -> Image.Image | None:
    """The picture with its plain background transparent, or None when the rim is not of one colour.

    Only what is joined to the rim goes: a white shirt before a white wall stays if something parts the two.
    """
    colours = pixels(image)
    plain = _rim_colour(colours)
    if plain is None:
        return None
    distance = np.linalg.norm(colours - plain, axis=2)
    opacity = np.clip((distance - _NEAR) / (_FAR - _NEAR), 0, 1)
    opacity = np.where(_joined_to_rim(distance), opacity, 1).astype(np.float32)
    if np.mean((opacity > 0.05) & (opacity < 0.95)) > _MOST_SOFT:
        return None
    # What the wall's colour added to half-transparent edges is taken out again.
    clean = (colours - (1 - opacity[:, :, None]) * plain) / np.maximum(opacity[:, :, None], 0.04)
    result = np.empty((*opacity.shape, 4), np.uint8)
    result[:, :, :3] = np.clip(clean * 255 + 0.5, 0, 255)
    alpha = opacity * 255
    if image.mode == "RGBA":
        alpha *= np.asarray(image.getchannel("A"), np.float32) / 255
    result[:, :, 3] = alpha + 0.5
    return Image.fromarray(result)


def _rim_colour(colours: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """The colour that most of the rim has."""
    depth = max(1, min(colours.shape[:2]) // 60)
    sides = (colours[:depth], colours[:, :depth], colours[:, -depth:])
    rim = np.concatenate([side.reshape(-1, 3) for side in sides])
    # The lower edge is left out: people and products stand on it.
    middle = np.median(rim, axis=0)
    near = np.linalg.norm(rim - middle, axis=1) < _NEAR
    if near.mean() < _PLAIN_SHARE:
        return None
    return np.asarray(rim[near].mean(axis=0), np.float32)


def _joined_to_rim(distance: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Where one gets to from the rim over pixels of nearly its colour; found on a coarse grid."""
    height, width = distance.shape
    scale = min(1.0, _GRID / max(height, width))
    size = (max(4, round(width * scale)), max(4, round(height * scale)))
    small = Image.fromarray(distance.astype(np.float32)).resize(size, Image.Resampling.BOX)
    free = np.asarray(small) < _FAR
    reached = np.zeros_like(free)
    reached[0], reached[:, 0], reached[:, -1] = free[0], free[:, 0], free[:, -1]
    reached[-1] = free[-1]
    while True:
        grown = _grown(reached) & free
        if np.array_equal(grown, reached):
            break
        reached = grown
    rim = _grown(reached)
    full = Image.fromarray(rim.astype(np.uint8) * 255).resize(
        (width, height), Image.Resampling.BILINEAR
    )
    return np.asarray(full) > 96


def _grown(cells: NDArray[np.bool_]) -> NDArray[np.bool_]:
    grown = cells.copy()
    grown[1:] |= cells[:-1]
    grown[:-1] |= cells[1:]
    grown[:, 1:] |= cells[:, :-1]
    grown[:, :-1] |= cells[:, 1:]
    return grown
