"""Sound is written in the format that was asked for, as long as it was, with its provenance."""

from __future__ import annotations

import wave
from pathlib import Path

import av
import numpy as np
import pytest
from tests.render.samples import PROVENANCE, samples, streams, tone

from flexura.provenance.reading import record_in
from flexura.render.encode.audio import write_audio
from flexura.render.task import TaskError

CODECS = {"wav": "pcm_s16le", "mp3": "mp3float", "ogg": "opus"}


@pytest.mark.parametrize("format", CODECS)
def test_sound_comes_back_as_long_and_as_loud_as_it_was(format: str, tmp_path: Path) -> None:
    file = write_audio(tone(1.5), 48_000, tmp_path / "a", format=format, provenance=PROVENANCE)
    seconds, kinds = streams(file.path)
    read = samples(file.path)
    assert kinds == {"audio": CODECS[format]}
    assert file.seconds == 1.5
    assert seconds == pytest.approx(1.5, abs=0.03)
    assert np.sqrt((read[2000:-4000] ** 2).mean()) == pytest.approx(0.4 / np.sqrt(2), rel=0.03)


@pytest.mark.parametrize("format", CODECS)
def test_every_format_carries_its_provenance(format: str, tmp_path: Path) -> None:
    file = write_audio(tone(0.2), 48_000, tmp_path / "a", format=format, provenance=PROVENANCE)
    assert record_in(file.path) == PROVENANCE


@pytest.mark.parametrize("format", CODECS)
def test_the_same_sound_gives_the_same_bytes(format: str, tmp_path: Path) -> None:
    first = write_audio(tone(0.5), 48_000, tmp_path / "a", format=format, provenance=PROVENANCE)
    second = write_audio(tone(0.5), 48_000, tmp_path / "b", format=format, provenance=PROVENANCE)
    assert first.path.read_bytes() == second.path.read_bytes()


def test_an_mp3_tells_the_prompt_to_any_player(tmp_path: Path) -> None:
    file = write_audio(tone(0.2), 48_000, tmp_path / "a", format="mp3", provenance=PROVENANCE)
    assert file.path.read_bytes()[:3] == b"ID3"
    with av.open(str(file.path)) as container:
        assert container.metadata["title"] == 'a <cat> & "dog" ночь ]]>'
        assert "procedural" in container.metadata["artist"]


def test_a_wav_is_read_by_the_standard_library(tmp_path: Path) -> None:
    file = write_audio(tone(0.5), 44_100, tmp_path / "a", format="wav", provenance=PROVENANCE)
    with wave.open(str(file.path)) as read:
        assert (read.getnchannels(), read.getsampwidth(), read.getframerate()) == (2, 2, 44_100)


def test_opus_takes_a_rate_that_it_does_not_know(tmp_path: Path) -> None:
    file = write_audio(
        tone(1, rate=44_100), 44_100, tmp_path / "a", format="ogg", provenance=PROVENANCE
    )
    crossings = np.count_nonzero(np.diff(np.signbit(samples(file.path)[4800:-4800, 0])))
    assert streams(file.path)[0] == pytest.approx(1, abs=0.03)
    assert crossings / 2 == pytest.approx(440 * (len(samples(file.path)) - 9600) / 48_000, rel=0.02)


def test_what_is_too_loud_or_no_number_is_tamed(tmp_path: Path) -> None:
    wild = np.array([3.0, -3.0, np.nan, np.inf] * 100, np.float32)
    file = write_audio(wild, 48_000, tmp_path / "a", format="wav", provenance=PROVENANCE)
    read = samples(file.path)
    assert read.max() <= 1
    assert read[0, 0] == pytest.approx(1, abs=1e-3)
    assert read[2, 0] == 0


@pytest.mark.parametrize(("format", "rate"), [("flac", 48_000), ("mp3", 12_345), ("wav", 1)])
def test_another_format_or_rate_is_refused(format: str, rate: int, tmp_path: Path) -> None:
    with pytest.raises(TaskError) as caught:
        write_audio(tone(0.1), rate, tmp_path / "a", format=format, provenance=PROVENANCE)
    assert caught.value.code == "invalid_request"
    assert caught.value.next_step
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("shape", [(0, 2), (10, 3), (2, 2, 2)])
def test_what_is_no_sound_is_refused(shape: tuple[int, ...], tmp_path: Path) -> None:
    with pytest.raises(TaskError):
        write_audio(
            np.zeros(shape, np.float32), 48_000, tmp_path / "a", format="wav", provenance=PROVENANCE
        )
