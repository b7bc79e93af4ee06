"""The operations of workspaces, keys and signing up."""

from __future__ import annotations

from typing import Any

from flexura.domain.credits import MOST_CREDITS
from flexura.domain.period import DURATION
from flexura.domain.workspace import SCOPES
from flexura.gateway.rest.idempotent import IDEMPOTENCY_KEY
from flexura.gateway.rest.operation import JSON, Operation
from flexura.gateway.rest.schemas import answer, array, ref
from flexura.gateway.rest.tenants import keys, sign_in_links, signup, workspaces
from flexura.gateway.rest.tenants.bodies import LIFETIME, MOST_DAYS, MOST_PER_MINUTE
from flexura.services.workspaces import NAME, PLAN

_TEXT: dict[str, Any] = {"type": "string"}
_MAYBE_TEXT: dict[str, Any] = {"type": ["string", "null"]}
_MOMENT: dict[str, Any] = {**_TEXT, "format": "date-time", "example": "2026-11-22T10:00:00Z"}
_MAYBE_MOMENT: dict[str, Any] = {"type": ["string", "null"], "format": "date-time"}
_SCOPE: dict[str, Any] = {"type": "string", "enum": sorted(SCOPES)}
_KEY: dict[str, Any] = {
    **_TEXT,
    "description": "The key itself, shown once; not in an answer that is replayed.",
    "example": "fx_live_…",
}
_PER_MINUTE: dict[str, Any] = {
    "type": ["integer", "null"],
    "minimum": 1,
    "maximum": MOST_PER_MINUTE,
    "description": "Requests a minute, cut to what the workspace may; null = the workspace's limit.",
    "example": 300,
}
_KEY_RECORD: dict[str, dict[str, Any]] = {
    "id": {**_TEXT, "example": "key_01KAPN3Z6E8Q0V5T2R9YWXBC4D"},
    "name": {**_TEXT, "example": "laptop"},
    "prefix": {**_TEXT, "description": "How the key begins.", "example": "fx_live_3kT9aZ0q"},
    "scopes": {**array(_SCOPE), "example": ["generate", "read"]},
    "requests_per_minute": {"type": ["integer", "null"], "example": 300},
    "created_at": _MOMENT,
    "last_used_at": _MAYBE_MOMENT,
    "expires_at": _MAYBE_MOMENT,
    "revoked_at": _MAYBE_MOMENT,
    "replaced_by": {**_MAYBE_TEXT, "description": "The key that follows it after a rotation."},
}
_DENIAL = answer({"error": _TEXT, "message": _TEXT}, ("error", "message"))

