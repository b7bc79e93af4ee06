"""Where a file comes from: the record that every finished file carries, and how it is read back.

The record travels as an XMP packet (which picture tools and the IPTC understand) and, in sound and video,
also as container tags, so that an ordinary player shows the prompt.
"""

from __future__ import annotations

import json
import mmap
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from flexura.render.task import Task

SOFTWARE = "flexura"
METHOD = "procedural"
DIGITAL_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia"

_NAMESPACE = "urn:flexura:provenance:1"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_PACKET_START = b"<x:xmpmeta"
_PACKET_END = b"</x:xmpmeta>"
# A JPEG segment holds 65 533 bytes; the namespace, the padding of the packet and escaping need the rest.
_MOST_PACKET_BYTES = 60_000
# What XML 1.0 cannot hold: control characters, lone surrogates and the two non-characters.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Provenance:
    """What a file was made from. `inputs` are the SHA-256 digests of the files that the task started from."""

    prompt: str
    model: str
    seed: int
    options: Mapping[str, Any]
    inputs: tuple[str, ...] = ()

    @staticmethod
    def of(task: Task) -> Provenance:
        """The record of a task, without any local path."""
        digests = tuple(item.sha256 for item in task.inputs if item.sha256)
        return Provenance(task.prompt, task.model, task.seed, dict(task.options), digests)


def xmp_packet(provenance: Provenance) -> str:
    """The record as an XMP packet of at most 60 000 bytes; a longer prompt is cut and ends with `…`."""
    packet = _packet(provenance)
    if len(packet.encode()) <= _MOST_PACKET_BYTES:
        return packet
    without_prompt = len(_packet(replace(provenance, prompt="")).encode())
    if without_prompt > _MOST_PACKET_BYTES // 2:
        # Options as long as a book: which ones were given still tells more than nothing.
        names = {name: "…" for name in list(provenance.options)[:200]}
        return xmp_packet(replace(provenance, options=names, inputs=provenance.inputs[:100]))
    # The prompt is written twice, and a character takes at most six bytes once it is escaped.
    most = (_MOST_PACKET_BYTES - without_prompt) // 12
    return _packet(replace(provenance, prompt=provenance.prompt[:most] + "…"))


def container_tags(provenance: Provenance) -> dict[str, str]:
    """The record as tags of a sound or video container: the prompt to read, and all as JSON in `comment`."""
    prompt = _clean(provenance.prompt)
    return {
        "title": _shortened(" ".join(prompt.split()), 120) or provenance.model,
        "artist": f"{SOFTWARE} ({METHOD})",
        "description": _shortened(prompt, 2000),
        "comment": json.dumps(
            {
                "software": SOFTWARE,
                "method": METHOD,
                "digital_source_type": DIGITAL_SOURCE_TYPE,
                "prompt": _shortened(prompt, 8000),
                "model": _clean(provenance.model),
                "seed": provenance.seed,
                "options": json.loads(_options_text(provenance.options)),
                "inputs": list(provenance.inputs),
            },
            ensure_ascii=False,
            sort_keys=True,
        ),
    }


def text_chunks(provenance: Provenance) -> dict[str, str]:
    """The record as the keywords of PNG text chunks."""
    return {
        "Software": SOFTWARE,
        "Source": f"{METHOD} ({DIGITAL_SOURCE_TYPE})",
        "Description": _shortened(_clean(provenance.prompt), 8000),
        "prompt": _shortened(_clean(provenance.prompt), 8000),
        "model": _clean(provenance.model),
        "seed": str(provenance.seed),
    }


def read_provenance(path: Path) -> Provenance | None:
    """The record that a file carries, or None if it has none.

    Raises OSError when the file cannot be read.
    """
    with path.open("rb") as stream:
        if stream.seek(0, 2) == 0:
            return None
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
            found = _scan(content)
    return found or _from_tags(path)


def _packet(provenance: Provenance) -> str:
    prompt = _text(provenance.prompt)
    inputs = "".join(f"<rdf:li>{_text(digest)}</rdf:li>" for digest in provenance.inputs)
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        f'<rdf:RDF xmlns:rdf="{_RDF}"><rdf:Description rdf:about=""'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
        ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
        f' xmlns:flexura="{_NAMESPACE}">'
        f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{prompt}</rdf:li></rdf:Alt></dc:description>'
        f"<xmp:CreatorTool>{SOFTWARE}</xmp:CreatorTool>"
        f"<Iptc4xmpExt:DigitalSourceType>{DIGITAL_SOURCE_TYPE}</Iptc4xmpExt:DigitalSourceType>"
        f"<flexura:method>{METHOD}</flexura:method>"
        f"<flexura:prompt>{prompt}</flexura:prompt>"
        f"<flexura:model>{_text(provenance.model)}</flexura:model>"
        f"<flexura:seed>{provenance.seed}</flexura:seed>"
        f"<flexura:options>{_text(_options_text(provenance.options))}</flexura:options>"
        f"<flexura:inputs><rdf:Bag>{inputs}</rdf:Bag></flexura:inputs>"
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    )


def _options_text(options: Mapping[str, Any]) -> str:
    return _clean(json.dumps(dict(options), ensure_ascii=False, sort_keys=True, default=str))


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)


def _text(text: str) -> str:
    # A bare carriage return would come back from an XML parser as a line feed.
    return escape(_clean(text), {"\r": "&#13;"})


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _scan(content: mmap.mmap) -> Provenance | None:
    """The first packet of ours among the bytes, as the XMP standard's packet scanning goes."""
    start = content.find(_PACKET_START)
    while start >= 0:
        end = content.find(_PACKET_END, start, start + 4 * _MOST_PACKET_BYTES)
        if end >= 0:
            found = _from_packet(content[start : end + len(_PACKET_END)])
            if found:
                return found
        start = content.find(_PACKET_START, start + 1)
    return None


def _from_packet(packet: bytes) -> Provenance | None:
    try:
        root = ElementTree.fromstring(packet.decode())
    except (ElementTree.ParseError, UnicodeDecodeError):
        return None
    values = {
        name: root.findtext(f".//{{{_NAMESPACE}}}{name}")
        for name in ("prompt", "model", "seed", "options")
    }
    if values["model"] is None:
        return None
    digests = root.iterfind(f".//{{{_NAMESPACE}}}inputs//{{{_RDF}}}li")
    try:
        return Provenance(
            prompt=values["prompt"] or "",
            model=values["model"],
            seed=int(values["seed"] or "0"),
            options=json.loads(values["options"] or "{}"),
            inputs=tuple(item.text or "" for item in digests),
        )
    except ValueError:
        return None


def _from_tags(path: Path) -> Provenance | None:
    import av
    from av.error import FFmpegError

    try:
        with av.open(str(path)) as container:
            tags = dict(container.metadata)
            for stream in container.streams:
                tags.update(stream.metadata)
    except FFmpegError:
        return None
    comment = next((value for name, value in tags.items() if name.lower() == "comment"), "")
    try:
        record: object = json.loads(comment)
    except ValueError:
        return None
    if not isinstance(record, dict):
        return None
    values = cast("dict[str, Any]", record)
    if values.get("software") != SOFTWARE:
        return None
    return Provenance(
        prompt=str(values.get("prompt", "")),
        model=str(values.get("model", "")),
        seed=int(values.get("seed", 0)),
        options=values.get("options") or {},
        inputs=tuple(values.get("inputs") or ()),
    )
