"""When a page was published: from the many ways in which engines write a date to ISO 8601."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

_FORMATS = (
    "%B %d, %Y",
    "%b %d, %Y",
    "%d %B %Y",
    "%d %b %Y",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d.%m.%Y",
)
# With AM or PM it is American, so the month comes first; else 05/06/2024 stays unknown.
_FORMATS_WITH_TIME = (
    "%B %d, %Y %I:%M %p",
    "%b %d, %Y %I:%M %p",
    "%B %d, %Y %H:%M",
    "%b %d, %Y %H:%M",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S %z",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y %I:%M %p %z",
)
_SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_AGO = re.compile(
    r"(?:about |over )?(\d{1,4}|an?|one) (sec|second|min|minute|hr|hour|day|week|month|year)s? ago"
)
_SECONDS = {"sec": 1, "second": 1, "min": 60, "minute": 60, "hr": 3600, "hour": 3600}
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
_WEEKDAY = re.compile(
    r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?[,.]?\s+", re.I
)
_ORDINAL = re.compile(r"(\d)(?:st|nd|rd|th)\b", re.IGNORECASE)
_EARLIEST = date(1990, 1, 1)


def published(text: str, now: datetime) -> date | datetime | None:
    """The date, or the moment in UTC where the text has a time; None where it says neither, or nonsense."""
    try:
        found = _read(" ".join(text[:100].split()), now)
    except OverflowError:
        return None
    return (
        found if found and _EARLIEST <= day_of(found) <= day_of(now) + timedelta(days=2) else None
    )


def iso(moment: date | datetime) -> str:
    """`2026-11-20`, or `2026-11-20T09:30:00Z`."""
    if isinstance(moment, datetime):
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return moment.isoformat()


def day_of(moment: date | datetime) -> date:
    """The day of a date or of a moment."""
    return moment.date() if isinstance(moment, datetime) else moment


def _read(text: str, now: datetime) -> date | datetime | None:
    found = _iso(text) or _epoch(text) or _relative(text.lower(), now) or _written(text)
    if not isinstance(found, datetime):
        return found
    # No engine says which zone it means by none.
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _iso(text: str) -> date | datetime | None:
    try:
        moment = datetime.fromisoformat(text.removesuffix(" UTC"))
    except ValueError:
        return None
    return moment if ":" in text else moment.date()


def _epoch(text: str) -> datetime | None:
    if not re.fullmatch(r"\d{9,10}|\d{12,13}", text):
        return None
    return datetime.fromtimestamp(int(text) / (1000 if len(text) > 10 else 1), UTC)


def _relative(text: str, now: datetime) -> date | datetime | None:
    if text in ("today", "yesterday"):
        return day_of(now) - timedelta(days=text == "yesterday")
    if text in ("now", "just now"):
        return now
    ago = _AGO.fullmatch(text)
    if ago is None:
        return None
    count = int(ago[1]) if ago[1].isdigit() else 1
    if ago[2] in _SECONDS:
        return (now - timedelta(seconds=count * _SECONDS[ago[2]])).replace(microsecond=0)
    return day_of(now) - timedelta(days=count * _DAYS[ago[2]])


def _written(text: str) -> date | datetime | None:
    try:
        if ":" in text:
            return parsedate_to_datetime(text)
    except ValueError:
        pass
    text = _ORDINAL.sub(r"\1", _WEEKDAY.sub("", text)).replace("Sept ", "Sep ")
    text = text.replace(" at ", " ").removesuffix(" UTC").removesuffix(" GMT")
    moment = _first_that_fits(re.sub(r",(?= \d{1,2}:| [+-]\d{4}$)", "", text), _FORMATS_WITH_TIME)
    if moment is not None:
        return moment
    moment = _first_that_fits(text, _FORMATS)
    return moment.date() if moment else _slashes(text)


def _first_that_fits(text: str, formats: tuple[str, ...]) -> datetime | None:
    for form in formats:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    return None


def _slashes(text: str) -> date | None:
    parts = _SLASHES.fullmatch(text)
    if parts is None:
        return None
    first, second, year = map(int, parts.groups())
    if (first > 12) == (second > 12) and first != second:
        return None
    day, month = (first, second) if first > 12 else (second, first)
    try:
        return date(year, month, day)
    except ValueError:
        return None
