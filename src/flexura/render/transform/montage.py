"""The model `montage`: cuts given videos, pictures and sound together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from PIL import Image

from flexura.render.encode.audio import write_audio
from flexura.render.encode.image import write_image
from flexura.render.encode.video import VideoWriter
from flexura.render.provenance import record_of
from flexura.render.registry import with_defaults
from flexura.render.task import Made, Task, TaskError, Warning
from flexura.render.transform.media_input import MOST_SECONDS, Media, read_media
from flexura.render.transform.montage_wishes import read_montage_wishes
from flexura.render.transform.picture_input import flat, inputs_of, open_picture
from flexura.render.transform.poster import poster_frame
from flexura.render.transform.sound_input import RATE, fitted
from flexura.render.transform.soundtrack import finished, joined, soundtrack
from flexura.render.transform.timeline import Part, Timeline, faded

_FORMATS: Final = {
    "video": ("mp4", "webm", "gif"),
    "audio": ("mp3", "wav", "ogg"),
    "image": ("jpeg", "png", "webp", "avif"),
}
_MOST_INPUTS: Final = 40
_MOST_SIDE: Final = {"mp4": 1920, "webm": 1920, "gif": 480}
_PICTURES_BLEND = 0.5


@dataclass(frozen=True)
class _Given:
    """The inputs, checked: what is seen, in its order, and sound files."""

    seen: tuple[Media | Image.Image, ...]
    sounds: tuple[Media, ...]

    @property
    def first_video(self) -> Media | None:
        return next((source for source in self.seen if isinstance(source, Media)), None)


def make(task: Task) -> Made:
    """Makes a video, a sound or a picture from the inputs.

    Raises TaskError when an input cannot be used, or when the inputs do not hold what is asked for.
    """
    settings = _settings(task)
    given = _given(task)
    format = _format(settings)
    if settings["output"] == "audio":
        return _audio(task, given, settings, format)
    if settings["output"] == "image":
        return _image(task, given, settings, format)
    return _video(task, given, settings, format)


def _settings(task: Task) -> dict[str, Any]:
    """The prompt's wishes under the options: an option that is not at its default wins."""
    defaults = with_defaults(task.model, {})
    chosen = {name: value for name, value in task.options.items() if value != defaults.get(name)}
    settings = defaults | read_montage_wishes(task.prompt) | chosen
    if settings["format"] in _FORMATS["audio"] and "output" not in chosen:
        settings["output"] = "audio"
    if settings["format"] in _FORMATS["image"] and "output" not in chosen:
        settings["output"] = "image"
    return settings


def _format(settings: Mapping[str, Any]) -> str:
    output, format = settings["output"], settings["format"]
    allowed = _FORMATS[output]
    if format == "auto":
        return allowed[0]
    if format not in allowed:
        raise TaskError(
            "invalid_request",
            f"The output {output} cannot be written as {format}.",
            f"Use one of {', '.join(allowed)}, or auto.",
        )
    return format


def _given(task: Task) -> _Given:
    if len(task.inputs) > _MOST_INPUTS:
        raise TaskError(
            "invalid_request",
            f"{len(task.inputs)} inputs are more than {_MOST_INPUTS}.",
            "Join some of them first.",
        )
    seen: list[Media | Image.Image] = []
    for item in task.inputs:
        if item.role == "image":
            seen.append(_held(flat(open_picture(item.path).image)))
        elif item.role == "video":
            media = read_media(item.path)
            if not media.has_picture:
                raise _missing(
                    "a file given as video has no picture", "Give it with the role audio."
                )
            seen.append(media)
    sounds = tuple(read_media(item.path) for item in inputs_of(task, "audio"))
    if any(not media.has_sound for media in sounds):
        raise _missing(
            "a file given as audio has no sound", "Give a file that has an audio stream."
        )
    if not seen and not sounds:
        raise _missing("no input was given", "Give videos, pictures or sound as inputs.")
    return _Given(tuple(seen), sounds)


