"""How many jobs may wait: more is refused at once instead of growing without end."""

from __future__ import annotations

from flexura.domain.errors import Overloaded
from flexura.domain.job import Job
from flexura.domain.workspace import Workspace
from flexura.ports.records import Tx

DEFAULT_MOST = 2000
_RETRY_SECONDS = 10


class QueueCaps:
    """At most so many jobs of one workspace wait to be begun; its policy `most_queued` goes before."""

    def __init__(self, most_queued: int = DEFAULT_MOST) -> None:
        self._most = most_queued

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
        if tx.queued(job.workspace_id, most) >= most:
            raise Overloaded(
                f"{most} jobs of this workspace wait already; no more are taken now.",
                next_step=f"Send it again in {_RETRY_SECONDS} s, or cancel jobs that you do not need.",
                retry_after=_RETRY_SECONDS,
            )
