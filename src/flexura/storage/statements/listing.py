"""Lists of jobs, newest first, that cost the same however long the history is.

Each wanted state is one walk along an index, and the walks are merged: a state that is rare among a million
jobs is found at once. A page is found by ids alone; only its own rows are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, get_args

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    func,
    literal,
    not_,
    or_,
    select,
    tuple_,
    union_all,
)

from flexura.domain.job import State
from flexura.storage.statements.compiling import Sql, compiled, words
from flexura.storage.statements.jobs import COLUMNS, DONE, ORDERED
from flexura.storage.tables import jobs

_p = bindparam
_EVERY = words(*get_args(State))
UNSAVED = and_(jobs.c.saved_at.is_(None), jobs.c.state.in_(DONE))
"""A result that is not yet in its caller's project."""


class Shape(NamedTuple):
    """What is asked for; the values are parameters."""

    project: bool = False
    states: int = 0
    before: bool = False
    unsaved: bool | None = None
    """Only what is not yet home, only the others, or both."""


def _owned(shape: Shape) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [ORDERED, jobs.c.workspace_id == _p("workspace_id")]
    if shape.project:
        wanted.append(jobs.c.project == _p("project"))
    return wanted


def _asked(shape: Shape) -> Sequence[ColumnElement[str]]:
    return [_p(f"state_{i}") for i in range(shape.states)]


def _walks(shape: Shape) -> list[list[ColumnElement[bool]]]:
    """Conditions, each for one index in its own order."""
    asked = _asked(shape)
    if shape.unsaved:
        only = [or_(*(jobs.c.state == state for state in asked))] if asked else []
        return [[UNSAVED, *only]]
    rest = [not_(UNSAVED)] if shape.unsaved is False else []
    # The index of a project has the state before the time, so there every state is a walk of its own.
    states = asked or (_EVERY if shape.project else [])
    return [[jobs.c.state == state, *rest] for state in states] or [rest]


def _page(shape: Shape) -> Select[str]:
    """The ids of a page."""
    owned = _owned(shape)
    if shape.before:
        place = tuple_(jobs.c.created_at, jobs.c.id)
        owned.append(place < tuple_(_p("before_at"), _p("before_id")))
    found = union_all(
        *(select(jobs.c.id, jobs.c.created_at).where(*owned, *walk) for walk in _walks(shape))
    ).order_by(jobs.c.created_at.desc(), jobs.c.id.desc())
    return select(found.limit(_p("most")).offset(_p("skip")).subquery().c.id)


@lru_cache(maxsize=128)
def page(shape: Shape) -> Sql:
    """The jobs of a page, in no order: the caller sorts its few rows."""
    return compiled(select(*COLUMNS).where(jobs.c.id.in_(_page(shape))))


@lru_cache(maxsize=128)
def counted(shape: Shape) -> Sql:
    """How many jobs there are, up to `most`."""
    few = select(literal(1).label("one")).where(*_owned(shape))
    if asked := _asked(shape):
        few = few.where(jobs.c.state.in_(asked))
    if shape.unsaved:
        # In the order of the index that holds nothing else, so that it is the one that is walked.
        few = few.where(UNSAVED).order_by(jobs.c.created_at.desc(), jobs.c.id.desc())
    few = few.limit(_p("most")).subquery()
    return compiled(select(func.count()).select_from(few))
