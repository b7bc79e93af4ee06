"""JSON Schemas of bodies and answers, made from the same types that read and write them."""

from __future__ import annotations

from typing import Any

from flexura.domain.generation import RequestField, fields_of
from flexura.domain.model import KINDS, Kind, Model, ProviderState
from flexura.domain.search import SearchAnswer, SearchRequest
from flexura.gateway.errors import STATUS
from flexura.gateway.words import STATES_OF

_TEXT: dict[str, Any] = {"type": "string"}
_NUMBER: dict[str, Any] = {"type": "number"}
_WHOLE: dict[str, Any] = {"type": "integer"}
_MAYBE_WHOLE: dict[str, Any] = {"type": ["integer", "null"]}
_MAYBE_NUMBER: dict[str, Any] = {"type": ["number", "null"]}
_ANY_OBJECT: dict[str, Any] = {"type": "object", "additionalProperties": True}


def ref(name: str) -> dict[str, str]:
    """A reference to a named schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def array(of: dict[str, Any]) -> dict[str, Any]:
    """A list."""
    return {"type": "array", "items": of}


def answer(properties: dict[str, Any], required: tuple[str, ...]) -> dict[str, Any]:
    """An object that we send; more fields may come in later releases."""
    return {"type": "object", "properties": properties, "required": list(required)}


def _field(field: RequestField) -> dict[str, Any]:
    return {**field.schema, "description": field.doc}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The same, or null for "not given"."""
    named = schema["type"]
    types: list[Any] = [*named, "null"] if isinstance(named, list) else [named, "null"]
    enum = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return {**schema, "type": types, **enum}


def generate_body(kind: Kind) -> dict[str, Any]:
    """The body of POST /api/generate/{kind}, from the table of request fields."""
    fields = fields_of(kind)
    options = {f.name: _or_null(_field(f)) for f in fields if f.place == "options"}
    body = {f.name: _field(f) for f in fields if f.place == "body"}
    body |= {
        "options": {
            "type": "object",
            "properties": options,
            "additionalProperties": True,
            "description": "Canonical options, and the model's own by its schema.",
            "default": {},
        },
        "preset": {
            **_TEXT,
            "description": "A named bundle of model and options, configured by the operator.",
        },
        "max_cost": {
            "type": ["number", "null"],
            "minimum": 0,
            "description": "Refuse the order above this price.",
        },
        "dry_run": {
            "type": "boolean",
            "default": False,
            "description": "Only tell model, options, warnings and price.",
        },
        "strict": {
            "type": "boolean",
            "default": False,
            "description": "Options that the model lacks are errors.",
        },
        "callback_url": {
            **_TEXT,
            "maxLength": 2000,
            "description": "A public https address that is told the end of the job, signed as webhooks are.",
        },
        "wait": {
            **_NUMBER,
            "minimum": 0,
            "description": "Hold the answer until the job ends, at most 60 s.",
        },
    }
    return {
        "type": "object",
        "properties": body,
        "required": ["prompt"],
        "additionalProperties": False,
    }


