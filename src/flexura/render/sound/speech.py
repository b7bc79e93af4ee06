"""Reads a text aloud with espeak-ng, which runs as a program of its own, and makes its voice pleasant."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from flexura.render.encode.audio import write_audio
from flexura.render.provenance import record_of
from flexura.render.random import rng
from flexura.render.sound.filters import filtered, highpass, highshelf, peak
from flexura.render.sound.loudness import compressed, levelled, limited
from flexura.render.sound.mix import reverb, room
from flexura.render.sound.synth import RATE, Signal, fade, frames
from flexura.render.task import Made, Task, TaskError

LONGEST_TEXT = 10_000
USUAL_PACE = 165
"""Words a minute at speed 1."""

_MODULE = "flexura.render.sound.espeak"
_INSTALL = 'Install the speech extra: pip install "flexura[speech]"'
_LOUDNESS = -16.0


def make(task: Task) -> Made:
    """The prompt as speech.

    Raises TaskError `provider_unavailable` without the extra, `invalid_request` for an empty text or an
    unknown voice or language, and `provider_error` when espeak-ng crashes or does not end.
    """
    text = task.prompt.strip()
    if not any(character.isalnum() for character in text):
        raise TaskError(
            "invalid_request",
            "There is no text to speak.",
            "Give the words to be read as the prompt.",
        )
    if len(text) > LONGEST_TEXT:
        raise TaskError(
            "invalid_request",
            f"The text has {len(text)} characters; {LONGEST_TEXT} can be read at once.",
            "Cut it into several tasks.",
        )
    if importlib.util.find_spec("espeakng_loader") is None:
        raise TaskError(
            "provider_unavailable",
            "Speech needs the espeak-ng library, which is not installed.",
            _INSTALL,
        )
    task.progress(0.05, "speaking")
    voice, rate = _answer(_run(text, task.options))
    task.progress(0.6, "mastering")
    sound = produced(resampled(voice, rate))
    file_format = str(task.options.get("format", "mp3"))
    file = write_audio(sound.T, RATE, task.out, format=file_format, provenance=record_of(task))
    task.progress(1.0, "done")
    return Made((file,))


def _run(text: str, options: Mapping[str, Any]) -> bytes:
    """What the program writes; a list of arguments and no shell, so that no option can become a command."""
    pitch = float(options.get("pitch", 1.0))
    arguments = [
        str(options.get("language") or "en-us"),
        str(options.get("voice") or "female"),
        str(round(USUAL_PACE * float(options.get("speed", 1.0)))),
        # The library's pitch runs from 0 to 100 with 50 as usual, a little less than an octave each way.
        str(int(np.clip(50 + 50 * np.log2(pitch), 0, 99))),
    ]
    root = str(Path(__file__).parents[3])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH", "")])]
    try:
        done = subprocess.run(
            [sys.executable, "-m", _MODULE, *arguments],
            input=text.encode("utf-8", "replace"),
            capture_output=True,
            timeout=30 + len(text) / 50,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TaskError(
            "provider_error", "espeak-ng did not finish in time.", "Try again with a shorter text."
        ) from error
    except OSError as error:
        raise TaskError(
            "provider_error", f"espeak-ng could not be started: {error.strerror}.", _INSTALL
        ) from error
    if done.returncode == 2:
        _refuse(done.stderr, arguments)
    if done.returncode != 0:
        last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or [
            f"status {done.returncode}"
        ]
        raise TaskError("provider_error", f"espeak-ng failed: {last[0][:200]}", _INSTALL)
    return done.stdout


def _refuse(told: bytes, arguments: list[str]) -> None:
    """Turns the program's refusal into an error that names what comes nearest."""
    try:
        refusal: dict[str, Any] = json.loads(told)
        kind, near = str(refusal["refused"]), [str(name) for name in refusal["near"]]
    except (ValueError, KeyError, TypeError) as error:
        raise TaskError(
            "provider_error", "espeak-ng refused the options without saying why.", _INSTALL
        ) from error
    asked = arguments[0] if kind == "language" else arguments[1]
    raise TaskError(
        "invalid_request", f"espeak-ng has no {kind} {asked!r}.", f"Nearest: {', '.join(near)}."
    )


def _answer(written: bytes) -> tuple[Signal, int]:
    """The samples (-1..1) and their rate."""
    head, _, body = written.partition(b"\n")
    try:
        rate = int(json.loads(head)["rate"])
    except (ValueError, KeyError, TypeError) as error:
        raise TaskError(
            "provider_error", "espeak-ng gave no sound.", "Try again, or with another voice."
        ) from error
    samples = np.frombuffer(body[: len(body) // 2 * 2], dtype="<i2").astype(
        np.float32
    ) / np.float32(32_768)
    if not samples.any():
        raise TaskError(
            "invalid_request",
            "There is nothing in the text that this voice can say.",
            "Set `language` to the language of the text.",
        )
    return _trimmed(samples), rate


def _trimmed(samples: Signal) -> Signal:
    loud = np.flatnonzero(np.abs(samples) > 0.004)
    return samples[loud[0] : loud[-1] + 1]


def resampled(samples: Signal, rate: int) -> Signal:
    """The samples at the rate of this package, by their spectrum."""
    # A length that both rates divide into whole numbers, so that the pitch stays exact.
    unit = rate // int(np.gcd(rate, RATE))
    padded = np.pad(samples, (0, unit - len(samples) % unit + unit * 8))
    count = len(padded) * RATE // rate
    spectrum = np.zeros(count // 2 + 1, dtype=np.complex64)
    own = np.fft.rfft(padded)
    kept = min(len(own), len(spectrum))
    spectrum[:kept] = own[:kept]
    return (np.fft.irfft(spectrum, count) * (count / len(padded))).astype(np.float32)


def produced(voice: Signal) -> Signal:
    """The voice as from a small studio: less mud and hiss, even, with a trace of a room, at -16 LUFS."""
    dry = np.stack([voice, voice])
    dry = np.pad(dry, ((0, 0), (frames(0.08), frames(0.30))))
    dry = filtered(
        dry, highpass(75), peak(240, -2.0, 1.0), peak(4300, -3.5, 1.0), highshelf(7500, -2.0)
    )
    dry = compressed(levelled(dry, -18.0), -22.0, 2.4)
    wet = reverb(dry, room(0.28, rng("speech room"), bright=4500, pre_delay=0.004))
    sound = limited(levelled(dry + wet * np.float32(0.07), _LOUDNESS))
    return sound * fade(sound.shape[-1], 0.01, 0.12)