SCHEMAS: dict[str, Any] = {
    "ApiKey": answer(_KEY_RECORD, tuple(_KEY_RECORD)),
    "NewApiKey": answer(
        {"key": _KEY, **_KEY_RECORD, "replaces": ref("ApiKey")}, tuple(_KEY_RECORD)
    ),
    "SignInLink": answer(
        {
            "url": {
                **_TEXT,
                "description": "Opens the dashboard, once; the code is in the fragment.",
                "example": "http://localhost:8123/dashboard/sign-in#code=…",
            },
            "expires_at": _MOMENT,
        },
        ("url", "expires_at"),
    ),
    "ApiKeyList": answer({"keys": array(ref("ApiKey"))}, ("keys",)),
    "CreateApiKey": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "name": {**_TEXT, "maxLength": 100, "default": "key", "example": "laptop"},
            "scopes": {
                "type": ["array", "null"],
                "items": _SCOPE,
                "minItems": 1,
                "description": "At most those of the key that asks, which is the default.",
                "example": ["generate", "read"],
            },
            "expires": {
                "type": ["string", "null"],
                "pattern": LIFETIME,
                "description": "Minutes, hours or days from now.",
                "example": "90d",
            },
            "requests_per_minute": _PER_MINUTE,
            "budget": {
                "type": ["object", "null"],
                "additionalProperties": False,
                "required": ["credits"],
                "properties": {
                    "credits": {"type": "number", "minimum": 0, "maximum": MOST_CREDITS},
                    "period": {"type": "string", "enum": ["day", "month", "total"]},
                },
                "example": {"credits": 500, "period": "day"},
            },
        },
    },
    "Workspace": answer(
        {
            "id": {**_TEXT, "example": "ws_01KAPN3Z6E8Q0V5T2R9YWXBC4D"},
            "name": {**_TEXT, "example": "acme-studio"},
            "plan": {**_TEXT, "example": "operate"},
            "approved": {"type": "boolean"},
            "policy": {
                "type": "object",
                "additionalProperties": True,
                "description": "What differs from the gateway's settings.",
                "example": {"retention_days": 30},
            },
            "created_at": _MOMENT,
        },
        ("id", "name", "plan", "approved", "policy", "created_at"),
    ),
    "NewWorkspace": answer(
        {"key": _KEY, "workspace": ref("Workspace"), "api_key": ref("ApiKey")},
        ("workspace", "api_key"),
    ),
    "WorkspaceList": answer({"workspaces": array(ref("Workspace"))}, ("workspaces",)),
    "CreateWorkspace": {
        "type": "object",
        "additionalProperties": False,
        "required": ["name"],
        "properties": {
            "name": {**_TEXT, "pattern": NAME, "maxLength": 40, "example": "acme-studio"},
            "plan": {**_TEXT, "pattern": PLAN, "maxLength": 40, "default": "operate"},
            "approved": {"type": "boolean", "default": True},
            "metered": {
                "type": "boolean",
                "default": False,
                "description": "Whether it pays for what it orders; with granted credits it does.",
            },
            "credits": {"type": "number", "minimum": 0, "maximum": MOST_CREDITS, "default": 0},
            "retention_days": {
                "type": ["integer", "null"],
                "minimum": 1,
                "maximum": MOST_DAYS,
                "example": 30,
            },
            "key_name": {**_TEXT, "maxLength": 100, "default": "first key"},
        },
    },
    "SignUp": {
        "type": "object",
        "additionalProperties": False,
        "required": ["workspace"],
        "properties": {
            "name": {**_TEXT, "maxLength": 100, "example": "Ada"},
            "workspace": {**_TEXT, "pattern": NAME, "maxLength": 40, "example": "acme-studio"},
            "invite": {**_TEXT, "maxLength": 100, "description": "A code, where one is needed."},
        },
    },
    "ServiceStatus": answer(
        {
            "status": {**_TEXT, "example": "ok"},
            "service": {**_TEXT, "example": workspaces.SERVICE},
            "version": _TEXT,
            "environment": {**_TEXT, "example": "closed-beta"},
        },
        ("status", "service", "version", "environment"),
    ),
    "AuthCheck": answer(
        {
            "status": {**_TEXT, "example": "ok"},
            "workspace": {**_TEXT, "example": "acme-studio"},
            "workspace_id": _TEXT,
            "key_id": _TEXT,
            "scopes": array(_SCOPE),
        },
        ("status", "workspace"),
    ),
}
_BAD = (400, 413, 415, 507)
_PAGE: tuple[str, dict[str, Any]] = ("text/html", _TEXT)
_FORM: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "name": {**_TEXT, "maxLength": 100},
        "workspace": {**_TEXT, "pattern": NAME, "maxLength": 40},
        "invite": {**_TEXT, "maxLength": 100},
        "token": {**_TEXT, "description": "Of the page, together with its cookie."},
    },
    "required": ["workspace", "token"],
}

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/v1/status",
        workspaces.service_status,
        "Service status",
        {200: (JSON, ref("ServiceStatus"))},
    ),
    Operation(
        "GET",
        "/api/v1/auth",
        workspaces.check_auth,
        "Check the API key",
        {
            200: (JSON, ref("AuthCheck")),
            401: (JSON, _DENIAL),
            403: (
                JSON,
                {
                    **_DENIAL,
                    "example": {"error": "access_denied", "message": "closed beta environment"},
                },
            ),
        },
    ),
    Operation(
        "GET",
        "/api/v1/keys",
        keys.list_keys,
        "List API keys",
        {200: (JSON, ref("ApiKeyList"))},
    ),
    Operation(
        "POST",
        "/api/v1/keys",
        keys.create_key,
        "Make an API key",
        {201: (JSON, ref("NewApiKey"))},
        errors=(*_BAD, 409, 422),
        body={JSON: ref("CreateApiKey")},
        headers=IDEMPOTENCY_KEY,
        links={"key_id": "/id"},
    ),
    Operation(
        "POST",
        "/api/v1/keys/{key_id}/rotate",
        keys.rotate_key,
        "Rotate an API key",
        {201: (JSON, ref("NewApiKey"))},
        errors=(400, 404, 409, 422, 507),
        query={
            "overlap": {
                "type": "string",
                "pattern": DURATION,
                "description": "How long the old key goes on working (default 24h).",
                "example": "24h",
            }
        },
        headers=IDEMPOTENCY_KEY,
        links={"key_id": "/id"},
    ),
    Operation(
        "DELETE",
        "/api/v1/keys/{key_id}",
        keys.revoke_key,
        "Revoke an API key",
        {200: (JSON, ref("ApiKey"))},
        errors=(404, 507),
    ),
    Operation(
        "POST",
        "/api/v1/sign-in-links",
        sign_in_links.create_sign_in_link,
        "Make a link that signs a browser in to the dashboard, once",
        {201: (JSON, ref("SignInLink"))},
        errors=(507,),
    ),
    Operation(
        "GET",
        "/api/v1/workspaces",
        workspaces.list_workspaces,
        "List workspaces",
        {200: (JSON, ref("WorkspaceList"))},
    ),
    Operation(
        "POST",
        "/api/v1/workspaces",
        workspaces.create_workspace,
        "Make a workspace with its first key",
        {201: (JSON, ref("NewWorkspace"))},
        errors=(*_BAD, 409, 422),
        body={JSON: ref("CreateWorkspace")},
        headers=IDEMPOTENCY_KEY,
    ),
    Operation(
        "POST",
        "/api/v1/signup",
        signup.sign_up,
        "Sign up: a workspace and a key, where the operator allows it",
        {201: (JSON, ref("NewWorkspace"))},
        errors=(*_BAD, 403, 404, 409, 429),
        body={JSON: ref("SignUp")},
        key=False,
    ),
    Operation(
        "GET",
        signup.PATH,
        signup.signup_page,
        "The sign-up page",
        {200: _PAGE},
        errors=(404,),
        key=False,
    ),
    Operation(
        "POST",
        signup.PATH,
        signup.send_signup_page,
        "Send the sign-up page",
        {status: _PAGE for status in (201, 400, 403, 409, 413, 415, 429, 507)},
        errors=(404,),
        body={signup.FORM: _FORM},
        key=False,
    ),
)
