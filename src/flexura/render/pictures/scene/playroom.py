"""A floor in a cosy room where a cat plays with a ball of yarn."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image

from flexura.render.oklab import RGB, from_hex, mix, shade
from flexura.render.pictures.scene import light, room, sky, tone
from flexura.render.pictures.scene.cat import Pose, cat, tail, yarn
from flexura.render.pictures.scene.ink import Ink
from flexura.render.pictures.scene.layer import Drawable, Layer, Moment, sprite
from flexura.render.pictures.scene.moving import Sprites
from flexura.render.pictures.scene.stage import Stage

_FURS: dict[str, tuple[RGB, RGB]] = {
    "orange": (from_hex("#e8924a"), from_hex("#fff0dd")),
    "grey": (from_hex("#8d939e"), from_hex("#f1f1ef")),
    "black": (from_hex("#35313a"), from_hex("#e9e4df")),
    "cream": (from_hex("#e9cfa6"), from_hex("#fffaf0")),
}


def fur_of(stage: Stage) -> tuple[RGB, RGB]:
    """The cat's coat and its pale parts."""
    tint = stage.words.tint("cat")
    if tint is not None:
        return tint, mix(tint, (1.0, 1.0, 1.0), 0.75)
    names = sorted(_FURS)
    generator = stage.rng("fur")
    return _FURS[
        "orange" if generator.random() < 0.5 else names[int(generator.integers(len(names)))]
    ]


def background(stage: Stage, floor: int) -> Iterator[Drawable]:
    """The wall with a window, the floor boards, a rug."""
    unit = stage.unit
    generator = stage.rng("playroom")
    side = 1 if stage.focus < stage.width / 2 else -1
    middle = stage.column(0.5 + side * 0.24)
    half, high = unit * 0.2, unit * 0.36
    low = floor - unit * 0.16
    box = (middle - half, low - high, middle + half, low)
    yield sky.sky(stage, round(low))
    yield from sky.luminary(stage)
    lamp = (stage.column(0.5 - side * 0.36), floor - unit * 0.36)
    yield from room.window_wall(stage, box, lamp)
    yield room.curtains(stage, box)
    wood = mix(
        mix(stage.palette.dark, from_hex("#b98252"), 0.88 if stage.day_light > 0.5 else 0.62),
        LIGHT,
        0.06,
    )
    yield boards(stage, floor, wood)
    ink = Ink(stage.size, fine=2)
    ink.box((0, floor - unit * 0.03), (stage.width, unit * 0.03), mix(wood, (1.0, 1.0, 1.0), 0.3))
    room.potted(
        ink,
        (stage.column(0.5 + side * 0.44), floor + unit * 0.05),
        unit * 0.42,
        stage.lit(from_hex("#4f8f5a"), 1.0),
        mix(stage.palette.accents[0], from_hex("#c97f5a"), 0.6),
        generator,
    )
    at = (stage.column(0.5 - side * 0.22), floor - unit * 0.42)
    _shelf(stage, ink, at, mix(wood, stage.palette.dark, 0.25), generator)
    _floor_lamp(stage, ink, lamp, floor)
    yield sprite(ink.finish(), (0, 0), 0.66)
    if stage.hour != "day":
        yield light.glow(stage, lamp, unit * 0.3, room.LAMP, 0.4, 0.6)
    yield rug(stage, floor + unit * 0.21)


def _shelf(
    stage: Stage, ink: Ink, at: tuple[float, float], wood: RGB, generator: np.random.Generator
) -> None:
    """A board on the wall with books and a small plant."""
    unit = stage.unit
    x0, y = at
    ink.box((x0 - unit * 0.16, y), (unit * 0.32, unit * 0.016), wood)
    hues = (*stage.palette.accents, from_hex("#e8dcc4"), from_hex("#6b7a8f"))
    x = x0 - unit * 0.14
    while x < x0 + unit * 0.08:
        wide = unit * float(generator.uniform(0.016, 0.032))
        tall = unit * float(generator.uniform(0.09, 0.14))
        hue = hues[int(generator.integers(5))]
        ink.box((x, y - tall), (wide, tall), mix(hue, room.wall_colour(stage), 0.35))
        x += wide * 1.12
    leaf = stage.lit(from_hex("#5f9f5a"))
    room.potted(ink, (x0 + unit * 0.12, y), unit * 0.14, leaf, from_hex("#e8dcc4"), generator)


