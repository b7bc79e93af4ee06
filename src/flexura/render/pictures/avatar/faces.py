"""Geometric faces: head, hair, eyes, mouth and shirt, put together by chance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from flexura.render.oklab import RGB, from_hex, mix
from flexura.render.pictures.drawing.drawing import Shape
from flexura.render.pictures.drawing.path import Path
from flexura.render.pictures.drawing.shapes import circle, ellipse, rounded
from flexura.render.pictures.drawing.svg_path import parse

_SKINS: Final = ("f6d3bd", "eebd9a", "d99e73", "b97a50", "8d5a3b", "5f3b28")
_HAIRS: Final = ("1f1a1c", "3b2a24", "6b4226", "a5672e", "d9a441", "b5482f", "8c8f98", "4a3f6b")
_STYLES: Final = {
    "short": (
        "M26 46 C24 22 40 14 52 15 C68 15 78 26 75 47 C72 40 68 34 62 32 C52 36 38 34 33 33 C29 "
        "36 27 40 26 46Z"
    ),
    "bob": (
        "M22 66 C16 30 30 13 50 13 C70 13 84 30 78 66 C76 70 70 70 69 65 C71 50 70 40 64 32 C54 "
        "38 42 38 35 33 C30 40 29 50 31 65"
        " C30 70 24 70 22 66Z"
    ),
    "bun": (
        "M27 46 C24 24 38 17 50 17 C62 17 76 24 73 46 C70 36 64 31 57 29 C49 33 38 33 33 35 C30 "
        "38 28 42 27 46Z"
        "M40 12 A10 9 0 1 1 60 12 A10 9 0 1 1 40 12Z"
    ),
    "quiff": (
        "M27 45 C22 24 34 19 42 20 C46 10 66 8 74 18 C80 26 77 38 74 46 C73 38 70 33 65 32 C54 31 "
        "42 31 34 34 C30 37 28 41 27 45Z"
    ),
    "curls": (
        "M27 46 C20 44 19 36 25 32 C21 24 29 17 36 20 C39 12 51 11 54 17 C61 11 71 15 71 23 C79 "
        "24 81 34 75 38 C78 42 77 46 73 47"
        " C72 40 68 35 61 34 C52 36 40 36 34 35 C30 38 28 42 27 46Z"
    ),
    "long": (
        "M20 84 C16 40 24 13 50 13 C76 13 84 40 80 84 C74 88 68 84 69 76 C72 56 72 42 64 31 C54 "
        "37 44 37 36 31 C28 42 28 56 31 76"
        " C32 84 26 88 20 84Z"
    ),
    "bald": "",
}


def face(
    box: tuple[float, float, float], random: np.random.Generator, shirt: RGB
) -> tuple[Shape, ...]:
    """A face with shoulders in a square box (x, y, size)."""
    x, y, size = box
    scale = size / 100
    skin = from_hex(_SKINS[int(random.integers(len(_SKINS)))])
    hair = from_hex(_HAIRS[int(random.integers(len(_HAIRS)))])
    style = str(random.choice(list(_STYLES)))
    shade = mix(skin, (0.35, 0.1, 0.08), 0.22)

    def at(path: Path) -> Path:
        return path.scale(scale).shift(x, y)

    shapes: list[Shape] = []
    if style in {"long", "bob"}:
        back = parse(
            "M22 60 C14 30 28 13 50 13 C72 13 86 30 78 60 L80 84 H20Z"
            if style == "long"
            else "M22 62 C16 30 30 14 50 14 C70 14 84 30 78 62Z"
        )
        shapes.append(Shape(at(back), fill=mix(hair, (0.0, 0.0, 0.0), 0.22)))
    shapes += [
        Shape(at(rounded(41, 60, 18, 24, 8)), fill=shade),
        Shape(
            at(parse("M12 104 C12 86 26 79 41 78 C45 85 55 85 59 78 C74 79 88 86 88 104Z")),
            fill=shirt,
        ),
        Shape(at(circle(27, 50, 5)), fill=shade),
        Shape(at(circle(73, 50, 5)), fill=shade),
        Shape(
            at(
                parse(
                    "M28 42 C28 26 38 21 50 21 C62 21 72 26 72 42 V50 C72 64 62 74 50 74 C38 74 28 64 28 50Z"
                )
            ),
            fill=skin,
        ),
    ]
    shapes += _features(at, random, skin, hair, scale)
    if _STYLES[style]:
        shapes.append(Shape(at(parse(_STYLES[style])), fill=hair))
    return tuple(shapes)


def _features(
    at: Callable[[Path], Path], random: np.random.Generator, skin: RGB, hair: RGB, scale: float
) -> list[Shape]:
    """Eyes, brows, nose, cheeks, mouth and now and then glasses or a beard."""
    dark: RGB = (0.13, 0.1, 0.12)
    blush = mix(skin, (0.9, 0.25, 0.3), 0.35)
    brow = mix(hair, dark, 0.35)
    shapes: list[Shape] = []
    if random.random() < 0.2:
        beard = parse(
            "M28 50 C32 58 38 57 50 57 C62 57 68 58 72 50 C72 66 62 77 50 77 C38 77 28 66 28 50Z"
        )
        shapes.append(Shape(at(beard), fill=hair))
    for side in (-1, 1):
        shapes.append(Shape(at(circle(50 + side * 15, 57, 4)), fill=blush, opacity=0.55))
        shapes.append(Shape(at(ellipse(50 + side * 10, 48, 2.3, 2.9)), fill=dark))
        lift = parse(f"M{50 + side * 6} 42 Q{50 + side * 10} 39.6 {50 + side * 14} 42")
        shapes.append(Shape(at(lift), stroke=brow, stroke_width=1.9 * scale))
    shapes.append(
        Shape(
            at(parse("M50 49 Q52.6 55 49.4 55.4")),
            stroke=mix(skin, dark, 0.3),
            stroke_width=1.5 * scale,
        )
    )
    if random.random() < 0.3:
        for side in (-1, 1):
            shapes.append(
                Shape(at(circle(50 + side * 10.4, 48, 7.4)), stroke=dark, stroke_width=1.6 * scale)
            )
        shapes.append(
            Shape(at(parse("M47 47 Q50 45.4 53 47")), stroke=dark, stroke_width=1.6 * scale)
        )
    if random.random() < 0.5:
        shapes.append(
            Shape(
                at(parse("M43 61.5 H57 C57 66.4 54 68.4 50 68.4 S43 66.4 43 61.5Z")),
                fill=(1.0, 1.0, 1.0),
            )
        )
    else:
        shapes.append(
            Shape(at(parse("M43.4 62.4 Q50 68 56.6 62.4")), stroke=dark, stroke_width=1.9 * scale)
        )
    return shapes
