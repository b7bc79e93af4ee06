"""The record as an XMP packet, which picture tools, newsrooms and the IPTC understand (ISO 16684-1)."""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from flexura.provenance import record as records
from flexura.provenance.pieces import Carried, Unmarkable
from flexura.provenance.record import SOFTWARE, Record, clean, dumped, shortened

_NAMESPACE = "urn:flexura:provenance:1"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_DC = "http://purl.org/dc/elements/1.1/"
_XMP = "http://ns.adobe.com/xap/1.0/"
_TERMS = "http://purl.org/dc/terms/"
_TEXTS = ("method", "prompt", "model", "provider", "version", "kind", "template", "step")
_DATA = ("seed", "options", "asked", "cost")
_LISTS = ("inputs", "parents", "roles")
_OPENING = f'<rdf:Description xmlns:flexura="{_NAMESPACE}"'
_CLOSING = "</rdf:Description>"
_RDF_END = re.compile(r"</[\w.-]{1,40}:RDF\s*>")
MOST_FOREIGN = 1 << 20


def packet(record: Record, kept: bytes = b"") -> bytes:
    """A packet of at most 60 000 bytes with the record, merged into the one that the file has (`kept`).

    What another program wrote stays. Raises Unmarkable for a packet that cannot be read.
    """
    foreign = _foreign(kept)
    if foreign is None:
        fitted = records.fitting(record, lambda some: len(_packet(some).encode()))
        return _packet(fitted).encode()
    root = _parsed(foreign.encode())
    if root is None:
        raise Unmarkable("its XMP packet cannot be read")
    there = {element.tag for element in root.iter()} | {
        name for element in root.iter() for name in element.attrib
    }
    fitted = records.fitting(record, lambda some: len(_description(some, there).encode()))
    end = list(_RDF_END.finditer(foreign))
    if not end:
        raise Unmarkable("its XMP packet has no place for a record")
    at = end[-1].start()
    merged = (foreign[:at] + _description(fitted, there) + foreign[at:]).encode()
    if _parsed(merged) is None:
        raise Unmarkable("its XMP packet cannot be merged with a record")
    return merged


def record_in(content: bytes) -> Record | None:
    """The record in a packet; None if there is none of ours, or nothing that can be read."""
    if len(content) > MOST_FOREIGN or _NAMESPACE.encode() not in content:
        return None
    root = _parsed(content)
    if root is None or root.findtext(f".//{{{_NAMESPACE}}}model") is None:
        return None
    told: dict[str, object] = {"software": SOFTWARE}
    for name in _TEXTS:
        told[name] = root.findtext(f".//{{{_NAMESPACE}}}{name}") or ""
    for name in _DATA:
        told[name] = records.loaded(root.findtext(f".//{{{_NAMESPACE}}}{name}"))
    for name in _LISTS:
        items = root.iterfind(f".//{{{_NAMESPACE}}}{name}//{{{_RDF}}}li")
        told[name] = [item.text or "" for item in items]
    told["digital_source_type"] = root.findtext(f".//{{{_NAMESPACE}}}source") or root.findtext(
        f".//{{{_IPTC}}}DigitalSourceType"
    )
    return records.of_json(told)


def record_of(carried: Carried) -> Record | None:
    """Our record among what a container holds."""
    return record_in(carried.xmp) or records.of_text(carried.tags.get("comment", ""))


def tags_before(carried: Carried) -> dict[str, str]:
    """The tags that we wrote into a file before, which go when it is marked again."""
    before = record_of(carried)
    return records.tags(before) if before else {}


def binds_elsewhere(content: bytes) -> bool:
    """Whether the packet names a C2PA manifest that lies elsewhere (`dcterms:provenance`, C2PA 2.1, 11.5):
    such a manifest binds every byte of the file."""
    if _TERMS.encode() not in content:
        return False
    root = _parsed(content[:MOST_FOREIGN])
    name = f"{{{_TERMS}}}provenance"
    return root is not None and any(e.tag == name or name in e.attrib for e in root.iter())


def _foreign(kept: bytes) -> str | None:
    """What another program wrote, without our record; None where nothing is left of it."""
    if not kept.strip(b"\0 \r\n\t"):
        return None
    if len(kept) > MOST_FOREIGN:
        raise Unmarkable("its XMP packet is too long")
    try:
        text = kept.decode().strip("\0")
    except UnicodeDecodeError:
        raise Unmarkable("its XMP packet is not in UTF-8") from None
    text = _without_ours(text)
    root = _parsed(text.encode())
    if root is None:
        raise Unmarkable("its XMP packet cannot be read")
    if not any(element.tag == f"{{{_RDF}}}Description" for element in root.iter()):
        return None
    # Records of earlier releases share one description with what players show of them.
    return None if root.find(f".//{{{_NAMESPACE}}}model") is not None else text


def _without_ours(text: str) -> str:
    """The packet without our descriptions, in one pass: beginnings without an end cost nothing."""
    kept: list[str] = []
    at = 0
    while (start := text.find(_OPENING, at)) >= 0 and (end := text.find(_CLOSING, start)) >= 0:
        kept.append(text[at:start])
        at = end + len(_CLOSING)
    return "".join((*kept, text[at:]))


def _packet(record: Record) -> str:
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{_RDF}">'
        f'{_description(record, set())}</rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    )


def _description(record: Record, there: set[str]) -> str:
    """Our part of a packet; what `there` says already is not said again."""
    prompt = _text(shortened(record.prompt, 2000))
    public = {
        f"{{{_DC}}}description": (
            '<dc:description><rdf:Alt><rdf:li xml:lang="x-default">'
            f"{prompt}</rdf:li></rdf:Alt></dc:description>"
        ),
        f"{{{_XMP}}}CreatorTool": f"<xmp:CreatorTool>{SOFTWARE}</xmp:CreatorTool>",
        f"{{{_IPTC}}}DigitalSourceType": (
            f"<Iptc4xmpExt:DigitalSourceType>{_text(record.source_type)}</Iptc4xmpExt:DigitalSourceType>"
        ),
    }
    told = record.as_json()
    parts = [text for name, text in public.items() if name not in there]
    parts += [_property(name, _text(str(told[name]))) for name in _TEXTS if name in told]
    parts += [
        _property(name, _text(dumped(told[name]))) for name in _DATA if told.get(name) is not None
    ]
    parts.append(_property("source", _text(record.source_type)))
    for name in _LISTS:
        items = "".join(f"<rdf:li>{_text(item)}</rdf:li>" for item in told.get(name, ()))
        if items:
            parts.append(_property(name, f"<rdf:Bag>{items}</rdf:Bag>"))
    return (
        f'{_OPENING} xmlns:rdf="{_RDF}" xmlns:dc="{_DC}" xmlns:xmp="{_XMP}"'
        f' xmlns:Iptc4xmpExt="{_IPTC}" rdf:about="">{"".join(parts)}</rdf:Description>'
    )


def _property(name: str, value: str) -> str:
    return f"<flexura:{name}>{value}</flexura:{name}>"


def _text(text: str) -> str:
    # A bare carriage return would come back from an XML parser as a line feed.
    return escape(clean(text), {"\r": "&#13;"})


def _parsed(content: bytes) -> ElementTree.Element | None:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        return None  # entities can grow without end
    try:
        return ElementTree.fromstring(content.strip(b"\0 \r\n\t").decode())
    except (ElementTree.ParseError, UnicodeDecodeError, RecursionError, ValueError):
        return None
