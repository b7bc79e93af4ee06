"""The record goes into a file of every kind and comes out again; pixels, samples and others' words stay."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import av
import pytest
from PIL import Image
from tests.provenance.media import FILES, FOREIGN_XMP, RECORD, content, decoded

from flexura.provenance import reading, writing
from flexura.provenance.record import TRAINED_ALGORITHMIC, Record

LONG = replace(RECORD, prompt="много слов " * 900, seed=8)


@pytest.fixture(params=FILES)
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / request.param
    path.write_bytes(content(request.param))
    return path


def test_what_is_written_is_read_and_nothing_else_changes(file: Path) -> None:
    before = decoded(file)
    other = file.with_name(f"marked-{file.name}")
    assert writing.mark(file, other, RECORD).done
    assert file.read_bytes() == content(file.name), "the file itself is not touched"
    told = reading.read(other)
    assert told.record == RECORD and not told.manifest and not told.trouble
    assert decoded(other) == before


def test_a_record_replaces_the_one_before_and_the_same_gives_the_same_bytes(file: Path) -> None:
    assert writing.mark_in_place(file, RECORD).done
    first, before = file.read_bytes(), decoded(file)
    assert writing.mark_in_place(file, LONG).done
    assert reading.record_in(file) == LONG
    assert decoded(file) == before
    assert writing.mark_in_place(file, RECORD).done
    assert file.read_bytes() == first, "nothing of the other record is left"


def test_the_name_of_a_file_says_nothing(file: Path) -> None:
    writing.mark_in_place(file, RECORD)
    renamed = file.rename(file.with_name("download.bin"))
    assert reading.record_in(renamed) == RECORD


@pytest.mark.parametrize("name", ["foreign.webp", "foreign.jpg", "foreign.avif"])
def test_the_packet_of_another_program_is_merged(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(content(name))
    for record in (RECORD, LONG):
        assert writing.mark_in_place(file, record).done
        with Image.open(file) as image:
            packet = image.info["xmp"]
        assert b"keep me" in packet and b"Studio 5" in packet
        assert b"<xmp:CreatorTool>" not in packet, "said once, by whoever said it first"
        assert packet.count(b"digitalsourcetype/trainedAlgorithmicMedia</Iptc4xmpExt") == 1
    assert b"keep me" in FOREIGN_XMP


def test_a_png_of_comfyui_keeps_its_workflow(tmp_path: Path) -> None:
    from PIL.PngImagePlugin import PngInfo

    words = PngInfo()
    words.add_text("prompt", '{"3": {"class_type": "KSampler"}}')
    file = tmp_path / "a.png"
    Image.new("RGB", (8, 8)).save(file, pnginfo=words)
    assert writing.mark_in_place(file, RECORD).done
    with Image.open(file) as image:
        image.load()
        assert image.text["prompt"].startswith('{"3"') and image.text["Software"] == "flexura"
    assert reading.record_in(file) == RECORD


@pytest.mark.parametrize(
    "name",
    ["plain.mp4", "plain.m4a", "plain.webm", "plain.mp3", "plain.wav", "vorbis.ogg", "plain.flac"],
)
def test_a_player_shows_the_prompt_and_finds_the_record(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(content(name))
    assert writing.mark_in_place(file, RECORD).done
    with av.open(str(file)) as container:
        tags = {k.lower(): v for k, v in container.metadata.items()}
        for stream in container.streams:
            tags |= {k.lower(): v for k, v in stream.metadata.items()}
    assert "dog" in tags["title"]
    assert any(TRAINED_ALGORITHMIC in value for value in tags.values())


@pytest.mark.parametrize(
    "name", ["faststart.mp4", "tagged.webm", "tagged-3.mp3", "tagged.wav", "opus.ogg"]
)
def test_tags_of_another_program_stay(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(content(name))
    assert writing.mark_in_place(file, RECORD).done
    with av.open(str(file)) as container:
        values = list(container.metadata.values())
        values += [v for s in container.streams for v in s.metadata.values()]
    assert "theirs" in values


def test_a_film_that_plays_before_it_is_whole_still_does(tmp_path: Path) -> None:
    file = tmp_path / "a.mp4"
    file.write_bytes(content("faststart.mp4"))
    writing.mark_in_place(file, RECORD)
    found = file.read_bytes()
    assert found.index(b"moov") < found.index(b"mdat")


def test_a_header_that_needs_more_pages_renumbers_the_others(tmp_path: Path) -> None:
    file = tmp_path / "a.ogg"
    file.write_bytes(content("opus.ogg"))
    before = decoded(file)
    # Three cuts of sixty kilobytes each do not fit into one page of sixty-five.
    big = replace(
        RECORD, prompt="x" * 19_000, options={"text": "y" * 30_000}, template="z" * 30_000
    )
    assert writing.mark_in_place(file, big).done
    assert reading.record_in(file) is not None
    assert decoded(file) == before


def test_a_drawing_keeps_its_lines(tmp_path: Path) -> None:
    file = tmp_path / "a.svg"
    drawing = '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="9"><g/></svg>'
    file.write_text(drawing)
    for record in (LONG, RECORD):
        assert writing.mark_in_place(file, record).done
        assert reading.record_in(file) == record
    text = file.read_text()
    start, end = text.index("<metadata>"), text.index("</metadata>") + len("</metadata>")
    assert text[:start] + text[end:] == drawing


def test_a_prompt_in_markup_stays_a_prompt(tmp_path: Path) -> None:
    file = tmp_path / "a.svg"
    file.write_text('<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>')
    evil = Record("</metadata><script>alert(1)</script><rdf:Description>", "m", 1, {})
    writing.mark_in_place(file, evil)
    assert "<script>" not in file.read_text()
    assert reading.record_in(file) == evil


def test_files_of_earlier_releases_are_still_read(tmp_path: Path) -> None:
    iptc, file = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/", tmp_path / "a.jpg"
    old = (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
        f' xmlns:Iptc4xmpExt="{iptc}" xmlns:flexura="urn:flexura:provenance:1">'
        "<xmp:CreatorTool>flexura</xmp:CreatorTool><flexura:method>procedural</flexura:method>"
        "<flexura:prompt>old</flexura:prompt><flexura:model>canvas</flexura:model>"
        '<flexura:seed>7</flexura:seed><flexura:options>{"width": 3}</flexura:options>'
        "<flexura:inputs><rdf:Bag><rdf:li>ab</rdf:li></rdf:Bag></flexura:inputs>"
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    )
    Image.new("RGB", (8, 8)).save(file, xmp=old.encode())
    assert reading.record_in(file) == Record("old", "canvas", 7, {"width": 3}, ("ab",))
    assert writing.mark_in_place(file, RECORD).done
    assert reading.record_in(file) == RECORD and b">old<" not in file.read_bytes()
