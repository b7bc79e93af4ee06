"""The trash: files that nobody wants to see, which come back for a while, and then go as expired ones do.

A file in the trash has a date like any other whose time ends; what sweeps files keeps to it. So bytes that
another file shares stay, and what an unfinished job starts from stays until that job ends. Jobs keep their
records.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flexura.domain.artifact import Artifact
from flexura.domain.errors import InvalidRequest, NotFound
from flexura.ports.records import Records, Tx
from flexura.services.clock import now_ms
from flexura.services.retention import DAY, EXPIRING_NOTED, KEPT_UNTIL, check_kept

TRASH_DAYS = 30
"""So long a file can be restored, unless its own time ends before."""
MOST_AT_ONCE = 500
_GONE = "Check the id; the gallery and the job of a file show it."


@dataclass(frozen=True)
class Removed:
    """What came of removing files for ever."""

    artifacts: tuple[Artifact, ...]
    """All of them, as they are now."""
    in_use: int
    """So many go later: an unfinished job starts from them."""


class Trash:
    """Files of a workspace; another workspace's ids do not exist. A call does all or nothing."""

    def __init__(
        self,
        records: Records,
        sweep: Callable[[], Awaitable[None]],
        clock: Callable[[], int] = now_ms,
    ) -> None:
        self._records = records
        self._sweep = sweep
        self._clock = clock

    async def put(self, workspace_id: str, ids: Sequence[str]) -> list[Artifact]:
        """Put files into the trash; one that lies there stays as it is.

        Raises NotFound, ArtifactExpired, InvalidRequest for too many.
        """

        def work(tx: Tx) -> list[Artifact]:
            found = _found(tx, workspace_id, ids)
            return [one if one.trashed_at else self._put(tx, one) for one in found]

        return await self._records.transact(work)

    def _put(self, tx: Tx, one: Artifact) -> Artifact:
        now = self._clock()
        last = now + TRASH_DAYS * DAY
        until = last if one.expires_at is None else min(one.expires_at, last)
        metadata = {**one.metadata, KEPT_UNTIL: one.expires_at}
        return _changed(tx, one, trashed_at=now, expires_at=until, metadata=metadata)

    async def restore(self, workspace_id: str, ids: Sequence[str]) -> list[Artifact]:
        """Take files out of the trash; one that is not there stays as it is.

        Raises NotFound, ArtifactExpired for one whose bytes have gone, InvalidRequest for too many.
        """

        def work(tx: Tx) -> list[Artifact]:
            found = _found(tx, workspace_id, ids)
            return [_restored(tx, one) if one.trashed_at else one for one in found]

        return await self._records.transact(work)

    async def remove(self, workspace_id: str, ids: Sequence[str]) -> Removed:
        """Remove the bytes of files for ever, now; what is known of them stays with their jobs.

        Raises NotFound, ArtifactExpired, InvalidRequest for too many.
        """

        def work(tx: Tx) -> list[Artifact]:
            now = self._clock()
            # Through the trash: one that is still in use can come back, to the time that it had.
            found = [
                one if one.trashed_at else self._put(tx, one)
                for one in _found(tx, workspace_id, ids)
            ]
            return [_changed(tx, one, expires_at=now) for one in found]

        marked = await self._records.transact(work)
        await self._sweep()
        after = [await self._records.artifact(workspace_id, one.id) or one for one in marked]
        return Removed(tuple(after), sum(one.expired_at is None for one in after))


def _restored(tx: Tx, one: Artifact) -> Artifact:
    until = one.metadata.get(KEPT_UNTIL)
    dropped = {KEPT_UNTIL} if until == one.expires_at else {KEPT_UNTIL, EXPIRING_NOTED}
    metadata = {name: value for name, value in one.metadata.items() if name not in dropped}
    return _changed(tx, one, trashed_at=None, expires_at=until, metadata=metadata)


def _found(tx: Tx, workspace_id: str, ids: Sequence[str]) -> list[Artifact]:
    """The files, each once, in an order that all transactions lock them in."""
    if len(ids) > MOST_AT_ONCE:
        raise InvalidRequest(
            f"{len(ids)} files are too many at once.",
            field="ids",
            next_step=f"Name at most {MOST_AT_ONCE}, and the others after them.",
        )
    found: list[Artifact] = []
    for artifact_id in sorted(set(ids)):
        one = tx.get(Artifact, artifact_id)
        if one is None or one.workspace_id != workspace_id:
            raise NotFound("There is no such artifact in this workspace.", next_step=_GONE)
        check_kept(one)
        found.append(one)
    return found


def _changed(tx: Tx, one: Artifact, **columns: Any) -> Artifact:
    return tx.change(Artifact, one.id, **columns) or one
