"""One thing that was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "note", "failed"]


@dataclass(frozen=True)
class Finding:
    """`note` is worth knowing and stops nothing; `next_step` is the exact thing to do."""

    name: str
    status: Status
    summary: str
    next_step: str = ""


def ok(name: str, summary: str) -> Finding:
    """It works."""
    return Finding(name, "ok", summary)


def note(name: str, summary: str, next_step: str) -> Finding:
    """It could be better."""
    return Finding(name, "note", summary, next_step)


def failed(name: str, summary: str, next_step: str) -> Finding:
    """It does not work."""
    return Finding(name, "failed", summary, next_step)
