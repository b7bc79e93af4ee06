"""Running a template from its form: the price before the button, a yes above the limit, then the job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from flexura.domain.errors import BudgetExceeded, FlexuraError, InvalidRequest
from flexura.domain.generation import GenerationRequest
from flexura.domain.job import Submitted
from flexura.domain.template import Template
from flexura.gateway.dashboard.jobs.publishing import moment
from flexura.gateway.dashboard.once import FIELD
from flexura.gateway.dashboard.page import Page
from flexura.gateway.dashboard.render import go, part
from flexura.gateway.dashboard.template_form import control_at, values_in
from flexura.gateway.dashboard.template_page import TEMPLATES, named, shown_page
from flexura.gateway.dashboard.visit import Visit
from flexura.gateway.errors import STATUS, validated
from flexura.gateway.ordering import submitted
from flexura.gateway.rest.requests import services
from flexura.services.generation import Plan
from flexura.services.idempotency import body_sha256, check_key
from flexura.services.runs.start import RunPlan, Wishes
from flexura.services.transitions import Origin

_ROUTE = "dashboard/templates/run"
_MOST_COST = 1e9
_FIELDS = frozenset({"prompt", "n", "max_cost", "publish", "at"})
"""What the form asks for beside the inputs."""


async def price(request: Request, visit: Visit) -> Response:
    """What the run in the form would order and cost: nothing is accepted. Asked whenever the form changes."""
    template = await named(request, visit)
    values, problems = values_in(template, visit.form)
    preview: dict[str, Any] = {}
    problem: FlexuraError | None = None
    if not problems and not _missing(template, values, visit):
        try:
            preview = (await _planned(request, visit, template, values, dry_run=True)).preview()
        except FlexuraError as error:
            problem = error
    return part("templates/_price.html", visit, preview=preview, problem=problem)


async def run(request: Request, visit: Visit) -> Response:
    """Run it, and go to the job; or show the form again with what is wrong."""
    template = await named(request, visit)
    values, problems = values_in(template, visit.form)
    if problems:
        return await shown_page(request, visit, template, problems=problems)
    try:
        plan = await _planned(request, visit, template, values)
        made = await _started(request, visit, template, plan)
    except FlexuraError as refusal:
        if STATUS[refusal.code] >= 500:
            raise
        known = isinstance(refusal, BudgetExceeded)
        confirm = str(refusal.details.get("confirm", "")) if known else ""
        field = "" if confirm else control_at(refusal)
        known_here = field.startswith("v.") or field in _FIELDS
        told = {field: _words(refusal)} if known_here else {}
        return await shown_page(
            request, visit, template, problems=told, refusal=refusal, confirm=confirm
        )
    return go(request, f"/dashboard/jobs/{made.job.id}")


def _words(refusal: FlexuraError) -> str:
    """What is wrong with a field, said at the field."""
    message = refusal.message.removeprefix("inputs.")
    return " ".join(filter(None, (message[:1].upper() + message[1:], refusal.next_step)))


async def _started(
    request: Request, visit: Visit, template: Template, plan: Plan | RunPlan
) -> Submitted:
    nonce = visit.form.get(FIELD, "")
    fields = [(n, v) for n, v in visit.form.multi_items() if n not in (FIELD, "confirm")]
    digest = body_sha256([template.pinned, fields])
    # A second click is the same run; another run from the same page is another one.
    key = check_key(f"{nonce}-{digest[:32]}") if nonce else ""
    origin = Origin("dashboard", idempotency_key=key, body_sha256=digest, route=_ROUTE)
    return await submitted(services(request), plan, visit.caller, origin)


async def _planned(
    request: Request,
    visit: Visit,
    template: Template,
    values: Mapping[str, Any],
    *,
    dry_run: bool = False,
) -> Plan | RunPlan:
    found = services(request)
    if "preset" in template.views:
        return await found.generation.plan(_order(template, visit, dry_run=dry_run), visit.caller)
    wishes = replace(_wishes(visit), dry_run=dry_run)
    return await found.runs.plan(template, values, visit.caller, wishes)


def _missing(template: Template, values: Mapping[str, Any], visit: Visit) -> bool:
    """Whether something is left to fill in, of which the form itself tells."""
    if "preset" in template.views:
        return not visit.form.get("prompt", "").strip()
    return any(i.required and i.default is None and i.id not in values for i in template.inputs)


def _order(template: Template, visit: Visit, *, dry_run: bool) -> GenerationRequest:
    """An order with a preset."""
    body: dict[str, Any] = {
        "kind": template.steps[0].uses,
        "prompt": visit.form.get("prompt", ""),
        "preset": template.slug,
        "n": _count(visit) or 1,
        "dry_run": dry_run,
    }
    if token := visit.form.get("confirm", ""):
        body["options"] = {"confirm": token}
    return validated(GenerationRequest, body)


def _wishes(visit: Visit) -> Wishes:
    form = visit.form
    publish = tuple(form.getlist("publish"))
    return Wishes(
        count=_count(visit),
        staging=form.get("staging") == "yes",
        publish=publish,
        publish_at=moment(visit) if publish else None,
        max_cost=_amount(form.get("max_cost", "")),
        confirm=form.get("confirm", ""),
    )


def _count(visit: Visit) -> int | None:
    text = visit.form.get("n", "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 4):
        raise InvalidRequest(
            "The number of variants is none.", field="n", next_step="A whole number from 1 to 8."
        )
    return int(text)


def _amount(text: str) -> float | None:
    if not text.strip():
        return None
    try:
        amount = float(text)
    except ValueError:
        amount = -1.0
    if not 0 <= amount <= _MOST_COST:
        raise InvalidRequest(
            "That is no amount of money.", field="max_cost", next_step="Write it as 0.50, in USD."
        )
    return amount


PAGES: tuple[Page, ...] = (
    Page("POST", "/dashboard/template-price/{name}", price),
    Page("POST", f"{TEMPLATES}/{{name}}", run, "generate"),
)
