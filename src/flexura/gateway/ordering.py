"""Orders as the faces take them: of a model, or of a template where a model could be named."""

from __future__ import annotations

from flexura.domain.errors import InvalidRequest
from flexura.domain.generation import GenerationRequest, models_in
from flexura.domain.job import Caller, Submitted
from flexura.gateway.services import Services
from flexura.services.generation import Plan
from flexura.services.runs.comparison import check_models
from flexura.services.runs.orders import run_order, slug_in
from flexura.services.runs.start import RunPlan
from flexura.services.transitions import Origin


async def planned(found: Services, order: GenerationRequest, who: Caller) -> Plan | RunPlan:
    """What an order comes to: of one model, of several, or of a template.

    Raises as `Generation.plan` and `Runs.plan`, NotFound for no such template.
    """
    models = await _models(found, order)
    check_models(models)
    order = order.model_copy(update={"model": models[0] if models else "", "models": ()})
    if len(models) > 1:
        return await found.comparisons.plan(order, models, who)
    slug = slug_in(order.model)
    if not slug:
        return await found.generation.plan(order, who)
    template = await found.templates.get(who.workspace_id, slug)
    run = run_order(order, template)
    return await found.runs.plan(template, run.values, who, run.wishes)


async def _models(found: Services, order: GenerationRequest) -> tuple[str, ...]:
    """The models that an order names. Raises InvalidRequest where it names them in two ways."""
    if not order.models:
        if "," not in order.model:
            return (order.model,) if order.model else ()
        listing = await found.catalog.listing()
        # A model may have a comma in its own name.
        known = order.model in listing.by_id or order.model in found.catalog.aliases
        return (order.model,) if known else models_in(order.model)
    if order.model:
        raise InvalidRequest(
            "The order names `model` and `models`.",
            field="models",
            next_step="Name all of them in `models`, or in `model` with commas.",
        )
    return tuple(dict.fromkeys(name.strip() for name in order.models if name.strip()))


async def submitted(
    found: Services, plan: Plan | RunPlan, who: Caller, origin: Origin
) -> Submitted:
    """Accept what was planned. Raises as `Transitions.accept`."""
    if isinstance(plan, RunPlan):
        return await found.runs.start(plan, who, origin)
    return await found.generation.submit(plan, who, origin)
