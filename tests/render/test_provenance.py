"""Where a file comes from can be read back from the file."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.render.samples import PROVENANCE

from flexura.render.provenance import (
    DIGITAL_SOURCE_TYPE,
    Provenance,
    container_tags,
    read_provenance,
    xmp_packet,
)
from flexura.render.task import Input, Task

# What XML can hold; surrogates and control characters are left out of the record.
TEXT = st.text(
    st.characters(
        exclude_categories=["Cs", "Cc"],
        include_characters="\t\n\r",
        exclude_characters="\ufffe\uffff",
    ),
    max_size=200,
)


@settings(max_examples=60, deadline=None)
@given(
    prompt=TEXT,
    model=st.from_regex(r"[a-z]{1,12}", fullmatch=True),
    seed=st.integers(1, 2**63),
    value=TEXT,
)
def test_what_goes_into_a_packet_comes_out_of_it(
    prompt: str, model: str, seed: int, value: str
) -> None:
    record = Provenance(
        prompt, model, seed, {"text": value, "n": 1.5, "loop": True}, ("00" * 32, "ff" * 32)
    )
    assert _through_a_file(xmp_packet(record)) == record


def test_the_packet_names_the_source_type_that_the_press_uses() -> None:
    root = ElementTree.fromstring(xmp_packet(PROVENANCE).split("?>", 1)[1].rsplit("<?", 1)[0])
    kind = root.find(".//{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType")
    assert kind is not None
    assert kind.text == DIGITAL_SOURCE_TYPE
    assert DIGITAL_SOURCE_TYPE.endswith("/algorithmicMedia")


def test_characters_that_xml_cannot_hold_are_left_out() -> None:
    record = replace(PROVENANCE, prompt="a\x00b\x0bc\ud800d\ufffee")
    found = _through_a_file(xmp_packet(record))
    assert found is not None
    assert found.prompt == "abcde"


def test_a_prompt_as_long_as_a_book_is_cut_to_what_a_jpeg_holds() -> None:
    packet = xmp_packet(replace(PROVENANCE, prompt="&" * 200_000))
    found = _through_a_file(packet)
    assert len(packet.encode()) <= 60_000
    assert found is not None
    assert found.prompt.startswith("&&&")
    assert found.prompt.endswith("…")


def test_options_as_long_as_a_book_leave_their_names() -> None:
    packet = xmp_packet(replace(PROVENANCE, options={"text": "x" * 200_000}))
    found = _through_a_file(packet)
    assert len(packet.encode()) <= 60_000
    assert found is not None
    assert set(found.options) == {"text"}


def test_tags_show_the_prompt_to_any_player() -> None:
    tags = container_tags(PROVENANCE)
    assert tags["title"] == 'a <cat> & "dog" ночь ]]>'
    assert "procedural" in tags["comment"]


def test_a_task_tells_the_digests_of_its_inputs_and_no_path() -> None:
    task = Task(
        "retouch",
        "blur",
        {"width": 1},
        3,
        Path("/secret/out"),
        (Input(Path("/secret/in"), "", "image", "ab"),),
    )
    record = Provenance.of(task)
    assert record.inputs == ("ab",)
    assert "secret" not in xmp_packet(record)


def test_a_file_of_somebody_else_has_no_record(tmp_path: Path) -> None:
    other = tmp_path / "other.bin"
    other.write_bytes(
        b"<x:xmpmeta xmlns:x='adobe:ns:meta/'></x:xmpmeta> and <x:xmpmeta without an end"
    )
    empty = tmp_path / "empty"
    empty.touch()
    assert read_provenance(other) is None
    assert read_provenance(empty) is None


def _through_a_file(packet: str) -> Provenance | None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"some bytes " + packet.encode() + b" more bytes")
        file.flush()
        return read_provenance(Path(file.name))
