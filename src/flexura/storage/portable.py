"""Rows as lines of JSON and back: the names and values of the columns, JSON columns as JSON."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import MISSING, dataclass, fields
from typing import Any, cast

from flexura.domain.artifact import Artifact
from flexura.domain.credits import Account, Budget, CreditEntry
from flexura.domain.publication import Publication
from flexura.domain.template import Template
from flexura.domain.webhook import Endpoint, SigningSecret
from flexura.domain.workspace import ApiKey, Workspace
from flexura.ports.portable import Carried, CarriedJob, CarriedKey
from flexura.ports.records import Idempotency, Record
from flexura.storage import rows
from flexura.storage.archive_format import damaged
from flexura.storage.kinds import KINDS, to_json
from flexura.storage.statements.jobs import NAMES

_FINAL = "state IN ('completed', 'published', 'failed', 'canceled')"
ENDED = (
    f"SELECT id FROM jobs WHERE {_FINAL} AND"
    f" (parent_id = '' OR parent_id IN (SELECT id FROM jobs WHERE {_FINAL}))"
)
"""Jobs that are carried: they ended, and so did the job whose steps they are."""
_OF_ENDED = f"(job_id = '' OR job_id IN ({ENDED}))"
_JSON_OF_JOBS = ("request", "call", "operation", "warnings", "cost", "publish")
_JSON_COLUMNS = frozenset(
    ("limits", "metadata", "budgets", "events", "views", "inputs", "steps", "outputs", "policy")
)
WEBHOOKS = ("endpoints", "signing_secrets")
"""Carried only if asked for: a signing secret is worth as much as a key."""


@dataclass(frozen=True)
class Table:
    """How one kind is written and read."""

    name: str
    columns: tuple[str, ...]
    where: str
    order: str
    json: tuple[str, ...]
    read: Callable[[dict[str, Any]], Carried]

    @property
    def query(self) -> str:
        """Every row of it that is carried."""
        columns = ", ".join(f'"{column}"' for column in self.columns)
        return f"SELECT {columns} FROM {self.name} WHERE {self.where} ORDER BY {self.order}"


def _kept(name: str, record: type[Record], where: str = "1", order: str = "id") -> Table:
    kind = KINDS[record]
    # Scopes are words, flags are numbers; every other codec is JSON.
    texts = tuple(n for n in kind.codecs if n in _JSON_COLUMNS)

    # An export of an earlier release does not know the newest columns.
    usual = {one.name: one.default for one in fields(record) if one.default is not MISSING}

    def read(line: dict[str, Any]) -> Carried:
        row = tuple(line[c] if c in line or c not in usual else usual[c] for c in kind.names)
        return cast("Carried", kind.read(row))

    return Table(name, kind.names, where, order, texts, read)


def _job(line: dict[str, Any]) -> CarriedJob:
    calls = tuple((str(session), at) for session, at in line["calls"])
    return CarriedJob(rows.job_from(tuple(line[name] for name in NAMES)), calls)


def _used_key(line: dict[str, Any]) -> CarriedKey:
    used = Idempotency(line["body_sha256"], line["job_id"], line["status"], line["answer"])
    return CarriedKey(line["workspace_id"], line["route"], line["key"], used, line["created_at"])


TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        _kept("workspaces", Workspace),
        _kept("api_keys", ApiKey),
        _kept("accounts", Account, order="workspace_id"),
        _kept("budgets", Budget),
        _kept("templates", Template),
        Table("jobs", NAMES, f"id IN ({ENDED})", "id", _JSON_OF_JOBS, _job),
        Table(
            "idempotency_keys",
            (
                "workspace_id",
                "route",
                "key",
                "body_sha256",
                "job_id",
                "created_at",
                "status",
                "answer",
            ),
            _OF_ENDED,
            "workspace_id, route, key",
            (),
            _used_key,
        ),
        _kept("credit_entries", CreditEntry, _OF_ENDED, "at, id"),
        _kept("publications", Publication, f"job_id IN ({ENDED})"),
        _kept("endpoints", Endpoint),
        _kept("signing_secrets", SigningSecret),
        _kept("artifacts", Artifact, _OF_ENDED),
    )
}


def lines(database: sqlite3.Connection, table: Table) -> Iterator[bytes]:
    """The rows of a table that are carried, one line each."""
    for row in database.execute(table.query):
        line = dict(zip(table.columns, row, strict=True))
        for name in table.json:
            if line[name] is not None:
                line[name] = json.loads(line[name])
        if table.name == "jobs":
            found = database.execute(
                "SELECT session, delivered_at FROM calls WHERE job_id = ?", (line["id"],)
            )
            line["calls"] = found.fetchall()
        yield json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode()


def carried(table: Table, line: bytes) -> Carried:
    """A line as what it stands for. Raises StoreDamaged."""
    try:
        found = json.loads(line)
        for name in table.json:
            if found[name] is not None:
                found[name] = to_json(found[name])
        return table.read(found)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise damaged(f"a line of {table.name} cannot be read ({str(error)[:80]})") from None
