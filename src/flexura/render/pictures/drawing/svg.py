"""A drawing as SVG text."""

from __future__ import annotations

from flexura.render.pictures.drawing.drawing import Colour, Drawing, Gradient, Paint, Shape
from flexura.render.pictures.drawing.path import Path
from flexura.render.pictures.drawing.shapes import rect


def drawing_svg(drawing: Drawing) -> str:
    """The drawing as a complete SVG document: paths only, no text element, no script, no reference."""
    definitions = _Definitions()
    body: list[str] = []
    if drawing.background is not None:
        back = Shape(rect(0, 0, drawing.width, drawing.height), fill=drawing.background)
        body.append(_shape(back, definitions))
    body += [_shape(shape, definitions) for shape in drawing.shapes]
    defs = f"<defs>{''.join(definitions.markup)}</defs>" if definitions.markup else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{drawing.width}" height="{drawing.height}" '
        f'viewBox="0 0 {drawing.width} {drawing.height}">{defs}{"".join(body)}</svg>'
    )


class _Definitions:
    """The gradients, filters and clips of one document; the same one is written once."""

    def __init__(self) -> None:
        self.markup: list[str] = []
        self._ids: dict[str, str] = {}

    def add(self, template: str) -> str:
        """The id under which the markup (with `{id}` in it) stands among the definitions."""
        if template not in self._ids:
            name = f"d{len(self._ids) + 1}"
            self._ids[template] = name
            self.markup.append(template.replace("{id}", name))
        return self._ids[template]


def path_data(path: Path) -> str:
    """The value of a path element's `d`."""
    return "".join(op + " ".join(_number(v) for v in values) for op, values in path.commands)


def _shape(shape: Shape, definitions: _Definitions) -> str:
    attributes = [f'd="{path_data(shape.path)}"', _paint("fill", shape.fill, definitions)]
    if shape.stroke is not None:
        attributes.append(_paint("stroke", shape.stroke, definitions))
        attributes.append(f'stroke-width="{_number(shape.stroke_width)}"')
        attributes.append('stroke-linecap="round" stroke-linejoin="round"')
    if shape.even_odd:
        attributes.append('fill-rule="evenodd"')
    if shape.opacity < 1:
        attributes.append(f'opacity="{_number(shape.opacity)}"')
    if shape.blur > 0:
        attributes.append(f'filter="url(#{definitions.add(_blur(shape))})"')
    element = f"<path {' '.join(attributes)}/>"
    if shape.clip is None:
        return element
    # The clip goes on a group: on the blurred element itself it would be applied before the blur's own edge.
    clip = definitions.add(f'<clipPath id="{{id}}"><path d="{path_data(shape.clip)}"/></clipPath>')
    return f'<g clip-path="url(#{clip})">{element}</g>'


def _blur(shape: Shape) -> str:
    left, top, right, bottom = shape.path.bounds()
    margin = shape.blur * 3 + shape.stroke_width
    box = (left - margin, top - margin, right - left + 2 * margin, bottom - top + 2 * margin)
    x, y, width, height = (_number(v) for v in box)
    return (
        f'<filter id="{{id}}" filterUnits="userSpaceOnUse" x="{x}" y="{y}" width="{width}" height="{height}" '
        f'color-interpolation-filters="sRGB"><feGaussianBlur stdDeviation="{_number(shape.blur)}"/></filter>'
    )


def _paint(name: str, paint: Paint | None, definitions: _Definitions) -> str:
    if paint is None:
        return f'{name}="none"'
    if isinstance(paint, Gradient):
        return f'{name}="url(#{definitions.add(_gradient(paint))})"'
    return f'{name}="{hex_code(paint)}"'


def _gradient(gradient: Gradient) -> str:
    stops = "".join(
        f'<stop offset="{_number(at)}" stop-color="{hex_code(colour)}"'
        + (f' stop-opacity="{_number(alpha)}"' if alpha < 1 else "")
        + "/>"
        for at, colour, alpha in gradient.stops
    )
    x0, y0, x1, y1 = (_number(v) for v in (gradient.x0, gradient.y0, gradient.x1, gradient.y1))
    units = 'gradientUnits="userSpaceOnUse"'
    if gradient.kind == "linear":
        line = f'x1="{x0}" y1="{y0}" x2="{x1}" y2="{y1}"'
        return f'<linearGradient id="{{id}}" {units} {line}>{stops}</linearGradient>'
    return (
        f'<radialGradient id="{{id}}" {units} cx="{x0}" cy="{y0}" r="{x1}">{stops}</radialGradient>'
    )


def hex_code(colour: Colour) -> str:
    """The colour as #rrggbb."""
    return "#" + "".join(f"{round(min(max(c, 0), 1) * 255):02x}" for c in colour)


def _number(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
