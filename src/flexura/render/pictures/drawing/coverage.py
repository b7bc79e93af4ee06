"""How much of each pixel an outline covers, exactly (signed-area accumulation, no supersampling)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from flexura.render.pictures.drawing.path import Path

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Coverage:
    """Coverage 0..1 of the box whose top left pixel is (left, top)."""

    left: int
    top: int
    alpha: NDArray[np.float32]


def fill_coverage(
    path: Path, width: int, height: int, *, even_odd: bool = False
) -> Coverage | None:
    """The covered share of every pixel inside the outline, or None when nothing of it is in the picture."""
    lines = [line for line, _ in path.polylines()]
    if not lines:
        return None
    starts = np.concatenate(lines)
    ends = np.concatenate([np.roll(line, -1, axis=0) for line in lines])
    box = _box(starts, 0.0, width, height)
    if box is None:
        return None
    left, top, right, bottom = box
    offset = np.array([left, top], dtype=np.float64)
    cover = _accumulate(starts - offset, ends - offset, right - left, bottom - top)
    if even_odd:
        return Coverage(left, top, np.abs(cover - 2 * np.round(cover / 2)))
    return Coverage(left, top, np.minimum(np.abs(cover), np.float32(1)))


def stroke_coverage(path: Path, stroke_width: float, width: int, height: int) -> Coverage | None:
    """The covered share of every pixel under a line with round ends and joins."""
    lines = path.polylines()
    half = max(stroke_width, 0.0) / 2
    if not lines:
        return None
    box = _box(np.concatenate([line for line, _ in lines]), half + 1, width, height)
    if box is None:
        return None
    left, top, right, bottom = box
    nearest = np.full((bottom - top, right - left), 1e9, dtype=np.float32)
    for line, closed in lines:
        ends = np.roll(line, -1, axis=0) if closed else line[1:]
        for (x0, y0), (x1, y1) in zip(line[: len(ends)].tolist(), ends.tolist(), strict=True):
            _distance(nearest, (x0 - left, y0 - top, x1 - left, y1 - top), half + 1)
    alpha = np.clip(half + 0.5 - np.sqrt(nearest), 0, min(1.0, stroke_width))
    return Coverage(left, top, alpha.astype(np.float32))


def _box(points: F64, margin: float, width: int, height: int) -> tuple[int, int, int, int] | None:
    low, high = points.min(axis=0) - margin, points.max(axis=0) + margin
    left, top = max(math.floor(low[0]), 0), max(math.floor(low[1]), 0)
    right, bottom = min(math.ceil(high[0]), width), min(math.ceil(high[1]), height)
    return (left, top, right, bottom) if right > left and bottom > top else None


def _distance(
    nearest: NDArray[np.float32], piece: tuple[float, float, float, float], reach: float
) -> None:
    x0, y0, x1, y1 = piece
    height, width = nearest.shape
    left, right = max(int(min(x0, x1) - reach), 0), min(int(max(x0, x1) + reach) + 2, width)
    top, bottom = max(int(min(y0, y1) - reach), 0), min(int(max(y0, y1) + reach) + 2, height)
    if right <= left or bottom <= top:
        return
    px = np.arange(left, right, dtype=np.float32)[None, :] + np.float32(0.5 - x0)
    py = np.arange(top, bottom, dtype=np.float32)[:, None] + np.float32(0.5 - y0)
    dx, dy = x1 - x0, y1 - y0
    square = dx * dx + dy * dy
    if square > 0:
        along = np.clip(px * np.float32(dx / square) + py * np.float32(dy / square), 0, 1)
        px = px - along * np.float32(dx)
        py = py - along * np.float32(dy)
    window = nearest[top:bottom, left:right]
    np.minimum(window, px * px + py * py, out=window)


def _accumulate(starts: F64, ends: F64, width: int, height: int) -> NDArray[np.float32]:
    starts, ends = _within(starts, ends, 1, height)
    starts, ends = _split_at(starts, ends, 0, np.array([0.0, float(width)]))
    starts[:, 0] = np.clip(starts[:, 0], 0, width)
    ends[:, 0] = np.clip(ends[:, 0], 0, width)
    starts, ends = _cells(starts, ends)
    rise = ends[:, 1] - starts[:, 1]
    middle = (starts + ends) / 2
    column = np.minimum(np.floor(middle[:, 0]).astype(np.int64), width)
    row = np.clip(np.floor(middle[:, 1]).astype(np.int64), 0, height - 1)
    spill = rise * (middle[:, 0] - column)
    stride = width + 2
    place = row * stride + column
    total = stride * height
    sums = np.bincount(place, weights=rise - spill, minlength=total)
    sums += np.bincount(place + 1, weights=spill, minlength=total)
    return np.cumsum(sums.astype(np.float32).reshape(height, stride), axis=1)[:, :width]


def _within(starts: F64, ends: F64, axis: int, size: int) -> tuple[F64, F64]:
    """The parts of the pieces between 0 and `size` on one axis."""
    starts, ends = _split_at(starts, ends, axis, np.array([0.0, float(size)]))
    middle = (starts[:, axis] + ends[:, axis]) / 2
    inside = (middle > 0) & (middle < size) & (starts[:, axis] != ends[:, axis])
    return starts[inside], ends[inside]


def _split_at(starts: F64, ends: F64, axis: int, marks: F64) -> tuple[F64, F64]:
    for mark in marks:
        a, b = starts[:, axis], ends[:, axis]
        crosses = (a - mark) * (b - mark) < 0
        if not crosses.any():
            continue
        t = (mark - a[crosses]) / (b[crosses] - a[crosses])
        cut = starts[crosses] + t[:, None] * (ends[crosses] - starts[crosses])
        cut[:, axis] = mark
        tail = ends[crosses]
        ends = ends.copy()
        ends[crosses] = cut
        starts, ends = np.concatenate([starts, cut]), np.concatenate([ends, tail])
    return starts.copy(), ends.copy()


def _cells(starts: F64, ends: F64) -> tuple[F64, F64]:
    """The pieces cut at every pixel border, so that each lies in one pixel."""
    owners = [np.arange(len(starts))]
    cuts = [np.zeros(len(starts))]
    for axis in (0, 1):
        a, b = starts[:, axis], ends[:, axis]
        low, high = np.floor(np.minimum(a, b)) + 1, np.ceil(np.maximum(a, b)) - 1
        count = np.maximum(high - low + 1, 0).astype(np.int64)
        owner = np.repeat(np.arange(len(starts)), count)
        step = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
        mark = low[owner] + step
        owners.append(owner)
        cuts.append((mark - a[owner]) / (b[owner] - a[owner]))
    owner, cut = np.concatenate(owners), np.concatenate(cuts)
    order = np.lexsort((cut, owner))
    owner, cut = owner[order], cut[order]
    last = np.append(owner[1:] != owner[:-1], True) if len(owner) else np.zeros(0, dtype=bool)
    after = np.where(last, 1.0, np.append(cut[1:], 1.0)[: len(cut)])
    span = ends[owner] - starts[owner]
    return starts[owner] + cut[:, None] * span, starts[owner] + after[:, None] * span