def _floor_lamp(stage: Stage, ink: Ink, head: tuple[float, float], floor: int) -> None:
    """A standing lamp with a cloth shade."""
    unit = stage.unit
    x, y = head
    iron = mix(stage.palette.dark, from_hex("#8a6a4a"), 0.5)
    ink.line([(x, y), (x, floor + unit * 0.03)], unit * 0.008, iron, smooth=False)
    ink.ellipse((x, floor + unit * 0.03), (unit * 0.05, unit * 0.012), iron)
    cloth = mix(room.LAMP, (1.0, 1.0, 1.0), 0.35) if stage.hour != "day" else from_hex("#efe2c8")
    ink.polygon(
        [
            (x - unit * 0.035, y - unit * 0.07),
            (x + unit * 0.035, y - unit * 0.07),
            (x + unit * 0.07, y + unit * 0.045),
            (x - unit * 0.07, y + unit * 0.045),
        ],
        cloth,
    )
    ink.polygon(
        [
            (x + unit * 0.01, y - unit * 0.07),
            (x + unit * 0.035, y - unit * 0.07),
            (x + unit * 0.07, y + unit * 0.045),
            (x + unit * 0.025, y + unit * 0.045),
        ],
        shade(cloth, 0.9),
    )


LIGHT: RGB = (1.0, 0.9, 0.75)


def boards(stage: Stage, floor: int, wood: RGB) -> Layer:
    """A floor of boards that run towards the viewer."""
    height = stage.height - floor
    generator = stage.rng("boards")
    ink = Ink((stage.width, height), fine=2)
    middle = stage.column(0.5)
    count = 18
    edges = np.linspace(-3.2, 3.2, count + 1)
    for index in range(count):
        left, right = float(edges[index]), float(edges[index + 1])
        colour = shade(wood, float(generator.uniform(0.92, 1.05)))
        top, low = stage.unit * 0.34, stage.unit * 0.34 + height * 0.9
        ink.polygon(
            [
                (middle + left * top, 0),
                (middle + right * top, 0),
                (middle + right * low, height),
                (middle + left * low, height),
            ],
            colour,
        )
        ink.line(
            [(middle + left * top, 0), (middle + left * low, height)],
            [stage.unit * 0.0015, stage.unit * 0.004],
            shade(wood, 0.78),
            smooth=False,
        )
    picture = ink.finish().convert("RGB")
    fall = tone.vertical(
        (stage.width, height), ((0.72, 0.72, 0.72), (1.0, 1.0, 1.0), (0.9, 0.9, 0.9))
    )
    from PIL import ImageChops

    return Layer(ImageChops.multiply(picture, fall), None, (0, floor), 0.72)


def rug(stage: Stage, row: float) -> Layer:
    """A round rug in rings."""
    unit = stage.unit
    ink = Ink((stage.width, round(unit * 0.5)), (stage.column(0.5), unit * 0.25), unit, fine=2)
    hues = (
        mix(stage.palette.accents[0], from_hex("#e8dcc4"), 0.35),
        from_hex("#f1e6d2"),
        mix(stage.palette.accents[2], from_hex("#e8dcc4"), 0.45),
    )
    for index, size in enumerate((0.62, 0.57, 0.5, 0.42, 0.36, 0.2)):
        ink.ellipse((0, 0), (size, size * 0.31), stage.lit(hues[index % 3], 1.05))
    return sprite(ink.finish(), (0, round(row - unit * 0.25)), 0.75)


def _pace(phase: float, bats: int) -> tuple[float, float]:
    """How far the ball has rolled (0..1) and how far the paw reaches (0..1) at a moment of the loop."""
    inner = (phase * bats) % 1.0
    away = float(np.sin(np.pi * np.clip((inner - 0.14) / 0.86, 0, 1))) ** 0.8
    reach = float(np.clip(1 - abs(inner - 0.12) / 0.13, 0, 1))
    return away, reach * reach * (3 - 2 * reach)


