"""A picture seen from a little aside: near things shift more than far ones, by a guess of the depth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from flexura.render.transform.camera_path import View
from flexura.render.transform.filters import gaussian
from flexura.render.transform.geometry import energy

_COLUMNS, _ROWS = 40, 24
_SHIFT = 0.032
"""The most that the nearest point moves, as a part of the box's width."""


def guessed_depth(image: Image.Image) -> NDArray[np.float32]:
    """Nearness 0..1 on a small grid: what is low and what stands out is near. A guess, and a smooth one."""
    seen = energy(image)
    rows = np.linspace(0, 1, seen.shape[0], dtype=np.float32)[:, None]
    ground = np.clip((rows - 0.25) / 0.75, 0, 1) ** 1.2
    subject = gaussian(seen, seen.shape[1] / 14)
    subject = (subject - subject.min()) / (float(np.ptp(subject)) + 1e-6)
    near = gaussian(np.asarray(0.45 * ground + 0.55 * subject, np.float32), seen.shape[1] / 22)
    return np.asarray((near - near.min()) / (float(np.ptp(near)) + 1e-6), np.float32)


def seen_aside(
    image: Image.Image, depth: NDArray[np.float32], view: View, size: tuple[int, int]
) -> Image.Image:
    """The view of the picture, warped over a mesh by the depth at its corners."""
    left, top, right, bottom = view.box
    across = np.linspace(0, 1, _COLUMNS + 1)
    down = np.linspace(0, 1, _ROWS + 1)
    x = left + (right - left) * across[None, :].repeat(_ROWS + 1, axis=0)
    y = top + (bottom - top) * down[:, None].repeat(_COLUMNS + 1, axis=1)
    near = _sampled(depth, x / image.width, y / image.height) - 0.5
    shift = _SHIFT * (right - left)
    x = np.clip(x + near * shift * view.aside[0], 0, image.width)
    y = np.clip(y + near * shift * view.aside[1], 0, image.height)
    columns = np.rint(across * size[0]).astype(int)
    rows = np.rint(down * size[1]).astype(int)
    mesh: list[tuple[tuple[int, int, int, int], tuple[float, ...]]] = []
    for row in range(_ROWS):
        for column in range(_COLUMNS):
            target = (columns[column], rows[row], columns[column + 1], rows[row + 1])
            corners = ((row, column), (row + 1, column), (row + 1, column + 1), (row, column + 1))
            quad = tuple(float(value[at]) for at in corners for value in (x, y))
            mesh.append(((int(target[0]), int(target[1]), int(target[2]), int(target[3])), quad))
    return image.transform(size, Image.Transform.MESH, mesh, Image.Resampling.BICUBIC)


def _sampled(
    grid: NDArray[np.float32], x: NDArray[np.floating], y: NDArray[np.floating]
) -> NDArray[np.floating]:
    """The grid at places 0..1, between its points by straight lines."""
    rows, columns = grid.shape
    across = np.clip(x, 0, 1) * (columns - 1)
    down = np.clip(y, 0, 1) * (rows - 1)
    left = np.minimum(across.astype(int), columns - 2)
    top = np.minimum(down.astype(int), rows - 2)
    right_share, low_share = across - left, down - top
    upper = grid[top, left] * (1 - right_share) + grid[top, left + 1] * right_share
    lower = grid[top + 1, left] * (1 - right_share) + grid[top + 1, left + 1] * right_share
    return upper * (1 - low_share) + lower * low_share
