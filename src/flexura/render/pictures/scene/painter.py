"""Paints a scene as one still picture."""

from __future__ import annotations

from PIL import Image

from flexura.render.pictures.scene.finish import finish, grade_of
from flexura.render.pictures.scene.layer import Moment
from flexura.render.pictures.scene.places import scene, stage_of
from flexura.render.pictures.scene.placing import added
from flexura.render.pictures.scene.stage import Stage
from flexura.render.pictures.scene.style import filter_of
from flexura.render.pictures.scene.tone import pixel
from flexura.render.pictures.sheet import Painting, Sheet
from flexura.render.task import Warning

_MOST_NAMED = 6


def composed(stage: Stage) -> Image.Image:
    """All layers of a scene on one another, unfinished."""
    frame = Image.new("RGB", stage.size, pixel(stage.palette.haze))
    moment = Moment()
    for layer in scene(stage):
        layer.draw(frame, moment)
    return frame


def warnings_of(stage: Stage) -> tuple[Warning, ...]:
    """A warning that names what the scene does not show, if there is such a thing."""
    names = (*stage.words.unknown, *added(stage)[1])
    if not names:
        return ()
    shown = ", ".join(f"\u201c{name}\u201d" for name in names[:_MOST_NAMED])
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    message = (
        f"The picture does not show {shown}{more}: this procedural model cannot draw that. "
        "The rest of the prompt set the place, the hour and the colours."
    )
    return (Warning("subject_not_drawn", message),)


def paint(sheet: Sheet) -> Painting:
    """A scene for the prompt's words. What it cannot draw is named in a warning."""
    stage = stage_of(sheet)
    picture = finish(composed(stage), stage, grade_of(stage))
    styled = filter_of(stage)
    return Painting(styled(picture) if styled else picture, warnings=warnings_of(stage))
