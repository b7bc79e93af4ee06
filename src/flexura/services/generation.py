"""Submitting an order: model, options and price are settled, then one transaction accepts the job."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flexura.domain.errors import BudgetExceeded, InvalidRequest
from flexura.domain.generation import GenerationRequest, fields_of, split_role
from flexura.domain.ids import new_id
from flexura.domain.job import Caller, Job, Submitted
from flexura.domain.model import Model
from flexura.ports.records import Tx
from flexura.ports.tracing import traceparent
from flexura.services.breaker import Breakers
from flexura.services.clock import now_ms
from flexura.services.confirm import Confirmations, without_token
from flexura.services.fit_slots import Given
from flexura.services.inputs import Inputs, Resolved
from flexura.services.options import Fitted, fit
from flexura.services.price import estimate
from flexura.services.selection import Selection
from flexura.services.templates.presets import Presets
from flexura.services.transitions import Origin, Transitions


@dataclass(frozen=True)
class Plan:
    """What an order comes to, before it is accepted: nothing is bought yet."""

    request: GenerationRequest
    model: Model
    fitted: Fitted
    inputs: tuple[Resolved, ...]
    estimate: dict[str, Any] | None
    why: str = ""
    """Why this model, in one sentence."""
    confirm: str = ""
    """The token of a confirmed price; no part of the order."""
    confirm_needed: bool = False
    """For a dry run: whether the order will want one."""

    def preview(self) -> dict[str, Any]:
        """The answer to a dry run: what the vendor would be sent, and what that would cost."""
        fitted = self.fitted
        request: dict[str, Any] = {
            "prompt": self.request.prompt,
            "n": self.request.n,
            "options": fitted.options,
        }
        if fitted.rounds > 1:
            request["calls"] = fitted.rounds
        if self.inputs:
            request["inputs"] = self._placed()
        return {
            "dry_run": True,
            "model": self.model.id,
            "why": self.why,
            "request": request,
            "cost": self.estimate,
            **({"confirm_needed": True} if self.confirm_needed else {}),
            "warnings": [{"code": w.code, "message": w.message} for w in self.fitted.warnings],
        }

    def _placed(self) -> list[dict[str, str]]:
        """The inputs as the job keeps them: which artifact goes where, and as what."""
        return [
            {"artifact": given.artifact.id, "role": given.role, "slot": slot}
            for given, slot in zip(self.inputs, self.fitted.slots, strict=True)
        ]

    def call(self) -> dict[str, Any]:
        """What the worker gives the provider, `rounds` times."""
        fitted = self.fitted
        return {
            "upstream_id": self.model.upstream_id,
            "options": fitted.options,
            "n": fitted.n,
            "seed": fitted.seed,
            "rounds": fitted.rounds,
            "seed_property": fitted.seed_property,
            "inputs": self._placed(),
            "why": self.why,
        }


@dataclass(frozen=True)
class Lineage:
    """What a job is part of or was made from."""

    parent_id: str = ""
    step: str = ""
    template: str = ""
    pipeline: str = ""
    preset: str = ""
    id_prefix: str = "job"
    publish_copy: Mapping[str, Any] | None = None
    """The caller's own words, for whoever asks for the result's."""


class Generation:
    """Accepts orders."""

    def __init__(
        self,
        selection: Selection,
        inputs: Inputs,
        presets: Presets,
        breakers: Breakers,
        transitions: Transitions,
        confirmations: Confirmations,
    ) -> None:
        self._confirmations = confirmations
        self._transitions = transitions
        self._selection = selection
        self._inputs = inputs
        self._presets = presets
        self._breakers = breakers

    async def plan(self, request: GenerationRequest, caller: Caller) -> Plan:
        """Settle model, options, seed and price: all of it before anything is accepted or bought.

        Raises ModelNotFound, InvalidRequest, NotFound, BudgetExceeded, ProviderUnavailable.
        """
        request, token = without_token(await self._with_preset(request, caller.workspace_id))
        _check_kind(request)
        inputs = await self._inputs.resolve(caller.workspace_id, request.inputs)
        plan = await self._settled(request, inputs)
        _check_cost(plan)
        needed = request.dry_run and await self._confirmations.needed(
            caller.workspace_id, plan.estimate
        )
        return replace(plan, confirm=token, confirm_needed=needed)

    async def sketch(
        self, request: GenerationRequest, caller: Caller, later: Mapping[str, str]
    ) -> Plan:
        """As `plan`, for an order some of whose inputs are not there yet; it can be shown, not submitted.

        `later` holds the media type of each of those, by the name that the order has for it.
        """
        _check_kind(request)
        given: list[Resolved | Given] = []
        for named in request.inputs:
            role, source = split_role(named)
            if mime := later.get(source):
                given.append(Given(role or mime.partition("/")[0], mime))
            else:
                given += await self._inputs.resolve(caller.workspace_id, [named])
        return await self._settled(request, given)

    async def _settled(
        self, request: GenerationRequest, inputs: Sequence[Resolved | Given]
    ) -> Plan:
        chosen = await self._selection.choose(request, [_role_for_task(given) for given in inputs])
        given = [g if isinstance(g, Given) else Given(g.role, g.artifact.mime) for g in inputs]
        fitted = fit(
            chosen.model,
            request.options,
            prompt=request.prompt,
            n=request.n,
            inputs=given,
            strict=request.strict,
        )
        there = tuple(g for g in inputs if isinstance(g, Resolved))
        return Plan(
            request=request,
            model=chosen.model,
            fitted=fitted,
            inputs=there if len(there) == len(inputs) else (),
            estimate=estimate(chosen.model, request, fitted.options, request.n),
            why=chosen.why,
        )

    def check_provider(self, plan: Plan) -> None:
        """Raises ProviderUnavailable while the plan's provider is left alone."""
        self._breakers.check(plan.model.provider)

    async def _with_preset(
        self, request: GenerationRequest, workspace_id: str
    ) -> GenerationRequest:
        if not request.preset:
            return request
        preset = await self._presets.get(workspace_id, request.preset)
        options = {**preset.options, **request.options}
        return request.model_copy(
            update={"model": request.model or preset.model, "options": options}
        )

    async def submit(
        self, plan: Plan, caller: Caller, origin: Origin, lineage: Lineage | None = None
    ) -> Submitted:
        """Accept the order durably, or join the job that it repeats.

        Raises as `Transitions.accept`, and ProviderUnavailable while the provider is left alone.
        """
        job = job_of(plan, caller, origin, lineage or Lineage(preset=plan.request.preset))
        again = bool(plan.request.options.get("again"))
        same = order_key_of(plan.request, plan.inputs)

        # A repeat of an earlier order is answered even while its provider is left alone.
        def check(tx: Tx) -> None:
            self._breakers.check(plan.model.provider)
            if not job.parent_id:
                self._confirmations.check(tx, job.workspace_id, same, plan.estimate, plan.confirm)

        return await self._transitions.accept(job, caller, origin, again=again, check=check)


