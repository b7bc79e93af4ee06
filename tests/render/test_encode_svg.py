"""A drawing is written as it is, with its provenance, and only if it is safe on somebody's page."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.render.samples import PROVENANCE

from flexura.provenance.reading import record_in
from flexura.render.encode.svg import write_svg
from flexura.render.task import TaskError

NAMESPACES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
DRAWING = f'<svg {NAMESPACES} viewBox="0 0 9 9" data-x="a>b"><rect width="9" height="9"/></svg>'


def svg(inside: str, attributes: str = "") -> str:
    return f"<svg {NAMESPACES} {attributes}>{inside}</svg>"


def test_a_drawing_comes_back_with_its_provenance(tmp_path: Path) -> None:
    file = write_svg(DRAWING, tmp_path / "a", width=9, height=9, provenance=PROVENANCE)
    root = ElementTree.parse(file.path).getroot()
    assert [child.tag.rpartition("}")[2] for child in root] == ["metadata", "rect"]
    assert (file.mime, file.width, file.height) == ("image/svg+xml", 9, 9)
    assert record_in(file.path) == PROVENANCE


@pytest.mark.parametrize(
    "drawing",
    [
        svg("<script>alert(1)</script>"),
        svg("<rect/>", 'onload="alert(1)"'),
        svg('<rect onClick="x()"/>'),
        svg('<image href="https://example.com/a.png"/>'),
        svg('<image xlink:href="file:///etc/passwd"/>'),
        svg('<a href="javascript:alert(1)"><rect/></a>'),
        svg('<image href="data:text/html;base64,AAAA"/>'),
        svg('<rect style="fill: url( https://example.com/a )"/>'),
        svg("<style>@import 'https://example.com/a.css';</style>"),
        svg("<foreignObject><p/></foreignObject>"),
        svg('<rect><set attributeName="onload" to="x"/></rect>'),
    ],
)
def test_script_and_outside_references_are_refused(drawing: str, tmp_path: Path) -> None:
    with pytest.raises(TaskError) as caught:
        write_svg(drawing, tmp_path / "a", width=9, height=9, provenance=PROVENANCE)
    assert caught.value.next_step
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "drawing",
    [
        svg('<rect fill="url(#g)"/>'),
        svg('<use href="#part"/>'),
        svg('<image href="data:image/png;base64,AAAA"/>'),
        svg("<style>rect { fill: url(#g) }</style><rect/>"),
    ],
)
def test_references_within_the_drawing_are_fine(drawing: str, tmp_path: Path) -> None:
    file = write_svg(drawing, tmp_path / "a", width=9, height=9, provenance=PROVENANCE)
    assert ElementTree.parse(file.path).getroot() is not None


@pytest.mark.parametrize(
    "drawing", ["", "<svg", "no svg", "<html/>", '<svg xmlns="http://www.w3.org/2000/svg"/>']
)
def test_what_is_no_drawing_is_refused(drawing: str, tmp_path: Path) -> None:
    with pytest.raises(TaskError):
        write_svg(drawing, tmp_path / "a", width=9, height=9, provenance=PROVENANCE)
