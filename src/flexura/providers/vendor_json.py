"""Reads JSON that a stranger sent: what has another shape than expected is empty, never an error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast


def fields(value: Any) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def rows(value: Any) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; whatever else is in it is left out."""
    return [cast("dict[str, Any]", row) for row in rows(value) if isinstance(row, dict)]


def words(value: Any) -> str:
    """The value if it is text, else nothing."""
    return value if isinstance(value, str) else ""


def text(told: Mapping[str, Any], name: str) -> str:
    """A field without the space around it; empty where it is missing, null or of another type."""
    return words(told.get(name)).strip()
