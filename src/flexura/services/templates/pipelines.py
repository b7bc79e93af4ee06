"""Pipelines: templates seen as what can be ordered now, and one for each task that live models can do.

A pipeline that somebody saved stays when its models are gone, and is `limited` and says why; the pipeline of
a task leaves with the last model that does it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from flexura.domain.errors import InvalidRequest, NotFound
from flexura.domain.generation import GenerationRequest, split_role
from flexura.domain.model import Kind
from flexura.domain.template import MAKING, MAX_ITEMS, Step, Template
from flexura.services.breaker import Breakers
from flexura.services.catalog import POLICY, Catalog
from flexura.services.listing import Listing
from flexura.services.pick import Market, Policy, pick, task_of
from flexura.services.runs.steps import Flow, flow_of
from flexura.services.selection import policy_of
from flexura.services.templates.expressions import whole
from flexura.services.templates.shipped import shipped
from flexura.services.templates.store import Templates, closest
from flexura.services.templates.task_templates import task_template, tasks_of

PipelineType = Literal["image", "video", "audio", "batch"]
PIPELINE_TYPES: tuple[PipelineType, ...] = ("image", "video", "audio", "batch")
PipelineStatus = Literal["active", "limited"]
PIPELINE_STATUSES: tuple[PipelineStatus, ...] = ("active", "limited")
_FIRST = ("text-to-image-basic", "image-transform-standard", "review-batch-a")
"""Those that every gateway has come first, in this order."""


@dataclass(frozen=True)
class Pipeline:
    """A template as it can be ordered now."""

    id: str
    type: PipelineType
    status: PipelineStatus
    template: Template
    cap: int | None = None
    """So many items one order may have; None = it has no items, or no limit of its own."""
    why: str = ""
    """Why it is limited, in one sentence."""

    @property
    def of_task(self) -> bool:
        """Made from the live catalog, kept nowhere."""
        return not self.template.workspace_id and self.id not in shipped()


class Pipelines:
    """Lists and finds pipelines, by what the live catalog can do at this moment."""

    def __init__(
        self, templates: Templates, catalog: Catalog, breakers: Breakers, policy: Policy
    ) -> None:
        self._templates = templates
        self._catalog = catalog
        self._breakers = breakers
        self._policy = policy

    async def list(self, workspace_id: str) -> list[Pipeline]:
        """Every pipeline: the shipped ones, the saved ones, and one for each live task."""
        listing = await self._catalog.listing()
        kept = await self._templates.list(workspace_id, "pipeline")
        taken = {t.slug for t in kept}
        made = [task_template(task, self._policy.order) for task in tasks_of(listing.models)]
        tasks = [t for t in made if t is not None and t.slug not in taken]
        found = [self._pipeline(t, listing) for t in (*kept, *tasks)]
        places = {name: place for place, name in enumerate(_FIRST)}
        return sorted(found, key=lambda p: places.get(p.id, len(places)))

    async def get(self, workspace_id: str, pipeline_id: str) -> Pipeline:
        """The pipeline of that id. Raises NotFound that names the nearest."""
        known = {p.id: p for p in await self.list(workspace_id)}
        if pipeline_id in known:
            return known[pipeline_id]
        slug = pipeline_id.partition("@")[0]
        if slug in known and slug != pipeline_id:
            template = await self._templates.get(workspace_id, pipeline_id)
            return (await self.judge())(template)
        raise NotFound(
            f"There is no pipeline {pipeline_id[:80]!r} now.",
            field="pipeline",
            next_step=f"Use one of: {', '.join(closest(pipeline_id[:200], known))};"
            " GET /api/v1/pipelines lists all.",
        )

    async def judge(self) -> Callable[[Template], Pipeline]:
        """Tells of a template how it can be ordered now."""
        listing = await self._catalog.listing()
        return lambda template: self._pipeline(template, listing)

    def _pipeline(self, template: Template, listing: Listing) -> Pipeline:
        flow = flow_of(template, staging=False, publishes=False)
        cap = min((i.most for i in template.inputs if i.many and i.most), default=0)
        problems = [self._problem(template, flow, step, listing) for step in flow.steps]
        why = next((p for p in problems if p), "")
        if not why and 0 < cap < MAX_ITEMS:
            why = f"It takes at most {cap} items in one order."
        status: PipelineStatus = "limited" if why else "active"
        return Pipeline(template.slug, _type(template, flow), status, template, cap or None, why)

    def _problem(self, template: Template, flow: Flow, step: Step, listing: Listing) -> str:
        """Why a step cannot be ordered freely now; empty if it can."""
        if step.uses not in MAKING:
            return ""
        try:
            policy = self._policy_of(step.model)
        except InvalidRequest as error:
            return error.message
        if policy is None:
            alias = self._catalog.aliases[step.model]
            return "" if alias in listing.by_id else f"The alias {step.model} has no live model."
        kind = flow.kind(step, template) or "image"
        task = policy.task or _task(template, flow, step, kind)
        request = _request(kind, "anything", step)
        market = Market(rest=self._breakers.rest)
        ranking = pick(listing.models, request, task, policy, market)
        if not ranking.models:
            return f"The step {step.id} has no model now: nothing live does {task}."
        if all(m.status == "limited" for m in ranking.models):
            return f"The step {step.id} has only models that are limited at their providers."
        return ""

    def _policy_of(self, model: str) -> Policy | None:
        """By what a step's model is picked; None for an alias that names one model."""
        target = model if model.startswith(POLICY) else self._catalog.aliases.get(model, "")
        if not model:
            return self._policy
        if target.startswith(POLICY):
            return policy_of(model, target, self._policy)
        if not target:
            raise InvalidRequest(f"The alias {model} is not configured here.")
        return None


def _type(template: Template, flow: Flow) -> PipelineType:
    """batch where a step runs once for each item of an input, else the medium of the result."""
    for step in flow.steps:
        over = whole(step.each) if step.each else None
        if over is not None and over.root == "inputs":
            return "batch"
    for name in flow.outputs:
        if (kind := flow.kind(flow.step(name), template)) is not None:
            return kind
    return "image"


def _task(template: Template, flow: Flow, step: Step, kind: Kind) -> str:
    """The task that a step's order will be about, as far as it can be told before it has its inputs."""
    request = _request(kind, step.prompt or "anything", step)
    roles: list[str] = []
    for source in flow.sources(step):
        role, named = split_role(source)
        over = step.each if named.strip().strip("{} ").partition(".")[0] == "item" else named
        medium = flow.kind(replace(step, uses="transform", kind=None, inputs=(over,)), template)
        roles.append(role if role and role != "reference" else medium or "image")
    return task_of(request, roles)


def _request(kind: Kind, prompt: str, step: Step) -> GenerationRequest:
    """An order of a step, as far as it matters for who can take it."""
    return GenerationRequest.model_validate(
        {"kind": kind, "prompt": prompt, "options": dict(step.options)}
    )
