"""Marks of logos: letters in shapes, cut-outs, interlocking and geometric signs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from flexura.render.oklab import RGB, mix
from flexura.render.pictures.drawing.drawing import Paint, Shape, linear
from flexura.render.pictures.drawing.path import Path
from flexura.render.pictures.drawing.shapes import (
    arc,
    circle,
    ellipse,
    rect,
    regular,
    ring_sector,
    rounded,
    sector,
    squircle,
)
from flexura.render.pictures.drawing.svg_path import parse
from flexura.render.type import Setting, line_path, line_width


@dataclass(frozen=True)
class MarkBrief:
    """What a mark is made from: a square box, letters, two colours, the ground behind, and chance."""

    x: float
    y: float
    size: float
    letters: str
    one: RGB
    two: RGB
    ground: Paint
    random: np.random.Generator

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of the box."""
        return self.x + self.size / 2, self.y + self.size / 2

    @property
    def sweep(self) -> Paint:
        """The two colours across the box."""
        return linear(
            (self.x, self.y), (self.x + self.size, self.y + self.size), self.two, self.one
        )


def _letter(brief: MarkBrief, share: float, face: str, letters: str) -> Path:
    """Letters in the middle of the box; `share` is the height of their capitals in the box."""
    setting = Setting(face, 100, -0.04)
    setting = setting.sized(100 * brief.size * share / setting.cap_height)
    widest = brief.size * 0.72
    width = line_width(letters, setting)
    if width > widest:
        setting = setting.sized(setting.size * widest / width)
    cx, cy = brief.centre
    return line_path(letters, setting, cx, cy + setting.cap_height / 2, "center")


def badge(brief: MarkBrief) -> tuple[Shape, ...]:
    """Letters cut out of a solid shape."""
    cx, cy = brief.centre
    half = brief.size / 2
    forms: tuple[Path, ...] = (
        circle(cx, cy, half),
        squircle(brief.x, brief.y, brief.size),
        regular(cx, cy, half * 1.06, 6),
        parse("M12 .8 L21.6 4 V11.6 C21.6 17.2 17.8 21.2 12 23.2 C6.2 21.2 2.4 17.2 2.4 11.6 V4Z")
        .scale(brief.size / 24)
        .shift(brief.x, brief.y),
        rounded(brief.x, brief.y, brief.size, brief.size, brief.size * 0.16),
        _leaf_form(brief),
    )
    form = forms[int(brief.random.integers(len(forms)))]
    face = str(brief.random.choice(["geometric", "grotesk", "bold", "serif"]))
    share = 0.46 if len(brief.letters) == 1 else 0.34
    paint: Paint = brief.sweep if brief.random.random() < 0.6 else brief.one
    return (
        Shape(form, fill=paint),
        Shape(_letter(brief, share, face, brief.letters), fill=brief.ground),
    )


def _leaf_form(brief: MarkBrief) -> Path:
    """A square with two opposite corners fully round."""
    return (
        parse("M0 12 A12 12 0 0 1 12 0 H24 V12 A12 12 0 0 1 12 24 H0Z")
        .scale(brief.size / 24)
        .shift(brief.x, brief.y)
    )


def split(brief: MarkBrief) -> tuple[Shape, ...]:
    """A big letter that grows out of the lower edge of its shape."""
    cx, cy = brief.centre
    form = (
        circle(cx, cy, brief.size / 2)
        if brief.random.random() < 0.5
        else squircle(brief.x, brief.y, brief.size)
    )
    face = str(brief.random.choice(["bold", "geometric", "grotesk"]))
    letter = _letter(brief, 0.72, face, brief.letters[:1]).shift(0, brief.size * 0.2)
    return (Shape(form, fill=brief.sweep), Shape(letter, fill=brief.ground, clip=form))


def seal(brief: MarkBrief) -> tuple[Shape, ...]:
    """Letters in a fine double ring."""
    cx, cy = brief.centre
    half = brief.size / 2
    letters = _letter(brief, 0.4 if len(brief.letters) == 1 else 0.28, "serif", brief.letters)
    return (
        Shape(circle(cx, cy, half * 0.97), stroke=brief.one, stroke_width=half * 0.055),
        Shape(circle(cx, cy, half * 0.84), stroke=brief.one, stroke_width=half * 0.02),
        Shape(letters, fill=brief.one),
    )


def petals(brief: MarkBrief) -> tuple[Shape, ...]:
    """Equal petals turned about the middle, where they meet they mix."""
    cx, cy = brief.centre
    count = int(brief.random.choice([3, 4, 5, 6, 8]))
    long, wide = brief.size * 0.29, brief.size * (0.2 if count < 6 else 0.12)
    out: list[Shape] = []
    for i in range(count):
        petal = ellipse(cx, cy - brief.size * 0.22, wide, long).rotate(360 / count * i, cx, cy)
        out.append(
            Shape(petal, fill=mix(brief.one, brief.two, i / max(count - 1, 1)), opacity=0.82)
        )
    return tuple(out)


