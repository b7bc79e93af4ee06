"""Sizes, durations and prices in words that fit into a line."""

from __future__ import annotations

from datetime import UTC, datetime

from flexura.client.answers import Asset, Cost


def size(count: int) -> str:
    """`812 kB`."""
    number, unit = float(count), "B"
    for unit in ("B", "kB", "MB", "GB"):
        if number < 999.5 or unit == "GB":
            break
        number /= 1000
    return f"{number:.0f} {unit}" if number >= 10 or unit == "B" else f"{number:.1f} {unit}"


def duration(seconds: float) -> str:
    """`40 ms`, `0.8 s`, `12 s`, `3 min 20 s`."""
    if seconds < 0.095:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def price(cost: Cost | None) -> str:
    """`free`, `0.04 USD`, `price unknown`."""
    if cost is None:
        return "price unknown"
    return f"{cost.amount:g} {cost.currency}" if cost.amount else "free"


def shape(asset: Asset) -> str:
    """What a file measures: `1024x1024`, `1280x720, 5 s`, `30 s`."""
    parts: list[str] = []
    if asset.width and asset.height:
        parts.append(f"{asset.width}x{asset.height}")
    if asset.seconds:
        parts.append(f"{asset.seconds:.3g} s")
    return ", ".join(parts)


def age(moment: str) -> str:
    """How long ago an ISO 8601 moment was: `12 s ago`."""
    then = datetime.fromisoformat(moment)
    seconds = max(0.0, (datetime.now(UTC) - then).total_seconds())
    for limit, unit, length in ((90, "s", 1), (5400, "min", 60), (129_600, "h", 3600)):
        if seconds < limit:
            return f"{seconds / length:.0f} {unit} ago"
    return f"{seconds / 86400:.0f} days ago"


def cut(text: str, width: int) -> str:
    """One line of at most that many characters."""
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1] + "…"


def masked(name: str, value: str) -> str:
    """A setting that may be shown: an address as it is, a key by its two ends."""
    if not value or name.endswith("_URL"):
        return value
    return f"{value[:4]}…{value[-4:]}" if len(value) >= 16 else "…"
