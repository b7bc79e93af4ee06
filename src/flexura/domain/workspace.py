"""A workspace and its API keys."""

from __future__ import annotations

import hashlib
import secrets
import zlib
from dataclasses import dataclass, field
from typing import Any

PREFIX = "fx_live_"
OPERATOR = "default"
"""The workspace of whoever runs the gateway; it is there from the first start."""
SCOPES = frozenset({"search", "generate", "read", "admin"})
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Workspace:
    """Who owns jobs, artifacts and keys."""

    id: str
    name: str
    created_at: int
    plan: str = "operate"
    approved: bool = True
    """Whether it may work on a gateway that is run as a closed environment."""
    policy: dict[str, Any] = field(default_factory=dict[str, Any])
    """What differs from the gateway's settings: retention_days, unknown_price, confirm_above,
    requests_per_minute, most_queued."""

    @property
    def operator(self) -> bool:
        """Whether it belongs to whoever runs the gateway."""
        return self.name == OPERATOR


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
    limits: dict[str, Any] = field(default_factory=dict[str, Any])
    """Its own limits: requests_per_minute; and the priority of what it orders (-9 to 9), if that is not 0."""
    replaced_by: str = ""
    """The key that follows it after a rotation; until `expires_at` both work."""


@dataclass(frozen=True, slots=True)
class Invite:
    """One sign-up that an operator allows. The code itself is kept nowhere."""

    id: str
    sha256: str
    created_at: int
    expires_at: int
    credits: int
    """Microcredits that the new workspace begins with; -1 = as many as the settings say."""
    used_at: int | None = None
    workspace_id: str = ""
    """The workspace that was made with it."""


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
