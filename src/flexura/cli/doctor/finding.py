"""One thing that was looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Status = Literal["ok", "note", "failed"]


@dataclass(frozen=True)
class Finding:
    """`note` is worth knowing and stops nothing; `next_step` is the exact thing to do."""

    name: str
    status: Status
    summary: str
    next_step: str = ""
    # Does the next step, for `--fix`, where that can do no harm.
    fix: Callable[[], object] | None = field(default=None, compare=False, repr=False)


def ok(name: str, summary: str) -> Finding:
    """It works."""
    return Finding(name, "ok", summary)


def note(
    name: str, summary: str, next_step: str, fix: Callable[[], object] | None = None
) -> Finding:
    """It could be better."""
    return Finding(name, "note", summary, next_step, fix)


def failed(
    name: str, summary: str, next_step: str, fix: Callable[[], object] | None = None
) -> Finding:
    """It does not work."""
    return Finding(name, "failed", summary, next_step, fix)
