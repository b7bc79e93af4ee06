"""One order for several models: a run of one step that orders the same from each, side by side.

What a run can do holds for it: it is priced and checked as a whole before anything is bought, its orders are
jobs of their own, and one that fails leaves the others alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flexura.domain.errors import FlexuraError, InvalidRequest
from flexura.domain.generation import MAX_MODELS, GenerationRequest
from flexura.domain.job import TEMPLATE_PROVIDER, Caller, Job
from flexura.domain.template import Step, Template
from flexura.services.comparing import why_empty
from flexura.services.confirm import Confirmations, without_token
from flexura.services.generation import Generation, Plan, order_key_of
from flexura.services.inputs import Inputs, Resolved
from flexura.services.runs.making import place_of, step_of
from flexura.services.runs.progress import flow_in
from flexura.services.runs.sketch import StepPlan
from flexura.services.runs.start import RunPlan, Wishes, check_cost
from flexura.services.runs.steps import EACH_MODEL, Flow
from flexura.services.templates.presets import Presets

_NAMEABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
"""Names of options that an expression can name."""
_OF_THE_WHOLE = ("again", "confirm")


@dataclass(frozen=True)
class Comparisons:
    """Plans orders for several models; `Runs.start` accepts them."""

    generation: Generation
    inputs: Inputs
    presets: Presets
    confirmations: Confirmations

    async def plan(
        self, order: GenerationRequest, models: Sequence[str], caller: Caller
    ) -> RunPlan | Plan:
        """Settle every model's options and the price of the whole; nothing is bought yet.

        Models that turn out to be the same are ordered once; a single one is an order as any other. Raises
        as `Generation.plan`, each problem telling the model that has it.
        """
        bare, token = without_token(await self._with_preset(order, caller.workspace_id))
        given = await self.inputs.resolve(caller.workspace_id, bare.inputs)
        named = tuple(f"{one.role}={one.artifact.id}" for one in given)
        plans = await self._plans(bare.model_copy(update={"inputs": named}), models, caller)
        if len(plans) == 1:
            return await self.generation.plan(order.model_copy(update={"model": models[0]}), caller)
        asked = bare.model_copy(update={"model": ",".join(plans)})
        plan = _run_plan(asked, list(plans.values()), given, token)
        check_cost(plan)
        needed = await self.confirmations.needed(caller.workspace_id, plan.total.known())
        return replace(plan, confirm_needed=needed)

    async def _plans(
        self, order: GenerationRequest, models: Sequence[str], caller: Caller
    ) -> dict[str, Plan]:
        """The plan of each model by the name that the caller gave it."""
        found: dict[str, Plan] = {}
        for name in models:
            request = order.model_copy(update={"model": name, "preset": "", "max_cost": None})
            try:
                plan = await self.generation.sketch(request, caller, {})
            except FlexuraError as problem:
                if name not in problem.message:
                    problem.message = f"{name}: {problem.message}"
                raise
            if plan.model.id not in {one.model.id for one in found.values()}:
                found[name] = plan
        return found

    async def _with_preset(self, order: GenerationRequest, workspace_id: str) -> GenerationRequest:
        """The options of a preset under the caller's own; which model it names counts for nothing here."""
        if not order.preset:
            return order
        preset = await self.presets.get(workspace_id, order.preset)
        return order.model_copy(update={"options": {**preset.options, **order.options}})


def _run_plan(
    order: GenerationRequest, plans: Sequence[Plan], given: Sequence[Resolved], token: str
) -> RunPlan:
    # As they were settled and priced: a policy could name another one's model when its turn comes.
    models = [plan.model.id for plan in plans]
    options = {n: v for n, v in order.options.items() if n not in _OF_THE_WHOLE and v is not None}
    values, written = _as_values(options)
    step = Step(
        EACH_MODEL,
        order.kind,
        prompt="{{ inputs.prompt }}",
        inputs=tuple(f"{one.role}={one.artifact.id}" for one in given),
        options=written,
        n=order.n,
        model="{{ item }}",
        each="{{ inputs.models }}",
    )
    wishes = Wishes(
        options={n: order.options[n] for n in ("again",) if n in order.options},
        preset=order.preset,
        callback_url=order.callback_url,
        max_cost=order.max_cost,
        confirm=token,
        dry_run=order.dry_run,
    )
    return RunPlan(
        template=Template("", "", EACH_MODEL, 1, "Each model", 0),
        flow=Flow((step,), (EACH_MODEL,)),
        values={"prompt": order.prompt, "models": models, **values},
        wishes=wishes,
        steps=(StepPlan(EACH_MODEL, order.kind, order.kind, tuple(plans)),),
        kind=order.kind,
        order_key=order_key_of(order, tuple(given)),
        order=order,
    )


def _as_values(options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The caller's options as values of the run, and the step's options, which name them.

    So a text among them is never read as an expression.
    """
    nameable = {n: v for n, v in options.items() if _NAMEABLE.fullmatch(n)}
    others = [(n, v) for n, v in options.items() if n not in nameable]
    written = {name: f"{{{{ inputs.options.{name} }}}}" for name in nameable}
    written |= {name: f"{{{{ inputs.others.{i} }}}}" for i, (name, _) in enumerate(others)}
    values: dict[str, Any] = {"options": nameable} if nameable else {}
    if others:
        values["others"] = [value for _, value in others]
    return values, written


def check_models(models: Sequence[str]) -> None:
    """Raises InvalidRequest for more models than one order takes, or for what is no model."""
    if len(models) > MAX_MODELS:
        raise InvalidRequest(
            f"{len(models)} models are named.",
            field="model",
            next_step=f"Compare at most {MAX_MODELS} models in one order.",
        )
    wrong = next((m for m in models if m.startswith("template:") or len(m) > 300), None)
    if wrong is not None and len(models) > 1:
        raise InvalidRequest(
            f"{wrong[:60]!r} cannot be compared with models.",
            field="model",
            next_step="Name models, aliases or policies; run a template by itself.",
        )


@dataclass(frozen=True)
class LeftOut:
    """An order of a run that gave no file: for which model, its job if it came to one, and why."""

    model: str
    job: Job | None
    why: str


def left_out(job: Job, children: Sequence[Job]) -> list[LeftOut]:
    """The orders of a run that gave no file, in their order."""
    flow = flow_in(job)
    if flow.ids == (EACH_MODEL,):
        return _models_left_out(job, children)
    return [
        LeftOut(child.model_id, child, why_empty(child))
        for child in children
        if child.final and not child.succeeded and step_of(child) in flow.outputs
    ]


def _models_left_out(job: Job, children: Sequence[Job]) -> list[LeftOut]:
    models: list[str] = job.call["options"]["inputs"]["models"]
    there = {place_of(child): child for child in children}
    found: list[LeftOut] = []
    for place, model in enumerate(models):
        child = there.get(place)
        if child is None:
            start = f"{model}: "
            told = [w for w in job.warnings if w.message.startswith(start)]
            why = [f"{w.code}: {w.message.removeprefix(start)}" for w in told]
            found.append(LeftOut(model, None, why[0] if why else why_empty(job)))
        elif not child.succeeded:
            found.append(LeftOut(child.model_id, child, why_empty(child)))
    return found


def is_comparison(job: Job) -> bool:
    """Whether a job is one order for several models."""
    return job.provider == TEMPLATE_PROVIDER and flow_in(job).ids == (EACH_MODEL,)
