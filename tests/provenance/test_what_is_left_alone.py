"""A file that is signed, broken or strange is left as it is, and says why."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.provenance.media import FILES, FOREIGN_XMP, RECORD, content, decoded, picture

from flexura.provenance import reading, writing
from flexura.provenance.boxes import C2PA_BOX

MANIFEST = b"\0\0\0\x40jumb....c2pa....\xa2\x74claim_generator_info\x81\xa1\x64name\x6bAcme Camera"


def _png() -> bytes:
    data = content("plain.png")
    chunk = struct.pack(">I4s", len(MANIFEST), b"caBX") + MANIFEST
    return data[:33] + chunk + struct.pack(">I", zlib.crc32(chunk[4:])) + data[33:]


def _jpeg() -> bytes:
    body = b"JP\0\x01\0\0\0\x01" + MANIFEST
    return (
        content("plain.jpg")[:2]
        + b"\xff\xeb"
        + struct.pack(">H", len(body) + 2)
        + body
        + content("plain.jpg")[2:]
    )


def _riff(name: str) -> bytes:
    body = content(name)[8:] + struct.pack("<4sI", b"C2PA", len(MANIFEST)) + MANIFEST
    body += b"\0" * (len(MANIFEST) % 2)
    return struct.pack("<4sI", b"RIFF", len(body)) + body


def _box(name: str) -> bytes:
    body = C2PA_BOX + b"\0\0\0\0manifest\0" + MANIFEST
    return content(name) + struct.pack(">I4s", len(body) + 8, b"uuid") + body


def _mp3() -> bytes:
    body = b"\0application/x-c2pa-manifest-store\0c2pa\0\0" + MANIFEST
    frame = b"GEOB" + struct.pack(">I", len(body)) + b"\0\0" + body
    assert len(frame) < 1 << 14
    size = bytes([0, 0, len(frame) >> 7, len(frame) & 127])
    return b"ID3\x03\0\0" + size + frame + content("bare.mp3")


SIGNED = {
    "signed.png": _png,
    "signed.jpg": _jpeg,
    "signed.webp": lambda: _riff("plain.webp"),
    "signed.wav": lambda: _riff("plain.wav"),
    "signed.mp4": lambda: _box("plain.mp4"),
    "signed.avif": lambda: _box("plain.avif"),
    "signed.mp3": _mp3,
}


@pytest.mark.parametrize("name", SIGNED)
def test_a_signed_file_keeps_every_byte(name: str, tmp_path: Path) -> None:
    signed = SIGNED[name]()
    file = tmp_path / name
    file.write_bytes(signed)
    marking = writing.mark(file, tmp_path / "out", RECORD)
    assert not marking.done and marking.signed and "C2PA" in marking.why
    assert not (tmp_path / "out").exists() and file.read_bytes() == signed
    told = reading.read(file)
    assert told.manifest and told.generator == "Acme Camera"
    assert decoded(file), "it was a real file"


def test_a_manifest_that_lies_elsewhere_binds_the_file_too(tmp_path: Path) -> None:
    away = FOREIGN_XMP.replace(
        b"<xmp:Label>",
        b'<d:provenance xmlns:d="http://purl.org/dc/terms/">https://a.b/m.c2pa</d:provenance><xmp:Label>',
    )
    file = tmp_path / "a.jpg"
    file.write_bytes(picture("JPEG", xmp=away))
    assert writing.mark(file, tmp_path / "out", RECORD).signed


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("plain.wav", lambda b: b[:4] + b"\xff\xff\xff\xff" + b[8:]),  # written into a pipe
        ("plain.webp", lambda b: b + b"trailing"),
        ("plain.mp4", lambda b: b[:-9]),
        ("plain.webm", lambda b: b + b"\x1a\x45\xdf\xa3\x80"),
        ("foreign.jpg", lambda b: b.replace(b"</r:RDF>", b"</r:RDX>")),
        ("tagged-3.mp3", lambda b: b[:5] + b"\x80" + b[6:]),  # an unsynchronised tag
    ],
)
def test_what_cannot_be_marked_safely_is_not(name: str, damage: object, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(damage(content(name)))  # type: ignore[operator]
    marking = writing.mark(file, tmp_path / "out", RECORD)
    assert not marking.done and marking.why and not (tmp_path / "out").exists()


def test_a_format_without_a_place_says_so(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("words")
    assert "no place" in writing.mark(file, tmp_path / "out", RECORD).why
    assert reading.read(file).record is None
    (tmp_path / "empty").touch()
    assert reading.read(tmp_path / "empty").record is None


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_anywhere_breaks_nothing(name: str, data: st.DataObject, tmp_path: Path) -> None:
    damaged = bytearray(content(name))
    if data.draw(st.booleans()):
        del damaged[data.draw(st.integers(12, len(damaged))) :]
    # Most of what matters to a container stands at its ends.
    places = st.one_of(st.integers(0, min(700, len(damaged) - 1)), st.integers(0, len(damaged) - 1))
    for _ in range(data.draw(st.integers(0, 4))):
        damaged[data.draw(places)] = data.draw(st.integers(0, 255))
    file, out = tmp_path / name, tmp_path / "out"
    file.write_bytes(damaged)
    reading.read(file)
    if writing.mark(file, out, RECORD).done:
        assert reading.read(out).record == RECORD
        out.unlink()
    assert not out.exists()


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    head=st.sampled_from(
        [
            b"\x89PNG\r\n\x1a\n",
            b"\xff\xd8\xff",
            b"GIF89a",
            b"RIFF....WEBP",
            b"RIFF....WAVE",
            b"OggS",
            b"fLaC",
            b"\0\0\0\x14ftypavif",
            b"\0\0\0\x14ftypisom",
            b"\x1a\x45\xdf\xa3",
            b"ID3\x04\0\0",
            b"<svg ",
        ]
    ),
    rest=st.binary(max_size=300),
)
def test_garbage_is_no_reason_to_fail(head: bytes, rest: bytes, tmp_path: Path) -> None:
    file = tmp_path / "garbage"
    file.write_bytes(head + rest)
    reading.read(file)
    writing.mark(file, tmp_path / "out", RECORD)
    (tmp_path / "out").unlink(missing_ok=True)


def test_a_picture_of_several_is_left_alone(tmp_path: Path) -> None:
    first, second = Image.new("RGB", (8, 8)), Image.new("RGB", (8, 8), "red")
    file = tmp_path / "a.jpg"
    first.save(file, "MPO", save_all=True, append_images=[second])
    assert "several pictures" in writing.mark(file, tmp_path / "out", RECORD).why
