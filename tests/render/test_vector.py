"""The model vector: drawings as SVG."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from flexura.render.pictures.vector import DRAWERS, make
from flexura.render.task import TaskError
from render.sheets import sheet, task

PROMPTS = {
    "icon": "app icon for music",
    "logo": 'logo for "R&D <Lab>"',
    "pattern": "leaf pattern",
    "avatar": "avatar for Jane Doe",
    "placeholder": 'placeholder "A < B & C"',
    "chart": "donut chart of a&b: 3, c<d: 4",
    "wireframe": "dashboard wireframe",
}


@pytest.mark.parametrize("style", DRAWERS)
def test_every_style_is_well_formed_svg_of_the_size_asked_for(style: str, tmp_path: Path) -> None:
    made = make(task(tmp_path, PROMPTS[style], "vector", style=style, width=240, height=180))
    root = ElementTree.fromstring(made.files[0].path.read_text(encoding="utf-8"))
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == (
        "240",
        "180",
        "0 0 240 180",
    )
    assert made.files[0].mime == "image/svg+xml"
    assert sum(element.tag.endswith("path") for element in root.iter()) > 1


@pytest.mark.parametrize("style", DRAWERS)
def test_every_reference_in_the_svg_has_its_definition(style: str, tmp_path: Path) -> None:
    text = (
        make(task(tmp_path, PROMPTS[style], "vector", style=style))
        .files[0]
        .path.read_text(encoding="utf-8")
    )
    for part in text.split("url(#")[1:]:
        assert f'id="{part.split(")")[0]}"' in text


@pytest.mark.parametrize("style", ["icon", "logo", "chart"])
def test_a_transparent_drawing_has_no_ground(style: str) -> None:
    assert DRAWERS[style](sheet(PROMPTS[style], background="transparent")).background is None
    assert DRAWERS[style](sheet(PROMPTS[style])).background is not None


def test_the_same_task_gives_the_same_svg(tmp_path: Path) -> None:
    texts = [
        make(task(tmp_path, "logo for Acme", "vector")).files[0].path.read_bytes() for _ in range(2)
    ]
    assert texts[0] == texts[1]


def test_a_prompt_for_a_painting_becomes_a_drawing_with_a_warning(tmp_path: Path) -> None:
    made = make(task(tmp_path, "mountains at dawn", "vector"))
    assert [warning.code for warning in made.warnings][-1] == "subject_not_drawn"


def test_a_painted_style_is_refused_with_the_model_that_has_it(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match="cannot be drawn") as caught:
        make(task(tmp_path, "mountains", "vector", style="scene"))
    assert "canvas" in caught.value.next_step
