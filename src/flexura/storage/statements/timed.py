"""What is done when its time has come: messages that are due, files whose time is over."""

from __future__ import annotations

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    tuple_,
    union_all,
    update,
)

from flexura.domain.artifact import Artifact
from flexura.domain.webhook import LONGEST_WAIT_MS, Delivery
from flexura.storage.kinds import KINDS
from flexura.storage.statements.compiling import compiled, words
from flexura.storage.statements.jobs import UNFINISHED
from flexura.storage.tables import artifacts, deliveries, jobs

_p = bindparam
_pending = deliveries.c.state == words("pending")[0]
_over = deliveries.c.next_at <= _p("now")
# Nobody waits longer than that: it was planned before the clock was set back.
_stray = deliveries.c.next_at > bindparam("now", type_=BigInteger()) + LONGEST_WAIT_MS


def _first(name: str, when: ColumnElement[bool]) -> CTE:
    """The first of them, and nobody else's. A common table expression is found once; a subquery that locks
    may be run again for every row."""
    found = select(deliveries.c.id).where(_pending, when)
    found = found.order_by(deliveries.c.next_at, deliveries.c.id).limit(_p("most"))
    return found.with_for_update(skip_locked=True).cte(name)


# Two walks of an index, each of which ends where it has enough.
_taken = union_all(
    select(_first("over", _over).c.id), select(_first("stray", _stray).c.id)
).subquery()
CLAIM_DELIVERIES = compiled(
    update(deliveries)
    .where(
        deliveries.c.id.in_(select(_taken.c.id)),
        # Looked at again when the row is locked: somebody else may have taken it meanwhile.
        _pending,
        or_(_over, _stray),
    )
    .values(next_at=_p("until"))
    .returning(*KINDS[Delivery].columns)
)
NEXT_DELIVERY = compiled(select(func.min(deliveries.c.next_at)).where(_pending))

_stays = and_(artifacts.c.expires_at.is_not(None), artifacts.c.expired_at.is_(None))
_maker = jobs.alias("maker")
OVER = compiled(
    select(artifacts.c.expires_at, artifacts.c.id, artifacts.c.job_id, _maker.c.parent_id)
    .join_from(artifacts, _maker, _maker.c.id == artifacts.c.job_id, isouter=True)
    .where(
        _stays,
        artifacts.c.expires_at <= _p("now"),
        tuple_(artifacts.c.expires_at, artifacts.c.id) > tuple_(_p("after_at"), _p("after_id")),
    )
    .order_by(artifacts.c.expires_at, artifacts.c.id)
    .limit(_p("most"))
)
"""Artifacts whose time is over, who made each, and whose step that was."""
AT_WORK = compiled(select(jobs.c.id, jobs.c.call, jobs.c.operation).where(UNFINISHED))
"""What is still going on, and the texts in which it names what it starts from."""
EXPIRE = compiled(
    update(artifacts)
    # Looked at again when the row is locked: somebody may have taken it out of the trash meanwhile.
    .where(artifacts.c.id == _p("id"), _stays, artifacts.c.expires_at <= _p("now"))
    .values(expired_at=_p("now"))
    .returning(*KINDS[Artifact].columns)
)
NEEDED = compiled(
    select(exists().where(artifacts.c.sha256 == _p("sha256"), artifacts.c.expired_at.is_(None)))
)
"""Whether an artifact that has not expired has these bytes."""
EXPIRING = compiled(
    select(*KINDS[Artifact].columns)
    .where(
        _stays,
        artifacts.c.expires_at <= _p("until"),
        tuple_(artifacts.c.expires_at, artifacts.c.id) > tuple_(_p("after"), _p("last")),
    )
    .order_by(artifacts.c.expires_at, artifacts.c.id)
    .limit(_p("most"))
)
