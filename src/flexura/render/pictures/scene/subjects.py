"""Puts the things that a prompt names into a scene, and tells which of them it could not place."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image

from flexura.render.oklab import RGB, from_hex, mix, shade
from flexura.render.pictures.scene import animals, buildings, cat, light, people, ridges, trees, vehicles
from flexura.render.pictures.scene.ink import Ink
from flexura.render.pictures.scene.layer import Drawable, Layer, Moment, sprite
from flexura.render.pictures.scene.moving import Sprites
from flexura.render.pictures.scene.stage import Stage

WATERY = frozenset({"sea", "beach", "island", "lake", "arctic"})
_INDOORS = frozenset({"room", "street", "underwater", "space"})


def _tint(stage: Stage, subject: str, own: str | RGB, light_level: float = 1.0) -> RGB:
    colour = stage.words.tint(subject) or (from_hex(own) if isinstance(own, str) else own)
    return stage.lit(colour, light_level)


def _picture(
    draw: Callable[[Ink], None], size: float, box: tuple[float, float, float, float] = (-0.7, -1.15, 0.7, 0.12), flip: bool = False
) -> tuple[Image.Image, float, float]:
    """A subject drawn at a size, and where its origin lies in the picture; `box` is its room in units."""
    left, top, right, bottom = (value * size for value in box)
    if flip:
        left, right = -right, -left
    ink = Ink((round(right - left) + 4, round(bottom - top) + 4), (-left + 2, -top + 2), size, flip)
    draw(ink)
    return ink.finish(), -left + 2, -top + 2


def _placed(
    stage: Stage, draw: Callable[[Ink], None], at: tuple[float, float], size: float, depth: float,
    box: tuple[float, float, float, float] = (-0.7, -1.15, 0.7, 0.12),
) -> Layer:
    picture, x, y = _picture(draw, size, box, stage.sun[0] < at[0] and stage.words.place != "room")
    side = 1.0 if stage.sun[0] > at[0] else -1.0
    glow = mix(stage.palette.light, stage.palette.sky[3], 0.35)
    lit = light.rimmed(picture, (0.75 * side, -0.55), glow, max(size * 0.018, 1.0), 0.55 if stage.hour == "day" else 0.85)
    return sprite(lit, (round(at[0] - x), round(at[1] - y)), depth)


def knoll(stage: Stage) -> tuple[Layer, tuple[float, float]]:
    """A near rise of ground for a subject to stand on, and the point where it stands."""
    unit = stage.unit
    x = np.arange(stage.width, dtype=np.float32)
    side = -1.0 if stage.focus > stage.width / 2 else 1.0
    off = (x - np.float32(stage.focus)) / np.float32(unit)
    hump = np.where(off * side < 0, np.exp(-((off / 0.7) ** 2)), np.exp(-((off / 0.34) ** 2)))
    top = stage.row(1.0) - unit * (0.04 + 0.13 * hump) + ridges.crest(stage, "knoll", 5, 0.5) * np.float32(unit * 0.008)
    dark = mix(stage.palette.dark, stage.palette.sky[1], 0.16 if stage.is_night else 0.24)
    if stage.words.place in {"meadow", "village", "garden", "mountains", "lake", "forest"} and not stage.has("snow"):
        dark = mix(dark, stage.lit(from_hex("#3f6a3c"), 0.6), 0.4)
    layer = ridges.silhouette(stage, top.astype(np.float32), (mix(dark, stage.palette.sky[3], 0.12), dark), 0.95, 0.12, 0.5)
    foot = float(top[int(np.clip(stage.focus, 0, stage.width - 1))]) + unit * 0.006
    return layer, (stage.focus, foot)


def _standing(stage: Stage) -> dict[str, tuple[Callable[[Ink], None], float]]:
    """What stands on the ground: how to draw it and how high it is in units of the stage."""
    dark = mix(stage.palette.dark, stage.palette.sky[1], 0.2)
    rng = stage.rng("standing")
    warm: RGB = (1.0, 0.82, 0.48)
    window = warm if stage.day_light < 0.8 else mix(stage.palette.sky[1], stage.palette.dark, 0.4)

    def near(subject: str, own: str, share: float = 0.35) -> RGB:
        asked = stage.words.tint(subject)
        return stage.lit(asked, 1.0) if asked else mix(_tint(stage, subject, own, 0.85), dark, share)

    trunk_green = (near("tree", "#3f6a3c", 0.45), mix(stage.lit(from_hex("#8fb84f")), stage.palette.light, 0.15))
    return {
        "person": (lambda ink: people.stander(ink, near("person", "#c8553d"), dark), 0.2),
        "cat": (lambda ink: cat.cat(ink, near("cat", "#e8924a", 0.2), near("cat", "#fff0dd", 0.25), from_hex("#7fc26b")), 0.24),
        "dog": (lambda ink: animals.dog(ink, near("dog", "#b9793f", 0.25), mix(near("dog", "#f1e2cc", 0.2), (1.0, 1.0, 1.0), 0.3)), 0.24),
        "fox": (lambda ink: animals.fox(ink, near("fox", "#e0702c", 0.15), stage.lit(from_hex("#fff3e2"), 1.0)), 0.23),
        "deer": (lambda ink: animals.deer(ink, near("deer", "#a0683c", 0.3), near("deer", "#e5d2b2", 0.3)), 0.3),
        "camel": (lambda ink: animals.camel(ink, near("camel", "#b98552", 0.3), near("camel", "#8a5f38", 0.4)), 0.24),
        "robot": (lambda ink: people.robot(ink, stage.lit(stage.words.tint("robot") or from_hex("#d5dde4"), 2.0), stage.palette.accents[1], stage.palette.accents[0]), 0.3),
        "astronaut": (lambda ink: people.stander(ink, stage.lit(from_hex("#f0f2f6"), 1.2), stage.lit(from_hex("#c4c9d3"), 1.1)), 0.2),
        "castle": (lambda ink: buildings.castle(ink, near("castle", "#b7a894", 0.3), near("castle", "#5a4a78", 0.25), window), 0.36),
        "windmill": (lambda ink: buildings.windmill(ink, near("windmill", "#e8dcc6", 0.2), near("windmill", "#8a4a34", 0.2), stage.lit(from_hex("#f6efe0"))), 0.36),
        "tent": (lambda ink: buildings.tent(ink, near("tent", "#e0862f", 0.15), warm if stage.day_light < 0.85 else stage.lit(from_hex("#f7d9a0")), dark), 0.2),
        "pyramid": (lambda ink: buildings.pyramid(ink, stage.far(_tint(stage, "pyramid", "#e0b070", 1.05), 0.8), stage.far(mix(_tint(stage, "pyramid", "#8a6238"), stage.palette.sky[1], 0.3), 0.8)), 0.3),
        "tree": (lambda ink: trees.crown(ink, (0.0, 0.0), 1.0, trunk_green, rng), 0.46),
        "pine": (lambda ink: trees.fir(ink, (0.0, 0.0), 1.0, (near("pine", "#24503c", 0.4), mix(near("pine", "#3f7a55", 0.2), stage.palette.light, 0.15)), rng), 0.5),
        "cactus": (lambda ink: trees.cactus(ink, (0.0, 0.0), 1.0, (near("cactus", "#3f7048", 0.2), mix(stage.palette.light, stage.lit(from_hex("#7fb36a")), 0.4)), rng), 0.3),
        "palm": (lambda ink: trees.palm(ink, (0.0, 0.0), 0.8, near("palm", "#28513a", 0.5), rng, -0.15), 0.5),
        "house": (lambda ink: buildings.house(ink, near("house", "#d9c4a0", 0.15), near("house", "#8a4232", 0.15) if stage.words.tint("house") is None else stage.lit(from_hex("#5b4a4a")), window, stage.lit((0.97, 0.98, 1.0), 1.2) if stage.has("snow") else None), 0.24),
    }


_WIDE = (-1.0, -1.2, 1.0, 0.16)


def ground(stage: Stage, names: list[str]) -> Iterator[Drawable]:
    table = _standing(stage)
    layer, (x, y) = knoll(stage)
    place = stage.words.place
    if place == "room":
        return
    spots: list[tuple[float, float, float]] = [(x, y, 1.0)]
    for index in range(1, len(names)):
        side = 1 if index % 2 else -1
        spots.append((x + side * stage.unit * 0.2 * ((index + 1) // 2), y + stage.unit * 0.018, 0.85))
    if place not in {"street"}:
        yield layer
    for name, (spot_x, spot_y, scale) in zip(names, spots[: len(names)], strict=True):
        draw, high = table[name]
        if place == "street":
            spot_y = stage.row(0.9)
        size = stage.unit * high * scale
        yield _placed(stage, draw, (spot_x, spot_y), size, 0.95, _WIDE)
        if name in {"house", "tent", "castle"} and stage.day_light < 0.8:
            yield light.glow(stage, (spot_x, spot_y - size * 0.25), size * 0.6, (1.0, 0.8, 0.45), 0.4, 0.95)


def campfire(stage: Stage, at: tuple[float, float]) -> Iterator[Drawable]:
    """A fire whose flames flicker."""
    size = stage.unit * 0.09
    frames: list[Image.Image] = []
    for step in range(8):
        ink = Ink((round(size * 1.6), round(size * 1.5)), (size * 0.8, size * 1.35), size, fine=3)
        for turn in (-0.3, 0.3):
            ink.line([(-0.35, 0.02 - turn * 0.1), (0.35, 0.02 + turn * 0.1)], 0.09, from_hex("#3a2418"), smooth=False)
        for index, (colour, scale) in enumerate(((from_hex("#ff6a1a"), 1.0), (from_hex("#ffb02e"), 0.7), (from_hex("#fff1b8"), 0.4))):
            lean = 0.09 * np.sin(2 * np.pi * step / 8 + index)
            tall = scale * (0.92 + 0.12 * np.sin(2 * np.pi * step / 8 * 2 + index * 2))
            ink.blob([(-0.26 * scale, 0), (-0.2 * scale, -0.3 * tall), (-0.08 * scale + lean, -0.55 * tall), (lean * 1.6, -tall), (0.1 * scale + lean, -0.5 * tall), (0.22 * scale, -0.28 * tall), (0.26 * scale, 0), (0, 0.05)], colour, 0.92)
        frames.append(ink.finish())
    yield light.glow(stage, (at[0], at[1] - size * 0.5), size * 2.2, from_hex("#ff9a3c"), 0.7, 0.95)

    def place(moment: Moment) -> list[tuple[Image.Image, float, float]]:
        turns = max(1, round(moment.seconds * 1.6))
        picture = frames[int(moment.phase * turns * 8) % 8]
        return [(picture, at[0] - size * 0.8, at[1] - size * 1.3)]

    yield Sprites(0.95, place)


def _flying(stage: Stage, name: str) -> tuple[Callable[[Ink], None], float, tuple[float, float, float, float]] | None:
    accents = stage.palette.accents
    white = stage.lit(from_hex("#f4f5f7"), 1.25)
    if name == "balloon":
        asked = stage.words.tint("balloon")
        hue = stage.lit(asked or accents[0], 1.2)
        other = stage.lit(mix(asked or accents[1], (1.0, 0.97, 0.9), 0.65 if asked else 0.35), 1.25)
        return (lambda ink: vehicles.air_balloon(ink, (hue, other), stage.lit(from_hex("#7a5230")), (1.0, 0.85, 0.5))), 0.3, (-0.45, -1.08, 0.45, 0.08)
    if name == "plane":
        return (lambda ink: vehicles.plane(ink, white, mix(white, stage.palette.sky[1], 0.5), stage.lit(stage.words.tint("plane") or accents[0], 1.2))), 0.26, (-0.6, -0.3, 0.6, 0.3)
    if name == "rocket":
        return (lambda ink: vehicles.rocket(ink, white, stage.lit(stage.words.tint("rocket") or accents[0], 1.3), stage.palette.sky[2])), 0.36, (-0.4, -1.1, 0.4, 0.55)
    if name == "ufo":
        return (lambda ink: vehicles.saucer(ink, stage.lit(from_hex("#b8c2cc"), 1.2), mix(accents[1], (1.0, 1.0, 1.0), 0.3), mix(accents[1], (1.0, 1.0, 0.8), 0.4))), 0.26, (-0.6, -0.4, 0.6, 1.0)
    if name == "astronaut":
        return (lambda ink: people.astronaut(ink, from_hex("#eef1f5"), mix(accents[1], stage.palette.sky[1], 0.3), accents[0])), 0.3, (-0.6, -0.65, 0.6, 0.65)
    if name == "lantern":
        return (lambda ink: buildings.lantern(ink, from_hex("#f08a3c"), from_hex("#ffe6a0"))), 0.06, (-0.6, -1.1, 0.6, 0.15)
    if name == "heart":
        colour = stage.lit(stage.words.tint("heart") or from_hex("#ef3e5b"), 1.25)
        return (lambda ink: ink.blob([(0, -0.62), (0.2, -0.86), (0.44, -0.78), (0.46, -0.5), (0.24, -0.2), (0, 0.02), (-0.24, -0.2), (-0.46, -0.5), (-0.44, -0.78), (-0.2, -0.86)], colour)), 0.22, (-0.6, -1.0, 0.6, 0.15)
    return None


def aloft(stage: Stage, name: str) -> Iterator[Drawable]:
    """Things in the air; they bob and drift a little."""
    made = _flying(stage, name)
    if made is None:
        return
    draw, high, box = made
    generator = stage.rng(f"aloft {name}")
    plural = any(token in {f"{name}s", "balloons", "lanterns", "planes", "rockets", "hearts"} for token in stage.words.tokens)
    number = {"lantern": 26, "heart": 5}.get(name, 5) if plural else {"lantern": 9}.get(name, 1)
    spots: list[tuple[Image.Image, float, float, float, float]] = []
    for index in range(number):
        size = stage.unit * high * (1.0 if index == 0 else float(generator.uniform(0.3, 0.62)))
        picture, x, y = _picture(draw, size, box)
        if name != "lantern":
            picture = light.rimmed(picture, (0.75 if stage.sun[0] > stage.focus else -0.75, -0.5), mix(stage.palette.light, (1.0, 1.0, 1.0), 0.2), max(size * 0.02, 1.0), 0.6)
        column = stage.focus if index == 0 else stage.column(float(generator.uniform(0.05, 0.95)))
        low = 0.52 if index == 0 else float(generator.uniform(0.2, 0.6))
        row = max(stage.horizon * low + size * 0.35, size * -box[1] + 4)
        if name == "lantern":
            row = stage.horizon * float(generator.uniform(0.12, 0.95))
            yield light.glow(stage, (column, row - size * 0.4), size * 1.6, from_hex("#ff9a3c"), 0.5, 0.3)
        spots.append((picture, column - x, row - y, float(generator.random()) * 6.28, size))

    def place(moment: Moment) -> list[tuple[Image.Image, float, float]]:
        shown: list[tuple[Image.Image, float, float]] = []
        for picture, x, y, start, size in reversed(spots):
            angle = 2 * np.pi * moment.phase + start
            shown.append((picture, x + float(np.sin(angle)) * size * 0.06, y + float(np.sin(angle + 1.2)) * size * 0.05))
        return shown

    yield Sprites(0.3, place)


def flock(stage: Stage, number: int = 9) -> Sprites:
    """Birds that cross the sky and beat their wings."""
    generator = stage.rng("flock")
    dark = mix(stage.palette.dark, stage.palette.sky[0], 0.4)
    if stage.hour == "night":
        dark = mix(stage.palette.sky[3], stage.palette.sky[1], 0.3)
    sizes = [stage.unit * s for s in (0.022, 0.03, 0.042)]
    frames = [[_picture(lambda ink, b=beat: animals.bird(ink, dark, b), size, (-0.55, -0.4, 0.55, 0.3))[0] for beat in np.sin(np.linspace(0, 2 * np.pi, 9)[:-1]).tolist()] for size in sizes]
    x0, y0 = stage.column(float(generator.uniform(0.2, 0.6))), stage.horizon * float(generator.uniform(0.25, 0.5))
    birds = [(float(generator.normal(0, 0.12)), float(generator.normal(0, 0.045)), int(generator.integers(3)), float(generator.random())) for _ in range(number)]

    def place(moment: Moment) -> list[tuple[Image.Image, float, float]]:
        shown: list[tuple[Image.Image, float, float]] = []
        beats = max(1, round(moment.seconds * 1.7))
        for dx, dy, kind, start in birds:
            picture = frames[kind][int(((moment.phase * beats + start) % 1.0) * 8)]
            x = x0 + dx * stage.unit + np.sin(2 * np.pi * moment.phase) * stage.unit * 0.1
            y = y0 + dy * stage.unit + np.sin(2 * np.pi * (moment.phase + start)) * stage.unit * 0.012
            shown.append((picture, float(x), float(y)))
        return shown

    return Sprites(0.15, place)


def afloat(stage: Stage) -> Iterator[Drawable]:
    """A sailing boat, or a rowing boat on a lake, that rocks on the water."""
    unit = stage.unit
    small = stage.words.place == "lake" and "sail" not in " ".join(stage.words.tokens)
    row = stage.horizon + (stage.height - stage.horizon) * (0.3 if stage.words.place != "beach" else 0.12)
    size = unit * (0.24 if not small else 0.2)
    hull = _tint(stage, "boat", "#7a3b2e" if stage.words.tint("boat") is None else (0.5, 0.3, 0.2))
    sail = mix(stage.lit(from_hex("#fdf6e6"), 1.25), stage.palette.light, 0.2)
    if stage.words.tint("boat") is not None:
        hull, sail = mix(stage.lit(stage.words.tint("boat") or hull), stage.palette.dark, 0.3), stage.lit(stage.words.tint("boat") or sail, 1.2)

    def draw(ink: Ink) -> None:
        if small:
            vehicles.rowing_boat(ink, mix(hull, stage.palette.dark, 0.3), shade(hull, 1.3))
        else:
            vehicles.sailboat(ink, mix(hull, stage.palette.dark, 0.25), sail, stage.palette.accents[0])

    picture, x, y = _picture(draw, size, (-0.7, -1.1, 0.7, 0.1))
    side = 1.0 if stage.sun[0] > stage.focus else -1.0
    picture = light.rimmed(picture, (0.8 * side, -0.4), mix(stage.palette.light, (1.0, 1.0, 1.0), 0.2), max(size * 0.014, 1.0), 0.8)
    mirrored = picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    mirrored.putalpha(mirrored.getchannel("A").point([round(v * 0.32) for v in range(256)]))
    mirrored = mirrored.resize((mirrored.width, round(mirrored.height * 0.6)))

    def place(moment: Moment) -> list[tuple[Image.Image, float, float]]:
        angle = 2 * np.pi * moment.phase * max(1, round(moment.seconds / 4))
        turned = picture.rotate(float(np.sin(angle)) * 1.8, Image.Resampling.BICUBIC, center=(x, y)) if moment.seconds else picture
        lift = float(np.sin(angle + 0.8)) * size * 0.012
        return [(mirrored, stage.focus - x, row - size * 0.06), (turned, stage.focus - x, row - y + lift)]

    yield Sprites(0.45, place)


def schools(stage: Stage) -> Iterator[Drawable]:
    """Fish, whales and jellyfish under water."""
    generator = stage.rng("schools")
    unit = stage.unit
    hues = ((from_hex("#ff8a3c"), from_hex("#fff4e6")), (from_hex("#ffd23f"), from_hex("#2c4a6b")), (from_hex("#3fb8d9"), from_hex("#f5e663")))
    if stage.has("whale"):
        picture, x, y = _picture(lambda ink: animals.whale(ink, mix(from_hex("#35587a"), stage.palette.sky[1], 0.2), from_hex("#b9cfdd")), unit * 0.62, (-0.75, -0.3, 0.6, 0.35))
        picture = light.rimmed(picture, (0.1, -0.9), (0.75, 0.95, 1.0), unit * 0.006, 0.6)
        yield _swim(stage, [(picture, stage.focus - x, stage.row(0.4) - y, 0.0)], 0.35)
    if stage.has("jellyfish"):
        for index in range(5):
            size = unit * (0.3 if index == 0 else float(generator.uniform(0.08, 0.17)))
            colour = mix(stage.words.tint("jellyfish") or stage.palette.accents[index % 3], (0.8, 0.85, 1.0), 0.35)
            picture, x, y = _picture(lambda ink, c=colour: animals.jellyfish(ink, c), size, (-0.5, -0.45, 0.5, 0.85))
            column = stage.focus if index == 0 else stage.column(float(generator.uniform(0.08, 0.92)))
            row = stage.row(0.36 if index == 0 else float(generator.uniform(0.15, 0.65)))
            yield light.glow(stage, (column, row), size * 0.5, colour, 0.35, 0.4)
            yield _swim(stage, [(picture, column - x, row - y, float(index))], 0.4, True)
    if not stage.has("whale", "jellyfish") or stage.has("fish"):
        shown: list[tuple[Image.Image, float, float, float]] = []
        for index in range(16):
            size = unit * float(generator.uniform(0.035, 0.075)) * (1.9 if index == 0 else 1.0)
            pair = hues[int(generator.integers(3))] if index else hues[0]
            asked = stage.words.tint("fish")
            picture, x, y = _picture(lambda ink, p=pair, a=asked: animals.fish(ink, a or p[0], p[1]), size, (-0.6, -0.4, 0.6, 0.4), index % 5 == 0)
            column = stage.focus if index == 0 else stage.column(float(generator.uniform(0.04, 0.96)))
            row = stage.row(0.5 if index == 0 else float(generator.uniform(0.18, 0.78)))
            shown.append((picture, column - x, row - y, float(generator.random()) * 6))
        yield _swim(stage, shown, 0.5)


def _swim(stage: Stage, pictures: list[tuple[Image.Image, float, float, float]], depth: float, upright: bool = False) -> Sprites:
    def place(moment: Moment) -> list[tuple[Image.Image, float, float]]:
        shown: list[tuple[Image.Image, float, float]] = []
        for picture, x, y, start in pictures:
            angle = 2 * np.pi * moment.phase + start
            along, across = (0.012, 0.03) if upright else (0.05, 0.012)
            shown.append((picture, x + float(np.sin(angle)) * along * stage.unit, y + float(np.cos(angle)) * across * stage.unit))
        return shown

    return Sprites(depth, place)
