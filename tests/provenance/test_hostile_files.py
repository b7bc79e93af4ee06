"""What a stranger made to be slow or large is read in a moment: the gateway answers others meanwhile."""

from __future__ import annotations

import time
import tracemalloc
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from struct import pack

import pytest
from tests.provenance.media import RECORD, content

from flexura.provenance import reading, record, writing, xmp
from flexura.provenance.boxes import box
from flexura.provenance.pieces import Unmarkable

SECONDS = 3.0
"""Each took more than ten times as long."""


@contextmanager
def _in_a_moment() -> Generator[None]:
    begun = time.process_time()
    yield
    assert time.process_time() - begun < SECONDS


def _ask(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    with _in_a_moment():
        assert reading.read(path).record is None
        writing.mark(path, path.with_suffix(".out"), RECORD)


def test_a_drawing_of_descriptions_without_end_is_read_in_a_moment(tmp_path: Path) -> None:
    head = b'<svg xmlns="http://www.w3.org/2000/svg">'
    _ask(tmp_path / "a.svg", head + b"<metadata><x:xmpmeta>" * 40_000)


def test_a_drawing_whose_first_element_never_ends_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    path.write_bytes(b"<svg " + b"a " * 1_000_000)
    tracemalloc.start()
    try:
        assert not writing.mark(path, tmp_path / "b.svg", RECORD).done
        assert tracemalloc.get_traced_memory()[1] < 20 << 20
    finally:
        tracemalloc.stop()


def test_a_record_behind_the_description_of_another_program_is_found(tmp_path: Path) -> None:
    other = b"<metadata><x:xmpmeta></x:xmpmeta><other/></metadata>"
    path, out = tmp_path / "a.svg", tmp_path / "b.svg"
    path.write_bytes(b'<svg xmlns="http://www.w3.org/2000/svg" a="x>">' + b"<g/></svg>")
    assert writing.mark(path, out, RECORD).done
    marked = out.read_bytes()
    at = marked.index(b"<metadata>")
    out.write_bytes(marked[:at] + other + marked[at:])
    assert reading.read(out).record == replace(RECORD)


def test_a_packet_of_beginnings_without_end_is_refused_in_a_moment() -> None:
    opening = b'<rdf:Description xmlns:flexura="urn:flexura:provenance:1"'
    assert opening in xmp.packet(RECORD)
    packet = opening * (xmp.MOST_FOREIGN // len(opening))
    with _in_a_moment(), pytest.raises(Unmarkable):
        xmp.packet(RECORD, packet)


def test_a_sound_whose_header_is_in_tiny_pages_is_read_in_a_moment(tmp_path: Path) -> None:
    def page(number: int, lacing: bytes, body: bytes, flags: int = 0) -> bytes:
        head = pack("<4sBB8sIII", b"OggS", 0, flags, bytes(8), 7, number, 0)
        return head + bytes([len(lacing)]) + lacing + body

    first = b"OpusHead" + bytes(11)
    pages = [page(0, bytes([len(first)]), first, 2)]
    comment = b"OpusTags" + pack("<I", 0) + pack("<I", 1)
    count = 30_000
    text = b"A=" + b"x" * (255 * count - len(comment) - 6)
    body = comment + pack("<I", len(text)) + text
    for number in range(count):
        pages.append(page(number + 1, b"\xff", body[number * 255 : (number + 1) * 255]))
    pages.append(page(count + 1, b"\0", b""))
    _ask(tmp_path / "a.ogg", b"".join(pages))


def test_a_film_of_a_million_tags_is_read_in_a_moment(tmp_path: Path) -> None:
    def element(name: str, body: bytes) -> bytes:
        return bytes.fromhex(name) + (len(body) | 1 << 56).to_bytes(8, "big") + body

    simple = element("67c8", b"\xec\x80" * 1_000_000)
    tags = element("1254c367", element("7373", simple))
    _ask(tmp_path / "a.webm", element("1a45dfa3", b"") + element("18538067", tags * 4))


def test_a_film_of_a_million_empty_boxes_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    empty = box(b"free", b"") * 1_000_000
    path.write_bytes(box(b"ftyp", b"isom" + bytes(4)) + box(b"moov", empty) + box(b"mdat", b"x"))
    tracemalloc.start()
    try:
        assert reading.read(path).record is None
        assert tracemalloc.get_traced_memory()[1] < 100 << 20
    finally:
        tracemalloc.stop()


def test_packed_keywords_of_a_picture_are_not_unpacked(tmp_path: Path) -> None:
    packed = zlib.compress(bytes(1 << 20), 9)
    chunk = b"iTXt" + b"k\0\1\0\0\0" + packed
    whole = pack(">I", len(chunk) - 4) + chunk + pack(">I", zlib.crc32(chunk))
    data = content("plain.png")
    _ask(tmp_path / "a.png", data[:33] + whole * 4_000 + data[33:])


def test_names_of_options_without_end_leave_the_rest_of_a_record() -> None:
    options = {f"{number}{'ü' * 100}": number for number in range(1000)}
    long = replace(RECORD, options=options, prompt="ü" * 20_000)
    told = record.of_text(record.json_text(long))
    assert told is not None and told.model == RECORD.model and told.prompt.endswith("…")
    assert len(record.json_text(long).encode()) <= record.MOST_BYTES
