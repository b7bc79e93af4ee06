"""How much a process does at once, and how much one key may make it do. More is refused, never queued.

`docs/limits.md` is made from the table below.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, cast

from flexura.domain.errors import InvalidRequest

MIB = 2**20
SETTINGS = ("waiters", "waiters_per_key", "requests", "requests_per_key")
"""What `[limits]` of the configuration file may change."""


def _limit(default: int, what: str, beyond: str) -> int:
    return field(default=default, metadata={"what": what, "beyond": beyond})


@dataclass(frozen=True)
class LoadLimits:
    """The bounds of one process."""

    waiters: int = _limit(5000, "Requests that wait for a job, and event streams", "503")
    waiters_per_key: int = _limit(100, "The same, of one key", "429")
    requests: int = _limit(1000, "Requests under way, those that wait not counted", "503")
    requests_per_key: int = _limit(250, "The same, of one key", "429")
    body_bytes: int = _limit(64 * MIB, "Bytes of JSON and MCP bodies held in memory", "503")
    body_bytes_per_key: int = _limit(32 * MIB, "The same, of one key", "429")
    uploads: int = _limit(64, "Files that are coming in", "503")
    uploads_per_key: int = _limit(16, "The same, of one key", "429")
    exports: int = _limit(16, "ZIP archives that are going out", "503")
    exports_per_key: int = _limit(4, "The same, of one key", "429")
    searches: int = _limit(64, "Searches", "503")
    searches_per_key: int = _limit(16, "The same, of one key", "429")


def read(table: Mapping[str, Any]) -> LoadLimits:
    """The bounds with what `[limits]` of the configuration file says. Raises InvalidRequest naming it."""
    given = {name: table[name] for name in SETTINGS if name in table}
    for name, value in given.items():
        if type(value) is not int or not 1 <= value <= 1_000_000:
            raise InvalidRequest(
                f"In the configuration file, {name} of [limits] is {str(value)[:40]!r}.",
                next_step="Write a whole number from 1 to 1000000, or leave it out.",
            )
    return LoadLimits(**given)


def described() -> list[tuple[str, int, str, str]]:
    """Name, default, meaning and the status of the answer beyond it, for every bound."""
    return [
        (f.name, cast("int", f.default), f.metadata["what"], f.metadata["beyond"])
        for f in fields(LoadLimits)
    ]
