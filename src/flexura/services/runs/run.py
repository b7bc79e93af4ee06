"""One attempt at a run: what is known of it, and the one way in which that is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flexura.domain.artifact import Artifact
from flexura.domain.errors import ProviderError
from flexura.domain.generation import split_role
from flexura.domain.job import Caller, Job
from flexura.domain.template import Step
from flexura.ports.records import Records, Tx
from flexura.services.attempt import LeaseLost
from flexura.services.buying import Patience
from flexura.services.clock import now_ms
from flexura.services.generation import Generation
from flexura.services.publishing import Publishing
from flexura.services.runs.progress import at_work, flow_in, overall
from flexura.services.runs.requests import inputs_of
from flexura.services.runs.state import RunState, state_of
from flexura.services.search import SearchService
from flexura.services.transitions import Transitions
from flexura.services.watch import Watcher

_MOST_PROGRESS = 0.99
STEPS_FIRST = 10
"""So much higher than its run's is the priority of a step; keys give -9 to 9."""
LET_GO: Mapping[str, Any] = {"lease_owner": "", "lease_until": 0}
"""The columns of a job that no worker holds: it waits for a person, or for its time."""
Change = Callable[[Tx, Job], RunState]


@dataclass(frozen=True)
class Means:
    """What runs are run with."""

    records: Records
    watcher: Watcher
    transitions: Transitions
    generation: Generation
    search: SearchService
    publishing: Publishing
    patience: Patience


class Run:
    """A run under a lease. Every write carries the attempt number, so a late worker writes nothing."""

    def __init__(self, means: Means, job: Job) -> None:
        self.means = means
        self.job = job
        self.flow = flow_in(job)
        self.state = state_of(job, self.flow.ids)

    @property
    def values(self) -> Mapping[str, Any]:
        """The values of the template's inputs."""
        return self.job.call["options"]["inputs"]

    @property
    def scope(self) -> dict[str, Any]:
        """What expressions may name now."""
        return {"inputs": self.values, "steps": self.state.scope()}

    @property
    def caller(self) -> Caller:
        """Who ordered the run."""
        return Caller(
            self.job.workspace_id,
            key_id=self.job.key_id,
            project=self.job.project,
            # What was begun is finished before anything new is begun.
            priority=self.job.priority + STEPS_FIRST,
        )

    async def commit(
        self,
        change: Change,
        *,
        artifacts: Sequence[Artifact] = (),
        tell: bool = False,
        **columns: Any,
    ) -> None:
        """Write the state that `change` gives, in its transaction; `tell` whoever listens to the job's state.

        Raises LeaseLost, and nothing is written, when the job has ended or another attempt has it.
        """
        before = self.job

        def work(tx: Tx) -> tuple[Job, RunState] | None:
            row = tx.job(before.id)
            if row is None or row.final or row.attempt != before.attempt:
                return None
            state = change(tx, row)
            share = min(overall(self.flow, state), _MOST_PROGRESS)
            shown = {
                "progress": max(row.progress, share),
                "note": at_work(self.flow, state),
                "phase": "steps",
                "operation": state.as_json(),
                "updated_at": now_ms(),
            }
            written = tx.update_job(row.id, attempt=row.attempt, **{**shown, **columns})
            if written is None:
                return None
            if tell:
                self.means.transitions.tell(tx, written, artifacts)
            return written, state

        written = await self.means.records.transact(work)
        if written is None:
            raise LeaseLost
        self.job, self.state = written

    async def put(self, state: RunState) -> None:
        """Write a state that depends on nothing in the store."""
        await self.commit(lambda tx, row: state)

    async def files(self, step: Step) -> list[Artifact]:
        """The files that a step is about, in order. Raises ProviderError for one that is gone."""
        named = [split_role(source)[1] for source in inputs_of(self.flow, step, self.scope)]
        return await self.artifacts(named)

    async def artifacts(self, ids: Sequence[str]) -> list[Artifact]:
        """The artifacts of these ids, each once. Raises ProviderError for one that is gone."""
        found: list[Artifact] = []
        for artifact_id in dict.fromkeys(ids):
            artifact = await self.means.records.artifact(self.job.workspace_id, artifact_id)
            if artifact is None:
                raise ProviderError(
                    f"The file {artifact_id[:60]} of an earlier step is gone.",
                    next_step="Run the template again.",
                )
            found.append(artifact)
        return found
