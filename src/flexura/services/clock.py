"""What time it is, in milliseconds since 1970."""

from __future__ import annotations

import time


def now_ms() -> int:
    """Milliseconds since 1970, by the system clock."""
    return time.time_ns() // 1_000_000
