"""What a run will order, before anything exists of it: each making step's model and price.

What an earlier step will give is stood in for by a name and a medium; so the task is known, and the model
that it takes. A price that depends on what is not there yet stays unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flexura.domain.errors import FlexuraError
from flexura.domain.job import Caller
from flexura.domain.model import Kind
from flexura.domain.template import MAKING, Step, Template
from flexura.services.generation import Generation, Plan
from flexura.services.runs.requests import inputs_of, items_of, leading_text, request_of
from flexura.services.runs.steps import APPROVE, Flow

_MIMES: Mapping[Kind, str] = {"image": "image/png", "video": "video/mp4", "audio": "audio/wav"}
_LATER = "later."
"""The start of names that stand in for files which are not there yet; no id starts like that."""


@dataclass(frozen=True)
class StepPlan:
    """One step as it will run; `plans` holds one plan for each order of a making step."""

    id: str
    uses: str
    kind: Kind | None = None
    plans: tuple[Plan, ...] = ()
    outputs: tuple[str, ...] = ()
    """Names that stand in for the files that it will give."""

    @property
    def making(self) -> bool:
        """Whether it orders something."""
        return self.uses in MAKING

    @property
    def costs(self) -> list[dict[str, Any] | None]:
        """What each order is estimated to cost."""
        return [plan.estimate for plan in self.plans]

    @property
    def estimate(self) -> dict[str, Any] | None:
        """What one order is estimated to cost, if all are alike; None = unknown."""
        return self.plans[0].estimate if self.plans else None

    @property
    def model(self) -> str:
        """The model, if all orders have the same one."""
        models = {plan.model.id for plan in self.plans}
        return models.pop() if len(models) == 1 else ""

    @property
    def warnings(self) -> list[dict[str, str]]:
        """What its models will not do as asked, each once."""
        found = [w for plan in self.plans for w in plan.fitted.warnings]
        return [
            {"code": w.code, "message": f"{self.id}: {w.message}"} for w in dict.fromkeys(found)
        ]

    def shown(self) -> dict[str, Any]:
        """The step in the answer to a dry run."""
        if not self.making:
            return {"id": self.id, "uses": self.uses}
        return {
            "id": self.id,
            "uses": self.uses,
            "kind": self.kind,
            "orders": len(self.plans),
            "n": self.plans[0].request.n,
            "model": self.model,
            "why": self.plans[0].why,
            "options": dict(self.plans[0].fitted.options),
            "cost": self.estimate,
        }


@dataclass
class Sketcher:
    """Goes through the steps of a run in the order in which they can begin."""

    generation: Generation
    template: Template
    flow: Flow
    values: Mapping[str, Any]
    caller: Caller
    _later: dict[str, str] = field(default_factory=dict[str, str])
    _done: dict[str, StepPlan] = field(default_factory=dict[str, StepPlan])

    async def plans(self) -> tuple[StepPlan, ...]:
        """Every step's plan, in the template's order. Raises what planning an order raises."""
        waiting = list(self.flow.steps)
        while waiting:
            ready = [s for s in waiting if self.flow.needs(s) <= self._done.keys()]
            assert ready, "templates without circles are the only ones that are kept"
            for step in ready:
                self._done[step.id] = await self._step(step)
                waiting.remove(step)
        return tuple(self._done[i] for i in self.flow.ids)

    def result(self) -> Kind:
        """The medium of the result."""
        for step_id in self.flow.outputs:
            if (kind := self._done[step_id].kind) is not None:
                return kind
        return "image"

    def _scope(self) -> dict[str, Any]:
        steps = {
            i: {"outputs": list(plan.outputs), "text": "text of a search"}
            for i, plan in self._done.items()
        }
        return {"inputs": self.values, "steps": steps}

    async def _step(self, step: Step) -> StepPlan:
        scope = self._scope()
        if step.uses in MAKING:
            return await self._making(step, scope)
        outputs = (
            tuple(inputs_of(self.flow, step, scope)) if step.uses in (APPROVE, "upload") else ()
        )
        kind = self.flow.kind(step, self.template) if outputs else None
        return StepPlan(step.id, step.uses, kind, outputs=outputs)

    async def _making(self, step: Step, scope: Mapping[str, Any]) -> StepPlan:
        subject = leading_text(self.template, self.values)
        scopes = items_of(step, scope)
        kind = self.flow.kind(step, self.template)
        kind = kind or self._kind_of(inputs_of(self.flow, step, scopes[0]))
        plans: list[Plan] = []
        known: dict[str, Plan] = {}
        for within in scopes:
            request = request_of(self.flow, step, within, kind, subject)
            alike = request.model_dump_json(
                exclude={"inputs"} if self._all_later(request.inputs) else None
            )
            if alike not in known:
                known[alike] = await self._planned(step, request)
            plans.append(known[alike])
        made = sum(plan.request.n for plan in plans)
        outputs = tuple(f"{_LATER}{step.id}.{i}" for i in range(made))
        self._later |= dict.fromkeys(outputs, _MIMES[kind])
        return StepPlan(step.id, step.uses, kind, tuple(plans), outputs)

    async def _planned(self, step: Step, request: Any) -> Plan:
        try:
            return await self.generation.sketch(request, self.caller, self._later)
        except FlexuraError as problem:
            problem.message = f"The step {step.id}: {problem.message}"
            raise

    def _all_later(self, named: tuple[str, ...]) -> bool:
        return all(
            source.partition("=")[2] in self._later or source in self._later for source in named
        )

    def _kind_of(self, named: list[str]) -> Kind:
        """The medium of the first input, of a transform that does not say what it makes."""
        for source in named:
            mime = self._later.get(source.rpartition("=")[2], "")
            for kind in _MIMES:
                if mime.startswith(kind):
                    return kind
        return "image"
