"""One model: what it is, what it takes, how it did here; and the form that tries it, its price first."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import ImmutableMultiDict
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from flexura.domain.errors import BudgetExceeded, FlexuraError, InvalidRequest
from flexura.domain.generation import GenerationRequest
from flexura.domain.job import Caller, Submitted
from flexura.domain.model import Model
from flexura.gateway.dashboard.form_values import read_options
from flexura.gateway.dashboard.model_form import ModelForm, form_of
from flexura.gateway.dashboard.models import model_path, price_words
from flexura.gateway.dashboard.once import fresh
from flexura.gateway.dashboard.option_words import option_table
from flexura.gateway.dashboard.page import Page
from flexura.gateway.dashboard.render import go, guarded, page, part
from flexura.gateway.dashboard.run_plot import run_plot
from flexura.gateway.dashboard.schema_form import fields_of
from flexura.gateway.dashboard.shown_files import thumbnail
from flexura.gateway.dashboard.visit import Form, Visit
from flexura.gateway.errors import STATUS, validated
from flexura.gateway.ordering import planned, submitted
from flexura.gateway.rest.generate import BODY_FIELDS
from flexura.gateway.rest.idempotent import ordered_once
from flexura.gateway.rest.requests import services
from flexura.ports.gallery import GalleryFilter
from flexura.services.afford import shortfall
from flexura.services.receiving import Receiving
from flexura.services.transitions import Origin

_EMPTY: Form = ImmutableMultiDict([])
_ROUTE = "dashboard/models"
_MOST_PICKED = 24


@dataclass(frozen=True)
class Asked:
    """An order as the form tells it, and what is wrong in the form, by the name of the control."""

    body: dict[str, Any]
    problems: dict[str, str]


async def model_page(request: Request, visit: Visit) -> Response:
    """A model and its form, filled in with what came along in the URL."""
    model = await services(request).models.model(request.path_params["model_id"])
    params = request.query_params
    first = form_of(model).slots[:1]
    inputs = [
        (f"in:{slot.role}", value[:2000]) for slot in first for value in params.getlist("input")
    ]
    given = [("prompt", params.get("prompt", "")[:20_000])]
    merged = [(name, "\n".join(v for n, v in inputs if n == name)) for name in dict(inputs)]
    return await _shown(request, visit, model, ImmutableMultiDict([*given, *merged]))


async def price(request: Request, visit: Visit) -> Response:
    """What the order in the form would cost: nothing is accepted. Asked again whenever the form changes."""
    model = await services(request).models.model(request.path_params["model_id"])
    asked = _asked(model, form_of(model), visit.form)
    problem: FlexuraError | None = None
    preview: dict[str, Any] = {}
    short = ""
    if not asked.problems and asked.body["prompt"].strip():
        try:
            order = _order(model, {**asked.body, "dry_run": True})
            preview = (await planned(services(request), order, visit.caller)).preview()
            short = await shortfall(
                services(request).credits, visit.workspace.id, visit.key.id, preview.get("cost")
            )
        except FlexuraError as error:
            problem = error
    return part(
        "models/_price.html",
        visit,
        model=model,
        preview=preview,
        problem=problem,
        wrong=len(asked.problems),
        short=short,
        confirm="",
        may_order=visit.may("generate"),
        price_words=price_words,
    )


async def order(request: Request, visit: Visit) -> Response:
    """Order what the form says, and go to the job; or show the form again with what is wrong."""
    model = await services(request).models.model(request.path_params["model_id"])
    asked = _asked(model, form_of(model), visit.form)
    if asked.problems:
        return await _shown(request, visit, model, visit.form, problems=asked.problems)
    try:
        accepted = await _accepted(request, visit.caller, model, asked.body, visit.form)
    except BudgetExceeded as refusal:
        token = str(refusal.details.get("confirm") or "")
        return await _shown(request, visit, model, visit.form, refusal=refusal, confirm=token)
    except FlexuraError as refusal:
        if STATUS[refusal.code] >= 500:
            raise
        return await _shown(request, visit, model, visit.form, refusal=refusal)
    return go(request, f"/dashboard/jobs/{accepted.job.id}")


async def _accepted(
    request: Request, who: Caller, model: Model, body: Mapping[str, Any], form: Form
) -> Submitted:
    found = services(request)
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    # A second click on the same page is the same order; another order of the same page is another one.
    nonce = form.get("once", "")[:60]
    key = f"{nonce}-{digest[:32]}" if nonce else ""
    origin = Origin("dashboard", idempotency_key=key, body_sha256=digest, route=_ROUTE)
    parsed = _order(model, body)

    async def submit() -> Submitted:
        return await submitted(found, await planned(found, parsed, who), who, origin)

    return await ordered_once(request, who, origin, submit)


def _order(model: Model, body: Mapping[str, Any]) -> GenerationRequest:
    return validated(GenerationRequest, dict(body), BODY_FIELDS)


def _asked(model: Model, form: ModelForm, sent: Form) -> Asked:
    """The order that a form holds. What the model takes is decided where every order is."""
    read = read_options(form.fields, sent)
    options, problems = read.options, dict(read.problems)
    prompt = sent.get("prompt", "").replace("\r\n", "\n")
    if not prompt.strip():
        problems["prompt"] = "Say what to make."
    seed = _whole(sent, "seed", 0, 2**31 - 1, problems)
    if seed:
        options["seed"] = seed
    if token := sent.get("confirm", "").strip():
        options["confirm"] = token
    inputs = [
        line.strip() if slot.role == slot.media else f"{slot.role}={line.strip()}"
        for slot in form.slots
        for line in sent.get(f"in:{slot.role}", "").splitlines()
        if line.strip()
    ]
    kind = sent.get("kind", "")
    body = {
        "kind": kind if kind in model.kinds else model.kinds[0],
        "prompt": prompt,
        "model": model.id,
        "n": _whole(sent, "n", 1, form.variants, problems) or 1,
        "inputs": inputs,
        "options": options,
    }
    return Asked(body, problems)


def _whole(sent: Form, name: str, low: int, high: int, problems: dict[str, str]) -> int | None:
    text = sent.get(name, "").strip()
    if not text:
        return None
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else -1
    if not low <= number <= high:
        problems[name] = f"Allowed: a whole number from {low} to {high}."
        return None
    return number


async def _shown(
    request: Request,
    visit: Visit,
    model: Model,
    values: Form,
    *,
    problems: Mapping[str, str] | None = None,
    refusal: FlexuraError | None = None,
    confirm: str = "",
) -> Response:
    found = services(request)
    form = form_of(model)
    problems = dict(problems or {})
    if refusal is not None and refusal.field and not confirm:
        problems.setdefault(_control(refusal.field), refusal.message)
    runs = await found.models.durations(model.id)
    status = STATUS[refusal.code] if refusal else 400 if problems else 200
    return page(
        request,
        visit,
        "models/model.html",
        status=status,
        model=model,
        form=form,
        kinds=model.kinds,
        table=list(option_table(fields_of(model.input_schema))),
        values=values,
        problems=problems,
        refusal=refusal,
        confirm=confirm,
        path=model_path(model.id),
        price_path=model_path(model.id).replace("/models/", "/model-price/", 1),
        price_words=price_words,
        runs=run_plot(runs),
        once=values.get("once") or fresh(),
        may_order=visit.may("generate"),
    )


def _control(field: str) -> str:
    """The control that the field of an error is about."""
    if field in ("prompt", "n"):
        return field
    if field == "options.seed":
        return "seed"
    if field.startswith("inputs"):
        return "inputs"
    key = field.removeprefix("options.").split(".")[0].split("[")[0]
    return f"o.{key}"


async def latest(request: Request, visit: Visit) -> Response:
    """What was made last and fits a slot, for choosing an input."""
    media = request.query_params.get("media", "image")
    role = request.query_params.get("role", "image")
    if media not in ("image", "video", "audio"):
        raise InvalidRequest("There are no such media.", field="media", next_step="Use the form.")
    found = services(request)
    wanted = GalleryFilter(visit.workspace.id, kind=media, limit=_MOST_PICKED)
    files = (await found.gallery.page(wanted)).items
    shown = [(one, thumbnail(found.links, [one.artifact], 240)) for one in files]
    return part("models/_latest.html", visit, shown=shown, role=role, media=media)


async def upload(request: Request, visit: Visit) -> Response:
    """Take a file that an order starts from; the body is the file itself."""
    found = services(request)
    try:
        with found.load.uploads.taken(visit.key.id):
            artifact = await found.uploads.whole(
                visit.workspace.id, Receiving().of(request.stream())
            )
    except ClientDisconnect:
        return Response(status_code=400)
    body = {"id": artifact.id, "mime": artifact.mime, "bytes": artifact.bytes}
    return guarded(JSONResponse(body, status_code=201))


PAGES: tuple[Page, ...] = (
    Page("GET", "/dashboard/model-inputs", latest),
    Page("POST", "/dashboard/model-inputs", upload, scope="generate", raw=True),
    Page("POST", "/dashboard/model-price/{model_id:path}", price),
    Page("GET", "/dashboard/models/{model_id:path}", model_page),
    Page("POST", "/dashboard/models/{model_id:path}", order, scope="generate"),
)
