"""Whether the own store is sound and can be written: looked at when a gateway starts, without a wait."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from flexura.domain.errors import DiskFull, StoreDamaged
from flexura.ports.records import Records
from flexura.runtime.background import running
from flexura.settings import Settings
from flexura.storage.integrity import NotFinished, integrity
from flexura.storage.open_mark import OpenMark
from flexura.storage.sqlite import SqliteRecords
from flexura.storage.sqlite_awaiting import AwaitingRecords

log = logging.getLogger(__name__)
_AT_ONCE_SECONDS = 0.3
"""A start waits so long for the check, some 100 MB; a larger database is checked beside the work."""


@asynccontextmanager
async def watched(records: Records, settings: Settings) -> AsyncGenerator[None]:
    """A store that was not closed well is checked, and refuses writes if it is damaged; one that cannot be
    written now becomes an ordinary one when it can."""
    if not isinstance(records, SqliteRecords):
        yield
        return
    async with contextlib.AsyncExitStack() as stack:
        mark = OpenMark(settings.database)
        stack.callback(mark.close)
        if mark.cut_off and not await _checked(records, settings.database, _AT_ONCE_SECONDS):
            await stack.enter_async_context(running(_check_all(records, settings.database)))
        if isinstance(records, AwaitingRecords):
            await stack.enter_async_context(running(records.recovered()))
        yield


async def links_secret(records: Records) -> str:
    """What links are signed with. In a store that cannot be written and has none, one for this process."""
    fresh = secrets.token_urlsafe(32)
    try:
        return await records.transact(lambda tx: tx.secret("links", fresh))
    except (DiskFull, StoreDamaged):
        if isinstance(records, SqliteRecords):
            return records.kept_secret("links") or fresh
        raise


async def _check_all(records: SqliteRecords, database: Path) -> None:
    await _checked(records, database, None)


async def _checked(records: SqliteRecords, database: Path, seconds: float | None) -> bool:
    """Whether the check came to its end; what it found is acted upon."""
    try:
        found = await asyncio.to_thread(integrity, database, quick=True, seconds=seconds, most=1)
    except NotFinished:
        return False
    except OSError as error:
        log.warning("The database could not be checked: %s", error)
        return True
    if found:
        records.refuse_writes(found[0].splitlines()[0][:200])
    return True
