"""From SQLAlchemy Core to text that the driver takes."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

from sqlalchemy import (
    BindParameter,
    ClauseElement,
    ColumnElement,
    Dialect,
    Table,
    bindparam,
    insert,
    literal_column,
)
from sqlalchemy.dialects import sqlite

SQLITE: Dialect = sqlite.dialect(paramstyle="named")  # type: ignore[no-untyped-call]


class Sql(NamedTuple):
    """A compiled statement and the values of its own constants."""

    text: str
    constants: dict[str, Any]


def compiled(element: ClauseElement, dialect: Dialect = SQLITE) -> Sql:
    """The SQL text of a statement, with the dialect's own placeholders."""
    result = element.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    bound = cast("dict[str, BindParameter[Any]]", getattr(result, "binds", {}))
    return Sql(str(result), {n: b.value for n, b in bound.items() if b.value is not None})


def insert_into(table: Table, **computed: Any) -> Sql:
    """INSERT of every column, each from the parameter of its name or from what is computed."""
    values: dict[str, Any] = {c.name: bindparam(c.name) for c in table.c}
    return compiled(insert(table).values(values | computed))


def words(*values: str) -> list[ColumnElement[str]]:
    """Words of ours as text inside the statement: partial indexes are found only by constants."""
    return [literal_column(f"'{value}'") for value in values]
