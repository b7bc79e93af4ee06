"""What is seen of a C2PA manifest without a library for it: who says to have made it. Nothing is verified."""

from __future__ import annotations

_INFO = b"claim_generator_info"
_PLAIN = b"claim_generator"
_NAME = b"dname"
"""The CBOR text `name` (RFC 8949): major type 3, four bytes."""
_WITHIN = 300


def generator(manifest: bytes) -> str:
    """The name of the program that made the claim, as it says; empty if it cannot be read."""
    at = manifest.find(_INFO)
    if at >= 0:
        found = manifest.find(_NAME, at, at + _WITHIN)
        if found >= 0 and (name := _cbor_text(manifest, found + len(_NAME))):
            return name
    at = manifest.find(_PLAIN)
    while at >= 0:
        if manifest[at + len(_PLAIN) : at + len(_PLAIN) + 1] != b"_" and (
            name := _cbor_text(manifest, at + len(_PLAIN))
        ):
            return name
        at = manifest.find(_PLAIN, at + 1)
    return ""


def _cbor_text(data: bytes, at: int) -> str:
    head = data[at : at + 2]
    if not head or head[0] >> 5 != 3:
        return ""
    length, start = head[0] & 31, at + 1
    if length == 24 and len(head) == 2:
        length, start = head[1], at + 2
    elif length > 23:
        return ""
    return data[start : start + length].decode("utf-8", "replace")