class Actor:
    """Draws the parts of the play and keeps what it has drawn, for most moments come round again."""

    def __init__(self, stage: Stage, size: float, flip: bool) -> None:
        """`size` is the cat's height in pixels; `flip` turns it to the left."""
        fur, belly = fur_of(stage)
        # Lamp light: brighter than the room's own hour would show it.
        self._fur = mix(stage.lit(fur, 1.35), fur, 0.6)
        self._belly = mix(stage.lit(belly, 1.35), belly, 0.6)
        self._wool = stage.words.tint("yarn") or stage.palette.accents[0]
        self.size, self._flip = size, flip
        self.room = (round(size * 1.5), round(size * 1.22))
        self._kept: dict[tuple[str | int, ...], Image.Image] = {}

    def _ink(self) -> Ink:
        wide, high = self.room
        return Ink((wide, high), (wide * 0.5, high - self.size * 0.08), self.size, self._flip, 2)

    def _rim(self, picture: Image.Image) -> Image.Image:
        side = 1 if self._flip else -1
        return light.rimmed(
            picture,
            (0.7 * side, -0.6),
            mix(self._fur, (1.0, 0.95, 0.85), 0.6),
            max(self.size * 0.012, 1.0),
            0.5,
        )

    def cat(self, pose: Pose) -> Image.Image:
        """The cat without its tail."""
        key = (
            "cat",
            round(pose.paw * 10),
            round(pose.blink * 3),
            round(pose.tilt * 70),
            round(pose.look * 3),
            round(pose.breath * 2),
        )
        if key not in self._kept:
            ink = self._ink()
            cat(ink, self._fur, self._belly, from_hex("#7fc26b"), pose, with_tail=False)
            self._kept[key] = self._rim(ink.finish())
        return self._kept[key]

    def tail(self, pose: Pose) -> Image.Image:
        """The tail alone."""
        key = ("tail", round(pose.tail * 14))
        if key not in self._kept:
            ink = self._ink()
            tail(ink, self._fur, Pose(tail=round(pose.tail * 14) / 14))
            self._kept[key] = self._rim(ink.finish())
        return self._kept[key]

    def ball(self, turn: float) -> Image.Image:
        """The ball of yarn; 60 turns are one whole."""
        step = round(turn / (2 * np.pi) * 60) % 60
        if ("ball", step) not in self._kept:
            ink = Ink(
                (round(self.size * 0.5), round(self.size * 0.5)),
                (self.size * 0.25, self.size * 0.42),
                self.size,
            )
            yarn(ink, 0.15, self._wool, step / 60 * 2 * np.pi)
            self._kept["ball", step] = ink.finish()
        return self._kept["ball", step]

    def thread(
        self, start: tuple[float, float], end: tuple[float, float]
    ) -> tuple[Image.Image, float, float]:
        """The loose end that the ball leaves behind it."""
        return _thread(start, end, self.size, self._wool)


def _pose(moment: Moment, away: float, reach: float, bats: int) -> Pose:
    angle = 2 * np.pi * moment.phase
    blink = (
        float(np.clip(1 - abs((moment.phase * bats + 0.35) % 1.0 - 0.8) / 0.035, 0, 1))
        if moment.seconds
        else 0.0
    )
    sway = float(np.sin(angle * max(1, round(moment.seconds / 1.7))))
    breath = 0.5 + 0.5 * float(np.sin(angle * max(1, round(moment.seconds / 2.5))))
    return Pose(reach, sway, blink, 0.07 * (0.4 + away * 0.6), 0.55 + 0.45 * away, breath)


def play(stage: Stage, floor: float, size: float) -> Sprites:
    """The cat and its ball: it bats, the ball rolls off and comes back, the tail sways, the eyes follow."""
    flip = stage.focus > stage.width / 2
    actor = Actor(stage, size, flip)
    wide, high = actor.room
    x = stage.column(0.43 if not flip else 0.57)
    side = -1 if flip else 1

    def place(moment: Moment) -> list[tuple[Image.Image, float, float]]:
        bats = max(1, round(moment.seconds / 2.4))
        away, reach = _pace(moment.phase if moment.seconds else 0.09, bats)
        pose = _pose(moment, away, reach, bats)
        roll = 0.56 + 0.36 * away
        ball_x = x + side * size * roll
        at = (x - wide * 0.5, floor - high + size * 0.08)
        return [
            (actor.tail(pose), *at),
            actor.thread((x + side * size * 0.2, floor), (ball_x, floor)),
            (actor.cat(pose), *at),
            (
                actor.ball(side * roll / 0.15),
                ball_x - size * 0.25,
                floor + size * 0.05 - size * 0.42,
            ),
        ]

    return Sprites(0.85, place)


def _thread(
    start: tuple[float, float], end: tuple[float, float], size: float, colour: RGB
) -> tuple[Image.Image, float, float]:
    """The loose end that the ball leaves behind it."""
    wide, high = round(size * 1.6), round(size * 0.3)
    left = min(start[0], end[0]) - size * 0.3
    ink = Ink((wide, high), fine=2)
    share = np.linspace(0, 1, 9)
    away = start[0] - (end[0] - start[0]) * 0.25
    xs = away + (end[0] - away) * share - left
    ys = high * 0.5 + np.sin(share * 11 + end[0] / size * 3) * high * 0.2 * (1 - share)
    ink.line(np.stack([xs, ys], axis=1), size * 0.014, shade(colour, 0.9))
    return ink.finish(), left, start[1] - high * 0.35


def playroom(stage: Stage) -> Iterator[Drawable]:
    """The room, and the cat at play in it."""
    floor = round(stage.row(0.66))
    yield from background(stage, floor)
    size = min(stage.unit * 0.52, (stage.width - 2 * stage.margin[0]) * 0.4)
    yield play(stage, floor + stage.unit * 0.23, size)
