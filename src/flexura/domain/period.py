"""Lengths of time as people write them: `30d`, `24h`, `90m`, or a date in the future."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from flexura.domain.errors import InvalidRequest

DURATION = r"^(0|[1-9][0-9]{0,3})[mhd]$"
"""As a JSON Schema pattern."""
_DURATION = re.compile(r"(0|[1-9][0-9]{0,3})([mhd])", re.ASCII)
_MILLISECONDS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000}


def duration_ms(text: str, field: str) -> int:
    """Milliseconds of `90m`, `24h` or `30d`. Raises InvalidRequest naming the field."""
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise InvalidRequest(
            f"{field} is {text[:40]!r}, which is no length of time.",
            field=field,
            next_step="Write minutes, hours or days: 90m, 24h, 30d.",
        )
    return int(found[1]) * _MILLISECONDS[found[2]]


def expiry(text: str, now: int, field: str = "expires") -> int:
    """The moment (ms) that a length of time from now, or an ISO date (its first second, UTC), means.

    Raises InvalidRequest for anything else and for a moment that is over.
    """
    if _DURATION.fullmatch(text.strip()):
        moment = now + duration_ms(text, field)
    else:
        try:
            said = datetime.fromisoformat(text.strip())
            zoned = said if said.tzinfo else said.replace(tzinfo=UTC)
            moment = int(zoned.timestamp() * 1000)
        except (ValueError, OverflowError):
            moment = 0
    if moment <= now:
        raise InvalidRequest(
            f"{field} is {text[:40]!r}, which is no moment in the future.",
            field=field,
            next_step="Write 30d, 24h or a date such as 2030-01-31.",
        )
    return moment
