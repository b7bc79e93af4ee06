"""Ids: a prefix and a ULID (48 bits of milliseconds, 80 random bits; github.com/ulid/spec)."""

from __future__ import annotations

import base64
import secrets
import time

_CROCKFORD = bytes.maketrans(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"
)


def _base32(number: int) -> str:
    """The 26 characters of a number of 130 bits, in Crockford's alphabet."""
    digits = base64.b32encode((number << 30).to_bytes(20, "big"))[:26]
    return digits.translate(_CROCKFORD).decode()


def new_id(prefix: str) -> str:
    """A new id such as `job_01JD…`; ids made later sort later, to the millisecond."""
    return f"{prefix}_{_base32(time.time_ns() // 1_000_000 << 80 | secrets.randbits(80))}"


def new_asset_name(extension: str) -> str:
    """An unguessable file name: 130 random bits and the extension (`png`, no dot)."""
    return f"{_base32(secrets.randbits(130)).lower()}.{extension}"
