"""The model `camera`: a moving camera over a picture that stands still."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from flexura.render.encode.video import VideoWriter
from flexura.render.provenance import record_of
from flexura.render.random import rng
from flexura.render.task import Made, Task, Warning
from flexura.render.transform.camera_path import Stage, camera_path
from flexura.render.transform.geometry import focus_of
from flexura.render.transform.parallax import guessed_depth, seen_aside
from flexura.render.transform.picture_input import first_picture, flat
from flexura.render.transform.wish_words import IGNORED
from flexura.render.words import read

_LONG_SIDE: Final = {"mp4": 1280, "webm": 1280, "gif": 640}
_RATE: Final = 48_000
_MOVES: Final = (
    (r"from (?:the )?left", "pan_right"),
    (r"from (?:the )?right", "pan_left"),
    (r"from (?:the )?(?:bottom|below)", "pan_up"),
    (r"from (?:the )?(?:top|above)", "pan_down"),
    (
        r"(?:zoom(?:s|ing)?|push(?:es|ing)?|dolly|mov(?:e|ing)|fly(?:ing)?|go(?:es|ing)?) (?:\w+ )?"
        r"in(?:to|wards?)?|closer|forwards?",
        "zoom_in",
    ),
    (
        r"(?:zoom(?:s|ing)?|pull(?:s|ing)?|dolly|move|moving) (?:\w+ )?(?:out|back|away)|reveal",
        "zoom_out",
    ),
    (r"(?:pan|move|slide|sweep|track)\w* (?:\w+ ){0,3}left|to the left|leftwards?", "pan_left"),
    (r"(?:pan|move|slide|sweep|track)\w* (?:\w+ ){0,3}right|to the right|rightwards?", "pan_right"),
    (r"(?:pan|tilt|move|rise|crane)\w* (?:\w+ ){0,2}up|upwards?|rising", "pan_up"),
    (r"(?:pan|tilt|move|crane)\w* (?:\w+ ){0,2}down|downwards?|descend\w*", "pan_down"),
    (r"orbit\w*|parallax|2\.5d|3d|depth|around", "orbit"),
    (r"drift\w*|float\w*|handheld|breath\w*|sway\w*", "drift"),
    (r"zoom\w*|ken burns|push", "zoom_in"),
    (r"pan(?:s|ning)?|panorama|sweep\w*|slid(?:e|es|ing)", "pan_right"),
)
_HANDLED: Final = re.compile(
    r"\b(?:camera|move\w*|moving|motion|slow\w*|fast\w*|quick\w*|smooth\w*|gentl\w+|cinematic\w*|loop\w*|seamless\w*"
    r"|video|clip|animat\w+|shot|pan\w*|zoom\w*|tilt\w*|dolly|across|toward\w*|along|steady|calm\w*|effect|burns|ken|drone|aerial|fly\w*"
    r"|reveal\w*)\b"
)


@dataclass(frozen=True)
class MoveWish:
    """What a prompt says of the camera; an empty move is none. `unknown` are words that mean nothing here."""

    move: str
    pace: float
    loop: bool
    unknown: tuple[str, ...]


def make(task: Task) -> Made:
    """Moves over the first image of the task. Raises TaskError without a usable picture."""
    options = task.options
    image = flat(first_picture(task).image)
    size = _size(image, options["width"], options["height"], _LONG_SIDE[options["format"]])
    wish = read_move(task.prompt)
    move = (
        options["move"] if options["move"] != "auto" else wish.move or _fitting(image, size, task)
    )
    amount = min(1.0, max(0.0, options["amount"] * wish.pace))
    loop: bool = options["loop"] or wish.loop
    image = _prepared(image, size)
    stage = Stage(image.width, image.height, size[0] / size[1], focus_of(image, options["focus"]))
    path = camera_path(move, stage, amount, loop)
    depth = guessed_depth(image) if move == "orbit" else None
    count = max(2, round(options["seconds"] * options["fps"]))
    writer = VideoWriter(
        task.out,
        width=size[0],
        height=size[1],
        fps=options["fps"],
        format=options["format"],
        sound=_sound(task, count / options["fps"]) if options["sound"] else None,
        rate=_RATE,
        provenance=record_of(task),
    )
    with writer:
        for number in range(count):
            # A loop's last frame lies one step before its first; another move arrives.
            view = path(number / count if loop or move == "drift" else number / (count - 1))
            if depth is None:
                frame = image.resize(size, Image.Resampling.BICUBIC, box=view.box)
            else:
                frame = seen_aside(image, depth, view, size)
            writer.add(np.asarray(frame))
            task.progress((number + 1) / count, f"frame {number + 1} of {count}")
    return Made((writer.file, writer.thumbnail), _warnings(wish, move))


def _size(image: Image.Image, width: int, height: int, long_side: int) -> tuple[int, int]:
    """The size of the video: as asked, else by the picture's shape; both even."""
    if not width and not height:
        scale = min(1.0, long_side / max(image.size))
        width, height = round(image.width * scale), round(image.height * scale)
    elif not width:
        width = round(image.width * height / image.height)
    elif not height:
        height = round(image.height * width / image.width)
    return max(16, width - width % 2), max(16, height - height % 2)


def _prepared(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The picture no larger than the nearest view needs, so that each frame is quick to draw."""
    scale = 1.75 * max(size[0] / image.width, size[1] / image.height)
    if scale >= 1:
        return image
    return image.resize(
        (round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS
    )


def read_move(prompt: str) -> MoveWish:
    """Reads any text."""
    text = prompt.lower()
    found = next(
        ((pattern, move) for pattern, move in _MOVES if re.search(rf"\b(?:{pattern})\b", text)),
        None,
    )
    pace = 1.0
    if re.search(r"\b(?:slow|slowly|gentle|gently|subtle|calm|slight|slightly|soft)\b", text):
        pace = 0.5
    elif re.search(r"\b(?:fast|quick|quickly|rapid|dramatic|strong|far)\b", text):
        pace = 1.8
    loop = bool(re.search(r"\b(?:loop\w*|seamless\w*|back and forth|there and back)\b", text))
    rest = _HANDLED.sub(" ", re.sub(rf"\b(?:{found[0]})\b", " ", text) if found else text)
    words = tuple(word for word in re.findall(r"[^\W\d_]+", rest) if word not in IGNORED)
    return MoveWish(found[1] if found else "", pace, loop, words)


def _fitting(image: Image.Image, size: tuple[int, int], task: Task) -> str:
    """A move for a prompt that names none: along the picture's long side, else one by the seed."""
    shape = (image.width / image.height) / (size[0] / size[1])
    if shape > 1.35:
        return "pan_right"
    if shape < 0.74:
        return "pan_up"
    choice = rng(task.prompt, dict(task.options), task.seed, "camera").integers(4)
    return ("zoom_in", "zoom_out", "drift", "orbit")[int(choice)]


def _sound(task: Task, seconds: float) -> np.ndarray:
    from flexura.render.sound.ambience import ambience

    return ambience(read(task.prompt), seconds, task.seed, _RATE)


def _warnings(wish: MoveWish, move: str) -> tuple[Warning, ...]:
    if not wish.unknown:
        return ()
    words = ", ".join(wish.unknown[:12])
    told = f"The camera moves ({move.replace('_', ' ')}), what is in the picture does not; not used: {words}."
    return (Warning("edit_not_understood", told),)
