"""Starting a run of a template: everything is settled, priced and checked before anything is bought."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flexura.domain.errors import BudgetExceeded, InvalidRequest
from flexura.domain.generation import MAX_OUTPUTS, GenerationRequest
from flexura.domain.ids import new_id
from flexura.domain.job import TEMPLATE_PROVIDER, Caller, Job, Submitted
from flexura.domain.model import Kind
from flexura.domain.template import MAKING, Template
from flexura.ports.records import Tx
from flexura.services.clock import now_ms
from flexura.services.confirm import Confirmations, taken_out
from flexura.services.generation import Generation, Lineage, Plan
from flexura.services.publishing import Publishing
from flexura.services.runs.costs import Sum, summed
from flexura.services.runs.media import Media, by_content
from flexura.services.runs.requests import leading_text, request_of
from flexura.services.runs.sketch import Sketcher, StepPlan
from flexura.services.runs.steps import Flow, Laid, flow_of, laid_over
from flexura.services.templates.presets import Presets
from flexura.services.templates.values import bind
from flexura.services.transitions import Origin, Transitions


@dataclass(frozen=True)
class Wishes:
    """What a caller may say about a run beside the template's inputs.

    `options` are laid over the making steps; `inputs`, `again`, `confirm` and `resolution` among them are
    read here. `count` is how many variants the first making steps make. `publish_at` is in milliseconds.
    """

    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    count: int | None = None
    model: str = ""
    preset: str = ""
    pipeline: str = ""
    staging: bool = False
    publish: tuple[str, ...] = ()
    publish_at: int | None = None
    callback_url: str = ""
    max_cost: float | None = None
    confirm: str = ""
    id_prefix: str = "job"
    dry_run: bool = False
    """Only a preview is wanted."""
    publish_copy: Mapping[str, Any] | None = None
    """The words that are published with the result, where the caller has some."""


@dataclass(frozen=True)
class RunPlan:
    """What a run comes to, before it is accepted: nothing is bought yet."""

    template: Template
    flow: Flow
    values: Mapping[str, Any]
    wishes: Wishes
    steps: tuple[StepPlan, ...]
    kind: Kind
    order_key: str
    plain: Plan | None = None
    """The order itself, for a template that is no more than one order."""
    order: GenerationRequest | None = None
    """The order itself, where it is one for several models: there is no template then."""
    confirm_needed: bool = False
    """Whether the price has to be confirmed first."""

    @property
    def total(self) -> Sum:
        """What is known of the price of the whole, and how much is not."""
        if self.plain is not None:
            return summed([self.plain.estimate])
        return summed(cost for step in self.steps if step.making for cost in step.costs)

    @property
    def estimate(self) -> dict[str, Any] | None:
        """The price of the whole; None where a part of it is unknown."""
        return self.plain.estimate if self.plain is not None else self.total.cost()

    @property
    def model(self) -> str:
        """The model as surfaces show it."""
        if self.order is not None:
            return self.order.model
        return self.plain.model.id if self.plain is not None else f"template:{self.template.slug}"

    @property
    def why(self) -> str:
        """In one sentence, what makes it."""
        if self.plain is not None:
            return self.plain.why
        if self.order is not None:
            return "The order names them; each makes it, to be compared."
        making = [step.id for step in self.flow.steps]
        return f"The template {self.template.pinned} runs the steps {', '.join(making)}."

    def preview(self) -> dict[str, Any]:
        """The answer to a dry run: each step with its model and price, and the price of the whole."""
        if self.plain is not None:
            return {**self.plain.preview(), "template": self.template.pinned}
        total = self.total
        warnings = [w for step in self.steps for w in step.warnings]
        shown: dict[str, Any] = {
            "dry_run": True,
            "model": self.model,
            **({} if self.order is not None else {"template": self.template.pinned}),
            "why": self.why,
            **self._told(),
            "cost": total.cost(),
            "warnings": warnings,
        }
        if total.unknown:
            shown["known_cost"] = total.known()
            shown["unknown_costs"] = total.unknown
        if self.confirm_needed:
            shown["confirm_needed"] = True
        return shown

    def _told(self) -> dict[str, Any]:
        """What is ordered: the steps of a template, or the models of an order."""
        if self.order is None:
            request = {"inputs": dict(self.values), "options": dict(self.wishes.options)}
            return {"request": request, "steps": [step.shown() for step in self.steps]}
        plans = [plan.preview() for step in self.steps for plan in step.plans]
        kept = ("model", "request", "cost", "warnings")
        told = [{name: one[name] for name in kept} for one in plans]
        first: dict[str, Any] = plans[0]["request"]
        asked = {"prompt": self.order.prompt, "n": self.order.n, "options": self.order.options}
        return {"request": {**first, **asked}, "models": told}


@dataclass(frozen=True)
class Runs:
    """Plans and starts runs."""

    generation: Generation
    presets: Presets
    confirmations: Confirmations
    media: Media
    publishing: Publishing
    transitions: Transitions

    async def plan(
        self, template: Template, values: Mapping[str, Any], caller: Caller, wishes: Wishes
    ) -> RunPlan:
        """Settle the values, every step's model and the price of the whole.

        Raises InputValidationError naming the input, InvalidRequest, ModelNotFound, NotFound, BudgetExceeded,
        ProviderUnavailable.
        """
        _check_wishes(wishes)
        self.publishing.check(wishes.publish)
        given = await self.media.settled(template, bind(template, values), caller.workspace_id)
        flow = flow_of(template, staging=wishes.staging, publishes=bool(wishes.publish))
        if wishes.preset:
            preset = await self.presets.get(caller.workspace_id, wishes.preset)
            flow = laid_over(flow, Laid(preset.model, preset.options), template)
        flow = laid_over(flow, _own(wishes), template)
        key = _order_key(template, given.values, given.hashes, wishes)
        if len(flow.steps) == 1 and flow.steps[0].uses in MAKING and not flow.steps[0].each:
            return await self._plain(template, flow, given.values, caller, wishes, key)
        sketcher = Sketcher(self.generation, template, flow, given.values, caller)
        steps = await sketcher.plans()
        plan = RunPlan(template, flow, given.values, wishes, steps, sketcher.result(), key)
        check_cost(plan)
        needed = await self.confirmations.needed(caller.workspace_id, plan.total.known())
        return replace(plan, confirm_needed=needed)

    async def start(self, plan: RunPlan, caller: Caller, origin: Origin) -> Submitted:
        """Accept the run durably, or answer with the job that it repeats. Raises as `Transitions.accept`."""
        if plan.plain is not None:
            lineage = Lineage(
                template=plan.template.pinned,
                pipeline=plan.wishes.pipeline,
                preset=plan.wishes.preset,
                step=plan.flow.steps[0].id,
                id_prefix=plan.wishes.id_prefix,
                publish_copy=plan.wishes.publish_copy,
            )
            return await self.generation.submit(plan.plain, caller, origin, lineage)
        again = bool(plan.wishes.options.get("again"))
        job = parent_of(plan, caller, origin)
        _, token = taken_out({"confirm": plan.wishes.confirm, **plan.wishes.options})

        def check(tx: Tx) -> None:
            cost = plan.total.known()
            self.confirmations.check(tx, job.workspace_id, plan.order_key, cost, token)

        return await self.transitions.accept(job, caller, origin, again=again, check=check)

    async def _plain(
        self,
        template: Template,
        flow: Flow,
        values: Mapping[str, Any],
        caller: Caller,
        wishes: Wishes,
        key: str,
    ) -> RunPlan:
        step = flow.steps[0]
        scope: dict[str, Any] = {"inputs": values, "steps": {}}
        kind = flow.kind(step, template) or "image"
        subject = leading_text(template, values)
        request = request_of(flow, step, scope, kind, subject)
        carried = {n: wishes.options[n] for n in ("again", "confirm") if n in wishes.options}
        if wishes.confirm:
            carried["confirm"] = wishes.confirm
        request = GenerationRequest.model_validate(
            {
                **request.model_dump(),
                "options": {**request.options, **carried},
                "max_cost": wishes.max_cost,
                "dry_run": wishes.dry_run,
                "callback_url": wishes.callback_url,
            }
        )
        plain = await self.generation.plan(request, caller)
        return RunPlan(template, flow, values, wishes, (), kind, key, plain)


def _call(plan: RunPlan) -> dict[str, Any]:
    """What the runner goes by."""
    return {
        "steps": plan.flow.as_json(),
        "outputs": list(plan.flow.outputs),
        "kinds": {step.id: step.kind for step in plan.steps if step.kind},
        "models": {step.id: step.model for step in plan.steps if step.model},
        "estimates": {step.id: step.estimate for step in plan.steps if step.making},
        "options": {"inputs": dict(plan.values)},
        "inputs": [],
        "why": plan.why,
    }


def parent_of(plan: RunPlan, caller: Caller, origin: Origin) -> Job:
    """The job that the steps of a run belong to."""
    now, wishes, template = now_ms(), plan.wishes, plan.template
    return Job(
        id=new_id(wishes.id_prefix),
        workspace_id=caller.workspace_id,
        kind=plan.kind,
        state="queued",
        provider=TEMPLATE_PROVIDER,
        model_id=plan.model,
        prompt=plan.order.prompt if plan.order else leading_text(template, plan.values),
        request=_request(plan),
        call=_call(plan),
        created_at=now,
        updated_at=now,
        run_at=now,
        cost=plan.estimate,
        tool=origin.tool,
        project=caller.project,
        order_key=plan.order_key if origin.joins else "",
        template="" if plan.order else template.pinned,
        pipeline=wishes.pipeline,
        preset=wishes.preset,
        key_id=caller.key_id,
        callback_url=wishes.callback_url,
        publish=wishes.publish,
        publish_at=None if wishes.publish_at is None else max(1, wishes.publish_at),
        staging=wishes.staging,
        priority=caller.priority,
    )


def _request(plan: RunPlan) -> dict[str, Any]:
    """What was ordered, for showing and for making it again."""
    wishes = plan.wishes
    request: dict[str, Any] = {
        "template": plan.template.pinned,
        "inputs": dict(plan.values),
        "options": dict(wishes.options),
    }
    if plan.order is not None:
        request = plan.order.model_dump(exclude={"kind"}, exclude_defaults=True, mode="json")
    more = {
        "max_cost": wishes.max_cost,
        "publish_copy": wishes.publish_copy,
        "n": wishes.count,
        "model": wishes.model or None,
    }
    return request | {name: value for name, value in more.items() if value is not None}


_READ_HERE = frozenset({"inputs", "again", "confirm", "resolution"})


def _own(wishes: Wishes) -> Laid:
    """The caller's wishes for the making steps."""
    options = {n: v for n, v in wishes.options.items() if n not in _READ_HERE and v is not None}
    if resolution := wishes.options.get("resolution"):
        options.setdefault("size", resolution)
    return Laid(wishes.model, options, wishes.count)


