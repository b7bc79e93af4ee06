"""Which queue hands out the jobs: the embedded one for a file, procrastinate for a team's database."""

from __future__ import annotations

from flexura.ports.queue import Queue
from flexura.ports.records import Records
from flexura.queues.embedded import EmbeddedQueue
from flexura.settings import Settings


def queue_of(settings: Settings, records: Records) -> Queue:
    """The queue that goes with the store."""
    if not settings.database_url:
        return EmbeddedQueue(records, lease_seconds=settings.lease_seconds)
    # Whoever works alone neither has these packages nor waits for them.
    from flexura.queues.procrastinate import ProcrastinateQueue
    from flexura.storage.dispatch import SWEEP

    return ProcrastinateQueue(
        records, settings.database_url, SWEEP, lease_seconds=settings.lease_seconds
    )