def _held(image: Image.Image) -> Image.Image:
    """Forty pictures of a camera's size would not fit into memory; none needs more than the frame has."""
    image.thumbnail((2560, 2560), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return image


def _video(task: Task, given: _Given, settings: Mapping[str, Any], format: str) -> Made:
    if not given.seen:
        raise _missing(
            "a video needs a picture", "Give a video or a picture too, or ask for output audio."
        )
    timeline = _timeline(given, settings, format)
    count, warnings = _count(timeline, settings)
    size = _size(given, settings, _MOST_SIDE[format])
    seconds = float(count / timeline.rate)
    sound = None
    if format != "gif":
        task.progress(0.02, "reading sound")
        sound = soundtrack(timeline, given.sounds, seconds, settings)
    frames = timeline.frames(count, size, settings["fit"])
    fade = min(count // 2, round(settings["fade"] * timeline.rate))
    writer = VideoWriter(
        task.out,
        width=size[0],
        height=size[1],
        fps=timeline.rate,
        format=format,
        sound=sound,
        rate=RATE,
        provenance=record_of(task),
    )
    with writer:
        for number, frame in enumerate(faded(frames, count, fade) if fade else frames):
            writer.add(frame)
            task.progress((number + 1) / count, f"frame {number + 1} of {count}")
    return Made((writer.file, writer.thumbnail), warnings)


def _timeline(given: _Given, settings: Mapping[str, Any], format: str) -> Timeline:
    video = given.first_video
    rate = Fraction(settings["fps"]) if settings["fps"] else video.rate if video else Fraction(24)
    if format == "gif" and not settings["fps"]:
        rate = min(rate, Fraction(12))
    parts = [_part(source, source is video, settings) for source in given.seen]
    if len(parts) == 1 and isinstance(parts[0].source, Image.Image):
        # One picture stands as long as is asked, or as long as its sound lasts.
        length = settings["seconds"] or sum(media.seconds for media in given.sounds)
        parts = [Part(parts[0].source, min(MOST_SECONDS, length or parts[0].seconds))]
    overlap = settings["crossfade"]
    if overlap < 0:
        overlap = 0.0 if video else _PICTURES_BLEND
    shortest = min(part.seconds for part in parts)
    return Timeline(parts, min(overlap, shortest / 2.5) if len(parts) > 1 else 0.0, rate)


def _part(source: Media | Image.Image, first: bool, settings: Mapping[str, Any]) -> Part:
    if isinstance(source, Image.Image):
        return Part(source, settings["slide_seconds"])
    start = settings["start"] if first else 0.0
    if start >= source.seconds:
        raise TaskError(
            "invalid_request",
            f"The start {start:g} s is not before the end of the video, {source.seconds:.2f} s.",
            "Use an earlier start.",
        )
    return Part(source, (source.seconds - start) / settings["speed"], start, settings["speed"])


def _count(timeline: Timeline, settings: Mapping[str, Any]) -> tuple[int, tuple[Warning, ...]]:
    whole = min(timeline.count(), round(MOST_SECONDS * timeline.rate))
    if not settings["seconds"]:
        return whole, ()
    wanted = max(1, round(settings["seconds"] * timeline.rate))
    if wanted <= whole + 1:
        return min(wanted, whole), ()
    told = f"The inputs last {float(whole / timeline.rate):.2f} s, not {settings['seconds']:g} s."
    return whole, (Warning("shorter_than_asked", told),)


def _size(given: _Given, settings: Mapping[str, Any], most: int) -> tuple[int, int]:
    first = given.first_video or given.seen[0]
    own = (first.width, first.height)
    width, height = settings["width"], settings["height"]
    if not width and not height:
        scale = min(1.0, most / max(own))
        width, height = round(own[0] * scale), round(own[1] * scale)
    elif not width:
        width = min(1920, round(own[0] * height / own[1]))
    elif not height:
        height = min(1920, round(own[1] * width / own[0]))
    return max(16, width - width % 2), max(16, height - height % 2)


def _audio(task: Task, given: _Given, settings: Mapping[str, Any], format: str) -> Made:
    sources = given.sounds or tuple(
        source for source in given.seen if isinstance(source, Media) and source.has_sound
    )
    if not sources:
        raise _missing("none of the inputs has sound", "Give a video with sound, or a sound file.")
    sound = joined(sources, settings["start"])
    task.progress(0.5, "sound read")
    warnings: tuple[Warning, ...] = ()
    if settings["seconds"]:
        wanted = round(settings["seconds"] * RATE)
        if wanted > len(sound) + RATE // 20 and not settings["loop"]:
            told = f"The sound lasts {len(sound) / RATE:.2f} s, not {settings['seconds']:g} s."
            warnings = (Warning("shorter_than_asked", told),)
            wanted = len(sound)
        sound = fitted(sound, wanted, loop=settings["loop"])
    if not len(sound):
        raise _missing("there is no sound after the start", "Use an earlier start.")
    sound = finished(sound * settings["volume"], settings["fade"])
    written = write_audio(sound, RATE, task.out, format=format, provenance=record_of(task))
    return Made((written,), warnings)


def _image(task: Task, given: _Given, settings: Mapping[str, Any], format: str) -> Made:
    video = given.first_video
    if video is None:
        raise _missing("a frame is taken from a video", "Give a video as an input.")
    size = _size(given, settings, 1920)
    frame = poster_frame(video, settings["at"], size, settings["fit"])
    written = write_image(
        Image.fromarray(frame),
        task.out,
        format=format,
        quality=settings["quality"],
        provenance=record_of(task),
    )
    return Made((written,))


def _missing(why: str, next_step: str) -> TaskError:
    return TaskError("invalid_request", f"The montage cannot be made: {why}.", next_step)
