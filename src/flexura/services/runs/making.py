"""Making steps: ordered as jobs in one transaction with the run's state, so that nothing is ordered twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flexura.domain.artifact import Artifact
from flexura.domain.errors import (
    BudgetExceeded,
    FlexuraError,
    ModelNotFound,
    Overloaded,
    ProviderUnavailable,
    RateLimited,
)
from flexura.domain.generation import GenerationRequest
from flexura.domain.job import Job, JobWarning
from flexura.domain.model import Kind
from flexura.domain.template import Step
from flexura.ports.records import Tx
from flexura.services.generation import Lineage, Plan, job_of
from flexura.services.runs.costs import bought, summed
from flexura.services.runs.requests import items_of, request_of
from flexura.services.runs.run import Run
from flexura.services.runs.state import RunState, StepState, Trouble
from flexura.services.runs.steps import EACH_MODEL
from flexura.services.transitions import Origin

Away = (ProviderUnavailable, RateLimited)
"""Nobody can do it now; somebody may in a moment."""


def step_of(child: Job) -> str:
    """The step that a job is: `draw` for `draw` and for `draw.3`."""
    return child.step.partition(".")[0]


def place_of(child: Job) -> int:
    """Which of the step's items it is."""
    number = child.step.partition(".")[2]
    return int(number) if number.isdecimal() else 0


def children_of(step_id: str, children: Sequence[Job]) -> list[Job]:
    """The jobs of a step, in the order of its items."""
    return sorted((c for c in children if step_of(c) == step_id), key=place_of)


async def order(run: Run, step: Step) -> None:
    """Order a step: one job, or one for each item.

    Raises ProviderUnavailable or RateLimited while nobody can make it, and whatever else refuses the order.
    """
    plans, problems = await _plans(run, step)
    origin = Origin(run.job.tool)
    many = bool(step.each)
    made = [
        job_of(
            plan,
            run.caller,
            origin,
            Lineage(parent_id=run.job.id, step=f"{step.id}.{i}" if many else step.id),
        )
        for i, plan in plans
    ]
    names = _names(run, step)
    warnings = tuple(JobWarning(p.code, f"{names[i]}: {p.message}") for i, p in problems)

    def change(tx: Tx, row: Job) -> RunState:
        children = tx.children(row.id)
        there = children_of(step.id, children)
        if not there:
            _afford(run, tx, row, children, made)
            for job in made:
                tx.insert_job(job)
        ids = tuple(job.id for job in there or made)
        return run.state.step(step.id, status="running", jobs=ids, warnings=warnings)

    await run.commit(change)


def _afford(run: Run, tx: Tx, row: Job, children: Sequence[Job], made: Sequence[Job]) -> None:
    """Raises BudgetExceeded where the run would cost more than was agreed to, or than is there."""
    living = [*(c for c in children if not c.final), *bought(children)]
    total = summed(job.cost for job in (*living, *made))
    limit = row.request.get("max_cost")
    if limit is not None and (total.amount > limit or total.unknown):
        now = "an unknown price" if total.unknown else f"{total.amount:g} {total.currency}"
        raise BudgetExceeded(
            f"The prices have changed: the run would now cost {now}, more than {limit:g}.",
            field="max_cost",
            next_step="Run the template again with a higher max_cost, or on cheaper models.",
        )
    if not run.means.transitions.cover(tx, row, total.known()):
        raise BudgetExceeded(
            f"The prices have changed: the run would now cost {total.amount:g} {total.currency},"
            " more than the workspace's credits or budgets allow.",
            next_step="Ask the operator for credits or a larger budget, then run the template again.",
        )


async def _plans(
    run: Run, step: Step
) -> tuple[list[tuple[int, Plan]], list[tuple[int, FlexuraError]]]:
    """The plan of each item, and why others cannot be ordered. Raises the first problem if all cannot."""
    plans: list[tuple[int, Plan]] = []
    problems: list[tuple[int, FlexuraError]] = []
    for index, scope in enumerate(items_of(step, run.scope)):
        try:
            plans.append((index, await _plan(run, step, scope)))
        except (Overloaded, *Away) as problem:
            # Where each item is another model, none waits for the one that nobody can be asked for.
            if step.id != EACH_MODEL or isinstance(problem, Overloaded):
                raise
            problems.append((index, problem))
        except FlexuraError as problem:
            problems.append((index, problem))
    if not plans:
        raise problems[0][1]
    return plans, problems


def _names(run: Run, step: Step) -> list[str]:
    """What the items of a step are called in warnings."""
    scopes = items_of(step, run.scope)
    if step.id == EACH_MODEL:
        return [str(scope["item"]) for scope in scopes]
    return [f"{step.id}.{i}" for i in range(len(scopes))]


def _name(child: Job) -> str:
    """What a job of a step is called in warnings."""
    return child.model_id if step_of(child) == EACH_MODEL else child.step


async def _plan(run: Run, step: Step, scope: Mapping[str, Any]) -> Plan:
    request = request_of(run.flow, step, scope, _kind(run, step), run.job.prompt)
    pinned = str(run.job.call["models"].get(step.id, ""))
    if pinned:
        # What was shown and priced at the start, as long as it is to be had.
        try:
            return await _ready(run, request.model_copy(update={"model": pinned}))
        except (ModelNotFound, *Away):
            if request.model == pinned:
                raise
    return await _ready(run, request)


async def _ready(run: Run, request: GenerationRequest) -> Plan:
    plan = await run.means.generation.plan(request, run.caller)
    run.means.generation.check_provider(plan)
    return plan


def _kind(run: Run, step: Step) -> Kind:
    kinds: dict[str, Kind] = run.job.call["kinds"]
    return kinds.get(step.id, "image")


def settled(
    state: RunState, children: Sequence[Job], files: Mapping[str, Sequence[Artifact]]
) -> RunState:
    """The state with what the jobs of its running steps have come to."""
    for step_id, found in state.steps.items():
        mine = children_of(step_id, children)
        if found.status == "running" and mine:
            state = state.step(step_id, **_outcome(found, mine, files))
    return state


def _outcome(
    found: StepState, children: Sequence[Job], files: Mapping[str, Sequence[Artifact]]
) -> dict[str, Any]:
    progress = sum(1.0 if c.final else c.progress for c in children) / len(children)
    if not all(child.final for child in children):
        return {"progress": max(found.progress, progress)}
    failed = [child for child in children if not child.succeeded]
    if len(failed) == len(children):
        first = failed[0]
        trouble = Trouble(first.error_code, first.error_message, first.error_next_step)
        return {"status": "failed", "trouble": trouble, "progress": 1.0}
    warnings = [
        replace(w, message=f"{_name(child)}: {w.message}")
        for child in children
        for w in child.warnings
    ]
    warnings += [JobWarning(c.error_code, f"{_name(c)}: {c.error_message}") for c in failed]
    outputs = tuple(a.id for child in children for a in files.get(child.id, ()) if a.role == "main")
    return {
        "status": "done",
        "outputs": outputs,
        "warnings": (*found.warnings, *warnings),
        "progress": 1.0,
    }
