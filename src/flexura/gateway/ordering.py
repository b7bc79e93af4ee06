"""Orders as the faces take them: of a model, or of a template where a model could be named."""

from __future__ import annotations

from flexura.domain.generation import GenerationRequest
from flexura.domain.job import Caller, Submitted
from flexura.gateway.services import Services
from flexura.services.generation import Plan
from flexura.services.runs.orders import run_order, slug_in
from flexura.services.runs.start import RunPlan
from flexura.services.transitions import Origin


async def planned(found: Services, order: GenerationRequest, who: Caller) -> Plan | RunPlan:
    """What an order comes to. Raises as `Generation.plan` and `Runs.plan`, NotFound for no such template."""
    slug = slug_in(order.model)
    if not slug:
        return await found.generation.plan(order, who)
    template = await found.templates.get(who.workspace_id, slug)
    run = run_order(order, template)
    return await found.runs.plan(template, run.values, who, run.wishes)


async def submitted(
    found: Services, plan: Plan | RunPlan, who: Caller, origin: Origin
) -> Submitted:
    """Accept what was planned. Raises as `Transitions.accept`."""
    if isinstance(plan, RunPlan):
        return await found.runs.start(plan, who, origin)
    return await found.generation.submit(plan, who, origin)
