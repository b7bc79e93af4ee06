"""Whether a value in a file is ours, and what of the client's own additions stays in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, cast

from flexura_installer.formats.document import MISSING, Slot, same

# In which members agents name the program that they start, and the address that they reach.
PROGRAMS = ("command", "cmd")
ADDRESSES = ("url", "httpUrl", "serverUrl", "uri")
# What makes an entry start our command or reach our url, whatever else the client changed in it.
_LAUNCH = frozenset((*PROGRAMS, *ADDRESSES))
_HASH = "sha256:"


def hashed(value: Any, secrets: Iterable[str]) -> Any:
    """The value with every text that holds a secret replaced by the SHA-256 of the text."""
    hidden = [secret for secret in secrets if secret]
    return _hashed(value, hidden)


def _hashed(value: Any, secrets: list[str]) -> Any:
    if isinstance(value, dict):
        held = cast("dict[str, Any]", value)
        return {_hashed(key, secrets): _hashed(item, secrets) for key, item in held.items()}
    if isinstance(value, list | tuple):
        return [_hashed(item, secrets) for item in cast("list[Any]", value)]
    if isinstance(value, str) and any(secret in value for secret in secrets):
        return _HASH + _digest(value)
    return value


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def matches(recorded: Any, current: Any) -> bool:
    """Equal but for the order of keys; a recorded SHA-256 equals the text that it was made of."""
    if isinstance(recorded, dict) and isinstance(current, dict):
        a, b = cast("dict[str, Any]", recorded), cast("dict[str, Any]", current)
        return a.keys() == b.keys() and all(matches(a[key], b[key]) for key in a)
    if isinstance(recorded, list) and isinstance(current, list):
        c, d = cast("list[Any]", recorded), cast("list[Any]", current)
        return len(c) == len(d) and all(matches(x, y) for x, y in zip(c, d, strict=True))
    if isinstance(recorded, str) and isinstance(current, str) and recorded.startswith(_HASH):
        return recorded in (current, _HASH + _digest(current))
    return same(recorded, current)


def extends(recorded: Any, current: Any) -> bool:
    """Whether everything recorded is still so, besides which members may have come."""
    if isinstance(recorded, dict) and isinstance(current, dict):
        a, b = cast("dict[str, Any]", recorded), cast("dict[str, Any]", current)
        return all(key in b and extends(a[key], b[key]) for key in a)
    return matches(recorded, current)


def is_ours(slot: Slot, recorded: Any, current: Any) -> bool:
    """Whether the slot holds what was recorded, or still starts the same command or reaches the same url."""
    if extends(recorded, current):
        return True
    was, now = _launches(recorded), _launches(current)
    if not was:
        # An item of a list that starts nothing is known by its identity alone.
        return slot.kind == "item"
    return any(matches(one, other) for one in was for other in now)


def _launches(value: Any, depth: int = 3) -> list[Any]:
    if not isinstance(value, dict) or not depth:
        return []
    found: list[Any] = []
    for key, item in cast("dict[str, Any]", value).items():
        if key in _LAUNCH and item and not isinstance(item, dict):
            found.append(item)
        found += _launches(item, depth - 1)
    return found


def program(entry: dict[str, Any]) -> list[str]:
    """The command that an entry starts, with what follows it in the same member; empty for none."""
    named: Any = next((entry[key] for key in PROGRAMS if entry.get(key)), None)
    if isinstance(named, list):
        return [str(word) for word in cast("list[Any]", named)]
    return [] if named is None else [str(named)]


def with_additions(wished: Any, recorded: Any, current: Any) -> Any:
    """What is wished, with the members that the client added to what we had recorded."""
    if not all(isinstance(one, dict) for one in (wished, recorded, current)):
        return wished
    new, old, now = (cast("dict[str, Any]", one) for one in (wished, recorded, current))
    merged = {
        key: with_additions(value, old.get(key, MISSING), now.get(key, MISSING))
        for key, value in new.items()
    }
    for key, value in now.items():
        if key in new:
            continue
        if key not in old:
            # Another shape of our own entry is no addition (Cline nests it in `transport`).
            if key not in _LAUNCH and not _launches({key: value}):
                merged[key] = value
        elif isinstance(value, dict) and isinstance(old[key], dict):
            added = {k: v for k, v in cast("dict[str, Any]", value).items() if k not in old[key]}
            if added:
                merged[key] = added
    return merged
