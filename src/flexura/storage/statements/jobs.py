"""One job: stored, read, changed, joined, and what became of it elsewhere."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import ClauseElement, bindparam, exists, func, or_, select, update

from flexura.domain.job import FINAL, SUCCEEDED
from flexura.storage.statements.compiling import (
    Insert,
    NextChange,
    Sql,
    compiled,
    insert_into,
    upserted,
    words,
)
from flexura.storage.tables import calls, jobs

_p = bindparam
# Both orders are those of the partial indexes in `tables`: SQLite compares the lists word by word.
FINALS = words("completed", "published", "failed", "canceled")
DONE = words("completed", "published")
assert {"completed", "published", "failed", "canceled"} == FINAL
assert {"completed", "published"} == SUCCEEDED
NEXT_SEQ = NextChange()
UNFINISHED = jobs.c.state.not_in(FINALS)
ORDERED = jobs.c.parent_id == words("")[0]
"""What a caller ordered, without the steps of it."""
COLUMNS = [c for c in jobs.c if c.name != "change_seq"]
NAMES = tuple(c.name for c in COLUMNS)

INSERT = insert_into(jobs, change_seq=NEXT_SEQ)
_by_id = select(*COLUMNS).where(jobs.c.id == _p("id"))
BY_ID = compiled(_by_id.with_for_update(key_share=True))
"""In a transaction that decides on it: nobody else changes it meanwhile. SQLite knows no such words."""
OF_WORKSPACE = compiled(
    select(*COLUMNS).where(jobs.c.id == _p("id"), jobs.c.workspace_id == _p("workspace_id"))
)
VERSION = compiled(
    select(jobs.c.version).where(jobs.c.id == _p("id"), jobs.c.workspace_id == _p("workspace_id"))
)
CHILDREN = compiled(
    select(*COLUMNS)
    .where(jobs.c.parent_id == _p("parent_id"), jobs.c.parent_id != words("")[0])
    # Ids of one millisecond are in no order; `draw.2` comes before `draw.10`.
    .order_by(jobs.c.created_at, func.length(jobs.c.step), jobs.c.step, jobs.c.id)
)
CHANGES = compiled(
    select(jobs.c.change_seq, jobs.c.id)
    .where(jobs.c.change_seq > _p("since"))
    .order_by(jobs.c.change_seq)
)
LAST_CHANGE = compiled(select(func.coalesce(func.max(jobs.c.change_seq), 0)))
RECENT = compiled(
    select(jobs.c.id)
    .where(jobs.c.finished_at.is_not(None), jobs.c.finished_at >= _p("since"))
    .union_all(
        select(jobs.c.id).where(
            UNFINISHED,
            jobs.c.state.in_(words("awaiting_approval", "scheduled")),
            jobs.c.updated_at >= _p("since"),
        )
    )
)
"""Jobs that came to rest, of which nobody will tell again."""
_SEEN = {"version": jobs.c.version + 1, "change_seq": NEXT_SEQ}


@lru_cache(maxsize=256)
def changed(columns: frozenset[str], fenced: bool, any_state: bool = False) -> Sql:
    """Change columns of a job that is not final (or of any job), by its attempt if fenced."""
    values: dict[str, Any] = {name: _p(f"new_{name}") for name in columns}
    wanted = [jobs.c.id == _p("id")]
    if not any_state:
        wanted.append(UNFINISHED)
    if fenced:
        wanted.append(jobs.c.attempt == _p("attempt"))
    return compiled(update(jobs).where(*wanted).values(values | _SEEN).returning(*COLUMNS))


PUBLISHED = compiled(
    update(jobs)
    .where(jobs.c.id == _p("id"), jobs.c.state == words("completed")[0])
    .values({"state": words("published")[0], **_SEEN})
    .returning(*COLUMNS)
)
# Joined while it runs or its result reached nobody, or where this session takes part and was not answered.
JOINABLE = compiled(
    select(*COLUMNS)
    .where(
        jobs.c.order_key == _p("order_key"),
        jobs.c.order_key != words("")[0],
        ORDERED,
        jobs.c.workspace_id == _p("workspace_id"),
        jobs.c.project == _p("project"),
        jobs.c.tool == _p("tool"),
        or_(
            UNFINISHED,
            jobs.c.state.in_(DONE),
            jobs.c.error_code == words("outcome_unknown")[0],
        ),
        ~jobs.c.cancel_requested,
        ~exists().where(
            calls.c.job_id == jobs.c.id,
            calls.c.session == _p("session"),
            calls.c.delivered_at.is_not(None),
        ),
        or_(
            UNFINISHED,
            exists().where(calls.c.job_id == jobs.c.id, calls.c.session == _p("session")),
            ~exists().where(calls.c.job_id == jobs.c.id, calls.c.delivered_at.is_not(None)),
        ),
    )
    .order_by(jobs.c.created_at.desc())
    .limit(1)
)
ADD_CALL = upserted(
    lambda insert: (
        insert(calls).values(job_id=_p("job_id"), session=_p("session")).on_conflict_do_nothing()
    )
)


def _delivered(insert: Insert) -> ClauseElement:
    delivery = insert(calls).values(
        job_id=_p("job_id"), session=_p("session"), delivered_at=_p("at")
    )
    return delivery.on_conflict_do_update(
        index_elements=["job_id", "session"],
        set_={"delivered_at": func.coalesce(calls.c.delivered_at, delivery.excluded.delivered_at)},
    )


MARK_DELIVERED = upserted(_delivered)
