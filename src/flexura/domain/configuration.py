"""Reading the tables of the configuration file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from flexura.domain.errors import InvalidRequest


def table_of(of: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The table of that name, empty if it is not there. Raises InvalidRequest for what is no table."""
    value = of.get(name, {})
    if not isinstance(value, dict):
        raise InvalidRequest(
            f"In the configuration file, {name} is not a table.", next_step=f"Write it as [{name}]."
        )
    return cast("dict[str, Any]", value)
