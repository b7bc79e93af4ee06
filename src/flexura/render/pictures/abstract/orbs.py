"""Spheres of coloured light, near and far, and now and then a pane of frosted glass."""

from __future__ import annotations

from PIL import Image, ImageFilter

from flexura.render.oklab import RGB, from_polar, mix, polar
from flexura.render.pictures.abstract.brief import Brief
from flexura.render.pictures.drawing.drawing import Drawing, Gradient, Shape, fading, linear, radial
from flexura.render.pictures.drawing.raster import draw_over, drawing_image
from flexura.render.pictures.drawing.shapes import circle, rounded

WHITE: RGB = (1.0, 1.0, 1.0)


def orbs(brief: Brief) -> Image.Image:
    """Spheres in three depths; the sharp ones are lit, the others are only light."""
    hue = polar(brief.scheme.lead)[2]
    if brief.scheme.dark:
        first, second = from_polar(0.24, 0.06, hue), from_polar(0.13, 0.035, hue + 0.5)
    else:
        first, second = from_polar(0.965, 0.022, hue), from_polar(0.89, 0.05, hue + 0.5)
    ground = linear((0, 0), (brief.width * 0.6, brief.height), first, second)
    shapes: list[Shape] = []
    for i in range(3):
        shapes.append(_haze(brief, brief.scheme.vivid[i]))
    for i, (x, y, radius) in enumerate(_places(brief)):
        shapes += _sphere(
            brief, (x, y), radius, brief.scheme.vivid[i % 5], brief.scheme.vivid[(i + 1) % 5]
        )
    image = drawing_image(Drawing(brief.width, brief.height, tuple(shapes), ground))
    if brief.tokens & {"glass", "glassmorphism", "frosted"} or brief.random.random() < 0.35:
        image = _pane(brief, image)
    return image


def _places(brief: Brief) -> list[tuple[float, float, float]]:
    """Middles and radii in pixels: spheres that do not hide each other."""
    placed: list[tuple[float, float, float]] = []
    sizes = [0.27, 0.17, 0.12, 0.08, 0.055, 0.04]
    for size in sizes:
        radius = brief.side * size * float(brief.random.uniform(0.85, 1.15))
        for _ in range(40):
            x, y = (
                float(brief.random.uniform(0.08, 0.92)) * brief.width,
                float(brief.random.uniform(0.1, 0.9)) * brief.height,
            )
            if all(
                (x - px) ** 2 + (y - py) ** 2 > (0.86 * (radius + pr)) ** 2 for px, py, pr in placed
            ):
                placed.append((x, y, radius))
                break
    return placed


def _haze(brief: Brief, colour: RGB) -> Shape:
    x, y = float(brief.random.uniform(0, brief.width)), float(brief.random.uniform(0, brief.height))
    radius = brief.side * float(brief.random.uniform(0.4, 0.7))
    paint = fading(radial((x, y), radius, colour, colour, colour), 0.5, 0.2, 0.0)
    return Shape(circle(x, y, radius), fill=paint)


def _sphere(
    brief: Brief, at: tuple[float, float], radius: float, one: RGB, two: RGB
) -> list[Shape]:
    x, y = at
    light, chroma, hue = polar(one)
    one = one if light > 0.55 else from_polar(0.55, chroma, hue)
    light = max(light, 0.55)
    bright = from_polar(min(light + 0.2, 0.93), chroma * 0.7, hue + 0.25)
    deep = from_polar(max(light - 0.28, 0.2), chroma * 0.95, hue - 0.2)
    body = Gradient(
        "radial",
        x - radius * 0.38,
        y - radius * 0.42,
        radius * 1.62,
        0,
        ((0, bright, 1), (0.34, one, 1), (0.74, deep, 1), (1, mix(deep, two, 0.7), 1)),
    )
    ball = circle(x, y, radius)
    rim = fading(radial((x + radius * 0.5, y + radius * 0.55), radius * 0.75, two, two), 0.5, 0.0)
    gleam = fading(
        radial((x - radius * 0.4, y - radius * 0.46), radius * 0.42, WHITE, WHITE), 0.55, 0.0
    )
    shade = 0.34 if brief.scheme.dark else 0.24
    return [
        Shape(
            circle(x + radius * 0.1, y + radius * 0.34, radius * 0.94),
            fill=mix(deep, (0.0, 0.0, 0.1), 0.5),
            opacity=shade,
            blur=radius * 0.22,
        ),
        Shape(ball, fill=body),
        Shape(ball, fill=rim),
        Shape(ball, fill=gleam),
    ]


def _pane(brief: Brief, image: Image.Image) -> Image.Image:
    """A pane of frosted glass: what lies behind it is blurred and paler, its edge catches the light."""
    wide, tall = brief.width * 0.54, brief.height * 0.5
    x = brief.width * float(brief.random.uniform(0.16, 0.3))
    y = brief.height * float(brief.random.uniform(0.2, 0.3))
    radius = brief.side * 0.045
    box = (round(x), round(y), round(x + wide), round(y + tall))
    margin = round(brief.side * 0.06)
    around = image.crop((box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin))
    small = around.resize(
        (max(around.width // 4, 1), max(around.height // 4, 1)), Image.Resampling.BILINEAR
    )
    soft = small.filter(ImageFilter.GaussianBlur(brief.side * 0.032 / 4)).resize(
        around.size, Image.Resampling.BICUBIC
    )
    pane = rounded(x, y, wide, tall, radius)
    mask = Image.new("RGBA", image.size, (0, 0, 0, 0))
    draw_over(mask, (Shape(pane, fill=WHITE),))
    backdrop = image.copy()
    backdrop.paste(soft, (box[0] - margin, box[1] - margin))
    shadowed = image.convert("RGBA")
    draw_over(
        shadowed,
        (
            Shape(
                pane.shift(0, brief.side * 0.025),
                fill=(0.02, 0.02, 0.1),
                opacity=0.2,
                blur=brief.side * 0.03,
            ),
        ),
    )
    out = shadowed.convert("RGB")
    out.paste(backdrop, (0, 0), mask.getchannel("A"))
    final = out.convert("RGBA")
    sheen = fading(linear((x, y), (x + wide, y + tall), WHITE, WHITE), 0.34, 0.08)
    edge = fading(linear((x, y), (x + wide, y + tall), WHITE, WHITE, WHITE), 0.75, 0.12, 0.4)
    line = max(brief.side / 500, 1.0)
    draw_over(final, (Shape(pane, fill=sheen), Shape(pane, stroke=edge, stroke_width=line * 1.5)))
    return final.convert("RGB")
