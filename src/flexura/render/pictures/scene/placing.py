"""Which of the named subjects a scene shows already, which are added to it, and which it cannot show."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from flexura.render.oklab import from_hex, mix
from flexura.render.pictures.scene import (
    blossom,
    buildings,
    flying,
    planets,
    plants,
    standing,
    swimming,
    tone,
    vehicles,
)
from flexura.render.pictures.scene.ink import Ink
from flexura.render.pictures.scene.layer import Drawable, Layer, sprite
from flexura.render.pictures.scene.meadow import greens
from flexura.render.pictures.scene.stage import Stage

_STANDING = (
    "house",
    "castle",
    "windmill",
    "pyramid",
    "tree",
    "pine",
    "palm",
    "cactus",
    "tent",
    "camel",
    "deer",
    "robot",
    "person",
    "astronaut",
    "dog",
    "fox",
    "cat",
)
_ALOFT = ("balloon", "plane", "rocket", "ufo", "lantern", "heart")
_EVERYWHERE = frozenset(
    {
        "light",
        "reflection",
        "star",
        "moon",
        "sun",
        "firefly",
        "path",
        "sign",
        "rainbow",
        "bird",
        *_ALOFT,
    }
)
_OWN: dict[str, frozenset[str]] = {
    "street": frozenset({"car", "person", "umbrella"}),
    "city": frozenset({"car", "bridge", "boat"}),
    "room": frozenset({"cat", "yarn", "plant", "coffee", "book", "computer"}),
    "forest": frozenset({"tree", "pine"}),
    "mountains": frozenset({"pine", "tree"}),
    "lake": frozenset({"pine", "tree"}),
    "meadow": frozenset({"tree", "flower"}),
    "garden": frozenset({"tree", "blossom", "flower"}),
    "village": frozenset({"house", "tree", "pine"}),
    "beach": frozenset({"palm"}),
    "island": frozenset({"palm", "lighthouse"}),
    "canyon": frozenset({"cactus"}),
    "arctic": frozenset({"iceberg"}),
    "space": frozenset({"planet"}),
    "underwater": frozenset({"fish", "whale", "jellyfish"}),
}
_CLOSED = frozenset({"room", "underwater"})


def added(stage: Stage) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The subjects to be added to the scene, and those that cannot be shown in it."""
    place = stage.words.place or "mountains"
    extra: list[str] = []
    missing: list[str] = []
    drawn = _OWN.get(place, frozenset[str]())
    if "synthwave" in stage.words.styles:
        drawn = drawn | {"palm", "tree", "sun"}
    for subject in stage.words.subjects:
        if subject in drawn:
            continue
        if place in _CLOSED:
            if subject not in {"light", "reflection", "star", "moon", "sun", "sign", "path"}:
                missing.append(subject)
        elif (
            subject in _EVERYWHERE
            or subject in _STANDING
            or subject
            in {"lighthouse", "bridge", "flower", "campfire", "train", "planet", "blossom"}
            or (subject in {"boat", "whale", "iceberg"} and place in swimming.WATERY)
        ):
            extra.append(subject)
        else:
            missing.append(subject)
    return tuple(extra), tuple(missing)


def place_subjects(stage: Stage) -> Iterator[Drawable]:
    """The layers of the added subjects, far to near."""
    extra = frozenset(added(stage)[0])
    yield from _in_the_sky(stage, extra)
    yield from _in_the_middle(stage, extra)
    yield from _in_front(stage, extra)


def _in_the_sky(stage: Stage, extra: frozenset[str]) -> Iterator[Drawable]:
    if "rainbow" in extra:
        yield rainbow(stage)
    if "planet" in extra:
        centre = (stage.focus, stage.horizon * 0.36)
        yield from planets.planet(stage, "risen", centre, stage.unit * 0.14, "gas", 0.05)
    if "bird" in extra:
        yield flying.flock(stage)
    for name in _ALOFT:
        if name in extra:
            yield from flying.aloft(stage, name)
    if stage.words.place == "space" and "astronaut" in extra:
        yield from flying.aloft(stage, "astronaut")


def _in_the_middle(stage: Stage, extra: frozenset[str]) -> Iterator[Drawable]:
    place = stage.words.place
    if "bridge" in extra or (place == "city" and stage.has("bridge")):
        yield bridge(stage)
    if "lighthouse" in extra:
        _, foot = standing.knoll(stage)
        at = (foot[0], foot[1] + stage.unit * 0.02)
        yield from buildings.lighthouse(stage, at, stage.unit * 0.4, 0.94)
    if place == "underwater":
        yield from swimming.schools(stage)
    if "train" in extra:
        yield railway(stage)
    if "boat" in extra or (place == "city" and stage.has("boat")):
        yield from swimming.afloat(stage)
    if "whale" in extra:
        yield from swimming.whale_at_surface(stage)


