"""Drawings: exact coverage, and the same picture in pixels and in SVG."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flexura.render.pictures.drawing.coverage import fill_coverage, stroke_coverage
from flexura.render.pictures.drawing.drawing import Drawing, Shape, linear
from flexura.render.pictures.drawing.path import polygon, polyline
from flexura.render.pictures.drawing.raster import drawing_image
from flexura.render.pictures.drawing.shapes import circle, rect, rounded, star
from flexura.render.pictures.drawing.svg import drawing_svg, path_data
from flexura.render.pictures.drawing.svg_path import parse


def test_a_half_covered_pixel_is_half_opaque() -> None:
    found = fill_coverage(rect(2.5, 3.25, 4, 2), 20, 20)
    assert found is not None
    assert (found.left, found.top) == (2, 3)
    assert found.alpha[0, 0] == pytest.approx(0.5 * 0.75)
    assert found.alpha[1, 1] == pytest.approx(1)


@settings(max_examples=80, deadline=None)
@example(points=[(0.0, 0.0), (0.0, 36.625), (36.625, 36.625)])
@given(
    st.lists(st.tuples(st.floats(-40, 90), st.floats(-40, 90)), min_size=3, max_size=3),
)
def test_the_coverage_of_a_triangle_is_its_area_inside_the_picture(
    points: list[tuple[float, float]],
) -> None:
    found = fill_coverage(polygon(points), 50, 50)
    fine = 4
    y, x = (np.mgrid[0 : 50 * fine, 0 : 50 * fine] + 0.5) / fine
    sides = [
        (x - ax) * (by - ay) - (y - ay) * (bx - ax)
        for (ax, ay), (bx, by) in zip(points, [*points[1:], points[0]], strict=True)
    ]
    # A sample exactly on a side is half inside: a whole diagonal of them can lie there.
    strict = np.all([s > 0 for s in sides], axis=0) | np.all([s < 0 for s in sides], axis=0)
    closed = np.all([s >= 0 for s in sides], axis=0) | np.all([s <= 0 for s in sides], axis=0)
    expected = 0.0 if not strict.any() else (strict.sum() + closed.sum()) / 2 / fine**2
    area = 0.0 if found is None else float(found.alpha.sum())
    assert area == pytest.approx(expected, abs=9)


def test_a_disc_covers_its_area_wherever_it_lies() -> None:
    for x, y in ((25.0, 25.0), (25.3, 24.1)):
        found = fill_coverage(circle(x, y, 12), 50, 50)
        assert found is not None
        assert float(found.alpha.sum()) == pytest.approx(math.pi * 144, rel=0.004)


def test_even_odd_leaves_a_hole() -> None:
    both = rect(0, 0, 20, 20) + rect(5, 5, 10, 10)
    solid, holed = fill_coverage(both, 20, 20), fill_coverage(both, 20, 20, even_odd=True)
    assert solid is not None
    assert holed is not None
    assert float(solid.alpha.sum()) == pytest.approx(400)
    assert float(holed.alpha.sum()) == pytest.approx(300)


def test_a_stroke_is_as_wide_as_asked_for() -> None:
    found = stroke_coverage(polyline([(-10, 10), (30, 10)]), 4, 20, 20)
    assert found is not None
    assert float(found.alpha[:, 10].sum()) == pytest.approx(4, abs=0.05)


@pytest.mark.parametrize(
    "path", [rect(200, 0, 5, 5), rect(0, -50, 5, 5), polygon([(1, 1), (1, 1), (1, 1)])]
)
def test_what_lies_outside_paints_nothing(path: object) -> None:
    drawing = Drawing(
        40, 40, (Shape(path, fill=(1, 0, 0)), Shape(path, fill=(1, 0, 0), blur=2)), (1, 1, 1)
    )  # type: ignore[arg-type]
    assert drawing_image(drawing).getextrema() == ((255, 255),) * 3


def test_svg_path_data_comes_back_as_it_went() -> None:
    path = rounded(3, 4, 20, 10, 3) + star(10, 10, 8, 3, 5)
    assert path_data(parse(path_data(path))) == path_data(path)


def test_arcs_and_relative_commands_are_read() -> None:
    assert parse("M10 0 A10 10 0 0 1 0 10").commands[-1][1][-2:] == pytest.approx((0, 10))
    left, top, right, bottom = parse("m5 5 h10 v10 h-10 z").bounds()
    assert (left, top, right, bottom) == (5, 5, 15, 15)
    with pytest.raises(ValueError, match="start with M"):
        parse("10 10 20 20")


def test_a_clip_keeps_what_is_inside_and_a_blur_spreads() -> None:
    clipped = Drawing(
        20, 20, (Shape(rect(0, 0, 20, 20), fill=(0, 0, 0), clip=rect(0, 0, 10, 20)),), (1, 1, 1)
    )
    pixels = np.asarray(drawing_image(clipped))
    assert (pixels[:, :10] == 0).all()
    assert (pixels[:, 10:] == 255).all()
    soft = Drawing(60, 60, (Shape(rect(20, 20, 20, 20), fill=(0, 0, 0), blur=4),), (1, 1, 1))
    shade = np.asarray(drawing_image(soft))[30, :, 0]
    assert shade[30] < 40
    assert 20 < shade[20] < 235
    assert shade[2] > 250


def test_an_unclosed_ground_stays_clear_and_keeps_its_colour_at_soft_edges() -> None:
    image = drawing_image(Drawing(20, 20, (Shape(circle(10, 10, 6.3), fill=(1, 0, 0)),)))
    pixels = np.asarray(image)
    edge = (pixels[..., 3] > 20) & (pixels[..., 3] < 235)
    assert edge.any()
    assert (pixels[edge][:, 0] > 250).all()


def test_svg_writes_a_gradient_once_and_escapes_nothing_it_should_not() -> None:
    paint = linear((0, 0), (0, 10), (1, 0, 0), (0, 0, 1))
    svg = drawing_svg(
        Drawing(10, 10, (Shape(rect(0, 0, 5, 5), fill=paint), Shape(rect(5, 5, 5, 5), fill=paint)))
    )
    assert svg.count("<linearGradient") == 1
    assert svg.count("url(#d1)") == 2
