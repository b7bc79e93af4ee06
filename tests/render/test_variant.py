"""Another form of a file, made in the child: the right pixels, and nothing said that is not so."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from flexura.provenance.reading import record_in
from flexura.render import registry
from flexura.render.task import Input, Made, Task, TaskError
from render.samples import PROVENANCE, photo, video


def made(path: Path, mime: str, out: Path, format: str = "png", width: int = 0) -> Made:
    options = {"format": format, "width": width}
    given = Input(path, mime, mime.partition("/")[0])
    task = Task(registry.VARIANT, "", options, 0, out / "variant", (given,))
    return registry.maker(registry.VARIANT)(task)


def test_it_is_no_model() -> None:
    assert registry.VARIANT not in {model["id"] for model in registry.models()}


@pytest.mark.parametrize(("width", "height"), [(0, 3), (16, 1), (150, 2), (299, 3), (400, 3)])
def test_a_side_is_at_least_one_pixel(width: int, height: int, tmp_path: Path) -> None:
    # 100 : 1 is as far as pictures may go.
    photo(300, 3).save(tmp_path / "long.png")
    (file,) = made(tmp_path / "long.png", "image/png", tmp_path, width=width).files
    assert (file.width, file.height) == (min(width or 300, 300), height)


def test_transparency_stays(tmp_path: Path) -> None:
    Image.new("RGBA", (40, 20), (255, 0, 0, 64)).save(tmp_path / "glass.png")
    for format in ("png", "webp"):
        (file,) = made(tmp_path / "glass.png", "image/png", tmp_path, format, 20).files
        with Image.open(file.path) as image:
            assert image.mode == "RGBA" and image.size == (20, 10)
            assert abs(image.getpixel((10, 5))[3] - 64) < 4  # pyright: ignore


@pytest.mark.parametrize("format", ["png", "webp"])
def test_a_strangers_file_gets_no_provenance_of_ours(format: str, tmp_path: Path) -> None:
    photo().save(tmp_path / "photo.jpg", exif=Image.Exif())
    (file,) = made(tmp_path / "photo.jpg", "image/jpeg", tmp_path, format, 32).files
    content = file.path.read_bytes()
    assert record_in(file.path) is None
    assert b"algorithmicMedia" not in content and b"flexura" not in content


def test_the_first_frame_of_our_video_says_from_what_the_video_was_made(tmp_path: Path) -> None:
    source = video(tmp_path / "film", seconds=0.5, level=40)
    (file,) = made(source, "video/mp4", tmp_path, "webp").files
    found = record_in(file.path)
    assert found is not None and found.seed == PROVENANCE.seed
    with Image.open(file.path) as image:
        assert image.size == (64, 48)


@pytest.mark.parametrize(
    ("mime", "content"),
    [
        ("image/png", b"\x89PNG\r\n\x1a\n" + bytes(100)),
        ("image/jpeg", b""),
        ("video/mp4", b"\x00\x00\x00\x18ftypisom" + bytes(200)),
        ("video/webm", b"\x1aE\xdf\xa3" + bytes(200)),
        ("video/mp4", b"#EXTM3U\nfile:///etc/passwd"),
    ],
)
def test_what_cannot_be_read_is_an_error_of_the_request(
    mime: str, content: bytes, tmp_path: Path
) -> None:
    (tmp_path / "broken").write_bytes(content)
    with pytest.raises(TaskError) as told:
        made(tmp_path / "broken", mime, tmp_path)
    assert told.value.code == "invalid_request" and told.value.next_step
