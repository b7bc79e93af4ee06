"""The account of the caller's workspace, its ledger and budgets; grants, by whoever runs the gateway."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar, cast

import pydantic
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flexura.domain.credits import MICRO, MOST_CREDITS, Account, Budget
from flexura.domain.generation import json_number
from flexura.domain.job import Caller
from flexura.gateway.auth import QUOTA, require_operator
from flexura.gateway.errors import validated
from flexura.gateway.rest.account import words
from flexura.gateway.rest.idempotent import Remember, once
from flexura.gateway.rest.paging import cursor_of, read_cursor
from flexura.gateway.rest.requests import caller, json_object, page_number, services
from flexura.ports.records import Tx
from flexura.services.limits import Quota
from flexura.services.untrusted import clean

Amount = Annotated[float, pydantic.BeforeValidator(json_number)]
MOST_NOTE = 200
_STRICT = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
B = TypeVar("B", bound=BaseModel)


class Grant(BaseModel):
    """The body of POST /api/v1/credits/grants."""

    model_config = _STRICT
    workspace: str = Field(min_length=1, max_length=100)
    credits: Amount = Field(ge=-MOST_CREDITS, le=MOST_CREDITS)
    note: str = Field("", max_length=MOST_NOTE)


class SetBudget(BaseModel):
    """The body of POST /api/v1/budgets."""

    model_config = _STRICT
    period: Literal["day", "month", "total"]
    credits: Amount = Field(ge=0, le=MOST_CREDITS)
    key_id: str | None = Field(None, max_length=100)


async def get_account(request: Request) -> Response:
    """Plan, credits, budgets and spend of the caller's workspace."""
    who = await caller(request, "read")
    credits = services(request).credits
    seen = await credits.overview(who.workspace_id)
    quota = cast("Quota | None", request.scope.get(QUOTA))
    headers = {"Cache-Control": "private, no-store"}
    return JSONResponse(words.account_page(seen, credits.rules, quota), headers=headers)


async def list_credit_entries(request: Request) -> Response:
    """The ledger of the caller's workspace, newest first."""
    who = await caller(request, "read")
    limit = page_number(request, "limit", 20, 1, 100)
    cursor = request.query_params.get("cursor", "")
    before = read_cursor(cursor) if cursor else None
    found = await services(request).credits.entries(who.workspace_id, limit + 1, before)
    shown = found[:limit]
    more = len(found) > limit
    body = {
        "entries": [words.entry_record(entry) for entry in shown],
        "limit": limit,
        "next_cursor": cursor_of(shown[-1].at, shown[-1].id) if more else None,
    }
    return JSONResponse(body)


async def grant_credits(request: Request) -> Response:
    """Give a workspace credits, or take back what is left of them."""
    who = await caller(request, "admin")
    require_operator(who)
    body = await json_object(request)
    asked, credits = validated(Grant, body), services(request).credits
    workspace = await credits.workspace(asked.workspace)

    def answer(account: Account) -> dict[str, Any]:
        told = words.credits_of(account, credits.rules)
        return {"workspace": workspace.id, "name": workspace.name, "credits": told}

    async def make(remember: Remember) -> tuple[int, dict[str, Any]]:
        def noted(tx: Tx, account: Account) -> None:
            remember(tx, 201, answer(account))

        micro, note = round(asked.credits * MICRO), clean(asked.note, MOST_NOTE)
        return 201, answer(await credits.grant(workspace.id, micro, note, noted=noted))

    return await once(request, who, "v1/credits/grants", body, make)


async def list_budgets(request: Request) -> Response:
    """The budgets of the caller's workspace and of its keys."""
    who = await caller(request, "read")
    found = await services(request).credits.budgets(who.workspace_id)
    return JSONResponse({"budgets": [words.budget_record(budget) for budget in found]})


async def set_budget(request: Request) -> Response:
    """Set what the workspace or one of its keys may order in each period."""
    who = await caller(request, "admin")
    body = await json_object(request)
    asked, credits = validated(SetBudget, body), services(request).credits

    async def make(remember: Remember) -> tuple[int, dict[str, Any]]:
        def noted(tx: Tx, budget: Budget) -> None:
            remember(tx, 201, words.budget_record(credits.seen(tx, budget)))

        micro, key_id = round(asked.credits * MICRO), asked.key_id or ""
        made = await credits.set_budget(
            who.workspace_id, asked.period, micro, key_id, noted, operator=_operates(who)
        )
        return 201, words.budget_record(made)

    return await once(request, who, "v1/budgets", body, make)


async def remove_budget(request: Request) -> Response:
    """Remove a budget."""
    who = await caller(request, "admin")
    budget_id = request.path_params["budget_id"]
    await services(request).credits.remove_budget(
        who.workspace_id, budget_id, operator=_operates(who)
    )
    return Response(status_code=204)


def _operates(who: Caller) -> bool:
    return who.workspace is not None and who.workspace.operator
