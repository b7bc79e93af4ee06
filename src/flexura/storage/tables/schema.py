"""What all tables belong to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Index, MetaData, TextClause

metadata = MetaData()


def partial_index(name: str, *columns: ColumnElement[Any], where: TextClause) -> Index:
    """An index of those rows alone for which a condition holds, on either database."""
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)
