"""The parts of wireframes: boxes, lines, fields, buttons, pictures, in the units of a virtual screen."""

from __future__ import annotations

from dataclasses import dataclass, field

from flexura.render.oklab import RGB, mix
from flexura.render.pictures.contrast import contrast, ink_on
from flexura.render.pictures.drawing.drawing import Shape
from flexura.render.pictures.drawing.path import Path, polyline
from flexura.render.pictures.drawing.shapes import circle, rounded
from flexura.render.pictures.icon.glyph_shapes import glyph_shapes
from flexura.render.type import Align, Setting, drawable, line_path, line_width

Box = tuple[float, float, float, float]
"""Left, top, width, height."""


@dataclass
class Kit:
    """Gathers shapes. Lengths are virtual pixels; `scale` and the origin bring them onto the picture."""

    scale: float
    x: float
    y: float
    accent: RGB
    ground: RGB
    ink: RGB
    shapes: list[Shape] = field(default_factory=list[Shape])

    def tone(self, level: float) -> RGB:
        """A grey between ground (0) and ink (1)."""
        return mix(self.ground, self.ink, level)

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        level: float = 0.06,
        radius: float = 10,
    ) -> None:
        """A filled box in a grey."""
        self.shapes.append(Shape(self._rounded(x, y, width, height, radius), fill=self.tone(level)))

    def frame(
        self, box: Box, radius: float = 10, *, level: float = 0.0, line: float = 0.12
    ) -> None:
        """A box with a border; `level` is the tone of the box, `line` that of its border."""
        path = self._rounded(*box, radius)
        width = 1.5 * self.scale
        self.shapes.append(
            Shape(path, fill=self.tone(level), stroke=self.tone(line), stroke_width=width)
        )

    def accent_box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        radius: float = 10,
        share: float = 1.0,
    ) -> None:
        """A box in the accent colour, or a tint of it."""
        path = rounded(
            *self._at(x, y), width * self.scale, height * self.scale, radius * self.scale
        )
        self.shapes.append(Shape(path, fill=mix(self.ground, self.accent, share)))

    def dot(
        self, x: float, y: float, radius: float, level: float = 0.2, *, accent: float = 0.0
    ) -> None:
        """A disc; with `accent` (0..1) it is tinted instead of grey."""
        colour = mix(self.ground, self.accent, accent) if accent else self.tone(level)
        self.shapes.append(Shape(circle(*self._at(x, y), radius * self.scale), fill=colour))

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 16,
        level: float = 0.85,
        style: str = "semibold",
    ) -> None:
        """One written line; y is its baseline. `style` is a face, with "center" or "right" after a blank."""
        face, _, side = style.partition(" ")
        align: Align = "center" if side == "center" else "right" if side == "right" else "left"
        setting = Setting(face, size * self.scale, -0.01)
        path = line_path(drawable(text), setting, *self._at(x, y), align)
        self.shapes.append(Shape(path, fill=self.tone(level)))

    def lines(
        self, x: float, y: float, widths: tuple[float, ...], height: float = 10, gap: float = 12
    ) -> None:
        """Bars that stand for lines of text."""
        for i, width in enumerate(widths):
            self.box(x, y + i * (height + gap), width, height, 0.13, height / 2)

    def button(
        self, x: float, y: float, width: float, label: str, *, main: bool = True, height: float = 44
    ) -> None:
        """A button, filled with the accent when it is the main one."""
        size = min(height * 0.36, 16)
        if main:
            self.accent_box(x, y, width, height, height * 0.24)
        else:
            self.frame((x, y, width, height), height * 0.24, line=0.2)
        setting = Setting("semibold", size * self.scale)
        written = line_path(
            label, setting, *self._at(x + width / 2, y + height / 2 + size * 0.36), "center"
        )
        self.shapes.append(Shape(written, fill=self._on_accent() if main else self.tone(0.75)))

    def field(self, x: float, y: float, width: float, label: str, hint: str = "") -> None:
        """A labelled input field, 76 high with its label."""
        self.text(x, y + 14, label, 14, 0.7, "semibold")
        self.frame((x, y + 26, width, 46), 10, line=0.18)
        if hint:
            self.text(x + 16, y + 54, hint, 14, 0.42, "regular")

    def picture(self, x: float, y: float, width: float, height: float, radius: float = 12) -> None:
        """The usual sign of a picture: a crossed box."""
        self.frame((x, y, width, height), radius, level=0.07, line=0.14)
        inset = radius * 0.3
        (x0, y0), (x1, y1) = (
            self._at(x + inset, y + inset),
            self._at(x + width - inset, y + height - inset),
        )
        for start, end in (((x0, y0), (x1, y1)), ((x0, y1), (x1, y0))):
            self.shapes.append(
                Shape(polyline([start, end]), stroke=self.tone(0.14), stroke_width=1.5 * self.scale)
            )

    def sign(
        self,
        name: str,
        x: float,
        y: float,
        size: float,
        level: float = 0.5,
        *,
        accent: bool = False,
    ) -> None:
        """A glyph of the icon library."""
        colour = self.accent if accent else self.tone(level)
        px, py = self._at(x, y)
        self.shapes += glyph_shapes(name, (px, py, size * self.scale), colour, self.ground)

    def toggle(self, x: float, y: float, *, on: bool) -> None:
        """A switch, 44 by 24."""
        if on:
            self.accent_box(x, y, 44, 24, 12)
        else:
            self.box(x, y, 44, 24, 0.16, 12)
        self.shapes.append(
            Shape(
                circle(*self._at(x + (32 if on else 12), y + 12), 9 * self.scale),
                fill=(1.0, 1.0, 1.0),
            )
        )

    def chip(self, x: float, y: float, label: str, *, main: bool = False) -> float:
        """A pill with a label; gives back its width."""
        width = line_width(label, Setting("semibold", 13)) + 28
        if main:
            self.accent_box(x, y, width, 30, 15, 0.16)
        else:
            self.box(x, y, width, 30, 0.06, 15)
        self.text(x + 14, y + 20, label, 13, 0.75)
        return width

    def line(
        self,
        points: list[tuple[float, float]],
        width: float = 2,
        level: float = 0.14,
        *,
        accent: bool = False,
    ) -> None:
        """An open line through points."""
        colour = self.accent if accent else self.tone(level)
        placed = [self._at(*point) for point in points]
        self.shapes.append(Shape(polyline(placed), stroke=colour, stroke_width=width * self.scale))

    def _on_accent(self) -> RGB:
        white: RGB = (1.0, 1.0, 1.0)
        return (
            white if contrast(white, self.accent) >= 3 else ink_on(self.accent, white, self.ground)
        )

    def _rounded(self, x: float, y: float, width: float, height: float, radius: float) -> Path:
        return rounded(
            *self._at(x, y), width * self.scale, height * self.scale, radius * self.scale
        )

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return self.x + x * self.scale, self.y + y * self.scale
