"""Which jobs a worker takes up, and for how long they are its own."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
    update,
)

from flexura.ports.queue import MOST_LEASE_MS
from flexura.storage.statements.compiling import compiled, words
from flexura.storage.statements.jobs import COLUMNS, NEXT_SEQ, ORDERED, UNFINISHED
from flexura.storage.tables import jobs

_p = bindparam
_QUEUED, _SCHEDULED, _RUNNING, _PUBLISHING = words("queued", "scheduled", "running", "publishing")
_held = jobs.c.state.in_([_RUNNING, _PUBLISHING])
# What was never to wait is due whatever the clock says: it may have been set back since.
_waits = or_(jobs.c.run_at <= _p("now"), jobs.c.run_at <= jobs.c.created_at)
# The lease of a worker that died has run out; its job is taken over with a new attempt number. No lease is
# longer than that: one that seems to be was taken before the clock was set back.
_latest: ColumnElement[int] = bindparam("now", type_=BigInteger()) + MOST_LEASE_MS
_orphaned = or_(jobs.c.lease_until < _p("now"), jobs.c.lease_until > _latest)
_WAYS: tuple[tuple[ColumnElement[str], ColumnElement[bool]], ...] = (
    (_QUEUED, _waits),
    (_SCHEDULED, _waits),
    (_RUNNING, _orphaned),
    (_PUBLISHING, _orphaned),
)
"""A state, and when a job in it may be taken."""


def _due(state: ColumnElement[str], when: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(UNFINISHED, jobs.c.state == state, when)


DUE = compiled(select(literal(1)).where(or_(*(exists().where(_due(*way)) for way in _WAYS))))
RUNNING = compiled(
    select(func.count())
    .select_from(jobs)
    .where(
        UNFINISHED,
        jobs.c.provider == _p("provider"),
        _held,
        jobs.c.lease_until >= _p("now"),
        jobs.c.lease_until <= _latest,
    )
)


def _first(way: tuple[ColumnElement[str], ColumnElement[bool]]) -> Select[str, int, int, int]:
    """One state's due jobs of a provider, in the order of the index: a long queue costs nothing."""
    return select(jobs.c.id, jobs.c.priority, jobs.c.run_at, jobs.c.created_at).where(
        _due(*way), jobs.c.provider == _p("provider")
    )


_found = (
    union_all(*(_first(way) for way in _WAYS))
    .order_by(jobs.c.priority.desc(), jobs.c.run_at, jobs.c.created_at)
    .limit(_p("most"))
    .subquery()
)
CLAIM = compiled(
    update(jobs)
    .where(
        jobs.c.id.in_(select(_found.c.id)),
        # Looked at again when the row is locked: where writers work side by side, somebody else may have
        # taken it meanwhile. Said in other words than in the search, so that no index is walked for it.
        or_(
            and_(jobs.c.state.in_([_QUEUED, _SCHEDULED]), _waits),
            and_(jobs.c.state.in_([_RUNNING, _PUBLISHING]), _orphaned),
        ),
    )
    .values(
        state=case(
            (jobs.c.state == _QUEUED, _RUNNING),
            (jobs.c.state == _SCHEDULED, _PUBLISHING),
            else_=jobs.c.state,
        ),
        attempt=jobs.c.attempt + 1,
        version=jobs.c.version + 1,
        lease_owner=_p("owner"),
        lease_until=_p("until"),
        started_at=func.coalesce(jobs.c.started_at, _p("now")),
        updated_at=_p("now"),
        change_seq=NEXT_SEQ,
    )
    .returning(*COLUMNS)
)
EXTEND = compiled(
    update(jobs)
    .where(UNFINISHED, _held, jobs.c.lease_owner == _p("owner"))
    .values(lease_until=_p("until"))
    .returning(jobs.c.id, jobs.c.attempt)
)
UNFINISHED_COUNT = compiled(select(func.count()).select_from(jobs).where(UNFINISHED))
_waiting = (
    select(literal(1).label("one"))
    .where(ORDERED, jobs.c.workspace_id == _p("workspace_id"), jobs.c.state == _QUEUED)
    .limit(_p("most"))
    .subquery()
)
QUEUED = compiled(select(func.count()).select_from(_waiting))
QUEUE = compiled(
    select(jobs.c.provider, jobs.c.id)
    .where(UNFINISHED, jobs.c.state == _QUEUED)
    .order_by(jobs.c.provider, jobs.c.priority.desc(), jobs.c.run_at, jobs.c.created_at)
    .limit(_p("most"))
)
"""What waits to be begun, each provider's jobs in the order in which they are claimed: that of an index."""
