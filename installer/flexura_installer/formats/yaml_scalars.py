"""What one scalar of a YAML file means, exactly as PyYAML's `safe_load` types it (YAML 1.1).

The patterns are those of PyYAML's resolver and constructor: https://github.com/yaml/pyyaml (MIT),
`lib/yaml/resolver.py`, `lib/yaml/constructor.py`.
"""

from __future__ import annotations

import datetime
import re

Scalar = str | int | float | bool | None | datetime.date | datetime.datetime

_BOOL = re.compile(r"yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF")
_FLOAT = re.compile(
    r"""[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?
    |\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?
    |[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*
    |[-+]?\.(?:inf|Inf|INF)
    |\.(?:nan|NaN|NAN)""",
    re.X,
)
_INT = re.compile(
    r"""[-+]?0b[0-1_]+
    |[-+]?0[0-7_]+
    |[-+]?(?:0|[1-9][0-9_]*)
    |[-+]?0x[0-9a-fA-F_]+
    |[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+""",
    re.X,
)
_NULL = re.compile(r"~|null|Null|NULL|")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"""(?P<year>[0-9]{4})-(?P<month>[0-9][0-9]?)-(?P<day>[0-9][0-9]?)
    (?:[Tt]|[ \t]+)(?P<hour>[0-9][0-9]?):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})
    (?:\.(?P<fraction>[0-9]*))?
    (?:[ \t]*(?P<zone>Z|(?P<sign>[-+])(?P<hours>[0-9][0-9]?)(?::(?P<minutes>[0-9]{2}))?))?""",
    re.X,
)
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.S)
_ESCAPED = {
    "0": "\0",
    "a": "\a",
    "b": "\b",
    "t": "\t",
    "n": "\n",
    "v": "\v",
    "f": "\f",
    "r": "\r",
    "e": "\x1b",
    " ": " ",
    '"': '"',
    "\\": "\\",
    "/": "/",
    "N": "\x85",
    "_": "\xa0",
    "L": "\u2028",
    "P": "\u2029",
}


def plain(text: str) -> Scalar:
    """The value of an unquoted scalar. Raises ValueError where PyYAML has none (`0x_`, `=`, 2024-13-01)."""
    if _BOOL.fullmatch(text):
        return text.lower() in ("yes", "true", "on")
    if _FLOAT.fullmatch(text):
        return _float(text)
    if _INT.fullmatch(text):
        return _int(text)
    if _NULL.fullmatch(text):
        return None
    if _DAY.fullmatch(text):
        return datetime.date(*(int(part) for part in text.split("-")))
    if match := _TIME.fullmatch(text):
        return _time(match)
    if text in ("=", "<<"):
        raise ValueError(f"`{text}` is no value")
    return text


def single_quoted(text: str) -> str:
    """What stands between the quotes of `'it''s'`."""
    return text[1:-1].replace("''", "'")


def double_quoted(text: str) -> str:
    """What stands between double quotes. Raises ValueError for an escape that YAML does not know."""
    return _ESCAPE.sub(_unescaped, text[1:-1])


def _unescaped(match: re.Match[str]) -> str:
    two, four, eight, one = match.groups()
    if one is not None:
        if one not in _ESCAPED:
            raise ValueError(f"`\\{one}` is no escape of YAML")
        return _ESCAPED[one]
    code = int(two or four or eight, 16)
    if 0xD800 <= code <= 0xDFFF:
        raise ValueError("half of a surrogate pair is no character")
    return chr(code)


def _int(text: str) -> int:
    value = text.replace("_", "")
    sign = -1 if value[0] == "-" else 1
    value = value.lstrip("+-")
    if value == "0":
        return 0
    for prefix, base in (("0b", 2), ("0x", 16), ("0", 8)):
        if value.startswith(prefix):
            return sign * int(value.removeprefix(prefix) if base != 8 else value, base)
    whole = 0
    for part in value.split(":"):
        whole = whole * 60 + int(part)
    return sign * whole


def _float(text: str) -> float:
    value = text.replace("_", "").lower()
    sign = -1 if value[0] == "-" else 1
    value = value.lstrip("+-")
    if value in (".inf", ".nan"):
        return sign * float(value[1:])
    if ":" not in value:
        return sign * float(value)
    # In the order in which PyYAML adds: another one rounds otherwise.
    base, total = 1, 0.0
    for part in reversed(value.split(":")):
        total += float(part) * base
        base *= 60
    return sign * total


def _time(match: re.Match[str]) -> datetime.datetime:
    zone = None
    if match["sign"]:
        delta = datetime.timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
        zone = datetime.timezone(-delta if match["sign"] == "-" else delta)
    elif match["zone"]:
        zone = datetime.UTC
    day = datetime.date(int(match["year"]), int(match["month"]), int(match["day"]))
    fraction = int((match["fraction"] or "")[:6].ljust(6, "0"))
    hour, minute, second = (int(match[part]) for part in ("hour", "minute", "second"))
    return datetime.datetime.combine(day, datetime.time(hour, minute, second, fraction, zone))
