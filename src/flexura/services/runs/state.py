"""How far the steps of a run are: kept in the job's `operation`, written before what depends on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, cast

from flexura.domain.errors import FlexuraError, error_class
from flexura.domain.job import Job, JobWarning

Status = Literal["waiting", "running", "done", "failed", "skipped"]
ENDED: frozenset[str] = frozenset({"done", "failed", "skipped"})
FAR = 253_402_300_799_000
"""The end of the year 9999, in milliseconds: when something is due that nobody has scheduled."""
UNSCHEDULED = 0
"""The publish time of a job whose schedule was taken back: it waits until there is one again."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a step, or the run, failed."""

    code: str
    message: str
    next_step: str = ""

    def error(self) -> FlexuraError:
        """It as an error."""
        return error_class(self.code)(self.message, next_step=self.next_step)


@dataclass(frozen=True, slots=True)
class StepState:
    """One step. `outputs` are ids of artifacts, `text` is what a search found, `jobs` what it ordered."""

    status: Status = "waiting"
    outputs: tuple[str, ...] = ()
    text: str = ""
    jobs: tuple[str, ...] = ()
    progress: float = 0.0
    warnings: tuple[JobWarning, ...] = ()
    trouble: Trouble | None = None

    @property
    def ended(self) -> bool:
        """Whether it will not change any more."""
        return self.status in ENDED


@dataclass(frozen=True, slots=True)
class RunState:
    """All steps, the order in which they ended, and what a reviewer is asked."""

    steps: Mapping[str, StepState]
    ended: tuple[str, ...] = ()
    approving: str = ""
    """The step that waits for a reviewer."""
    candidates: tuple[str, ...] = ()
    """The artifacts that the reviewer chooses from, in their order."""
    failure: Trouble | None = None
    """Why the run is being given up; its steps are stopped first."""
    published: bool = False

    def step(self, step_id: str, **changes: Any) -> RunState:
        """The same with one step changed."""
        before = self.steps[step_id]
        after = replace(before, **changes)
        newly = after.ended and not before.ended
        return replace(
            self,
            steps={**self.steps, step_id: after},
            ended=(*self.ended, step_id) if newly else self.ended,
        )

    def scope(self) -> dict[str, Any]:
        """What expressions may name of the steps."""
        return {
            i: {"outputs": list(s.outputs), "text": s.text}
            for i, s in self.steps.items()
            if s.ended
        }

    def as_json(self) -> dict[str, Any]:
        """The state as a job keeps it."""
        return asdict(self)


def state_of(job: Job, ids: Sequence[str]) -> RunState:
    """The state of a job's steps; all wait where none has begun."""
    kept: dict[str, Any] = job.operation or {}
    steps = cast("dict[str, dict[str, Any]]", kept.get("steps", {}))
    return RunState(
        steps={i: _step(steps[i]) if i in steps else StepState() for i in ids},
        ended=tuple(kept.get("ended", ())),
        approving=str(kept.get("approving", "")),
        candidates=tuple(kept.get("candidates", ())),
        failure=_trouble(kept.get("failure")),
        published=bool(kept.get("published")),
    )


def _step(kept: dict[str, Any]) -> StepState:
    read: dict[str, Any] = {
        **kept,
        "outputs": tuple(kept["outputs"]),
        "jobs": tuple(kept["jobs"]),
        "warnings": tuple(JobWarning(**w) for w in kept["warnings"]),
        "trouble": _trouble(kept["trouble"]),
    }
    return StepState(**read)


def _trouble(kept: dict[str, Any] | None) -> Trouble | None:
    return Trouble(**kept) if kept else None


def trouble_of(error: FlexuraError) -> Trouble:
    """An error as it is kept."""
    return Trouble(error.code, error.message[:1000], error.next_step[:500])
