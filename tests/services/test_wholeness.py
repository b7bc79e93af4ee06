"""A file that ends too early is found by what its own container says."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doubles import png
from flexura.services.sniff import sniff
from flexura.services.wholeness import is_whole
from vendor_double import MIME, media

KINDS = ["png", "jpeg", "webp", "mp4", "wav"]


@pytest.mark.parametrize("kind", list(MIME))
def test_a_whole_file_is_whole(kind: str, tmp_path: Path) -> None:
    path = tmp_path / kind
    path.write_bytes(media(kind))
    assert is_whole(path, MIME[kind])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.99])
def test_a_file_that_was_cut_is_not(kind: str, part: float, tmp_path: Path) -> None:
    path, data = tmp_path / kind, media(kind)
    path.write_bytes(data[: int(len(data) * part)])
    assert not is_whole(path, MIME[kind])


def test_bytes_that_somebody_put_behind_the_end_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "padded.png"
    path.write_bytes(png() + b"a comment of some tool")
    assert is_whole(path, "image/png")


def test_a_wave_of_unknown_length_is_believed(tmp_path: Path) -> None:
    path, data = tmp_path / "pipe.wav", media("wav")
    path.write_bytes(data[:4] + b"\xff\xff\xff\xff" + data[8:])
    assert is_whole(path, "audio/wav")


@given(st.sampled_from(KINDS), st.binary(max_size=300))
def test_junk_behind_a_good_head_never_raises(
    tmp_path_factory: pytest.TempPathFactory, kind: str, junk: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "junk"
    path.write_bytes(media(kind)[:16] + junk)
    is_whole(path, sniff(media(kind)[:16]) or MIME[kind])
