"""Speech is read by a program of its own, and every way in which that can go wrong is told."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.render import listening
from tests.render.samples import samples, streams

from flexura.render.sound import speech
from flexura.render.sound.loudness import loudness
from flexura.render.task import Made, Task, TaskError

TEXT = "Hello from flexura."


def made(text: str, out: Path, **options: Any) -> Made:
    defaults = {"voice": "female", "language": "en-us", "speed": 1.0, "pitch": 1.0, "format": "wav"}
    return speech.make(Task("speech", text, defaults | options, 1, out))


def spoken(text: str, out: Path, **options: Any) -> listening.Sound:
    return samples(made(text, out, **options).files[0].path).T


def pitch(sound: listening.Sound) -> float:
    """The fundamental of a voice in Hz: where its loudest part is most like itself."""
    middle = sound.mean(axis=0)
    start = int(np.argmax(np.convolve(middle**2, np.ones(4800), "valid")))
    part = middle[start : start + 4800] * np.hanning(4800)
    alike = np.fft.irfft(np.abs(np.fft.rfft(part, 1 << 14)) ** 2)
    return 48_000 / (96 + int(np.argmax(alike[96:700])))


def refused(text: str, out: Path, **options: Any) -> TaskError:
    with pytest.raises(TaskError) as caught:
        made(text, out, **options)
    return caught.value


@pytest.mark.parametrize("format", ["wav", "mp3", "ogg"])
def test_a_text_is_spoken_in_every_format(format: str, tmp_path: Path) -> None:
    file = made(TEXT, tmp_path / "s", format=format).files[0]
    seconds, kinds = streams(file.path)
    assert list(kinds) == ["audio"]
    assert seconds == pytest.approx(file.seconds, abs=0.06)
    assert 1 < seconds < 4


def test_a_voice_is_mastered(tmp_path: Path) -> None:
    sound = spoken("The quick brown fox jumps over the lazy dog.", tmp_path / "s")
    assert loudness(sound.astype(np.float32)) == pytest.approx(-16, abs=0.7)
    assert np.abs(sound).max() < 0.9
    assert np.abs(sound[:, -1]).max() < 0.01


def test_the_same_text_gives_the_same_bytes_in_another_second_too(tmp_path: Path) -> None:
    # The library seeds its noise with the second of the day.
    seconds: set[int] = set()
    sounds: set[bytes] = set()
    while len(seconds) < 2:
        file = made(TEXT, tmp_path / str(len(seconds))).files[0].path
        seconds.add(int(time.time()))
        sounds.add(file.read_bytes())
    assert len(sounds) == 1


def test_speed_pitch_voice_and_language_are_heard(tmp_path: Path) -> None:
    usual = spoken(TEXT, tmp_path / "a")
    assert spoken(TEXT, tmp_path / "b", speed=2.0).shape[-1] < 0.7 * usual.shape[-1]
    assert spoken(TEXT, tmp_path / "c", speed=0.5).shape[-1] > 1.4 * usual.shape[-1]
    assert pitch(spoken("aaaah", tmp_path / "d", pitch=2.0)) > 1.2 * pitch(
        spoken("aaaah", tmp_path / "e", pitch=0.5)
    )
    assert pitch(usual) > 1.2 * pitch(spoken(TEXT, tmp_path / "f", voice="male"))
    assert (
        spoken("Guten Tag 25", tmp_path / "g", language="de").shape
        != spoken("Guten Tag 25", tmp_path / "h").shape
    )


def test_text_of_any_kind_reaches_the_voice_as_text(tmp_path: Path) -> None:
    short = spoken("one", tmp_path / "a")
    long = spoken("-v one; $(two) `three` <four/> [[five]] ünïcode ½ 日", tmp_path / "b")
    assert long.shape[-1] > 3 * short.shape[-1]


def test_an_unknown_voice_is_refused_with_the_nearest(tmp_path: Path) -> None:
    error = refused(TEXT, tmp_path / "s", voice="Annnie")
    assert error.code == "invalid_request"
    assert "Annie" in error.next_step


def test_an_unknown_language_is_refused_with_the_nearest(tmp_path: Path) -> None:
    error = refused(TEXT, tmp_path / "s", language="en-uk")
    assert error.code == "invalid_request"
    assert "en-gb" in error.next_step or "en-us" in error.next_step


@pytest.mark.parametrize("text", ["", "   \n", "…!?"])
def test_a_text_without_words_is_refused(text: str, tmp_path: Path) -> None:
    assert refused(text, tmp_path / "s").code == "invalid_request"


def test_a_text_that_is_too_long_is_refused(tmp_path: Path) -> None:
    error = refused("a " * 6000, tmp_path / "s")
    assert error.code == "invalid_request"
    assert "10000" in error.message


def test_without_the_extra_the_error_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    error = refused(TEXT, tmp_path / "s")
    assert error.code == "provider_unavailable"
    assert 'pip install "flexura[speech]"' in error.next_step


def test_a_crash_of_the_program_is_an_error_of_the_provider(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speech, "_MODULE", "flexura.render.sound.no_such_program")
    error = refused(TEXT, tmp_path / "s")
    assert error.code == "provider_error"
    assert "no_such_program" in error.message


def test_a_program_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*arguments: Any, timeout: float, **options: Any) -> None:
        raise subprocess.TimeoutExpired("espeak", timeout)

    monkeypatch.setattr(subprocess, "run", hang)
    error = refused(TEXT, tmp_path / "s")
    assert (error.code, "in time" in error.message) == ("provider_error", True)


@pytest.mark.parametrize("answer", [b"", b"nonsense\n\0\0", b'{"rate": 22050}\n'])
def test_an_answer_without_sound_is_an_error(
    answer: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = subprocess.CompletedProcess(["espeak"], 0, answer, b"")
    monkeypatch.setattr(subprocess, "run", lambda *arguments, **options: done)
    assert refused(TEXT, tmp_path / "s").code in ("provider_error", "invalid_request")


def test_the_library_is_never_loaded_into_this_process(tmp_path: Path) -> None:
    made(TEXT, tmp_path / "s")
    assert "espeakng_loader" not in sys.modules
    assert "flexura.render.sound.espeak" not in sys.modules


def test_resampling_keeps_pitch_and_level() -> None:
    t = np.arange(22_050) / 22_050
    sound = speech.resampled(np.sin(2 * np.pi * 440 * t).astype(np.float32), 22_050)
    spectrum = np.abs(np.fft.rfft(sound[:48_000]))
    assert int(np.argmax(spectrum)) == 440
    assert listening.decibels(sound[4800:43_200]) == pytest.approx(-3.01, abs=0.05)
