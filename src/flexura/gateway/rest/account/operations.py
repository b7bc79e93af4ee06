"""The operations of accounts, the ledger and budgets."""

from __future__ import annotations

from typing import Any

from flexura.domain.credits import MOST_CREDITS, PERIODS
from flexura.gateway.rest.account import routes
from flexura.gateway.rest.idempotent import IDEMPOTENCY_KEY
from flexura.gateway.rest.operation import JSON, Operation
from flexura.gateway.rest.paging import QUERY
from flexura.gateway.rest.schemas import answer, array, ref

_TEXT: dict[str, Any] = {"type": "string"}
_MAYBE_TEXT: dict[str, Any] = {"type": ["string", "null"]}
_WHOLE: dict[str, Any] = {"type": "integer"}
_AMOUNT: dict[str, Any] = {"type": "number", "description": "In credits."}
_MOMENT: dict[str, Any] = {**_TEXT, "format": "date-time", "example": "2026-11-22T10:00:00Z"}
_WORKSPACE: dict[str, Any] = {**_TEXT, "example": "ws_01KAPN3Z6E8Q0V5T2R9YWXBC4D"}
_PERIOD: dict[str, Any] = {"type": "string", "enum": list(PERIODS), "example": "day"}
_KEY_ID: dict[str, Any] = {
    **_MAYBE_TEXT,
    "maxLength": 100,
    "description": "Of one key; null = of the whole workspace.",
}
_CREDITS: dict[str, dict[str, Any]] = {
    "metered": {
        "type": "boolean",
        "description": "Whether orders are refused that it cannot pay; false = unlimited.",
    },
    "available": {
        "type": ["number", "null"],
        "description": "Credits that may still be ordered; null = unlimited.",
        "example": 184,
    },
    "granted": {**_AMOUNT, "example": 200},
    "spent": {**_AMOUNT, "example": 14},
    "reserved": {
        **_AMOUNT,
        "description": "Held for jobs that have not ended, in credits.",
        "example": 2,
    },
    "credit_usd": {
        "type": "number",
        "description": "USD that one credit is worth.",
        "example": 0.01,
    },
}
_BUDGET: dict[str, dict[str, Any]] = {
    "id": {**_TEXT, "example": "bud_01KAPN3Z6E8Q0V5T2R9YWXBC4D"},
    "period": {
        **_PERIOD,
        "description": "Days and months are UTC's; an order counts in the one that it was made in.",
    },
    "key_id": _KEY_ID,
    "most": {**_AMOUNT, "example": 500},
    "spent": {**_AMOUNT, "example": 184},
    "reserved": {**_AMOUNT, "example": 2},
    "left": {**_AMOUNT, "example": 314},
    "renews_at": {"type": ["string", "null"], "format": "date-time"},
    "created_at": _MOMENT,
}
_ENTRY: dict[str, dict[str, Any]] = {
    "id": _TEXT,
    "kind": {"type": "string", "enum": ["grant", "reserve", "settle", "refund"]},
    "at": _MOMENT,
    "granted": {
        **_AMOUNT,
        "description": "By how many credits this line changed what was granted.",
    },
    "reserved": {**_AMOUNT, "description": "… what is held.", "example": -2},
    "spent": {**_AMOUNT, "description": "… what was spent.", "example": 2},
    "job_id": _MAYBE_TEXT,
    "key_id": _MAYBE_TEXT,
    "note": _TEXT,
}
_RATE = answer(
    {"limit": _WHOLE, "window_seconds": _WHOLE, "remaining": _WHOLE},
    ("limit", "window_seconds", "remaining"),
)
_ACCOUNT: dict[str, dict[str, Any]] = {
    "workspace": _WORKSPACE,
    "name": {**_TEXT, "example": "acme-studio"},
    "plan": {**_TEXT, "example": "operate"},
    "credits": ref("Credits"),
    "budgets": array(ref("Budget")),
    "today": {**_AMOUNT, "description": "Credits spent by what was ordered today (UTC)."},
    "month": {**_AMOUNT, "description": "Credits spent by what was ordered this month (UTC)."},
}
SCHEMAS: dict[str, Any] = {
    "Credits": answer(_CREDITS, tuple(_CREDITS)),
    "Budget": answer(_BUDGET, tuple(_BUDGET)),
    "BudgetList": answer({"budgets": array(ref("Budget"))}, ("budgets",)),
    "Account": answer({**_ACCOUNT, "rate_limit": _RATE}, tuple(_ACCOUNT)),
    "CreditEntry": answer(_ENTRY, tuple(_ENTRY)),
    "CreditEntryList": answer(
        {
            "entries": array(ref("CreditEntry")),
            "limit": _WHOLE,
            "next_cursor": {**_MAYBE_TEXT, "description": "For `cursor`; null on the last page."},
        },
        ("entries", "limit", "next_cursor"),
    ),
    "GrantCredits": {
        "type": "object",
        "additionalProperties": False,
        "required": ["workspace", "credits"],
        "properties": {
            "workspace": {
                **_TEXT,
                "minLength": 1,
                "maxLength": 100,
                "description": "Id or name.",
                "example": "acme-studio",
            },
            "credits": {
                "type": "number",
                "minimum": -MOST_CREDITS,
                "maximum": MOST_CREDITS,
                "description": "Not 0. Below 0 takes back, at most what is available.",
                "example": 500,
            },
            "note": {**_TEXT, "maxLength": routes.MOST_NOTE, "example": "invoice 17"},
        },
    },
    "Granted": answer(
        {"workspace": _WORKSPACE, "name": _TEXT, "credits": ref("Credits")},
        ("workspace", "name", "credits"),
    ),
    "SetBudget": {
        "type": "object",
        "additionalProperties": False,
        "required": ["period", "credits"],
        "properties": {
            "period": _PERIOD,
            "credits": {"type": "number", "minimum": 0, "maximum": MOST_CREDITS, "example": 500},
            "key_id": _KEY_ID,
        },
    },
}
_BAD = (400, 413, 415, 507)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/v1/account",
        routes.get_account,
        "Plan, credits, budgets and spend",
        {200: (JSON, ref("Account"))},
    ),
    Operation(
        "GET",
        "/api/v1/credits/entries",
        routes.list_credit_entries,
        "The ledger: every movement of credits",
        {200: (JSON, ref("CreditEntryList"))},
        errors=(400,),
        query={"limit": QUERY["limit"], "cursor": QUERY["cursor"]},
    ),
    Operation(
        "POST",
        "/api/v1/credits/grants",
        routes.grant_credits,
        "Grant credits to a workspace",
        {201: (JSON, ref("Granted"))},
        errors=(*_BAD, 404, 409, 422),
        body={JSON: ref("GrantCredits")},
        headers=IDEMPOTENCY_KEY,
    ),
    Operation(
        "GET",
        "/api/v1/budgets",
        routes.list_budgets,
        "List budgets",
        {200: (JSON, ref("BudgetList"))},
    ),
    Operation(
        "POST",
        "/api/v1/budgets",
        routes.set_budget,
        "Set a budget; replaces the one of the same key and period",
        {201: (JSON, ref("Budget"))},
        errors=(*_BAD, 404, 409, 422),
        body={JSON: ref("SetBudget")},
        headers=IDEMPOTENCY_KEY,
        links={"budget_id": "/id"},
    ),
    Operation(
        "DELETE",
        "/api/v1/budgets/{budget_id}",
        routes.remove_budget,
        "Remove a budget",
        {204: ("", {})},
        errors=(404, 507),
    ),
)
