"""The gallery: pages along its order, with or without words to find. A page costs what its own rows cost.

On SQLite the words are found by FTS5, which gives rows in the order of `place`, so that a page of a common
word ends where it is full. On PostgreSQL they are an index of `to_tsvector`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ClauseElement,
    ColumnElement,
    Select,
    bindparam,
    column,
    func,
    literal,
    literal_column,
    select,
    table,
)

from flexura.domain.artifact import Artifact
from flexura.storage.kinds import KINDS
from flexura.storage.statements.compiling import Sql, compiled
from flexura.storage.tables import artifacts, gallery, jobs

_p = bindparam
_ARTIFACT = KINDS[Artifact].columns
_FACETS = (gallery.c.kind, gallery.c.origin, gallery.c.model, gallery.c.project)
EQUAL = ("kind", "origin", "model", "project", "review")
FIND_CHOICES = ("model", "project")
_words = table("gallery_words", column("rowid"))
# Without the sign SQLite may ask FTS5 once for every row of the gallery.
_found_row: ColumnElement[int] = literal_column("+gallery_words.rowid")


class Shape(NamedTuple):
    """What is asked for; the values are parameters."""

    equal: frozenset[str] = frozenset()
    text: bool = False
    above: bool = False
    """Only places that are higher than a bound: `above`."""
    below: bool = False
    """Only places that are lower than a bound: `below`."""
    oldest_first: bool = False


def _wanted(shape: Shape, place: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        gallery.c.workspace_id == _p("workspace_id"),
        gallery.c.shelf == _p("shelf"),
    ]
    found += [gallery.c[name] == _p(f"is_{name}") for name in sorted(shape.equal)]
    found += [place > _p("above")] if shape.above else []
    found += [place < _p("below")] if shape.below else []
    return found


def _places(shape: Shape, postgres: bool) -> Select[Any]:
    """The places of a page."""
    place: ColumnElement[Any] = gallery.c.place
    chosen = select(gallery.c.place)
    if shape.text and postgres:
        vector = func.to_tsvector(literal_column("'simple'"), gallery.c.words)
        query = func.to_tsquery(literal_column("'simple'"), _p("tsquery"))
        chosen = chosen.where(vector.op("@@")(query))
    elif shape.text:
        place = _words.c.rowid
        chosen = chosen.select_from(_words).where(
            literal_column("gallery_words").op("MATCH")(_p("match")), gallery.c.place == _found_row
        )
    order = place.asc() if shape.oldest_first else place.desc()
    return chosen.where(*_wanted(shape, place)).order_by(order).limit(_p("most"))


def _page(shape: Shape, postgres: bool) -> ClauseElement:
    return _shown().where(gallery.c.place.in_(_places(shape, postgres).subquery().select()))


def _shown() -> Select[Any]:
    return select(gallery.c.place, *_FACETS, jobs.c.prompt, *_ARTIFACT).select_from(
        gallery.join(artifacts, artifacts.c.id == gallery.c.artifact_id).outerjoin(
            jobs, jobs.c.id == artifacts.c.job_id
        )
    )


@lru_cache(maxsize=256)
def page(shape: Shape) -> Sql:
    """The files of a page, in no order: the caller sorts its few rows."""
    return Sql(_page(shape, postgres=False), _page(shape, postgres=True))


@lru_cache(maxsize=256)
def counted(shape: Shape) -> Sql:
    """How many files there are, up to `most`."""

    def count(postgres: bool) -> ClauseElement:
        few = _places(shape, postgres).subquery()
        return select(func.count()).select_from(few)

    return Sql(count(postgres=False), count(postgres=True))


ITEM = compiled(
    _shown().where(gallery.c.artifact_id == _p("id"), gallery.c.workspace_id == _p("workspace_id"))
)


@lru_cache(maxsize=8)
def choices(name: str) -> Sql:
    """The values of a column among what is shown, each found by one step along an index."""
    value = gallery.c[name]
    mine = (gallery.c.workspace_id == _p("workspace_id"), gallery.c.shelf == _p("shelf"))
    first = select(func.min(value).label("value"), literal(1).label("number")).where(*mine)
    walk = first.cte("walk", recursive=True)
    following = select(func.min(value)).where(*mine, value > walk.c.value).scalar_subquery()
    step = select(following, walk.c.number + 1).where(
        walk.c.value.is_not(None), walk.c.number < _p("most")
    )
    walk = walk.union_all(step)
    return compiled(select(walk.c.value).where(walk.c.value.is_not(None)))
