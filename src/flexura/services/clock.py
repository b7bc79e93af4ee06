"""What time it is, in milliseconds since 1970."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now_ms() -> int:
    """Milliseconds since 1970, by the system clock."""
    return time.time_ns() // 1_000_000


def iso(milliseconds: int) -> str:
    """A moment as ISO 8601 by UTC, to the second: `2026-11-22T00:00:00Z`."""
    return f"{datetime.fromtimestamp(milliseconds // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"


def iso_or_none(milliseconds: int | None) -> str | None:
    """The same for what may not have happened."""
    return None if milliseconds is None else iso(milliseconds)


def iso_ms(milliseconds: int) -> str:
    """A moment as ISO 8601 by UTC, to the millisecond: `2026-11-22T00:00:00.000Z`."""
    return f"{iso(milliseconds)[:-1]}.{milliseconds % 1000:03d}Z"
