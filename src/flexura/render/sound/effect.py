"""Makes sound effects from a prompt: one, several after each other, or textures on top of each other."""

from __future__ import annotations

import numpy as np

from flexura.render.encode.audio import write_audio
from flexura.render.provenance import record_of
from flexura.render.random import rng
from flexura.render.sound.effects.request import Reading, Request, read_effects
from flexura.render.sound.effects.shape import Shape
from flexura.render.sound.mix import place, silence
from flexura.render.sound.synth import RATE, Signal, fade, frames
from flexura.render.sound.treatment import (
    crushed,
    levelled_shot,
    levelled_texture,
    tail_of,
    treated,
)
from flexura.render.task import Made, Task, Warning

LONGEST = 60.0


def make(task: Task) -> Made:
    """The sound that the prompt names. An unknown one gives the nearest, and the warning
    `subject_not_drawn`.
    """
    reading = read_effects(task.prompt)
    asked = float(task.options.get("seconds", 0))
    loop = bool(task.options.get("loop", False))
    task.progress(0.1, "shaping")
    sound = render(reading, asked, loop, rng("effect", task.prompt, asked, loop, task.seed))
    task.progress(0.8, "encoding")
    file_format = str(task.options.get("format", "wav"))
    file = write_audio(sound.T, RATE, task.out, format=file_format, provenance=record_of(task))
    task.progress(1.0, "done")
    return Made((file,), _warnings(task.prompt, reading, loop, file_format))


def render(reading: Reading, asked: float, loop: bool, source: np.random.Generator) -> Signal:
    """The stereo sound of a reading; `asked` seconds, or its natural length when that is 0."""
    seconds = asked or natural_seconds(reading)
    n = frames(seconds)
    textures = [request for request in reading.requests if request.family.endless]
    shots = [request for request in reading.requests if not request.family.endless]
    out = silence(n)
    for request in textures:
        sound = _texture(request, n, source)
        share = request.family.room
        sound = treated(sound, request.spaces, share, source, wrap=True)
        out += levelled_texture(sound, request.force, wrap=True)
    if textures and not loop:
        out *= fade(n, min(0.03, seconds / 8), min(0.5, seconds / 5))
    at = 0.0 if not textures else min(0.6, seconds * 0.1)
    for request in shots:
        room_left = seconds - at
        if room_left <= 0.02:
            break
        sound, length = _shot(
            request, room_left if len(shots) == 1 and not textures else 0.0, source
        )
        sound = np.pad(sound, ((0, 0), (0, frames(tail_of(request.spaces)))))
        sound = levelled_shot(
            treated(sound, request.spaces, request.family.room, source, wrap=False), request.force
        )
        place(out, sound * fade(sound.shape[-1], 0.0, min(0.02, length / 4)), frames(at) - 1)
        at += length * 0.75
    return _whole(out, textures=bool(textures))


def _whole(out: Signal, *, textures: bool) -> Signal:
    """Nothing above full scale, and nothing cut off at the end of what does not go on."""
    peak = float(np.abs(out).max())
    out = out / np.float32(max(1.0, peak / 0.9))
    return out if textures else out * fade(out.shape[-1], 0.0, 0.006)


def natural_seconds(reading: Reading) -> float:
    """How long the sounds take when nobody says."""
    endless = [request.family.seconds for request in reading.requests if request.family.endless]
    shots = [
        request.family.seconds * request.stretch
        for request in reading.requests
        if not request.family.endless
    ]
    ring = max(tail_of(request.spaces) for request in reading.requests)
    row = sum(shots[:-1]) * 0.75 + (shots[-1] + ring if shots else 0.0)
    longest = max(max(endless, default=0.0), row + (0.6 if endless else 0.0))
    return min(LONGEST, longest)


def _shape(request: Request, seconds: float, stretch: float, source: np.random.Generator) -> Shape:
    return Shape(
        source,
        seconds,
        stretch,
        request.pitch,
        request.force,
        request.retro,
        request.down,
        request.material,
    )


def _texture(request: Request, n: int, source: np.random.Generator) -> Signal:
    sound = request.family.make(_shape(request, n / RATE, request.stretch, source))
    sound = sound if sound.ndim == 2 else np.stack([sound, sound])
    sound = (
        sound[:, :n] if sound.shape[-1] >= n else np.pad(sound, ((0, 0), (0, n - sound.shape[-1])))
    )
    return crushed(sound, 5, 6) if request.retro else sound


def _shot(request: Request, asked: float, source: np.random.Generator) -> tuple[Signal, float]:
    """One effect and its length; with `asked` seconds it is stretched towards them, as far as it bears."""
    natural = request.family.seconds
    stretch = request.stretch if not asked else float(np.clip(asked / natural, 0.3, 3.0))
    length = natural * stretch
    sound = request.family.make(_shape(request, length, stretch, source))
    return (crushed(sound, 5, 4) if request.retro else sound), length


def _warnings(prompt: str, reading: Reading, loop: bool, file_format: str) -> tuple[Warning, ...]:
    found: list[Warning] = []
    if reading.guessed:
        words = " ".join(prompt.split())[:80]
        found.append(
            Warning(
                "subject_not_drawn",
                f"No sound is known for “{words}”; a {reading.guessed} was made instead.",
            )
        )
    if loop and file_format == "mp3":
        found.append(
            Warning(
                "loop_gap",
                "MP3 players may leave a short gap where the loop starts again; WAV and Ogg do not.",
            )
        )
    return tuple(found)
