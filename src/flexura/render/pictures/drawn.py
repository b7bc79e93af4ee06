"""From a drawing to a painting."""

from __future__ import annotations

from flexura.render.pictures.drawing.drawing import Drawing
from flexura.render.pictures.drawing.raster import drawing_image
from flexura.render.pictures.drawing.svg import drawing_svg
from flexura.render.pictures.sheet import Painting


def painting(drawing: Drawing) -> Painting:
    """The drawing in pixels and as SVG, both from the same shapes."""
    return Painting(drawing_image(drawing), drawing_svg(drawing), drawing.warnings)
