"""What is drawn tells what it was drawn from, unless it is to say nothing of itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.render.samples import task, tone

from flexura import __version__
from flexura.provenance.reading import record_in
from flexura.provenance.record import ALGORITHMIC
from flexura.render.encode.audio import write_audio
from flexura.render.provenance import record_of
from flexura.render.registry import maker
from flexura.render.task import Input, Task


def test_a_task_tells_the_digests_of_its_inputs_and_no_path() -> None:
    record = record_of(
        Task(
            "retouch",
            "blur",
            {"width": 1},
            3,
            Path("/secret/out"),
            (Input(Path("/secret/in"), "", "image", "ab"),),
        )
    )
    assert record is not None
    assert record.inputs == ("ab",)
    assert (record.source_type, record.version) == (ALGORITHMIC, __version__)
    assert "secret" not in str(record.as_json())


def test_a_task_that_is_to_be_unmarked_leaves_no_word_in_the_file(tmp_path: Path) -> None:
    asked = replace(task("canvas", tmp_path / "a", "a red barn", width=64, height=64), marked=False)
    (file, *_) = maker("canvas")(asked).files
    assert record_in(file.path) is None
    assert b"barn" not in file.path.read_bytes()


@pytest.mark.parametrize("format", ["wav", "mp3", "ogg"])
def test_sound_without_a_record_is_written_as_it_is(format: str, tmp_path: Path) -> None:
    file = write_audio(tone(0.1), 48_000, tmp_path / "a", format=format, provenance=None)
    assert record_in(file.path) is None
