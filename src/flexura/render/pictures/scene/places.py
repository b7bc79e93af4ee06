"""Which scene the words call for, and its layers from far to near."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from flexura.render.oklab import RGB, lightness, shade
from flexura.render.palette import Palette
from flexura.render.pictures.scene import (
    air,
    city,
    cold,
    desert,
    fire,
    forest,
    meadow,
    mountains,
    placing,
    retro,
    room,
    sea,
    space,
    street,
    waters,
    weather,
)
from flexura.render.pictures.scene.layer import Drawable
from flexura.render.pictures.scene.stage import Stage
from flexura.render.pictures.sheet import Sheet
from flexura.render.random import rng

PLACES: dict[str, Callable[[Stage], Iterator[Drawable]]] = {
    "mountains": mountains.mountains,
    "lake": mountains.lake,
    "city": city.city,
    "street": street.street,
    "sea": sea.sea,
    "beach": sea.beach,
    "island": sea.island,
    "space": space.space,
    "forest": forest.forest,
    "desert": desert.desert,
    "canyon": desert.canyon,
    "meadow": meadow.meadow,
    "garden": meadow.garden,
    "village": meadow.village,
    "sky": air.cloudland,
    "underwater": waters.underwater,
    "arctic": cold.arctic,
    "volcano": fire.volcano,
    "room": room.room,
}
_ANYWHERE = ("mountains", "lake", "sea", "desert", "meadow", "sky", "forest", "island")
_HORIZONS: dict[str, tuple[float, float]] = {
    "city": (0.6, 0.72),
    "lake": (0.5, 0.6),
    "sea": (0.46, 0.64),
    "beach": (0.4, 0.5),
    "island": (0.52, 0.64),
    "meadow": (0.46, 0.58),
    "village": (0.46, 0.56),
    "garden": (0.5, 0.58),
    "desert": (0.5, 0.64),
    "canyon": (0.58, 0.68),
    "sky": (0.5, 0.66),
    "arctic": (0.52, 0.62),
    "volcano": (0.62, 0.72),
}


def stage_of(sheet: Sheet, margin: tuple[int, int] = (0, 0)) -> Stage:
    """The stage for a sheet; `margin` is added on every side."""
    generator = rng("stage", sheet.prompt, sheet.seed)
    words = sheet.words
    if words.place not in PLACES:
        words = replace(words, place=str(generator.choice(_ANYWHERE)))
    retro_style = is_retro(words.styles, words.place)
    low, high = (0.58, 0.66) if retro_style else _HORIZONS.get(words.place, (0.56, 0.7))
    colours = (
        retro.neon_palette(sheet.palette, bool(words.free_colours))
        if retro_style
        else _under_clouds(sheet)
    )
    return Stage(
        sheet.width + 2 * margin[0],
        sheet.height + 2 * margin[1],
        words,
        colours,
        sheet.prompt,
        sheet.seed,
        margin,
        float(generator.uniform(low, high)),
    )


def is_retro(styles: tuple[str, ...], place: str) -> bool:
    """Whether the words mean the neon grid of the eighties."""
    return "synthwave" in styles and place not in {
        "space",
        "underwater",
        "room",
        "forest",
        "village",
        "garden",
    }


def _under_clouds(sheet: Sheet) -> Palette:
    """The palette as the weather leaves it: rain and storm take the light and the colour away."""
    weather_word = sheet.words.weather
    dim = {"storm": 0.42, "rain": 0.6, "cloudy": 0.85, "snow": 0.94, "fog": 0.95}.get(
        weather_word, 1.0
    )
    if dim == 1.0:
        return sheet.palette
    night = lightness(sheet.palette.sky[3]) < 0.6
    level = 0.9 if night else dim
    chroma = {"storm": 0.55, "rain": 0.6, "cloudy": 0.7, "fog": 0.85}.get(weather_word, 0.85)

    def dull(colour: RGB) -> RGB:
        return shade(colour, level, chroma if not night else 0.9)

    one, two, three, four = (dull(colour) for colour in sheet.palette.sky)
    return replace(sheet.palette, sky=(one, two, three, four), haze=dull(sheet.palette.haze))


def scene(stage: Stage) -> Iterator[Drawable]:
    """The layers of the scene, far to near."""
    if is_retro(stage.words.styles, stage.words.place):
        yield from retro.synthwave(stage)
    elif (
        stage.has("aurora")
        and stage.words.place in {"sky", "lake", "mountains"}
        and not stage.words.subjects
    ):
        yield from cold.aurora_land(stage)
    else:
        yield from PLACES[stage.words.place](stage)
    yield from placing.place_subjects(stage)
    yield from weather.weather(stage)
