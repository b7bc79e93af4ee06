"""Every query, by name, built with SQLAlchemy Core and compiled once per dialect.

They are executed on the driver itself: Core's own execution would halve the write rate (measured).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    BindParameter,
    ClauseElement,
    Dialect,
    Table,
    and_,
    bindparam,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import sqlite

from flexura.storage.tables import (
    api_keys,
    artifacts,
    calls,
    idempotency_keys,
    jobs,
    metadata,
    secrets,
    workspaces,
)

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


def _insert(table: Table, **computed: Any) -> Sql:
    values: dict[str, Any] = {c.name: bindparam(c.name) for c in table.c}
    values |= computed
    return compiled(insert(table).values(values))


_p = bindparam
_seq = select(func.coalesce(func.max(jobs.c.change_seq), 0) + 1).scalar_subquery()
_unfinished = jobs.c.state.in_([literal_column("'queued'"), literal_column("'running'")])
_columns = [c for c in jobs.c if c.name != "change_seq"]

# -- jobs: write ------------------------------------------------------------------------------------
INSERT_JOB = _insert(jobs, change_seq=_seq)
JOB = compiled(select(*_columns).where(jobs.c.id == _p("id")))


@lru_cache(maxsize=256)
def update_job(columns: frozenset[str], fenced: bool, saved_only: bool = False) -> Sql:
    """Change columns of a job that is not final (or only `saved_at` of any), by its attempt if fenced."""
    values: dict[str, Any] = {name: _p(f"new_{name}") for name in columns}
    wanted = [jobs.c.id == _p("id")]
    if not saved_only:
        wanted.append(_unfinished)
    if fenced:
        wanted.append(jobs.c.attempt == _p("attempt"))
    values |= {"version": jobs.c.version + 1, "change_seq": _seq}
    return compiled(update(jobs).where(*wanted).values(values).returning(*_columns))


# The lease of a worker that died has run out; its job is taken over with a new attempt number.
_due = or_(
    and_(jobs.c.state == literal_column("'queued'"), jobs.c.run_at <= _p("now")),
    and_(jobs.c.state == literal_column("'running'"), jobs.c.lease_until < _p("now")),
)
DUE = compiled(select(jobs.c.id).where(_unfinished, _due).limit(1))
RUNNING = compiled(
    select(func.count())
    .select_from(jobs)
    .where(
        jobs.c.provider == _p("provider"),
        jobs.c.state == literal_column("'running'"),
        jobs.c.lease_until >= _p("now"),
    )
)
CLAIM = compiled(
    update(jobs)
    .where(
        jobs.c.id.in_(
            select(jobs.c.id)
            .where(jobs.c.provider == _p("provider"), _unfinished, _due)
            .order_by(jobs.c.run_at, jobs.c.created_at)
            .limit(_p("most"))
        )
    )
    .values(
        state=literal_column("'running'"),
        attempt=jobs.c.attempt + 1,
        version=jobs.c.version + 1,
        lease_owner=_p("owner"),
        lease_until=_p("until"),
        started_at=func.coalesce(jobs.c.started_at, _p("now")),
        updated_at=_p("now"),
        change_seq=_seq,
    )
    .returning(*_columns)
)
EXTEND = compiled(
    update(jobs)
    .where(jobs.c.lease_owner == _p("owner"), jobs.c.state == literal_column("'running'"))
    .values(lease_until=_p("until"))
    .returning(jobs.c.id, jobs.c.attempt)
)
# Joined while it runs or its result reached nobody, or where this session takes part and was not answered.
JOINABLE = compiled(
    select(*_columns)
    .where(
        jobs.c.order_key == _p("order_key"),
        jobs.c.workspace_id == _p("workspace_id"),
        jobs.c.project == _p("project"),
        jobs.c.tool == _p("tool"),
        or_(
            jobs.c.state.in_(
                [
                    literal_column("'queued'"),
                    literal_column("'running'"),
                    literal_column("'completed'"),
                ]
            ),
            jobs.c.error_code == literal_column("'outcome_unknown'"),
        ),
        ~jobs.c.cancel_requested,
        ~exists().where(
            calls.c.job_id == jobs.c.id,
            calls.c.session == _p("session"),
            calls.c.delivered_at.is_not(None),
        ),
        or_(
            _unfinished,
            exists().where(calls.c.job_id == jobs.c.id, calls.c.session == _p("session")),
            ~exists().where(calls.c.job_id == jobs.c.id, calls.c.delivered_at.is_not(None)),
        ),
    )
    .order_by(jobs.c.created_at.desc())
    .limit(1)
)
ADD_CALL = compiled(
    sqlite.insert(calls).values(job_id=_p("job_id"), session=_p("session")).on_conflict_do_nothing()
)
_delivery = sqlite.insert(calls).values(
    job_id=_p("job_id"), session=_p("session"), delivered_at=_p("at")
)
MARK_DELIVERED = compiled(
    _delivery.on_conflict_do_update(
        index_elements=["job_id", "session"],
        set_={"delivered_at": func.coalesce(calls.c.delivered_at, _delivery.excluded.delivered_at)},
    )
)

# -- jobs: read -------------------------------------------------------------------------------------
JOB_OF_WORKSPACE = compiled(
    select(*_columns).where(jobs.c.id == _p("id"), jobs.c.workspace_id == _p("workspace_id"))
)
VERSION_OF_JOB = compiled(
    select(jobs.c.version).where(jobs.c.id == _p("id"), jobs.c.workspace_id == _p("workspace_id"))
)
CHANGES = compiled(
    select(jobs.c.change_seq, jobs.c.id, jobs.c.version, jobs.c.state, jobs.c.cancel_requested)
    .where(jobs.c.change_seq > _p("since"))
    .order_by(jobs.c.change_seq)
)
LAST_CHANGE = compiled(select(func.coalesce(func.max(jobs.c.change_seq), 0)))
UNFINISHED = compiled(select(func.count()).select_from(jobs).where(_unfinished))
DURATIONS = compiled(
    select(jobs.c.finished_at - jobs.c.started_at)
    .where(jobs.c.model_id == _p("model_id"), jobs.c.state == literal_column("'completed'"))
    .order_by(jobs.c.change_seq.desc())
    .limit(_p("most"))
)


@lru_cache(maxsize=8)
def runs(ignored: int) -> Sql:
    """The newest ended jobs of each model, among the newest jobs: a long history costs nothing."""
    newest = (
        select(
            jobs.c.model_id,
            jobs.c.state,
            jobs.c.error_code,
            jobs.c.started_at,
            jobs.c.finished_at,
            jobs.c.change_seq,
        )
        .order_by(jobs.c.change_seq.desc())
        .limit(_p("newest"))
        .subquery()
    )
    rank = func.row_number().over(
        partition_by=newest.c.model_id, order_by=newest.c.change_seq.desc()
    )
    wanted = [
        newest.c.state.in_([literal_column("'completed'"), literal_column("'failed'")]),
        newest.c.started_at.is_not(None),
        newest.c.finished_at >= _p("since"),
    ]
    if ignored:
        wanted.append(newest.c.error_code.not_in([_p(f"code_{i}") for i in range(ignored)]))
    ranked = select(newest, rank.label("place")).where(*wanted).subquery()
    failed = ranked.c.state == literal_column("'failed'")
    return compiled(
        select(ranked.c.model_id, ranked.c.finished_at - ranked.c.started_at, failed)
        .where(ranked.c.place <= _p("most"))
        .order_by(ranked.c.change_seq.desc())
    )


@lru_cache(maxsize=32)
def list_jobs(project: bool, states: int, unsaved_first: bool, counting: bool) -> Sql:
    """List or count the jobs of a workspace, newest first."""
    wanted = [jobs.c.workspace_id == _p("workspace_id")]
    if project:
        wanted.append(jobs.c.project == _p("project"))
    if states:
        wanted.append(jobs.c.state.in_([_p(f"state_{i}") for i in range(states)]))
    if counting:
        return compiled(select(func.count()).select_from(jobs).where(*wanted))
    home = and_(jobs.c.state == literal_column("'completed'"), jobs.c.saved_at.is_(None))
    order = [home.desc(), jobs.c.created_at.desc()] if unsaved_first else [jobs.c.created_at.desc()]
    return compiled(
        select(*_columns).where(*wanted).order_by(*order).limit(_p("most")).offset(_p("skip"))
    )


# -- the rest ---------------------------------------------------------------------------------------
INSERT_IDEMPOTENCY = _insert(idempotency_keys)
IDEMPOTENCY = compiled(
    select(idempotency_keys.c.body_sha256, idempotency_keys.c.job_id).where(
        idempotency_keys.c.workspace_id == _p("workspace_id"),
        idempotency_keys.c.route == _p("route"),
        idempotency_keys.c.key == _p("key"),
    )
)
INSERT_ARTIFACT = _insert(artifacts)
ARTIFACT = compiled(
    select(artifacts).where(
        artifacts.c.id == _p("id"), artifacts.c.workspace_id == _p("workspace_id")
    )
)
ASSET = compiled(select(artifacts).where(artifacts.c.name == _p("name")))


@lru_cache(maxsize=128)
def artifacts_of(count: int) -> Sql:
    """The artifacts of `count` jobs, in order."""
    wanted = artifacts.c.job_id.in_([_p(f"job_{i}") for i in range(count)])
    return compiled(
        select(artifacts).where(wanted).order_by(artifacts.c.job_id, artifacts.c.position)
    )


INSERT_WORKSPACE = _insert(workspaces)
WORKSPACES = compiled(select(workspaces).order_by(workspaces.c.created_at))
INSERT_KEY = _insert(api_keys)
KEYS = compiled(
    select(api_keys)
    .where(api_keys.c.workspace_id == _p("workspace_id"))
    .order_by(api_keys.c.created_at)
)
KEY_BY_DIGEST = compiled(select(api_keys).where(api_keys.c.sha256 == _p("sha256")))
REVOKE_KEY = compiled(
    update(api_keys)
    .where(api_keys.c.id == _p("id"), api_keys.c.revoked_at.is_(None))
    .values(revoked_at=_p("at"))
)
TOUCH_KEY = compiled(
    update(api_keys).where(api_keys.c.id == _p("key_id")).values(last_used_at=_p("at"))
)
INSERT_SECRET = compiled(
    sqlite.insert(secrets).values(name=_p("name"), value=_p("value")).on_conflict_do_nothing()
)
SECRET = compiled(select(secrets.c.value).where(secrets.c.name == _p("name")))

JOB_COLUMNS = tuple(c.name for c in _columns)
ARTIFACT_COLUMNS = tuple(c.name for c in artifacts.c)
KEY_COLUMNS = tuple(c.name for c in api_keys.c)
TABLES = tuple(metadata.tables)
