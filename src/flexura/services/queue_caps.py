"""How many jobs may wait: more is refused at once instead of growing without end."""

from __future__ import annotations

import time
from collections.abc import Callable

from flexura.domain.errors import Overloaded
from flexura.domain.job import Job
from flexura.domain.workspace import Workspace
from flexura.ports.records import Tx

DEFAULT_MOST = 2000
_RETRY_SECONDS = 10
_SHARE = 16
_COUNT_HOLDS_SECONDS = 1.0
_MOST_REMEMBERED = 1000


class QueueCaps:
    """At most so many jobs of one workspace wait to be begun; its policy `most_queued` goes before.

    A count costs as much as there are jobs waiting (2000: a third of what accepting an order takes), so one
    count is good for a sixteenth of the room that it found and for a second at most. One process never goes
    beyond the cap; several that fill one queue together can by that share each, and not for longer.
    """

    def __init__(
        self, most_queued: int = DEFAULT_MOST, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most_queued
        self._clock = clock
        self._counted: dict[tuple[str, int], tuple[int, float]] = {}
        """Workspace and cap → how many more are taken without counting, and until when."""

    def check(self, tx: Tx, job: Job) -> None:
        """Raises Overloaded (with `retry_after`) when the workspace has too many jobs waiting.

        Steps are never refused: the job that they belong to was accepted whole.
        """
        if job.parent_id:
            return
        workspace = tx.get(Workspace, job.workspace_id)
        most = self._most
        if workspace is not None:
            most = int(workspace.policy.get("most_queued", most))
        left, until = self._counted.get((job.workspace_id, most), (0, 0.0))
        if left > 0 and self._clock() < until:
            self._counted[job.workspace_id, most] = left - 1, until
            return
        room = most - tx.queued(job.workspace_id, most)
        if room <= 0:
            raise Overloaded(
                f"{most} jobs of this workspace wait already; no more are taken now.",
                next_step=f"Send it again in {_RETRY_SECONDS} s, or cancel jobs that you do not need.",
                retry_after=_RETRY_SECONDS,
            )
        if len(self._counted) >= _MOST_REMEMBERED:
            self._counted.clear()
        until = self._clock() + _COUNT_HOLDS_SECONDS
        self._counted[job.workspace_id, most] = room // _SHARE, until