def rings(brief: MarkBrief) -> tuple[Shape, ...]:
    """Two interlocking rings, one passing over and under the other."""
    cx, cy = brief.centre
    radius, width = brief.size * 0.27, brief.size * 0.115
    left, right = (cx - brief.size * 0.165, cy), (cx + brief.size * 0.165, cy)
    gap = width * 1.5
    over = arc(*right, radius, -170, -60)
    return (
        Shape(circle(*right, radius), stroke=brief.two, stroke_width=width),
        Shape(circle(*left, radius), stroke=brief.ground, stroke_width=gap),
        Shape(circle(*left, radius), stroke=brief.one, stroke_width=width),
        Shape(arc(*right, radius, -172, -88), stroke=brief.ground, stroke_width=gap),
        Shape(over, stroke=brief.two, stroke_width=width),
    )


def quarters(brief: MarkBrief) -> tuple[Shape, ...]:
    """A square of four quarter discs and squares."""
    half = brief.size / 2
    pad = brief.size * 0.02
    turns = [int(v) for v in brief.random.integers(0, 4, 4)]
    if len(set(turns)) == 1:
        turns[2] = (turns[2] + 2) % 4
    colours = (brief.one, brief.two, mix(brief.one, brief.two, 0.5), brief.one)
    out: list[Shape] = []
    for i in range(4):
        x, y = brief.x + (i % 2) * half, brief.y + (i // 2) * half
        side = half - pad
        x, y = x + (pad if i % 2 else 0), y + (pad if i // 2 else 0)
        corners = ((x, y, 0), (x + side, y, 90), (x + side, y + side, 180), (x, y + side, 270))
        px, py, start = corners[turns[i]]
        out.append(Shape(sector(px, py, side, start, start + 90), fill=colours[i]))
    return tuple(out)


def stripes(brief: MarkBrief) -> tuple[Shape, ...]:
    """A disc cut into bars that grow thinner."""
    cx, cy = brief.centre
    form = circle(cx, cy, brief.size / 2)
    out = [Shape(form, fill=brief.sweep)]
    y = cy - brief.size * 0.02
    gap = brief.size * 0.03
    for step in range(4):
        y += brief.size * 0.098
        bar = rect(brief.x, y, brief.size, gap * (1 + step * 0.42))
        out.append(Shape(bar, fill=brief.ground, clip=circle(cx, cy, brief.size / 2 + 1)))
    return tuple(out)


def folded(brief: MarkBrief) -> tuple[Shape, ...]:
    """A folded band: three faces of a cube, or two slanted bars."""
    dark = mix(brief.one, (0.0, 0.0, 0.05), 0.22)
    faces: tuple[tuple[RGB, str], ...] = (
        (brief.one, "M0 6 L12 0 V12 L0 18Z"),
        (dark, "M12 0 L24 6 V18 L12 12Z"),
        (brief.two, "M0 18 L12 12 L24 18 L12 24Z"),
    )
    if brief.random.random() < 0.5:
        faces = (
            (brief.one, "M0 22.8 L8.6 1.2 H15.1 L6.5 22.8Z"),
            (brief.two, "M8.9 22.8 L17.5 1.2 H24 L15.4 22.8Z"),
        )
    scale = brief.size / 24
    return tuple(
        Shape(parse(data).scale(scale).shift(brief.x, brief.y), fill=colour)
        for colour, data in faces
    )


def orbit(brief: MarkBrief) -> tuple[Shape, ...]:
    """An open ring with a dot in its opening."""
    cx, cy = brief.centre
    start = float(brief.random.choice([-30, 60, 150, 240]))
    outer = brief.size * 0.5
    ring = ring_sector((cx, cy), outer, outer * 0.62, start, start + 285)
    angle = math.radians(start + 322)
    dot = circle(
        cx + math.cos(angle) * outer * 0.81, cy + math.sin(angle) * outer * 0.81, outer * 0.2
    )
    core = circle(cx, cy, outer * 0.24)
    return (Shape(ring, fill=brief.sweep), Shape(dot, fill=brief.two), Shape(core, fill=brief.one))


def bars(brief: MarkBrief) -> tuple[Shape, ...]:
    """Round bars of different length side by side, like a sound or a skyline."""
    count = int(brief.random.choice([3, 4, 5]))
    step = brief.size / count
    width = step * 0.62
    lengths = brief.random.permutation(np.linspace(0.36, 1.0, count))
    out: list[Shape] = []
    for i in range(count):
        tall = brief.size * float(lengths[i])
        x = brief.x + step * i + (step - width) / 2
        bar = rounded(x, brief.y + (brief.size - tall) / 2, width, tall, width / 2)
        out.append(Shape(bar, fill=mix(brief.one, brief.two, i / (count - 1))))
    return tuple(out)


LETTER_MARKS: Final[tuple[Callable[[MarkBrief], tuple[Shape, ...]], ...]] = (
    badge,
    split,
    seal,
    badge,
)
SIGN_MARKS: Final[tuple[Callable[[MarkBrief], tuple[Shape, ...]], ...]] = (
    petals,
    rings,
    quarters,
    stripes,
    folded,
    orbit,
    bars,
)
