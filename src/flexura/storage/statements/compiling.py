"""From SQLAlchemy Core to text that a driver takes: each statement in the words of either database.

A statement is compiled when it is first used, once for each dialect.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ClauseElement,
    ColumnElement,
    Dialect,
    Table,
    bindparam,
    insert,
    literal_column,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles

SQLITE: Dialect = sqlite.dialect(paramstyle="named")  # type: ignore[no-untyped-call]
POSTGRES: Dialect = postgresql.dialect(paramstyle="pyformat")  # type: ignore[no-untyped-call]
Insert = Callable[[Table], Any]
"""`insert` of a dialect, which knows ON CONFLICT."""


class Text(NamedTuple):
    """What a driver is given, and the values of the statement's own constants."""

    text: str
    constants: dict[str, Any]


class Sql:
    """A statement, for both databases."""

    def __init__(self, element: ClauseElement, postgres: ClauseElement | None = None) -> None:
        self._element = element
        self._postgres = element if postgres is None else postgres

    @cached_property
    def sqlite(self) -> Text:
        """For sqlite3, with `:name`."""
        return _text(self._element, SQLITE)

    @cached_property
    def postgres(self) -> Text:
        """For psycopg, with `%(name)s`."""
        return _text(self._postgres, POSTGRES)


def _text(element: ClauseElement, dialect: Dialect) -> Text:
    result = element.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    bound = cast("dict[str, BindParameter[Any]]", getattr(result, "binds", {}))
    return Text(str(result), {n: b.value for n, b in bound.items() if b.value is not None})


def compiled(element: ClauseElement) -> Sql:
    """A statement that reads the same on both."""
    return Sql(element)


def upserted(build: Callable[[Insert], ClauseElement]) -> Sql:
    """A statement with ON CONFLICT, which each dialect has in an `insert` of its own."""
    return Sql(build(sqlite.insert), build(postgresql.insert))


def insert_into(table: Table, **computed: Any) -> Sql:
    """INSERT of every column, each from the parameter of its name or from what is computed."""
    values: dict[str, Any] = {c.name: bindparam(c.name) for c in table.c}
    return compiled(insert(table).values(values | computed))


def words(*values: str) -> list[ColumnElement[str]]:
    """Words of ours as text inside the statement: partial indexes are found only by constants."""
    return [literal_column(f"'{value}'") for value in values]


class NextChange(ColumnElement[int]):
    """The number of the change that is being written: one more than the last, as there is one writer.

    PostgreSQL has many and tells of changes by itself. There it is 0: an index of it would have every update
    of a job write all of its indexes anew.
    """

    inherit_cache = True
    type = BigInteger()


@compiles(NextChange, "sqlite")
def _after_the_last(element: NextChange, compiler: Any, **words: Any) -> str:
    return "(SELECT coalesce(max(change_seq), 0) + 1 FROM jobs)"


@compiles(NextChange, "postgresql")
def _not_counted(element: NextChange, compiler: Any, **words: Any) -> str:
    return "0"