def job_of(plan: Plan, caller: Caller, origin: Origin, lineage: Lineage) -> Job:
    """The job that an order becomes."""
    now = now_ms()
    request = plan.request.model_dump(exclude={"kind"}, exclude_defaults=True, mode="json")
    if lineage.publish_copy is not None:
        request["publish_copy"] = dict(lineage.publish_copy)
    return Job(
        id=new_id(lineage.id_prefix),
        workspace_id=caller.workspace_id,
        kind=plan.request.kind,
        state="queued",
        provider=plan.model.provider,
        model_id=plan.model.id,
        prompt=plan.request.prompt,
        request=request,
        call=plan.call(),
        created_at=now,
        updated_at=now,
        run_at=now,
        warnings=plan.fitted.warnings,
        cost=plan.estimate,
        tool=origin.tool,
        project=caller.project,
        order_key=order_key_of(plan.request, plan.inputs) if origin.joins else "",
        parent_id=lineage.parent_id,
        step=lineage.step,
        template=lineage.template,
        pipeline=lineage.pipeline,
        preset=lineage.preset,
        key_id=caller.key_id,
        callback_url=plan.request.callback_url,
        trace=traceparent(),
        priority=caller.priority,
    )


def _check_kind(request: GenerationRequest) -> None:
    """No model's own schema has the kind of audio: it chooses the model."""
    field = next((f for f in fields_of(request.kind) if f.name == "kind"), None)
    asked = request.options.get("kind")
    if field is not None and asked not in (None, *field.schema["enum"]):
        raise InvalidRequest(
            f"The option kind does not take {str(asked)[:40]!r}.",
            field="options.kind",
            next_step="Allowed: one of speech, music, sfx.",
        )


def order_key_of(request: GenerationRequest, inputs: tuple[Resolved, ...]) -> str:
    """The same for two orders of the same thing; an input counts by its bytes, not by its id."""
    asked = request.model_dump(mode="json", exclude={"inputs", "models", "dry_run", "max_cost"})
    asked["options"].pop("again", None)
    asked["inputs"] = [[given.role, given.artifact.sha256] for given in inputs]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:32]


def _role_for_task(given: Resolved | Given) -> str:
    """What an input says about the task: a reference that is no picture counts as what it is."""
    return given.medium if given.role == "reference" and given.medium != "image" else given.role


def _check_cost(plan: Plan) -> None:
    limit = plan.request.max_cost
    if limit is None:
        return
    if plan.estimate is None:
        raise BudgetExceeded(
            f"The price of {plan.model.id} is unknown, so max_cost cannot be kept.",
            field="max_cost",
            next_step="Leave max_cost out, or use a model whose price is known (model_catalog).",
        )
    if plan.estimate["amount"] > limit:
        raise BudgetExceeded(
            f"The order would cost {plan.estimate['amount']} {plan.estimate['currency']}, more than {limit}.",
            field="max_cost",
            next_step="Raise max_cost, lower n, or use a cheaper model.",
        )


def warnings_of(job: Job) -> list[dict[str, str]]:
    """The warnings of a job as every face shows them."""
    return [{"code": w.code, "message": w.message} for w in job.warnings]
