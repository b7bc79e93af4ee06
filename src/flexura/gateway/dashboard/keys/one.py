"""One key: its facts, its budgets, rotated, revoked."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from flexura.domain.errors import FlexuraError
from flexura.domain.period import duration_ms
from flexura.domain.workspace import ApiKey
from flexura.gateway.dashboard.keys.making import PERIODS, number_of, shown
from flexura.gateway.dashboard.keys.rows import KEYS, Row, row_of
from flexura.gateway.dashboard.once import fresh, made_once
from flexura.gateway.dashboard.page import Page
from flexura.gateway.dashboard.render import go, page
from flexura.gateway.dashboard.visit import SIGN_IN, Visit
from flexura.gateway.errors import STATUS, validated
from flexura.gateway.rest.requests import services
from flexura.gateway.rest.tenants.bodies import KeyBudget
from flexura.ports.records import Tx
from flexura.services.keys import NewKey
from flexura.services.workspaces import micro_of

OVERLAPS = (("0m", "At once"), ("1h", "In an hour"), ("24h", "In a day"), ("7d", "In a week"))


async def one(request: Request, visit: Visit) -> Response:
    """A key: its facts, and what can be done with it."""
    return _one(request, visit, await row_of(request, visit))


async def rotate(request: Request, visit: Visit) -> Response:
    """Make the key that follows another, and show it, once."""
    row, found = await row_of(request, visit), services(request)
    try:
        overlap = duration_ms(visit.form.get("overlap", "24h"), "overlap")

        async def make(note: Callable[[Tx], None]) -> tuple[NewKey, ApiKey]:
            return await found.keys.rotate(
                row.key.id,
                visit.workspace.id,
                overlap_ms=overlap,
                held=visit.caller.scopes,
                note=lambda tx, new: note(tx),
            )

        made = await made_once(request, visit, f"keys/{row.key.id}/rotate", make)
    except FlexuraError as refusal:
        return _one(request, visit, row, refusal)
    new, old = made or (None, row.key)
    return shown(request, visit, new, replaces=old, own=row.own)


async def revoke(request: Request, visit: Visit) -> Response:
    """End a key at once; whoever ends the one of this session is signed out by it."""
    row = await row_of(request, visit)
    await services(request).keys.revoke(row.key.id, visit.workspace.id)
    return go(request, SIGN_IN if row.own else KEYS)


async def set_budget(request: Request, visit: Visit) -> Response:
    """Allow at most so many credits in each period; it takes the place of the budget of that period."""
    row = await row_of(request, visit)
    try:
        body = {"credits": number_of(visit.form, "credits"), "period": visit.form.get("period")}
        asked = validated(KeyBudget, body)
        await services(request).credits.set_budget(
            visit.workspace.id,
            asked.period,
            micro_of(asked.credits),
            row.key.id,
            operator=visit.operator,
        )
    except FlexuraError as refusal:
        return _one(request, visit, row, refusal)
    return go(request, f"{KEYS}/{row.key.id}")


async def remove_budget(request: Request, visit: Visit) -> Response:
    """Take a budget of the key away; it orders without that limit from now on."""
    row = await row_of(request, visit)
    wanted = request.path_params["budget_id"]
    if any(one.budget.id == wanted for one in row.budgets):
        await services(request).credits.remove_budget(
            visit.workspace.id, wanted, operator=visit.operator
        )
    return go(request, f"{KEYS}/{row.key.id}")


def _one(request: Request, visit: Visit, row: Row, refusal: FlexuraError | None = None) -> Response:
    lacks = sorted(row.key.scopes - visit.caller.scopes)
    status = STATUS[refusal.code] if refusal else 200
    values = {"row": row, "refusal": refusal, "lacks": lacks, "form": visit.form}
    return page(
        request,
        visit,
        "keys/one.html",
        status,
        nonce=fresh(),
        overlaps=OVERLAPS,
        periods=PERIODS,
        credit_usd=services(request).credits.rules.credit_usd,
        **values,
    )


PAGES: tuple[Page, ...] = (
    Page("GET", KEYS + "/{key_id}", one, "admin"),
    Page("POST", KEYS + "/{key_id}/rotate", rotate, "admin"),
    Page("POST", KEYS + "/{key_id}/revoke", revoke, "admin"),
    Page("POST", KEYS + "/{key_id}/budgets", set_budget, "admin"),
    Page("POST", KEYS + "/{key_id}/budgets/{budget_id}/remove", remove_budget, "admin"),
)
