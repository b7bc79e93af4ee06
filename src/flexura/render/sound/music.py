"""Makes music from a prompt: it composes a score, plays it and masters the sound."""

from __future__ import annotations

from flexura.render.encode.audio import write_audio
from flexura.render.provenance import record_of
from flexura.render.random import rng
from flexura.render.sound.arrange import compose
from flexura.render.sound.brief import read_brief
from flexura.render.sound.instruments.band import forget
from flexura.render.sound.perform import perform
from flexura.render.sound.synth import RATE
from flexura.render.task import Made, Task, Warning


def make(task: Task) -> Made:
    """One piece of music. Raises TaskError `invalid_request` for a key that is none."""
    options = task.options
    brief = read_brief(task.prompt, options)
    loop = bool(options.get("loop", False))
    seconds = float(options.get("seconds", 30))
    file_format = str(options.get("format", "mp3"))
    task.progress(0.02, "composing")
    # The format is not part of the seed: the same piece comes as WAV and as MP3.
    own = {name: value for name, value in options.items() if name != "format"}
    score, piece = compose(brief, seconds, loop, rng("score", task.prompt, own, task.seed))
    sound = perform(
        score,
        piece,
        brief.genre,
        rng("performance", task.prompt, own, task.seed),
        lambda done: task.progress(done, "playing"),
    )
    forget()
    task.progress(0.92, "encoding")
    file = write_audio(sound.T, RATE, task.out, format=file_format, provenance=record_of(task))
    task.progress(1.0, "done")
    return Made(
        (file,), _warnings(brief.unplayable, loop, file_format, (seconds, piece.plan.seconds))
    )


def _warnings(
    unplayable: tuple[str, ...], loop: bool, file_format: str, lengths: tuple[float, float]
) -> tuple[Warning, ...]:
    found = [
        Warning(
            "subject_not_drawn", f"No instrument here makes {name}; the nearest ones play instead."
        )
        for name in unplayable
    ]
    asked, made = lengths
    if abs(asked - made) > 0.01:
        found.append(
            Warning(
                "length_rounded",
                f"The loop lasts {made:.2f} s, not {asked:g} s, so that it ends on a whole bar.",
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
