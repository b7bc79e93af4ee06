"""How long jobs took and how many failed."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import bindparam, column, func, select, table

from flexura.domain.job import TEMPLATE_PROVIDER
from flexura.storage.statements.compiling import Sql, compiled, words
from flexura.storage.statements.jobs import DONE, UNFINISHED
from flexura.storage.tables import accounts, deliveries, jobs, uploads

_p = bindparam
_TEMPLATE = words(TEMPLATE_PROVIDER)[0]

DURATIONS = compiled(
    select(jobs.c.finished_at - jobs.c.started_at)
    .where(
        jobs.c.model_id == _p("model_id"),
        jobs.c.state.in_(DONE),
        jobs.c.provider != _TEMPLATE,
        jobs.c.started_at.is_not(None),
        jobs.c.finished_at.is_not(None),
    )
    .order_by(jobs.c.finished_at.desc())
    .limit(_p("most"))
)


@lru_cache(maxsize=8)
def runs(ignored: int) -> Sql:
    """The newest ended jobs of each model, among the newest jobs: a long history costs nothing.

    A job of steps says nothing of a model; its steps do.
    """
    newest = (
        select(
            jobs.c.model_id,
            jobs.c.provider,
            jobs.c.state,
            jobs.c.error_code,
            jobs.c.started_at,
            jobs.c.finished_at,
        )
        .where(jobs.c.finished_at.is_not(None))
        .order_by(jobs.c.finished_at.desc())
        .limit(_p("newest"))
        .subquery()
    )
    rank = func.row_number().over(
        partition_by=newest.c.model_id, order_by=newest.c.finished_at.desc()
    )
    failure = words("failed")[0]
    wanted = [
        newest.c.provider != _TEMPLATE,
        newest.c.state.in_([*DONE, failure]),
        newest.c.started_at.is_not(None),
        newest.c.finished_at >= _p("since"),
    ]
    if ignored:
        wanted.append(newest.c.error_code.not_in([_p(f"code_{i}") for i in range(ignored)]))
    ranked = select(newest, rank.label("place")).where(*wanted).subquery()
    return compiled(
        select(
            ranked.c.model_id,
            ranked.c.finished_at - ranked.c.started_at,
            ranked.c.state == failure,
        )
        .where(ranked.c.place <= _p("most"))
        .order_by(ranked.c.finished_at.desc())
    )


STANDING = compiled(
    select(jobs.c.state, jobs.c.provider, func.count(), func.min(jobs.c.run_at))
    .where(UNFINISHED)
    .group_by(jobs.c.state, jobs.c.provider)
)
"""Unfinished jobs, and since when the first of each kind has been due: out of one index alone."""
MESSAGES = compiled(
    select(func.count(), func.min(deliveries.c.next_at)).where(
        deliveries.c.state == words("pending")[0]
    )
)
UPLOADS = compiled(select(func.count()).select_from(uploads))
CREDITS = compiled(
    select(
        func.coalesce(func.sum(accounts.c.granted), 0),
        func.coalesce(func.sum(accounts.c.reserved), 0),
        func.coalesce(func.sum(accounts.c.spent), 0),
    )
)
SPENDERS = compiled(
    select(accounts.c.workspace_id, accounts.c.spent)
    .where(accounts.c.spent > 0)
    .order_by(accounts.c.spent.desc(), accounts.c.workspace_id)
    .limit(_p("most"))
)
SCHEMA = compiled(select(table("alembic_version", column("version_num")).c.version_num))
DATABASE_BYTES = compiled(select(func.pg_database_size(func.current_database())))
"""For PostgreSQL; SQLite's is the size of its files."""
