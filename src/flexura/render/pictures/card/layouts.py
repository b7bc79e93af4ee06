"""How a card is laid out: beside its picture, on it, in big type, or as a quotation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from PIL import Image

from flexura.render.oklab import RGB, from_polar, mix, polar
from flexura.render.pictures.abstract.aurora import aurora
from flexura.render.pictures.abstract.brief import Brief
from flexura.render.pictures.abstract.contours import contours
from flexura.render.pictures.abstract.dots import halftone, particles
from flexura.render.pictures.abstract.geometry import bauhaus, paper_cut, spotlight
from flexura.render.pictures.abstract.mesh import mesh
from flexura.render.pictures.abstract.orbs import orbs
from flexura.render.pictures.abstract.ribbons import ribbons
from flexura.render.pictures.abstract.silk import silk
from flexura.render.pictures.abstract.waves import waves
from flexura.render.pictures.card.ground import extremes, veiled
from flexura.render.pictures.contrast import contrast, legible
from flexura.render.pictures.drawing.drawing import Shape
from flexura.render.pictures.drawing.raster import draw_over
from flexura.render.pictures.drawing.shapes import circle, rounded, sector
from flexura.render.pictures.scheme import Scheme
from flexura.render.type import Align, Block, Setting, fit, line_path


@dataclass(frozen=True)
class CardBrief:
    """Size in pixels, both texts, the face of the title, colours, words and chance."""

    width: int
    height: int
    title: str
    subtitle: str
    face: str
    scheme: Scheme
    tokens: frozenset[str]
    random: np.random.Generator

    @property
    def margin(self) -> float:
        """The safe margin that no type enters."""
        return max(min(self.width, self.height) * 0.095, min(self.width, 12))

    @property
    def title_size(self) -> float:
        """The greatest size of the title."""
        return min(
            max(self.width * 0.084, min(self.width, self.height) * 0.115), self.height * 0.19
        )

    def art(
        self, width: int, height: int, family: Callable[[Brief], Image.Image], *, dark: bool
    ) -> Image.Image:
        """An abstract picture in the card's colours."""
        colours = replace(self.scheme, dark=dark)
        return family(Brief(max(width, 2), max(height, 2), colours, self.tokens, self.random))


_BACKS: Final = (mesh, silk, ribbons, aurora, spotlight, contours, particles, waves)
_PANELS: Final = (bauhaus, waves, orbs, paper_cut, silk, halftone, mesh)


def _set(
    image: Image.Image,
    brief: CardBrief,
    box: tuple[float, float, float, float],
    ink: RGB,
    ground: RGB,
    align: Align = "left",
    size: float = 0.0,
) -> None:
    """Title and subtitle one above the other, in the middle of the box's height."""
    left, top, right, bottom = box
    wide, tall = max(right - left, 4), max(bottom - top, 4)
    tight = -0.028 if brief.face in {"bold", "semibold", "geometric"} else -0.012
    setting = Setting(brief.face, size or brief.title_size, tight)
    share = 0.7 if brief.subtitle else 1.0
    block = fit(
        brief.title,
        setting,
        (wide, tall * share),
        smallest=max(min(brief.height * 0.05, 28), 5),
        most_lines=5,
        leading=1.12,
    )
    below = _subtitle(brief, block, wide, tall)
    gap = block.setting.size * 0.62 if below.lines and block.lines else 0.0
    y = top + (tall - block.height - gap - below.height) / 2
    x = {"left": left, "center": (left + right) / 2, "right": right}[align]
    quiet = legible(mix(ink, ground, 0.28), ground, 4.6)
    draw_over(
        image,
        (
            Shape(block.path(x, y, align), fill=ink),
            Shape(below.path(x, y + block.height + gap, align), fill=quiet),
        ),
    )


def _subtitle(brief: CardBrief, block: Block, wide: float, tall: float) -> Block:
    size = min(block.setting.size * 0.46, brief.height * 0.058)
    setting = Setting("regular", max(size, 6), -0.005)
    return fit(
        brief.subtitle,
        setting,
        (wide * 0.94, tall * 0.28),
        smallest=max(size * 0.6, 5),
        most_lines=3,
        leading=1.42,
    )


def over_art(brief: CardBrief) -> Image.Image:
    """The title at the left over a picture that fills the card."""
    family = _BACKS[int(brief.random.integers(len(_BACKS)))]
    return _over(brief, family, "left", 0.7)


def centred(brief: CardBrief) -> Image.Image:
    """The title in the middle, over a calm stage."""
    family = (spotlight, mesh, aurora, ribbons)[int(brief.random.integers(4))]
    return _over(brief, family, "center", 0.84)


def _over(
    brief: CardBrief, family: Callable[[Brief], Image.Image], align: Align, share: float
) -> Image.Image:
    margin = brief.margin
    # An aurora is light in the dark; under a pale veil it would be fog.
    dim = brief.scheme.dark or family is aurora
    back = brief.art(brief.width, brief.height, family, dark=dim)
    if align == "left":
        right = brief.width * share if brief.width > brief.height * 1.15 else brief.width - margin
        box = (margin, margin, max(right, margin + 4), brief.height - margin)
    else:
        inset = max((1 - share) / 2 * brief.width, margin)
        box = (inset, margin, brief.width - inset, brief.height - margin)
    inks = (brief.scheme.paper, brief.scheme.ink)
    image, ink = veiled(back, box, inks, dim=dim, aside=align == "left")
    dark, bright = extremes(image, box)
    ground = bright if contrast(ink, bright) < contrast(ink, dark) else dark
    _set(image, brief, box, ink, ground, align)
    return image.convert("RGB")