def _check_wishes(wishes: Wishes) -> None:
    if wishes.count is not None and not 1 <= wishes.count <= MAX_OUTPUTS:
        raise InvalidRequest(
            f"{wishes.count} variants are not possible.",
            field="count",
            next_step=f"Allowed: 1 to {MAX_OUTPUTS}.",
        )
    if wishes.publish_at is not None and not wishes.publish:
        raise InvalidRequest(
            "A publish time is given, but no destination.",
            field="publish_at",
            next_step="Name the destinations in publish, or leave publish_at out.",
        )


def _order_key(
    template: Template, values: Mapping[str, Any], hashes: Mapping[str, str], wishes: Wishes
) -> str:
    """The same for two orders of the same thing; an input counts by its bytes, not by its id."""
    bare = {n: v for n, v in wishes.options.items() if n not in ("again", "confirm", "inputs")}
    asked: list[Any] = [
        [template.workspace_id, template.pinned],
        by_content(values, hashes),
        [bare, wishes.count, wishes.model, wishes.preset, wishes.pipeline],
        [wishes.staging, wishes.publish, wishes.publish_at, wishes.callback_url],
    ]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:32]


def check_cost(plan: RunPlan) -> None:
    """Raises BudgetExceeded where the whole costs more than its order allows, or is not wholly known."""
    limit, total = plan.wishes.max_cost, plan.total
    if limit is None:
        return
    if total.amount > limit:
        raise BudgetExceeded(
            f"The run would cost {total.amount:g} {total.currency}, more than {limit:g}.",
            field="max_cost",
            next_step="Raise max_cost, ask for fewer variants, or use cheaper models.",
        )
    if total.unknown:
        raise BudgetExceeded(
            f"The price of {total.unknown} of its orders is unknown, so max_cost cannot be kept.",
            field="max_cost",
            next_step="Leave max_cost out, or run it on models whose price is known (dry_run shows them).",
        )
