"""The OpenAPI 3.1 document, made from the table of operations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import flexura
from flexura.domain.errors import FlexuraError, tree
from flexura.gateway.errors import STATUS
from flexura.gateway.examples import example_of
from flexura.gateway.rest.operation import JSON, Operation
from flexura.gateway.rest.operations import OPERATIONS, SURFACES, schemas
from flexura.gateway.rest.schemas import ref

_REASONS = {
    200: "OK",
    201: "Created",
    202: "Accepted",
    204: "No content",
    206: "A part of the file",
    304: "Not modified",
    400: "Bad request",
    401: "No good key",
    402: "Too expensive",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    410: "Gone",
    413: "Body too large",
    415: "Unsupported media type",
    416: "No such part",
    422: "Refused",
    429: "Too many requests",
    502: "The provider failed",
    503: "Not available now",
    507: "Disk full",
}


def _path_names(operation: Operation) -> list[str]:
    return re.findall(r"\{(\w+)\}", operation.path)


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    names = _path_names(operation)
    path = [
        {"name": n, "in": "path", "required": True, "schema": {"type": "string"}} for n in names
    ]
    query = [{"name": n, "in": "query", "schema": s} for n, s in operation.query.items()]
    headers = [{"name": n, "in": "header", "schema": s} for n, s in operation.headers.items()]
    return path + query + headers


_WITH_A_KEY = (401, 403, 429)
"""What every operation that wants a key may answer."""


def errors_of(operation: Operation) -> list[int]:
    """Every error status that an operation lists or that comes with its key."""
    return sorted({*operation.errors, *(_WITH_A_KEY if operation.key else ())})


def codes_of(status: int) -> list[type[FlexuraError]]:
    """The errors behind a status."""
    return [e for e in tree() if e is not FlexuraError and STATUS[e.code] == status]


def _links(operation: Operation) -> dict[str, Any]:
    """To every operation whose path is filled by what an answer of this one tells."""
    told = {
        name: place if place.startswith("$") else f"$response.body#{place}"
        for name, place in operation.links.items()
    }
    return {
        operation_id(target): {
            "operationId": operation_id(target),
            "parameters": {name: told[name] for name in names},
        }
        for target in OPERATIONS
        if (names := _path_names(target)) and told.keys() >= set(names)
    }


def _responses(operation: Operation, named: Mapping[str, Any]) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    links = _links(operation) if operation.links else {}
    for status, (media_types, schema) in operation.answers.items():
        kinds = (media_types,) if isinstance(media_types, str) else media_types
        content = {kind: _content(kind, schema, named) for kind in kinds if kind}
        responses[str(status)] = {
            "description": _REASONS[status],
            **({"content": content} if content else {}),
            **({"links": links} if links and JSON in content and status < 300 else {}),
        }
    for status in errors_of(operation):
        # What an operation says itself about an error goes before the shape of all others.
        told = {"$ref": f"#/components/responses/Error{status}"}
        responses.setdefault(str(status), told)
    return responses


def _content(kind: str, schema: dict[str, Any], named: Mapping[str, Any]) -> dict[str, Any]:
    """A body's schema, and an example where it is JSON."""
    if kind != JSON:
        return {"schema": schema}
    return {"schema": schema, "example": example_of(schema, named)}


def _errors() -> dict[str, Any]:
    """One response for each error status, with an example of every code behind it."""
    return {
        f"Error{status}": {
            "description": _REASONS[status],
            "content": {
                JSON: {
                    "schema": ref("Error"),
                    "examples": {e.code: {"value": _error(e)} for e in codes_of(status)},
                }
            },
        }
        for status in sorted({s for operation in OPERATIONS for s in errors_of(operation)})
    }


def _error(kind: type[FlexuraError]) -> dict[str, Any]:
    return {
        "error": {
            "code": kind.code,
            "message": (kind.__doc__ or "").strip(),
            "request_id": "5f0c9d2e8a1b4c37",
        }
    }


def operation_id(operation: Operation) -> str:
    """The name of its endpoint; the three kinds of generating share one endpoint."""
    name = operation.endpoint.__name__
    return f"{name}_{operation.path.rpartition('/')[2]}" if name == "generate" else name


def _operation(operation: Operation, tag: str, named: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": operation_id(operation),
        "summary": operation.summary,
        "tags": [tag],
        "responses": _responses(operation, named),
    }
    if parameters := _parameters(operation):
        found["parameters"] = parameters
    if operation.body:
        content = {k: _content(k, schema, named) for k, schema in operation.body.items()}
        found["requestBody"] = {"required": operation.body_required, "content": content}
    if not operation.key:
        found["security"] = []
    return found


def document() -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, dict[str, Any]] = {}
    named = schemas()
    for surface in SURFACES:
        for operation in (op for table in surface.tables for op in table.OPERATIONS):
            method = operation.method.lower()
            described = _operation(operation, surface.title, named)
            paths.setdefault(operation.path, {})[method] = described
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
        "tags": [{"name": s.title, "description": s.about} for s in SURFACES if s.tables],
        "paths": paths,
        "components": {
            "schemas": named,
            "responses": _errors(),
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }
