"""The shape of a sound, for drawing it."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import numpy as np
import pytest

from flexura.render.task import Input, Task, TaskError
from flexura.render.transform.peaks import COUNT, make, parts
from render.samples import photo


def wav(path: Path, samples: np.ndarray) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes((samples * 32000).astype("<i2").tobytes())
    return path


def shape(source: Path, mime: str = "audio/wav") -> dict[str, object]:
    out = source.with_name("shape")
    made = make(Task("peaks", "", {}, 0, out, (Input(source, mime, "audio"),)))
    assert made.files[0].mime == "application/json"
    found: dict[str, object] = json.loads(made.files[0].path.read_text())
    return found


def test_the_loudest_part_is_a_hundred_and_silence_nothing(tmp_path: Path) -> None:
    tone = np.sin(np.arange(16_000) / 3)
    tone[:8000] = 0
    found = shape(wav(tmp_path / "a.wav", tone * 0.2))
    peaks = found["peaks"]
    assert isinstance(peaks, list) and len(peaks) == COUNT and found["seconds"] == 2.0
    assert max(peaks) == 100 and max(peaks[:115]) <= 2 and min(peaks[125:]) > 80


def test_silence_and_a_sound_shorter_than_its_parts_have_a_shape_too(tmp_path: Path) -> None:
    assert shape(wav(tmp_path / "s.wav", np.zeros(8000)))["peaks"] == [0] * COUNT
    short = shape(wav(tmp_path / "t.wav", np.ones(200)))["peaks"]
    assert isinstance(short, list) and len(short) == COUNT and max(short) == 100
    assert parts(np.zeros(0, np.float32)) == [0] * COUNT


def test_a_file_without_sound_is_refused(tmp_path: Path) -> None:
    photo(8, 8).save(tmp_path / "p.png")
    with pytest.raises(TaskError):
        shape(tmp_path / "p.png", "audio/wav")