def _in_front(stage: Stage, extra: frozenset[str]) -> Iterator[Drawable]:
    if "flower" in extra and not stage.has("snow"):
        lit, dark = greens(stage)
        yield plants.flower_field(stage, (mix(dark, stage.palette.dark, 0.4), lit))
    if "blossom" in extra:
        pink = stage.lit(stage.words.tint("blossom") or from_hex("#f7a8c4"), 1.1)
        foot = (stage.column(0.12 if stage.focus > stage.width / 2 else 0.88), stage.height * 1.02)
        yield blossom.blossom_tree(stage, foot, stage.unit * 0.85, pink, 0.97, "near blossom")
    in_orbit = stage.words.place == "space"
    named = [name for name in _STANDING if name in extra and not (in_orbit and name == "astronaut")]
    if named or {"campfire", "lighthouse"} & extra:
        yield from standing.ground(stage, named[:4])
    if "campfire" in extra:
        _, (x, y) = standing.knoll(stage)
        beside = 0.2 * stage.unit if named else 0.0
        yield from standing.campfire(stage, (x + beside, y + stage.unit * 0.02))


def rainbow(stage: Stage) -> Layer:
    """A faint bow opposite the sun."""
    x, y = tone.grid((stage.width, stage.horizon), 2)
    centre = (stage.column(0.5) + (stage.column(0.5) - stage.sun[0]) * 0.6, stage.horizon * 1.15)
    away = np.hypot(x - centre[0], y - centre[1]) / np.float32(stage.unit)
    share = (away - 0.72) / 0.085
    hues = np.array(
        [
            [0.55, 0.3, 0.9],
            [0.25, 0.45, 1.0],
            [0.2, 0.85, 0.5],
            [1.0, 0.92, 0.3],
            [1.0, 0.6, 0.2],
            [1.0, 0.25, 0.25],
        ],
        dtype=np.float32,
    )
    place = np.clip(share, 0, 1) * 5
    colours = np.stack(
        [np.interp(place, np.arange(6), hues[:, i]) for i in range(3)], axis=2
    ).astype(np.float32)
    alpha = (
        np.exp(-(((share - 0.5) / 0.42) ** 4)) * 0.5 * np.clip(1.2 - y / stage.horizon * 0.4, 0, 1)
    )
    from PIL import Image

    size = (stage.width, stage.horizon)
    picture = tone.dithered(colours).resize(size, Image.Resampling.BICUBIC)
    return Layer(
        picture,
        tone.mask(alpha.astype(np.float32)).resize(size, Image.Resampling.BICUBIC),
        (0, 0),
        0.04,
        "screen",
    )


def bridge(stage: Stage) -> Layer:
    """A suspension bridge across the water, or across the valley."""
    unit = stage.unit
    colour = stage.far(stage.lit(stage.words.tint("bridge") or from_hex("#b5412f"), 0.9), 0.7)
    if stage.is_night:
        colour = mix(colour, stage.palette.dark, 0.35)
    size = unit * 0.3
    length = stage.width / size
    row = stage.horizon + unit * 0.05
    ink = Ink((stage.width, round(size * 1.5)), (0, size * 1.1), size, fine=2)
    buildings.suspension_bridge(ink, colour, length)
    return sprite(ink.finish(), (0, round(row - size * 1.1)), 0.4)


def railway(stage: Stage) -> Layer:
    """A train on an embankment."""
    unit = stage.unit
    size = unit * 0.22
    row = stage.horizon + (stage.height - stage.horizon) * 0.5
    ink = Ink(
        (stage.width, round(size * 1.6)), (stage.focus + size * 1.6, size * 0.4), size, fine=2
    )
    dark = mix(stage.palette.dark, stage.palette.sky[1], 0.2)
    window = (
        (1.0, 0.84, 0.5)
        if stage.day_light < 0.85
        else mix(stage.palette.sky[2], (1.0, 1.0, 1.0), 0.3)
    )
    left, right = -(stage.focus + size * 1.6) / size - 1, (stage.width - stage.focus) / size
    ink.polygon([(left, 0.05), (right, 0.05), (right, 0.12), (left, 0.12)], dark)
    for x in np.arange(left, right, 0.9):
        ink.polygon(
            [(x, 0.1), (x + 0.12, 0.1), (x + 0.18, 1.3), (x - 0.06, 1.3)],
            mix(dark, stage.palette.haze, 0.12),
        )
    vehicles.train(
        ink, stage.lit(stage.words.tint("train") or from_hex("#c0392b"), 1.0), window, dark
    )
    return sprite(ink.finish(), (0, round(row - size * 0.4)), 0.55)
