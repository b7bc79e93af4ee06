"""Backups of the own store: made beside a running gateway, proven, brought back."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
import tempfile
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from flexura.domain.errors import Conflict, FlexuraError, InvalidRequest, NotFound, StoreDamaged
from flexura.domain.session import Session, SignInCode
from flexura.domain.upload import Upload
from flexura.ports.records import Tx
from flexura.runtime.stores import open_records
from flexura.services.clock import now_ms
from flexura.services.events import Events
from flexura.services.ledger_check import ledger_problems
from flexura.services.money import Money
from flexura.services.queue_caps import QueueCaps
from flexura.services.restoring import Fate, Restoring
from flexura.services.retention import Retention
from flexura.services.transitions import Transitions
from flexura.settings import Settings
from flexura.storage import backup as backups
from flexura.storage.archive_format import CONFIGURATION, DATABASE, Manifest
from flexura.storage.integrity import look_into
from flexura.storage.plain_configuration import without_secrets
from flexura.storage.restore import Unpacked, put_in_place, unpack

_UNFINISHED = (
    "SELECT id FROM jobs WHERE state NOT IN ('completed', 'published', 'failed', 'canceled')"
    " ORDER BY parent_id = '', id"
)
"""Steps first: what a run has cost is the sum of them."""
DATA = ("flexura.db", "flexura.db-wal", "flexura.db-shm", "artifacts", "staging")
"""What belongs to a store, in a home."""
_RESTORING = ".flexura-restore-"


@dataclass
class Restored:
    """What came of bringing a backup back, or of looking at one."""

    manifest: Manifest
    problems: list[str]
    lost: list[str]
    lost_count: int
    artifacts: int
    fates: Counter[Fate] = field(default_factory=lambda: Counter[Fate]())
    aside: Path | None = None
    """Where the old store lies now."""


def own_database(settings: Settings) -> Path:
    """The SQLite file. Raises InvalidRequest where a team store or bucket is named, NotFound without one."""
    if settings.database_url:
        raise InvalidRequest(
            "FLEXURA_DATABASE_URL names a PostgreSQL store; this is for the SQLite one.",
            next_step="Use pg_dump for PostgreSQL and the versioning of the bucket; see docs/backup.md.",
        )
    if settings.artifact_store:
        raise InvalidRequest(
            "FLEXURA_ARTIFACTS names a bucket; this is for files in FLEXURA_HOME.",
            next_step="Use the versioning of the bucket for its files; see docs/backup.md.",
        )
    if not settings.database.is_file():
        raise NotFound(
            f"There is no store at {settings.database}.",
            next_step="Set FLEXURA_HOME to the folder of the gateway whose data you want.",
        )
    return settings.database


def back_up(settings: Settings, configuration: Path, target: Path) -> Manifest:
    """Write a backup to a new file; a running gateway goes on. Raises InvalidRequest, NotFound, OSError,
    StoreDamaged."""
    database = own_database(settings)
    text, note = without_secrets(configuration)
    keys = "Keys in the keyring and the API key of this machine's user are not in it."
    notes = tuple(filter(None, (note, keys)))
    sources = backups.Sources(database, settings.home / "artifacts", text, notes)
    try:
        return backups.backup(sources, target, now_ms())
    except sqlite3.DatabaseError as error:
        raise StoreDamaged(
            f"{database} could not be copied: {error}.",
            next_step="`flexura doctor` says what is wrong with it; keep the backups that you have.",
        ) from None


async def check_backup(settings: Settings, path: Path) -> Restored:
    """Prove a backup without touching anything; a copy of its database lies in TMPDIR meanwhile."""
    with tempfile.TemporaryDirectory(prefix="flexura-check-") as folder:
        home = Path(folder)
        found = await asyncio.to_thread(unpack, path, home, with_blobs=False)
        return await _looked_at(settings, home, found)


async def restore_backup(
    settings: Settings, path: Path, *, resume: bool = False, force: bool = False
) -> Restored:
    """Bring a backup back into `settings.home`, whose lock the caller holds. Until its last step nothing is
    changed there. `resume`: nothing has run since the backup was made, so what waits may run.

    Raises Conflict where there is a store (unless `force`, which moves it aside), StoreDamaged.
    """
    home = settings.home
    if not force:
        _check_empty(home)
    for left in home.glob(f"{_RESTORING}*"):
        shutil.rmtree(left)
    folder = Path(tempfile.mkdtemp(prefix=_RESTORING, dir=home))
    try:
        found = await asyncio.to_thread(unpack, path, folder, with_blobs=True)
        done = await _looked_at(settings, folder, found)
        if done.problems:
            raise StoreDamaged(
                f"The database in {path} is damaged: {done.problems[0]}.",
                next_step="Restore an older backup; `flexura restore FILE --check` looks at one.",
            )
        done.fates = await _settle(settings, folder, done.manifest.created_at, resume=resume)
        done.aside = _move_aside(home) if force else None
        await asyncio.to_thread(put_in_place, folder, home)
        _keep_configuration(folder, home)
        return done
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _looked_at(settings: Settings, home: Path, found: Unpacked) -> Restored:
    problems = list(found.problems)
    if not problems:
        try:
            async with open_records(_own(settings, home)) as records:
                problems += await records.transact(ledger_problems)
        except (sqlite3.DatabaseError, FlexuraError) as error:
            problems.append(str(error))
    return Restored(found.manifest, problems, found.lost, found.lost_count, found.artifacts)


async def _settle(settings: Settings, home: Path, made_at: int, *, resume: bool) -> Counter[Fate]:
    own = _own(settings, home)
    with contextlib.closing(look_into(own.database)) as database:
        job_ids = [str(row[0]) for row in database.execute(_UNFINISHED)]
    async with open_records(own) as records:
        await records.transact(_forget_passing)
        if resume:
            return Counter({"goes_on": len(job_ids)})
        events, money = Events(settings.webhook_origins), Money(settings.credits)
        caps = QueueCaps(settings.access.most_queued)
        transitions = Transitions(records, money, events, caps, Retention(events))
        restoring = Restoring(records, transitions, settings.credits, made_at, now_ms())
        return await restoring.settle(job_ids)


def _forget_passing(tx: Tx) -> None:
    """Uploads that were not yet whole, whose parts are in no backup, and who was signed in then."""
    for kind in (Upload, Session, SignInCode):
        for one in tx.find(kind, limit=1_000_000):
            tx.remove(kind, one.id)


def _own(settings: Settings, home: Path) -> Settings:
    return replace(settings, home=home, database_url="", artifact_store="")


def _check_empty(home: Path) -> None:
    artifacts = home / "artifacts"
    # A journal alone as well: SQLite would play what another database wrote into the one that is restored.
    there = [home / name for name in DATA[:3] if (home / name).exists()]
    if artifacts.is_dir() and any(artifacts.iterdir()):
        there.append(artifacts)
    if there:
        raise Conflict(
            f"There is a store already: {there[0]}.",
            next_step="Restore into another folder (--to DIR), or add --force, which moves it aside first.",
        )


def _move_aside(home: Path) -> Path | None:
    """Move the store of a home into a folder of its own; where that is, if there was any."""
    _check_alone(home / DATABASE)
    there = [home / name for name in DATA if (home / name).exists()]
    if not there:
        return None
    aside = Path(tempfile.mkdtemp(prefix=f"before-restore-{now_ms() // 1000}-", dir=home))
    # The database first: what is left behind by an interruption is then no store any more.
    for path in there:
        path.rename(aside / path.name)
    return aside


def _check_alone(database: Path) -> None:
    """Raises Conflict while another process has the database open."""
    if not database.exists():
        return
    with contextlib.closing(sqlite3.connect(database, timeout=1.0)) as connection:
        try:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise Conflict(
                    f"Another process has {database} open.",
                    next_step="Stop every gateway and worker on it, then repeat this.",
                ) from None
        except sqlite3.DatabaseError:
            # Damaged: that is why it is replaced.
            return


def _keep_configuration(folder: Path, home: Path) -> None:
    """The configuration of the backup, where there is none."""
    if (folder / CONFIGURATION).exists() and not (home / CONFIGURATION).exists():
        (folder / CONFIGURATION).rename(home / CONFIGURATION)
