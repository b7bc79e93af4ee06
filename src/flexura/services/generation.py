"""Submitting an order: model, options and price are settled, then one transaction accepts the job."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flexura.domain.errors import BudgetExceeded, IdempotencyMismatch, InvalidRequest
from flexura.domain.generation import GenerationRequest, fields_of
from flexura.domain.ids import new_id
from flexura.domain.job import Caller, Job, Submitted
from flexura.domain.model import Model
from flexura.ports.records import Idempotency, Records, Tx
from flexura.services.breaker import Breakers
from flexura.services.clock import now_ms
from flexura.services.fit_slots import Given
from flexura.services.inputs import Inputs, Resolved
from flexura.services.options import Fitted, fit
from flexura.services.price import estimate
from flexura.services.selection import Selection


@dataclass(frozen=True)
class Preset:
    """A named bundle of model and options, from the operator's configuration."""

    model: str = ""
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])


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
class Origin:
    """Where an order came in: which tool or route, and the keys that make a repeat recognisable."""

    tool: str
    joins: bool = False
    """Whether a repeat whose answer never arrived joins the earlier job (MCP tools do)."""
    idempotency_key: str = ""
    body_sha256: str = ""


class Generation:
    """Accepts orders."""

    def __init__(
        self,
        records: Records,
        selection: Selection,
        inputs: Inputs,
        presets: Mapping[str, Preset],
        breakers: Breakers,
    ) -> None:
        self._records = records
        self._selection = selection
        self._inputs = inputs
        self._presets = presets
        self._breakers = breakers

    async def plan(self, request: GenerationRequest, caller: Caller) -> Plan:
        """Settle model, options, seed and price: all of it before anything is accepted or bought.

        Raises ModelNotFound, InvalidRequest, NotFound, BudgetExceeded, ProviderUnavailable.
        """
        if request.callback_url:
            raise InvalidRequest(
                "This gateway does not deliver webhooks yet.",
                field="callback_url",
                next_step="Leave callback_url out and wait with GET /api/jobs/{job_id}?wait=60.",
            )
        request = self._with_preset(request)
        _check_kind(request)
        inputs = await self._inputs.resolve(caller.workspace_id, request.inputs)
        chosen = await self._selection.choose(request, [_role_for_task(given) for given in inputs])
        fitted = fit(
            chosen.model,
            request.options,
            prompt=request.prompt,
            n=request.n,
            inputs=[Given(given.role, given.artifact.mime) for given in inputs],
            strict=request.strict,
        )
        plan = Plan(
            request=request,
            model=chosen.model,
            fitted=fitted,
            inputs=tuple(inputs),
            estimate=estimate(chosen.model, request, fitted.options, request.n),
            why=chosen.why,
        )
        _check_cost(plan)
        return plan

    def _with_preset(self, request: GenerationRequest) -> GenerationRequest:
        if not request.preset:
            return request
        preset = self._presets.get(request.preset)
        if preset is None:
            raise InvalidRequest(
                "Preset is not available in the current environment.",
                field="preset",
                next_step=f"Configured presets: {', '.join(sorted(self._presets)) or 'none'}.",
            )
        options = {**dict(preset.options), **request.options}
        return request.model_copy(
            update={"model": request.model or preset.model, "options": options}
        )

    async def submit(self, plan: Plan, caller: Caller, origin: Origin) -> Submitted:
        """Accept the order durably, or join the job that it repeats.

        Raises IdempotencyMismatch, DiskFull, and ProviderUnavailable while the provider is left alone.
        """
        job = self._job(plan, caller, origin)
        again = bool(plan.request.options.get("again"))
        route = f"generate/{plan.request.kind}"

        def work(tx: Tx) -> Submitted:
            if origin.idempotency_key:
                used = tx.idempotency(caller.workspace_id, route, origin.idempotency_key)
                if used is not None:
                    return _replay(tx, used, origin)
            if origin.joins and not again and (earlier := tx.joinable(job, caller.session)):
                tx.add_call(earlier.id, caller.session)
                return Submitted(earlier, deduplicated=True)
            # A repeat of an earlier order is answered even while its provider is left alone.
            self._breakers.check(plan.model.provider)
            tx.insert_job(job)
            if origin.joins:
                tx.add_call(job.id, caller.session)
            if origin.idempotency_key:
                used = Idempotency(origin.body_sha256, job.id)
                tx.insert_idempotency(
                    caller.workspace_id, route, origin.idempotency_key, used, job.created_at
                )
            return Submitted(job)

        return await self._records.transact(work)

    @staticmethod
    def _job(plan: Plan, caller: Caller, origin: Origin) -> Job:
        now = now_ms()
        warnings = plan.fitted.warnings
        request = plan.request.model_dump(exclude={"kind"}, exclude_defaults=True, mode="json")
        return Job(
            id=new_id("job"),
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
            warnings=warnings,
            cost=plan.estimate,
            tool=origin.tool,
            project=caller.project,
            order_key=_order_key(plan.request, plan.inputs) if origin.joins else "",
        )


def _replay(tx: Tx, used: Idempotency, origin: Origin) -> Submitted:
    if used.body_sha256 != origin.body_sha256:
        raise IdempotencyMismatch(
            next_step="Use a new Idempotency-Key for a new order.", field="Idempotency-Key"
        )
    job = tx.job(used.job_id)
    assert job is not None, "an idempotency key is stored with its job"
    return Submitted(job, replayed=True)


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


def _order_key(request: GenerationRequest, inputs: tuple[Resolved, ...]) -> str:
    """The same for two orders of the same thing; an input counts by its bytes, not by its id."""
    asked = request.model_dump(mode="json", exclude={"inputs", "dry_run", "max_cost"})
    asked["options"].pop("again", None)
    asked["inputs"] = [[given.role, given.artifact.sha256] for given in inputs]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:32]


def _role_for_task(given: Resolved) -> str:
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
