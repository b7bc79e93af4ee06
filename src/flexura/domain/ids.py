"""Ids: a prefix and a ULID (48 bits of milliseconds, 80 random bits; github.com/ulid/spec)."""

from __future__ import annotations

import secrets
import time

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def _base32(number: int, length: int) -> str:
    return "".join(_ALPHABET[(number >> 5 * i) & 31] for i in range(length - 1, -1, -1))


def new_id(prefix: str) -> str:
    """A new id such as `job_01JD…`; ids made later sort later, to the millisecond."""
    return f"{prefix}_{_base32(time.time_ns() // 1_000_000 << 80 | secrets.randbits(80), 26)}"


def new_asset_name(extension: str) -> str:
    """An unguessable file name: 130 random bits and the extension (`png`, no dot)."""
    return f"{_base32(secrets.randbits(130), 26).lower()}.{extension}"
