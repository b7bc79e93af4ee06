"""Is this JSON value an object, a list? In words that the type checker understands."""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing would cost the bridge's first answer several milliseconds
if TYPE_CHECKING:
    from typing import Any, TypeGuard


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """A JSON object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """A JSON array."""
    return isinstance(value, list)