_WARNING = answer({"code": _TEXT, "message": _TEXT}, ("code", "message"))
_COST: dict[str, Any] = {
    "type": ["object", "null"],
    "properties": {
        "amount": _NUMBER,
        "currency": _TEXT,
        "source": _TEXT,
        "unit": _TEXT,
        "quantity": _NUMBER,
    },
}
_ASSET = answer(
    {
        "artifact_id": _TEXT,
        "url": {**_TEXT, "format": "uri"},
        "signed_url": {**_TEXT, "format": "uri"},
        "name": _TEXT,
        "mime": _TEXT,
        "role": _TEXT,
        "bytes": _WHOLE,
        "sha256": _TEXT,
        "width": _MAYBE_WHOLE,
        "height": _MAYBE_WHOLE,
        "seconds": _MAYBE_NUMBER,
        "model": {**_TEXT, "description": "What made it, where the files of a job differ in that."},
        "seed": {**_WHOLE, "description": "The seed that makes it again, where `model` stands."},
    },
    ("artifact_id", "url", "name", "mime", "bytes", "sha256"),
)
_JOB = answer(
    {
        "job_id": _TEXT,
        "status": {"type": "string", "enum": list(STATES_OF)},
        "type": {"type": "string", "enum": list(KINDS)},
        "asset_url": {**_TEXT, "format": "uri"},
        "error": _TEXT,
        "error_code": _TEXT,
        "next_step": _TEXT,
        "prompt": _TEXT,
        "created_at": {**_TEXT, "format": "date-time"},
        "updated_at": {**_TEXT, "format": "date-time"},
        "model": _TEXT,
        "seed": _WHOLE,
        "options": _ANY_OBJECT,
        "progress": _NUMBER,
        "phase": _TEXT,
        "note": _TEXT,
        "eta_seconds": _MAYBE_NUMBER,
        "why": _TEXT,
        "cost": _COST,
        "warnings": array(_WARNING),
        "assets": array(ref("Asset")),
        "budget": {
            **_TEXT,
            "description": "What may still be spent, where something limits it.",
            "example": "$3.16 of $5.00 left today",
        },
    },
    ("job_id", "status", "type", "prompt", "created_at", "updated_at"),
)
_PLAN = answer(
    {
        "dry_run": {"type": "boolean"},
        "model": _TEXT,
        "why": _TEXT,
        "request": _ANY_OBJECT,
        "cost": _COST,
        "confirm_needed": {
            "type": "boolean",
            "description": "The order will be refused once, with the token that confirms it.",
        },
        "models": {
            **array(_ANY_OBJECT),
            "description": "Of an order for several models: each with its `model`, `request` and `cost`.",
        },
    },
    ("dry_run", "model", "why", "request"),
)
_MODEL_ENTRY = answer(
    {
        "id": _TEXT,
        "type": {"type": "string", "enum": list(KINDS)},
        "endpoint_url": {**_TEXT, "format": "uri"},
        "description": _TEXT,
        "status": _TEXT,
        "input": _ANY_OBJECT,
        "name": _TEXT,
        "provider": _TEXT,
        "tasks": array(_TEXT),
        "price": {"type": ["object", "null"]},
        "shutdown_date": {"type": ["string", "null"]},
        "schema_source": _TEXT,
        "stale": {"type": "boolean"},
        "fetched_at": _TEXT,
        "stats": ref("ModelStats"),
    },
    ("id", "type", "endpoint_url", "description", "status", "input"),
)
_PROVIDER = answer(
    {
        "name": _TEXT,
        "adapter": _TEXT,
        "role": {"type": "string", "enum": ["media", "search"]},
        "configured": {"type": "boolean"},
        "keyless": {"type": "boolean"},
        "missing": {**_TEXT, "description": "The variable to set; empty where it is set up."},
        "proven": array(_TEXT),
        "docs": _TEXT,
        "status": {"type": "string", "enum": ["ok", "stale", "unavailable", "unknown", "off"]},
        "error": _TEXT,
        "models": {"type": "object", "additionalProperties": _WHOLE},
        "checked_at": {"type": ["string", "null"]},
        "note": _TEXT,
    },
    ("name", "adapter", "role", "configured", "missing", "status", "error", "models"),
)
_LISTS: dict[str, Any] = {
    "AgentModels": answer(
        {
            "platform": _TEXT,
            "capabilities": _ANY_OBJECT,
            "models": array(ref("ModelEntry")),
            "providers": array(ref("ProviderState")),
            "aliases": _ANY_OBJECT,
        },
        ("platform", "capabilities", "models"),
    ),
    "ProviderList": answer({"providers": array(_PROVIDER)}, ("providers",)),
    "ModelList": answer(
        {
            "models": array(ref("ModelEntry")),
            "total": _WHOLE,
            "limit": _WHOLE,
            "offset": _WHOLE,
            "providers": array(ref("ProviderState")),
            "aliases": _ANY_OBJECT,
        },
        ("models", "total", "providers"),
    ),
}
_ERROR = answer(
    {
        "error": answer(
            {
                "code": {"type": "string", "enum": sorted(STATUS)},
                "message": _TEXT,
                "next_step": _TEXT,
                "field": _TEXT,
                "request_id": _TEXT,
            },
            ("code", "message", "request_id"),
        )
    },
    ("error",),
)


def _of_types() -> dict[str, Any]:
    """The schemas of our own types that are sent or read as they are, and of what those contain."""
    template = "#/components/schemas/{model}"
    whole = {
        "SearchAnswer": SearchAnswer.model_json_schema(ref_template=template),
        "Model": Model.model_json_schema(ref_template=template),
        "SearchRequest": SearchRequest.model_json_schema(ref_template=template),
        "ProviderState": ProviderState.model_json_schema(),
    }
    parts: dict[str, Any] = {}
    for schema in whole.values():
        parts |= schema.pop("$defs", {})
    return parts | whole


_DELIVERED: dict[str, Any] = {
    "type": "object",
    "properties": {
        "session": {"type": "string", "maxLength": 200},
        "saved": {"type": "boolean"},
    },
}

_READINESS = answer(
    {
        "status": {"type": "string", "enum": ["ready", "not_ready"]},
        "version": _TEXT,
        "instance": _TEXT,
        "problems": {
            "type": "array",
            "items": answer(
                {
                    "check": {**_TEXT, "example": "store"},
                    "message": {**_TEXT, "example": "The disk is full or not writable."},
                    "next_step": _TEXT,
                },
                ("check", "message", "next_step"),
            ),
        },
    },
    ("status", "problems"),
)


def components() -> dict[str, Any]:
    """Every named schema."""
    return _of_types() | {
        "Error": _ERROR,
        "Asset": _ASSET,
        "Job": _JOB,
        "Accepted": answer(
            {
                "job_id": _TEXT,
                "status": {"type": "string", "enum": list(STATES_OF)},
                "warnings": array(_WARNING),
            },
            ("job_id", "status"),
        ),
        "Plan": _PLAN,
        "ModelEntry": _MODEL_ENTRY,
        **_LISTS,
        **{f"Generate{kind.title()}": generate_body(kind) for kind in KINDS},
        "Delivered": _DELIVERED,
        "Health": answer({"status": _TEXT, "version": _TEXT, "instance": _TEXT}, ("status",)),
        "Readiness": _READINESS,
    }
