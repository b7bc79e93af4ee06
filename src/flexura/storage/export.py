"""An export: everything of the own store that another store can take over, in one file."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flexura import __version__
from flexura.domain.errors import Conflict
from flexura.storage.archive_format import EXPORT, KINDS, Manifest
from flexura.storage.archive_writer import beside, writing
from flexura.storage.backup import add_blobs, copy_database
from flexura.storage.integrity import look_into, schema_of
from flexura.storage.migrate import HEAD
from flexura.storage.portable import ENDED, TABLES, WEBHOOKS, lines

_MOST_TOLD = 1000
_BLOBS = (
    "SELECT DISTINCT sha256 FROM artifacts WHERE expired_at IS NULL AND"
    f" (job_id = '' OR job_id IN ({ENDED})) ORDER BY sha256"
)
_LEFT = (
    f"SELECT id, state, provider FROM jobs WHERE id NOT IN ({ENDED}) AND parent_id = '' ORDER BY id"
)


@dataclass(frozen=True)
class LeftJob:
    """A job that is not carried, since it has not ended: it would be bought twice."""

    id: str
    state: str
    provider: str


@dataclass(frozen=True)
class Exported:
    """What was written, and what was left."""

    manifest: Manifest
    left: list[LeftJob]


def export(
    database: Path, artifacts: Path, target: Path, at: int, *, with_webhooks: bool
) -> Exported:
    """Write an export to a new file. `at` is now, in ms since 1970.

    Raises Conflict, OSError, sqlite3.Error.
    """
    with writing(target, at) as archive, beside(target.parent) as (copy, _):
        copy_database(database, copy)
        schema = schema_of(copy)
        if schema != HEAD:
            raise Conflict(
                f"The store has schema {schema or 'none'}; this flexura exports {HEAD}.",
                next_step="Start this version's gateway on it once (`flexura status`), then repeat this.",
            )
        counts: dict[str, int] = {}
        with contextlib.closing(look_into(copy)) as found:
            for kind in KINDS:
                if with_webhooks or kind not in WEBHOOKS:
                    name = f"records/{kind}.jsonl"
                    _, counts[kind] = archive.add_lines(name, lines(found, TABLES[kind]))
            missing, spoiled = add_blobs(
                archive, _digests(found), lambda digest: artifacts / digest[:2] / digest[2:]
            )
            left = [LeftJob(*row) for row in found.execute(_LEFT)]
        counts["blobs"] = archive.count - sum(kind in counts for kind in KINDS)
        counts |= {"left": len(left), "missing": len(missing), "damaged": len(spoiled)}
        told = [*missing, *spoiled][:_MOST_TOLD]
        manifest = Manifest(EXPORT, schema, __version__, at, 0, "", counts=counts, missing=told)
        return Exported(archive.finish(manifest), left)


def _digests(database: sqlite3.Connection) -> Iterator[str]:
    for (digest,) in database.execute(_BLOBS):
        yield str(digest)