def split(brief: CardBrief) -> Image.Image:
    """Text on a plain ground, a picture on the other side."""
    margin = brief.margin
    wide = brief.width > brief.height * 1.1
    ground = brief.scheme.ground
    image = Image.new("RGBA", (brief.width, brief.height), _bytes(ground))
    family = _PANELS[int(brief.random.integers(len(_PANELS)))]
    if wide:
        cut = round(brief.width * 0.6)
        art = brief.art(brief.width - cut, brief.height, family, dark=brief.random.random() < 0.4)
        image.paste(art, (cut, 0))
        box = (margin, margin, cut - margin * 0.8, brief.height - margin)
    else:
        cut = round(brief.height * 0.46)
        art = brief.art(brief.width, cut, family, dark=brief.random.random() < 0.4)
        image.paste(art, (0, 0))
        box = (margin, cut + margin * 0.8, brief.width - margin, brief.height - margin)
    _set(image, brief, box, brief.scheme.text, ground)
    return image.convert("RGB")


def big_type(brief: CardBrief) -> Image.Image:
    """Type as large as it goes on a plain colour, with one bold form that runs off the edge."""
    lead = brief.scheme.lead
    plain = brief.scheme.named or brief.random.random() < 0.6
    ground = lead if plain else brief.scheme.ground
    light, chroma, hue = polar(ground)
    ink = (
        brief.scheme.ink
        if contrast(brief.scheme.ink, ground) > contrast(brief.scheme.paper, ground)
        else brief.scheme.paper
    )
    if contrast(ink, ground) < 4.8:
        ground = from_polar(
            max(light - 0.14, 0.2) if ink == brief.scheme.paper else min(light + 0.1, 0.95),
            chroma,
            hue,
        )
        ink = legible(ink, ground, 4.8)
    image = Image.new("RGBA", (brief.width, brief.height), _bytes(ground))
    # The form moves away from the ink: type that crosses it stays as legible as on the ground.
    if ground == brief.scheme.ground:
        tone = mix(ground, lead, 0.18)
    else:
        tone = mix(ground, (1.0, 1.0, 1.0) if ink == brief.scheme.ink else (0.0, 0.0, 0.08), 0.2)
    if contrast(ink, tone) < 4.6:
        tone = mix(tone, ground, 0.6)
    draw_over(image, _form(brief, tone))
    margin = brief.margin
    box = (margin, margin, brief.width - margin, brief.height - margin)
    _set(image, brief, box, ink, ground, size=min(brief.width * 0.13, brief.height * 0.3))
    return image.convert("RGB")


def _form(brief: CardBrief, tone: RGB) -> tuple[Shape, ...]:
    width, height, side = brief.width, brief.height, min(brief.width, brief.height)
    kind = int(brief.random.integers(3))
    if kind == 0:
        return (Shape(circle(width * 0.92, height * 0.95, side * 0.62), fill=tone),)
    if kind == 1:
        return tuple(
            Shape(
                circle(width, 0, side * (0.36 + 0.17 * k)), stroke=tone, stroke_width=side * 0.075
            )
            for k in range(5)
        )
    cell = side / 3
    return tuple(
        Shape(sector(width - cell * (k // 3), cell * (k % 3), cell, 90, 180), fill=tone)
        for k in range(6)
    )


def quotation(brief: CardBrief) -> Image.Image:
    """A quotation in large italics under its mark, the author below."""
    ground, ink = brief.scheme.ground, brief.scheme.text
    image = Image.new("RGBA", (brief.width, brief.height), _bytes(ground))
    margin, side = brief.margin, min(brief.width, brief.height)
    accent = brief.scheme.strong(ground, 2.2)
    mark = Setting("serif", side * 0.42)
    draw_over(
        image,
        (Shape(line_path("“", mark, margin - side * 0.012, margin + side * 0.33), fill=accent),),
    )
    title = brief.title.strip("\"“”'")
    author = 0.16 if brief.subtitle else 0.0
    top = margin + side * 0.2
    box = (brief.width - 2 * margin, max(brief.height * (1 - author) - top - margin, 4))
    block = fit(
        title,
        Setting("italic", min(brief.width * 0.07, brief.height * 0.13), -0.005),
        box,
        smallest=max(brief.height * 0.04, 5),
        most_lines=7,
        leading=1.24,
    )
    y = top + max((box[1] - block.height) / 2, 0)
    shapes = [Shape(block.path(margin, y), fill=ink)]
    if brief.subtitle:
        size = max(min(brief.height * 0.045, brief.width * 0.034), 6)
        name = fit(
            brief.subtitle,
            Setting("semibold", size),
            (brief.width - 2 * margin - size * 3, size * 2),
            smallest=5,
            most_lines=1,
        )
        base = brief.height - margin - size * 0.8
        shapes.append(
            Shape(
                rounded(margin, base + size * 0.28, size * 1.8, max(size * 0.12, 1), size * 0.06),
                fill=accent,
            )
        )
        quiet = legible(mix(ink, ground, 0.2), ground, 4.6)
        shapes.append(Shape(name.path(margin + size * 2.5, base), fill=quiet))
    draw_over(image, tuple(shapes))
    return image.convert("RGB")


def _bytes(colour: RGB) -> tuple[int, int, int, int]:
    red, green, blue = (round(min(max(c, 0.0), 1.0) * 255) for c in colour)
    return red, green, blue, 255
