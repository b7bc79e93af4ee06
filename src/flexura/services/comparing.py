"""What is compared: files and failed orders in one row of numbers, with what made each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flexura.domain.artifact import Artifact
from flexura.domain.job import Job
from flexura.ports.contact import Cell
from flexura.services.untrusted import clean

_MOST_WHY = 160
_MOST_VALUE = 60
_MOST_TOLD = 2
"""Options that differ, told under a picture; all of them stand in the record."""


@dataclass(frozen=True)
class Compared:
    """One file, or one order that gave none.

    `made_by` is the job that made it, `job_id` the one whose result it is.
    """

    job_id: str
    number: int | None = None
    """Its place on the sheet, from 1 on; None for what cannot be picked."""
    variant: int | None = None
    """Its number within its job: what a review and `pick:N` take."""
    artifact: Artifact | None = None
    made_by: Job | None = None
    model: str = ""
    seed: int | None = None
    cost: dict[str, Any] | None = None
    """Its share of what its job cost; None = unknown."""
    seconds: float | None = None
    """How long its job took."""
    why: str = ""
    """Why there is no file to see."""
    differs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """The options that all have that is compared, and not with the same value."""


@dataclass(frozen=True)
class Comparison:
    """All that stands on one sheet, in order."""

    cells: tuple[Compared, ...]
    left_out: int = 0
    """So many more there are than a sheet has room for."""

    @property
    def drawn(self) -> list[Cell]:
        """The cells as a sheet shows them."""
        return [_cell(one) for one in self.cells]


def variant_cell(
    artifact: Artifact, variant: int | None, job: Job | None, siblings: int
) -> Compared:
    """The cell of a file; `job` made it, with `siblings` files in all."""
    own = artifact.metadata
    return Compared(
        job_id=artifact.job_id,
        variant=variant,
        artifact=artifact,
        made_by=job,
        model=str(own.get("model") or (job.model_id if job else "")),
        seed=_seed(artifact, job),
        cost=_share(job, siblings),
        seconds=_seconds(job),
        why="" if artifact.expired_at is None else "Its bytes were removed when its time ended.",
    )


def empty_cell(job_id: str, job: Job | None, model: str, why: str) -> Compared:
    """The cell of an order that gave no file."""
    cost = job.cost if job is not None and job.succeeded else None
    return Compared(
        job_id,
        made_by=job,
        model=model,
        why=clean(why, _MOST_WHY),
        cost=cost,
        seconds=_seconds(job),
    )


def why_empty(job: Job) -> str:
    """In short, why a job has nothing to show."""
    if job.state in ("failed", "canceled"):
        return f"{job.error_code or job.state}: {job.error_message or 'No reason was given.'}"
    if job.final:
        return "It has no file to show."
    return f"Not finished yet: {job.state}, {job.progress:.0%}."


def numbered(cells: Sequence[Compared]) -> tuple[Compared, ...]:
    """The cells with their places on the sheet and what differs between them."""
    differing = _differing(cells)
    found: list[Compared] = []
    number = 0
    for cell in cells:
        if cell.artifact is not None:
            number += 1
        place = number if cell.artifact is not None else None
        found.append(replace(cell, number=place, differs=differing.get(id(cell), {})))
    return tuple(found)


def _differing(cells: Sequence[Compared]) -> dict[int, dict[str, Any]]:
    """For each cell the options that all have, and not the same; the seed has a place of its own.

    What only some models know cannot be compared.
    """
    told: dict[int, dict[str, Any]] = {}
    for cell in cells:
        if cell.made_by is None:
            continue
        call = cell.made_by.call
        seed = call.get("seed_property") or "seed"
        options: dict[str, Any] = dict(call.get("options") or {})
        told[id(cell)] = {n: v for n, v in options.items() if n not in (seed, "seed")}
        told[id(cell)]["prompt"] = cell.made_by.prompt
    known = [set(options) for options in told.values()]
    names = known[0].intersection(*known) if known else set[str]()
    differ = {n for n in names if len({repr(options[n]) for options in told.values()}) > 1}
    return {key: {n: v for n, v in options.items() if n in differ} for key, options in told.items()}


def _cell(one: Compared) -> Cell:
    facts: list[str] = []
    if one.seed is not None and (one.artifact is None or not _is_sound(one.artifact)):
        facts.append(f"seed {one.seed}")
    if one.made_by is not None and one.artifact is not None:
        facts.append(price_of(one.cost))
    if one.seconds is not None and one.artifact is not None:
        facts.append(time_of(one.seconds))
    facts += [
        f"{name} {clean(str(value), _MOST_VALUE)}"
        for name, value in list(one.differs.items())
        if name != "prompt" and isinstance(value, str | int | float)
    ][:_MOST_TOLD]
    name = one.artifact.name if one.artifact is not None else one.job_id
    return Cell(
        title=one.model or name,
        facts=tuple(facts),
        number=one.number,
        artifact=one.artifact,
        why=one.why,
        mark="selected" if one.artifact is not None and one.artifact.review == "selected" else "",
    )


def price_of(cost: Mapping[str, Any] | None) -> str:
    """`free`, `0.04 USD`, `price unknown`."""
    if cost is None:
        return "price unknown"
    amount = float(cost.get("amount", 0))
    return f"{amount:.4g} {cost.get('currency', 'USD')}" if amount else "free"


def time_of(seconds: float) -> str:
    """`0.8 s`, `12 s`, `3 min 20 s`."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _is_sound(artifact: Artifact) -> bool:
    return artifact.mime.startswith("audio/")


def _seed(artifact: Artifact, job: Job | None) -> int | None:
    """The seed that makes it again: seeds count up over the main files of a job."""
    own: Any = artifact.metadata.get("seed")
    if isinstance(own, int):
        return own
    mine = job is not None and job.id == artifact.job_id and "seed" in job.call
    return job.seed + artifact.position if job is not None and mine else None


def _share(job: Job | None, files: int) -> dict[str, Any] | None:
    if job is None or not job.cost or "amount" not in job.cost:
        return None
    told = {name: job.cost[name] for name in ("currency", "source", "partial") if name in job.cost}
    return {"amount": round(float(job.cost["amount"]) / max(files, 1), 6), **told}


def _seconds(job: Job | None) -> float | None:
    if job is None or job.started_at is None or job.finished_at is None:
        return None
    return round(max(0, job.finished_at - job.started_at) / 1000, 1)
