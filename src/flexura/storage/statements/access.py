"""Keys of callers, keys of repeats, files by name, and the gateway's own secrets."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import and_, bindparam, delete, select, tuple_, update

from flexura.domain.artifact import Artifact
from flexura.domain.workspace import ApiKey
from flexura.storage.kinds import KINDS
from flexura.storage.statements.compiling import Sql, compiled, insert_into, upserted, words
from flexura.storage.tables import api_keys, artifacts, idempotency_keys, secrets

_p = bindparam
_artifact = KINDS[Artifact].columns

INSERT_IDEMPOTENCY = insert_into(idempotency_keys)
IDEMPOTENCY = compiled(
    select(
        idempotency_keys.c.body_sha256,
        idempotency_keys.c.job_id,
        idempotency_keys.c.status,
        idempotency_keys.c.answer,
    ).where(
        idempotency_keys.c.workspace_id == _p("workspace_id"),
        idempotency_keys.c.route == _p("route"),
        idempotency_keys.c.key == _p("key"),
    )
)
_old = and_(idempotency_keys.c.job_id == words("")[0], idempotency_keys.c.created_at < _p("before"))
_named = (idempotency_keys.c.workspace_id, idempotency_keys.c.route, idempotency_keys.c.key)
FORGET_IDEMPOTENCY = compiled(
    delete(idempotency_keys).where(
        tuple_(*_named).in_(
            select(*_named).where(_old).order_by(idempotency_keys.c.created_at).limit(_p("most"))
        )
    )
)
ARTIFACT = compiled(
    select(*_artifact).where(
        artifacts.c.id == _p("id"), artifacts.c.workspace_id == _p("workspace_id")
    )
)
ASSET = compiled(select(*_artifact).where(artifacts.c.name == _p("name")))


@lru_cache(maxsize=128)
def artifacts_of(count: int) -> Sql:
    """The artifacts of `count` jobs, in order."""
    wanted = artifacts.c.job_id.in_([_p(f"job_{i}") for i in range(count)])
    return compiled(
        select(*_artifact).where(wanted).order_by(artifacts.c.job_id, artifacts.c.position)
    )


KEY_BY_DIGEST = compiled(select(*KINDS[ApiKey].columns).where(api_keys.c.sha256 == _p("sha256")))
REVOKE_KEY = compiled(
    update(api_keys)
    .where(api_keys.c.id == _p("id"), api_keys.c.revoked_at.is_(None))
    .values(revoked_at=_p("at"))
)
TOUCH_KEY = compiled(
    update(api_keys).where(api_keys.c.id == _p("key_id")).values(last_used_at=_p("at"))
)
INSERT_SECRET = upserted(
    lambda insert: (
        insert(secrets).values(name=_p("name"), value=_p("value")).on_conflict_do_nothing()
    )
)
SECRET = compiled(select(secrets.c.value).where(secrets.c.name == _p("name")))
