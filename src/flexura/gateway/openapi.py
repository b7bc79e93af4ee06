"""The OpenAPI 3.1 document, made from the table of operations."""

from __future__ import annotations

import re
from typing import Any

import flexura
from flexura.gateway.rest.operations import JSON, OPERATIONS, Operation
from flexura.gateway.rest.schemas import components, ref

_REASONS = {
    200: "OK",
    201: "Created",
    202: "Accepted",
    204: "No content",
    304: "Not modified",
    400: "Bad request",
    401: "No good key",
    402: "Too expensive",
    403: "Not allowed",
    404: "Not found",
    409: "Conflict",
    413: "Body too large",
    415: "Unsupported media type",
    422: "Refused",
    429: "Too many requests",
    502: "The provider failed",
    503: "Not available now",
    507: "Disk full",
}


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    names = re.findall(r"\{(\w+)\}", operation.path)
    path = [
        {"name": n, "in": "path", "required": True, "schema": {"type": "string"}} for n in names
    ]
    query = [{"name": n, "in": "query", "schema": s} for n, s in operation.query.items()]
    headers = [{"name": n, "in": "header", "schema": s} for n, s in operation.headers.items()]
    return path + query + headers


def _responses(operation: Operation) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status, (media_types, schema) in operation.answers.items():
        named = (media_types,) if isinstance(media_types, str) else media_types
        content = (
            {"content": {kind: {"schema": schema} for kind in named if kind}} if named[0] else {}
        )
        responses[str(status)] = {"description": _REASONS[status], **content}
    for status in sorted(operation.errors):
        content = {JSON: {"schema": ref("Error")}}
        responses[str(status)] = {"description": _REASONS[status], "content": content}
    return responses


def _operation(operation: Operation) -> dict[str, Any]:
    name = operation.endpoint.__name__
    kind = operation.path.rpartition("/")[2] if name == "generate" else ""
    found: dict[str, Any] = {
        "operationId": f"{name}_{kind}" if kind else name,
        "summary": operation.summary,
        "responses": _responses(operation),
    }
    if parameters := _parameters(operation):
        found["parameters"] = parameters
    if operation.body:
        content = {kind: {"schema": schema} for kind, schema in operation.body.items()}
        found["requestBody"] = {"required": True, "content": content}
    if not operation.key:
        found["security"] = []
    return found


def document() -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "flexura",
            "version": flexura.__version__,
            "description": "Internet search and media generation for every AI agent.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "schemas": components(),
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }
