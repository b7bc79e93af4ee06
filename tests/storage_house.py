"""Stores for tests of the storage: empty ones, and ones with a long history."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flexura.domain.artifact import Artifact
from flexura.domain.ids import new_asset_name, new_id
from flexura.domain.job import Job
from flexura.ports.records import Records
from flexura.storage import rows
from flexura.storage.sqlite import connect

NOW = 1_790_000_000_000
WORKSPACE = "ws_1"
PROJECTS = ("alpha", "beta", "gamma")
LONG_AGO = 1_000_000_000_000
"""When the first job of a history was made; each later one a second after the one before."""


def job(**changes: Any) -> Job:
    """A queued order, with some fields changed."""
    fields: dict[str, Any] = {
        "id": new_id("job"),
        "workspace_id": WORKSPACE,
        "kind": "image",
        "state": "queued",
        "provider": "fake",
        "model_id": "fake:one",
        "prompt": "a fox, ünïcode",
        "request": {"prompt": "a fox"},
        "call": {"seed": 7, "options": {"width": 64}},
        "created_at": NOW,
        "updated_at": NOW,
        "run_at": NOW,
    }
    return Job(**fields | changes)


async def insert(records: Records, *jobs: Job) -> None:
    """Store jobs, each in a transaction of its own."""
    for one in jobs:
        await records.transact(lambda tx, one=one: tx.insert_job(one))


def artifact(**changes: Any) -> Artifact:
    """A stored picture, with some fields changed."""
    fields: dict[str, Any] = {
        "id": new_id("art"),
        "workspace_id": WORKSPACE,
        "name": new_asset_name("png"),
        "sha256": "0" * 64,
        "mime": "image/png",
        "bytes": 3,
        "created_at": NOW,
        "job_id": "job_1",
        "metadata": {"prompt": "x"},
    }
    return Artifact(**fields | changes)


def fill(path: Path, count: int, **computed: str) -> None:
    """A history of `count` jobs. `computed` are columns as SQL over `n`, the number of the job.

    Unless said otherwise all ended well and are at home, one in a hundred failed, three projects take turns.
    """
    values: dict[str, Any] = rows.job_row(job())
    expressions = {
        "id": "printf('job_%026d', n)",
        "state": "CASE WHEN n % 100 = 7 THEN 'failed' ELSE 'completed' END",
        "project": "CASE n % 3 " + _cases(PROJECTS) + " END",
        "created_at": f"{LONG_AGO} + n * 1000",
        "updated_at": f"{LONG_AGO} + n * 1000 + 400",
        "run_at": f"{LONG_AGO} + n * 1000",
        "started_at": f"{LONG_AGO} + n * 1000 + 100",
        "finished_at": f"{LONG_AGO} + n * 1000 + 400",
        "saved_at": f"{LONG_AGO} + n * 1000 + 900",
        "change_seq": "n",
        **computed,
    }
    columns = [*values, "change_seq"]
    chosen = ", ".join(expressions.get(name, f":{name}") for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    connection = connect(path, writing=True)
    try:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute(
            f"INSERT INTO jobs ({names}) WITH RECURSIVE numbers(n) AS"
            f" (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})"
            f" SELECT {chosen} FROM numbers",
            values,
        )
    finally:
        connection.close()


def _cases(values: Sequence[str]) -> str:
    return " ".join(f"WHEN {i} THEN '{value}'" for i, value in enumerate(values))


def numbered(n: int) -> str:
    """The id of the job of that number in a history."""
    return f"job_{n:026d}"


class Steps:
    """Counts the work of SQLite's virtual machine; unlike time it is the same on every machine."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.count = 0

    def __enter__(self) -> Steps:
        self.count = 0

        def step() -> int:
            self.count += 1
            return 0

        self._connection.set_progress_handler(step, 1)
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.set_progress_handler(None, 1)
