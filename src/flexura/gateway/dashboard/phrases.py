"""How values are told to people: times, sizes, amounts, states."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flexura.domain.credits import in_words
from flexura.services.clock import now_ms

_STATES = {
    "queued": ("Queued", "idle"),
    "running": ("Running", "busy"),
    "awaiting_approval": ("Awaiting approval", "wait"),
    "scheduled": ("Scheduled", "idle"),
    "publishing": ("Publishing", "busy"),
    "completed": ("Completed", "good"),
    "published": ("Published", "good"),
    "failed": ("Failed", "bad"),
    "canceled": ("Canceled", "off"),
}
_DIGEST = re.compile("[0-9a-f]{32,64}")
_STEPS = ((60_000, 1000, "s"), (3_600_000, 60_000, "min"), (86_400_000, 3_600_000, "h"))


def iso(at: int | None) -> str:
    """Milliseconds since 1970 as ISO 8601, for machines; empty for none."""
    return "" if at is None else _time(at).isoformat(timespec="seconds").replace("+00:00", "Z")


def stamp(at: int | None) -> str:
    """A moment as people write it, in UTC; the page shows it in their own time zone."""
    return "" if at is None else _time(at).strftime("%Y-%m-%d %H:%M UTC")


def ago(at: int | None) -> str:
    """How long ago, or in how long, in one unit."""
    if at is None:
        return "never"
    away = now_ms() - at
    size = abs(away)
    if size < 5_000:
        return "now"
    words = f"{size // 86_400_000} d"
    for below, unit, name in _STEPS:
        if size < below:
            words = f"{size // unit} {name}"
            break
    else:
        if size >= 60 * 86_400_000:
            return _time(at).strftime("%d %b %Y").lstrip("0")
    return f"{words} ago" if away > 0 else f"in {words}"


def duration(milliseconds: float | None) -> str:
    """How long something took."""
    if milliseconds is None:
        return "-"
    seconds = milliseconds / 1000
    if 0 < seconds < 0.05:
        return "< 0.1 s"
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"


def clock(seconds: float | None) -> str:
    """A length or a position as players show it: 0:07, 12:30."""
    whole = round(seconds or 0)
    return f"{whole // 60}:{whole % 60:02}"


def size(amount: int | None) -> str:
    """Bytes in the unit that reads best."""
    value = float(amount or 0)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.1f} {unit}"
        value /= 1000
    raise AssertionError("the last unit takes everything")


def cost(value: dict[str, Any] | None) -> str:
    """A price as jobs keep it: `{"amount", "currency"}`."""
    if not value or value.get("amount") is None:
        return "unknown"
    amount, currency = value["amount"], str(value.get("currency", "USD"))
    if not float(amount):
        return "free"
    number = (
        f"{float(amount):.4f}".rstrip("0").rstrip(".")
        if float(amount) < 1
        else f"{float(amount):,.2f}"
    )
    return f"${number}" if currency == "USD" else f"{number} {currency}"


def project(name: str) -> str:
    """A project by its name; the digest of a folder, which the launcher sends, by its beginning."""
    return name[:8] if _DIGEST.fullmatch(name) else name


def credits(micro: int | None) -> str:
    """Microcredits as credits."""
    return in_words(micro or 0)


def state_words(state: str) -> str:
    """A state of a job in words."""
    return _STATES.get(state, (state.replace("_", " ").capitalize(), "idle"))[0]


def tone(state: str) -> str:
    """The colour of a state."""
    return _STATES.get(state, ("", "idle"))[1]


def pretty_json(value: object) -> str:
    """JSON to read."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def _time(at: int) -> datetime:
    # What is beyond the calendar is a mistake of somebody's clock, and no reason for a page to fail.
    return datetime.fromtimestamp(min(max(at, 0), 253_402_300_799_000) / 1000, UTC)


FILTERS: dict[str, Callable[..., Any]] = {
    "ago": ago,
    "clock": clock,
    "cost": cost,
    "credits": credits,
    "duration": duration,
    "iso": iso,
    "pretty_json": pretty_json,
    "project": project,
    "size": size,
    "stamp": stamp,
    "state_words": state_words,
    "tone": tone,
}
