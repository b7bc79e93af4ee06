"""Where the camera looks at each moment of a move over a picture."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

Point = tuple[float, float]
_PANS: Final[dict[str, Point]] = {
    "pan_left": (-1, 0),
    "pan_right": (1, 0),
    "pan_up": (0, -1),
    "pan_down": (0, 1),
}
MOVES: Final = ("zoom_in", "zoom_out", *_PANS, "drift", "orbit")


@dataclass(frozen=True)
class View:
    """The part of the picture to be seen, in its pixels, and how far the camera stands aside, -1..1."""

    box: tuple[float, float, float, float]
    aside: Point = (0.0, 0.0)


@dataclass(frozen=True)
class Stage:
    """The picture's size, the shape of the video (width by height), and the point of interest, 0..1."""

    width: int
    height: int
    ratio: float
    focus: Point

    def box(self, zoom: float, place: Point) -> tuple[float, float, float, float]:
        """The box that shows 1/zoom of what fits; `place` 0..1 is where in the free room it lies."""
        wide = min(self.width, self.height * self.ratio) / zoom
        high = min(self.height, self.width / self.ratio) / zoom
        left = (self.width - wide) * min(1.0, max(0.0, place[0]))
        top = (self.height - high) * min(1.0, max(0.0, place[1]))
        return left, top, left + wide, top + high

    def around(self, zoom: float, point: Point) -> tuple[float, float, float, float]:
        """The box with this point, 0..1 of the picture, in its middle, as far as the picture goes."""
        left, top, right, bottom = self.box(zoom, (0, 0))
        wide, high = right - left, bottom - top
        free_x, free_y = max(1e-6, self.width - wide), max(1e-6, self.height - high)
        place = (
            (point[0] * self.width - wide / 2) / free_x,
            (point[1] * self.height - high / 2) / free_y,
        )
        return self.box(zoom, place)


def camera_path(move: str, stage: Stage, amount: float, loop: bool) -> Callable[[float], View]:
    """The view at each time 0..1 of the clip. `amount` is 0..1; a loop ends where it began."""
    if move in ("zoom_in", "zoom_out"):
        return _zoom(stage, amount, loop, inward=move == "zoom_in")
    if move in _PANS:
        return _pan(stage, _PANS[move], amount, loop)
    if move == "orbit":
        return _orbit(stage, amount, loop)
    return _drift(stage, amount)


def _progress(time: float, loop: bool) -> float:
    """How far along the way: there and back in a loop, else steadily with soft ends."""
    if loop:
        return 0.5 - 0.5 * math.cos(2 * math.pi * time)
    soft = time * time * (3 - 2 * time)
    return 0.55 * time + 0.45 * soft


def _zoom(stage: Stage, amount: float, loop: bool, *, inward: bool) -> Callable[[float], View]:
    near = 1.08 + 0.62 * amount
    wide_box, near_box = stage.around(1.0, stage.focus), stage.around(near, stage.focus)

    def view(time: float) -> View:
        way = _progress(time, loop)
        way = way if inward else 1 - way
        # The box shrinks by the same factor each moment, which the eye sees as a steady speed.
        share = (1 - near**-way) / (1 - 1 / near)
        left, top, right, bottom = (
            a + (b - a) * share for a, b in zip(wide_box, near_box, strict=True)
        )
        return View((left, top, right, bottom))

    return view


def _pan(stage: Stage, direction: Point, amount: float, loop: bool) -> Callable[[float], View]:
    free = max(stage.width / (stage.height * stage.ratio), stage.height * stage.ratio / stage.width)
    # A picture of the video's own shape has no room to the sides until the camera comes nearer.
    zoom = 1.0 if free > 1.35 and _room_along(stage, direction) else 1.10 + 0.22 * amount
    span = 0.35 + 0.65 * amount

    def view(time: float) -> View:
        way = (_progress(time, loop) - 0.5) * span
        x = 0.5 + direction[0] * way if direction[0] else stage.focus[0]
        y = 0.5 + direction[1] * way if direction[1] else stage.focus[1]
        return View(stage.box(zoom, (x, y)))

    return view


def _room_along(stage: Stage, direction: Point) -> bool:
    return (stage.width / stage.height > stage.ratio) == bool(direction[0])


def _drift(stage: Stage, amount: float) -> Callable[[float], View]:
    zoom = 1.07 + 0.10 * amount

    def view(time: float) -> View:
        turn = 2 * math.pi * time
        # One closed curve, so that it loops whether that was asked for or not.
        x = 0.5 + 0.42 * math.sin(turn)
        y = 0.5 + 0.34 * math.sin(2 * turn + 0.6)
        return View(stage.box(zoom + 0.03 * (1 - math.cos(turn)), (x, y)))

    return view


def _orbit(stage: Stage, amount: float, loop: bool) -> Callable[[float], View]:
    reach = 0.35 + 0.65 * amount

    def view(time: float) -> View:
        if loop:
            turn = 2 * math.pi * time
            aside = (math.sin(turn) * reach, 0.45 * math.cos(turn) * reach)
            return View(stage.around(1.10, stage.focus), aside)
        way = _progress(time, loop=False)
        aside = ((2 * way - 1) * reach, 0.25 * math.cos(math.pi * way) * reach)
        return View(stage.around(1.09 + 0.05 * way, stage.focus), aside)

    return view
