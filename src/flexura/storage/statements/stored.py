"""Records that are kept as they are: insert, get, find, change, remove, of any kind."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, select, tuple_, update

from flexura.storage.kinds import Kind
from flexura.storage.statements.compiling import Sql, compiled, insert_into

_p = bindparam


def _check(kind: Kind[Any], names: frozenset[str]) -> None:
    unknown = names - set(kind.names)
    if unknown:
        raise TypeError(f"{kind.record.__name__} has no {', '.join(sorted(unknown))}")


@lru_cache(maxsize=32)
def insert(kind: Kind[Any]) -> Sql:
    """Store a record."""
    return insert_into(kind.table)


@lru_cache(maxsize=64)
def get(kind: Kind[Any], locked: bool = False) -> Sql:
    """The record of a primary key; `locked` = nobody else changes it until this transaction ends."""
    found = select(*kind.columns).where(kind.key == _p("key"))
    return compiled(found.with_for_update(key_share=True) if locked else found)


@lru_cache(maxsize=256)
def find(
    kind: Kind[Any],
    equal: frozenset[str],
    null: frozenset[str],
    newest_first: bool,
    before: bool = False,
    locked: bool = False,
) -> Sql:
    """Records by their columns, `null` ones being NULL, in the order of their time and key.

    `before` = only those that are older than (before_at, before_key).
    """
    _check(kind, equal | null)
    column = kind.table.c
    order = [kind.order, kind.key] if kind.order is not kind.key else [kind.key]
    found = (
        select(*kind.columns)
        .where(*(column[name] == _p(f"is_{name}") for name in sorted(equal)))
        .where(*(column[name].is_(None) for name in sorted(null)))
        .where(*([_older(kind)] if before else []))
        .order_by(*((one.desc() if newest_first else one) for one in order))
        .limit(_p("most"))
    )
    return compiled(found.with_for_update(key_share=True) if locked else found)


def _older(kind: Kind[Any]) -> ColumnElement[bool]:
    return tuple_(kind.order, kind.key) < tuple_(_p("before_at"), _p("before_key"))


@lru_cache(maxsize=256)
def change(kind: Kind[Any], names: frozenset[str]) -> Sql:
    """Change columns of the record of a primary key."""
    _check(kind, names)
    return compiled(
        update(kind.table)
        .where(kind.key == _p("key"))
        .values({name: _p(f"new_{name}") for name in names})
        .returning(*kind.columns)
    )


@lru_cache(maxsize=32)
def remove(kind: Kind[Any]) -> Sql:
    """Remove the record of a primary key."""
    return compiled(delete(kind.table).where(kind.key == _p("key")))
