"""Workspaces and invitations, for whoever runs the gateway."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from flexura.domain.credit_rules import read_micro
from flexura.domain.errors import FlexuraError, InvalidRequest
from flexura.domain.period import duration_ms
from flexura.gateway.auth import require_operator
from flexura.gateway.dashboard.commands import hand_over
from flexura.gateway.dashboard.once import fresh, made_once, shown_once
from flexura.gateway.dashboard.page import Page
from flexura.gateway.dashboard.render import go, page
from flexura.gateway.dashboard.visit import View, Visit
from flexura.gateway.errors import STATUS
from flexura.gateway.rest.requests import base_url, services
from flexura.ports.records import Tx
from flexura.services.workspaces import NewWorkspace, WorkspaceTerms

WORKSPACES = "/dashboard/workspaces"
VALID = (("1d", "A day"), ("7d", "A week"), ("14d", "Two weeks"), ("30d", "30 days"))


async def listed(request: Request, visit: Visit) -> Response:
    """Every workspace with its account, and the forms for more of them."""
    return await _list(request, visit)


async def create(request: Request, visit: Visit) -> Response:
    """Make a workspace with its first key, which is shown once."""
    name = visit.form.get("name", "").strip()
    try:
        terms = WorkspaceTerms(credits=_micro(request, visit, "credits") or 0)

        async def make(note: Callable[[Tx], None]) -> NewWorkspace:
            return await services(request).workspaces.create(
                name, terms, note=lambda tx, made: note(tx)
            )

        made = await made_once(request, visit, "workspaces", make)
    except FlexuraError as refusal:
        return await _list(request, visit, refusal)
    if made is None:
        return go(request, WORKSPACES)
    commands = hand_over(request, made.first.secret)
    answer = page(request, visit, "workspaces/made.html", 201, made=made, hand_over=commands)
    return shown_once(answer, WORKSPACES)


async def approve(request: Request, visit: Visit) -> Response:
    """Let a workspace work while the environment is closed, or no longer."""
    name = request.path_params["workspace_id"]
    approved = visit.form.get("approved") == "yes"
    await services(request).workspaces.change(name, approved=approved)
    return go(request, WORKSPACES)


async def invite(request: Request, visit: Visit) -> Response:
    """Make a code for one sign-up, which is shown once."""
    try:
        micro = _micro(request, visit, "granted")
        valid = duration_ms(visit.form.get("valid", "14d"), "valid")
        made = await made_once(
            request,
            visit,
            "invites",
            lambda note: services(request).sign_ups.invite(micro, valid, lambda tx, one: note(tx)),
        )
    except FlexuraError as refusal:
        return await _list(request, visit, refusal)
    if made is None:
        return go(request, WORKSPACES)
    code, record = made
    url = f"{base_url(request)}/dashboard/signup"
    values = {"code": code, "record": record, "url": url}
    opened = services(request).sign_ups.open
    answer = page(request, visit, "workspaces/invited.html", 201, opened=opened, **values)
    return shown_once(answer, WORKSPACES)


async def _list(request: Request, visit: Visit, refusal: FlexuraError | None = None) -> Response:
    found = services(request)
    return page(
        request,
        visit,
        "workspaces/list.html",
        STATUS[refusal.code] if refusal else 200,
        accounts=await found.credits.accounts(),
        opened=found.sign_ups.open,
        closed=found.admission.rules.closed,
        form=visit.form,
        refusal=refusal,
        valid=VALID,
        nonce=fresh(),
    )


def _micro(request: Request, visit: Visit, name: str) -> int | None:
    """Microcredits of `500` or `5usd`; None for nothing. Raises InvalidRequest naming the field."""
    text = visit.form.get(name, "").strip()
    if not text:
        return None
    try:
        micro = read_micro(text, services(request).credits.rules)
    except FlexuraError as wrong:
        raise InvalidRequest(wrong.message, field=name, next_step=wrong.next_step) from None
    if micro < 0:
        raise InvalidRequest(
            "The credits are below 0.", field=name, next_step="Write 500, or 5usd."
        )
    return micro


def _operators(view: View) -> View:
    """The view for the operator alone. Raises Forbidden for everybody else."""

    async def checked(request: Request, visit: Visit) -> Response:
        require_operator(visit.caller)
        return await view(request, visit)

    return checked


PAGES: tuple[Page, ...] = (
    Page("GET", WORKSPACES, _operators(listed), "admin"),
    Page("POST", WORKSPACES, _operators(create), "admin"),
    Page("POST", f"{WORKSPACES}/invites", _operators(invite), "admin"),
    Page("POST", WORKSPACES + "/{workspace_id}/approved", _operators(approve), "admin"),
)
