"""What is asked of the store outside of transactions, on either database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flexura.domain.artifact import Artifact
from flexura.domain.job import Job
from flexura.domain.workspace import ApiKey
from flexura.ports.census import Census
from flexura.ports.gallery import Choices, GalleryFilter, Shown
from flexura.ports.records import Change, JobFilter, Run
from flexura.ports.usage import UsageLine
from flexura.storage import rows
from flexura.storage.gallery import Gallery
from flexura.storage.kinds import kind_of
from flexura.storage.pages import Pages
from flexura.storage.sql_tx import SqlTx
from flexura.storage.statements import access, claims, statistics, timed, usage
from flexura.storage.statements import jobs as job_sql
from flexura.storage.statements.compiling import Sql

NEWEST_JOBS = 20_000
"""Statistics look at so many jobs, those that ended last."""
CLOCKS_APART = 3_600_000
MOST_SPENDERS = 20
"""Workspaces that figures name."""
_ARTIFACT = kind_of(Artifact)
_KEY = kind_of(ApiKey)


class SqlReader(SqlTx):
    """Reads on a connection; beside these, those that a transaction has too."""

    def all(self, statement: Sql, **values: Any) -> list[Any]:
        """Every row."""
        return self.run(statement, **values).fetchall()

    def one(self, statement: Sql, **values: Any) -> Any:
        """The first row; None if there is none."""
        return self.run(statement, **values).fetchone()

    def number(self, statement: Sql, **values: Any) -> int | None:
        """The number in the first column of the first row."""
        row = self.one(statement, **values)
        return None if row is None or row[0] is None else int(row[0])

    def changes(self, since: int) -> list[Change]:
        return [Change(seq, job_id) for seq, job_id in self.all(job_sql.CHANGES, since=since)]

    def last_change(self) -> int:
        return self.number(job_sql.LAST_CHANGE) or 0

    def recent(self, since: int) -> list[str]:
        """Jobs that came to rest after a moment (ms)."""
        return [row[0] for row in self.all(job_sql.RECENT, since=since)]

    def version(self, workspace_id: str, job_id: str) -> int | None:
        """The version of a job: it names one content for ever."""
        return self.number(job_sql.VERSION, id=job_id, workspace_id=workspace_id)

    def job_of(self, workspace_id: str, job_id: str) -> Job | None:
        row = self.one(job_sql.OF_WORKSPACE, id=job_id, workspace_id=workspace_id)
        return rows.job_from(row) if row else None

    def jobs(self, wanted: JobFilter) -> list[Job]:
        return Pages(self.all).jobs(wanted)

    def count_jobs(self, wanted: JobFilter, most: int) -> int:
        return Pages(self.all).count(wanted, most)

    def next_delivery(self) -> int | None:
        return self.number(timed.NEXT_DELIVERY)

    def unfinished(self) -> int:
        return self.number(claims.UNFINISHED_COUNT) or 0

    def due(self, now: int) -> bool:
        return self.one(claims.DUE, now=now) is not None

    def queue(self, most: int) -> list[tuple[str, str]]:
        return [(provider, job_id) for provider, job_id in self.all(claims.QUEUE, most=most)]

    def durations(self, model_id: str, limit: int) -> list[int]:
        found = self.all(statistics.DURATIONS, model_id=model_id, most=limit)
        return [int(row[0]) for row in found]

    def runs(self, since: int, most: int, ignored: Sequence[str]) -> list[Run]:
        codes = {f"code_{i}": code for i, code in enumerate(ignored)}
        values = {"since": since, "most": most, "newest": NEWEST_JOBS, **codes}
        found = self.all(statistics.runs(len(codes)), **values)
        return [Run(model_id, int(took), bool(failed)) for model_id, took, failed in found]

    def usage(self, workspace_id: str, since: int, until: int, most: int) -> list[UsageLine]:
        statement = usage.OF_WORKSPACE if workspace_id else usage.OF_ALL
        owned = {"workspace_id": workspace_id} if workspace_id else {}
        # An order is charged after it was placed; clocks of two machines differ by less than that.
        times = {"since": since, "until": until, "charged_since": since - CLOCKS_APART}
        found = self.all(statement, most=most, **times, **owned)
        return [UsageLine(by, name, *map(int, sums)) for by, name, *sums in found]

    def census(self) -> Census:
        standing = self.all(statistics.STANDING)
        messages, next_message = self.one(statistics.MESSAGES)
        granted, reserved, spent = self.one(statistics.CREDITS)
        return Census(
            jobs={(state, provider): int(n) for state, provider, n, _ in standing},
            queued_since={p: int(at) for state, p, _, at in standing if state == "queued"},
            messages=int(messages),
            next_message=next_message,
            uploads=self.number(statistics.UPLOADS) or 0,
            granted=int(granted),
            reserved=int(reserved),
            spent=int(spent),
            spenders=dict(self.all(statistics.SPENDERS, most=MOST_SPENDERS)),
            schema=str(self.one(statistics.SCHEMA)[0]),
        )

    def artifacts_of(self, job_ids: Sequence[str]) -> dict[str, list[Artifact]]:
        found: dict[str, list[Artifact]] = {job_id: [] for job_id in job_ids}
        if not job_ids:
            return found
        values = {f"job_{i}": job_id for i, job_id in enumerate(job_ids)}
        for row in self.all(access.artifacts_of(len(job_ids)), **values):
            artifact = _ARTIFACT.read(row)
            found[artifact.job_id].append(artifact)
        return found

    def artifact(self, workspace_id: str, artifact_id: str) -> Artifact | None:
        row = self.one(access.ARTIFACT, id=artifact_id, workspace_id=workspace_id)
        return _ARTIFACT.read(row) if row else None

    def asset(self, name: str) -> Artifact | None:
        row = self.one(access.ASSET, name=name)
        return _ARTIFACT.read(row) if row else None

    def gallery(self, wanted: GalleryFilter) -> list[Shown]:
        return Gallery(self.all).page(wanted)

    def count_gallery(self, wanted: GalleryFilter, most: int) -> int:
        return Gallery(self.all).count(wanted, most)

    def gallery_item(self, workspace_id: str, artifact_id: str) -> Shown | None:
        return Gallery(self.all).item(workspace_id, artifact_id)

    def gallery_choices(self, workspace_id: str) -> Choices:
        return Gallery(self.all).choices(workspace_id)

    def key_row(self, sha256: str) -> tuple[Any, ...] | None:
        """The row of an API key, by its digest."""
        return self.one(access.KEY_BY_DIGEST, sha256=sha256)

    def key_from(self, row: tuple[Any, ...]) -> ApiKey:
        return _KEY.read(row)
