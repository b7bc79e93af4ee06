"""The live catalog: as documented at /api/agent/models, paged and filtered at /api/v1/models."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flexura.domain.errors import InvalidRequest
from flexura.domain.model import KINDS, Kind, Model
from flexura.gateway.rest.requests import base_url, caller, page_number, services

_TYPE_WORDS = {"integer": "number", "number": "number", "boolean": "boolean", "array": "array"}


def input_words(model: Model) -> dict[str, Any]:
    """The model's input as a map of type words, as documented."""
    properties: dict[str, dict[str, Any]] = model.input_schema.get("properties", {})
    words = {
        name: _TYPE_WORDS.get(str(schema.get("type")), "string")
        for name, schema in properties.items()
    }
    return {"prompt": "string", "options": words}


def entry(model: Model, kind: Kind, base: str) -> dict[str, Any]:
    """One (model, kind): the documented fields first."""
    return {
        "id": model.id,
        "type": kind,
        "endpoint_url": f"{base}/api/generate/{kind}",
        "description": model.description,
        "status": model.status,
        "input": input_words(model),
        "name": model.name,
        "provider": model.provider,
        "tasks": list(model.tasks),
        "price": model.price.model_dump() if model.price else None,
        "stale": model.stale,
        "fetched_at": model.fetched_at,
    }


def _matches(model: Model, words: list[str]) -> bool:
    text = f"{model.id} {model.name} {model.description} {' '.join(model.tasks)}".lower()
    return all(word in text for word in words)


async def agent_models(request: Request) -> Response:
    """The documented catalog; it needs no key."""
    found, base = services(request), base_url(request)
    models = await found.catalog.models()
    entries = [entry(m, kind, base) for m in models for kind in m.kinds]
    body = {
        "platform": "Flexura",
        "capabilities": {
            "search": {
                "endpoint_url": f"{base}/api/search",
                "method": "POST",
                "description": "Search the internet with AI-optimized results",
            }
        },
        "models": entries,
    }
    if "limit" in request.query_params:
        body["models"] = entries[: page_number(request, "limit", 100, 1, 1000)]
    return _tagged(request, body)


def _tagged(request: Request, body: dict[str, Any]) -> Response:
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"ETag": tag})
    return Response(content, media_type="application/json", headers={"ETag": tag})


async def list_models(request: Request) -> Response:
    """Models by kind and words, paged, with the state of each provider."""
    await caller(request, "read")
    found, base = services(request), base_url(request)
    kind = request.query_params.get("kind", "")
    if kind and kind not in KINDS:
        raise InvalidRequest(
            f"The kind {kind[:30]!r} is unknown.",
            field="kind",
            next_step=f"Allowed: {', '.join(KINDS)}.",
        )
    words = request.query_params.get("query", "").lower().split()[:20]
    limit = page_number(request, "limit", 100, 1, 1000)
    offset = page_number(request, "offset", 0, 0, 1_000_000)
    models = await found.catalog.models()
    entries = [
        entry(m, k, base)
        for m in models
        if _matches(m, words)
        for k in m.kinds
        if not kind or k == kind
    ]
    return _tagged(
        request,
        {
            "models": entries[offset : offset + limit],
            "total": len(entries),
            "limit": limit,
            "offset": offset,
            "providers": [s.model_dump() for s in found.catalog.states()],
            "aliases": found.catalog.aliases,
        },
    )


async def get_model(request: Request) -> Response:
    """One model with the full schema of its options."""
    await caller(request, "read")
    model = await services(request).catalog.find(request.path_params["model_id"])
    return JSONResponse(model.model_dump(mode="json"))
