"""A workspace and its API keys."""

from __future__ import annotations

import hashlib
import secrets
import zlib
from dataclasses import dataclass

PREFIX = "fx_live_"
SCOPES = frozenset({"search", "generate", "read", "admin"})
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Workspace:
    """Who owns jobs, artifacts and keys."""

    id: str
    name: str
    created_at: int


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is kept of a key: never the key itself."""

    id: str
    workspace_id: str
    name: str
    prefix: str
    sha256: str
    scopes: frozenset[str]
    created_at: int
    last_used_at: int | None = None
    expires_at: int | None = None
    revoked_at: int | None = None


def _checksum(random_part: str) -> str:
    number, text = zlib.crc32(random_part.encode()), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        text = _BASE62[digit] + text
    return text


def new_secret() -> str:
    """A new key: `fx_live_`, 32 random base62 characters, 6 of checksum (CRC-32, as GitHub's tokens)."""
    random_part = "".join(secrets.choice(_BASE62) for _ in range(32))
    return PREFIX + random_part + _checksum(random_part)


def well_formed(secret: str) -> bool:
    """Whether prefix, length and checksum are those of a key; says nothing of its validity."""
    body = secret.removeprefix(PREFIX)
    return secret.startswith(PREFIX) and len(body) == 38 and _checksum(body[:32]) == body[32:]


def digest(secret: str) -> str:
    """SHA-256 of a key, in hex; enough for a secret of 190 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()
