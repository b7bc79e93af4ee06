"""Pictures are written whole, in the format that was asked for, with their provenance."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.render.samples import PROVENANCE, photo

from flexura.provenance.reading import record_in
from flexura.render.encode.image import write_image, write_thumbnail
from flexura.render.task import TaskError

FORMATS = {"png": "PNG", "webp": "WEBP", "jpeg": "JPEG", "avif": "AVIF"}


@pytest.mark.parametrize("format", FORMATS)
def test_a_picture_comes_back_as_it_was(format: str, tmp_path: Path) -> None:
    file = write_image(
        photo(97, 61), tmp_path / "a.b", format=format, quality=90, provenance=PROVENANCE
    )
    with Image.open(file.path) as read:
        assert read.format == FORMATS[format]
        assert read.size == (file.width, file.height) == (97, 61)
        difference = np.asarray(read.convert("RGB"), int) - np.asarray(photo(97, 61), int)
    assert file.mime == f"image/{format}"
    assert np.abs(difference).mean() < (0.01 if format == "png" else 4)


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_carries_its_provenance(format: str, tmp_path: Path) -> None:
    file = write_image(photo(), tmp_path / "a", format=format, quality=80, provenance=PROVENANCE)
    assert record_in(file.path) == PROVENANCE


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_picture_gives_the_same_bytes(format: str, tmp_path: Path) -> None:
    first = write_image(photo(), tmp_path / "a", format=format, quality=80, provenance=PROVENANCE)
    second = write_image(photo(), tmp_path / "b", format=format, quality=80, provenance=PROVENANCE)
    assert first.path.read_bytes() == second.path.read_bytes()


@pytest.mark.parametrize("format", ["png", "webp", "avif"])
def test_transparency_stays(format: str, tmp_path: Path) -> None:
    picture = photo().convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    file = write_image(picture, tmp_path / "a", format=format, quality=90, provenance=PROVENANCE)
    with Image.open(file.path) as read:
        alpha = np.asarray(read.convert("RGBA").getchannel("A"), int)
    assert alpha[0].max() < 12
    assert alpha[-1].min() > 240


def test_a_jpeg_lays_transparency_on_white(tmp_path: Path) -> None:
    file = write_image(
        Image.new("RGBA", (16, 16), (0, 0, 0, 0)),
        tmp_path / "a",
        format="jpeg",
        quality=90,
        provenance=PROVENANCE,
    )
    with Image.open(file.path) as read:
        assert read.mode == "RGB"
        assert min(read.getpixel((8, 8))) > 250


def test_a_png_tells_the_prompt_in_its_text_chunks(tmp_path: Path) -> None:
    file = write_image(photo(), tmp_path / "a", format="png", quality=90, provenance=PROVENANCE)
    with Image.open(file.path) as read:
        read.load()
        assert read.text["prompt"] == PROVENANCE.prompt
        assert read.text["Software"] == "flexura"
        assert read.text["seed"] == "7"


def test_metadata_of_the_source_does_not_get_into_the_file(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    exif[0x9286] = "secret place"
    source = tmp_path / "source.jpg"
    photo().save(source, exif=exif, comment=b"secret words")
    with Image.open(source) as opened:
        for format in FORMATS:
            file = write_image(
                opened, tmp_path / "a", format=format, quality=90, provenance=PROVENANCE
            )
            assert b"secret" not in file.path.read_bytes()
            with Image.open(file.path) as read:
                assert not read.getexif().get_ifd(0x8825)


def test_a_higher_quality_keeps_more(tmp_path: Path) -> None:
    low = write_image(photo(), tmp_path / "low", format="jpeg", quality=10, provenance=PROVENANCE)
    high = write_image(photo(), tmp_path / "high", format="jpeg", quality=95, provenance=PROVENANCE)
    assert high.path.stat().st_size > low.path.stat().st_size


@pytest.mark.parametrize(("format", "quality"), [("bmp", 90), ("jpeg", 0), ("jpeg", 101)])
def test_another_format_or_quality_is_refused(format: str, quality: int, tmp_path: Path) -> None:
    with pytest.raises(TaskError) as caught:
        write_image(photo(), tmp_path / "a", format=format, quality=quality, provenance=PROVENANCE)
    assert caught.value.code == "invalid_request"
    assert caught.value.next_step
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Image.Image, path: Path, **_: object) -> None:
        Path(path).write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(Image.Image, "save", broken)
    with pytest.raises(OSError, match="disk full"):
        write_image(photo(), tmp_path / "a", format="png", quality=90, provenance=PROVENANCE)
    assert list(tmp_path.iterdir()) == []


def test_a_thumbnail_is_small_and_keeps_the_shape(tmp_path: Path) -> None:
    file = write_thumbnail(photo(1600, 800), tmp_path / "a", provenance=PROVENANCE)
    assert (file.width, file.height, file.role, file.mime) == (512, 256, "thumbnail", "image/jpeg")
    assert record_in(file.path) == PROVENANCE
