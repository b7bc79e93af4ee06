"""A person at the dashboard: how they came in, and for how long."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser, which may do what a key may. Neither the cookie nor the key is kept.

    It ends with its time, with the key, and by signing out. Times are milliseconds since 1970.
    """

    id: str
    """SHA-256 of the cookie, in hexadecimal."""
    workspace_id: str
    key_id: str
    created_at: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class SignInCode:
    """A code that opens one session, once, within minutes: what `flexura open` puts into its link."""

    id: str
    """SHA-256 of the code, in hexadecimal."""
    workspace_id: str
    key_id: str
    created_at: int
    expires_at: int
