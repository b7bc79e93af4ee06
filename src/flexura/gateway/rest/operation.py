"""One REST operation, as the routes and the OpenAPI document are made from it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

Endpoint = Callable[[Request], Awaitable[Response]]
JSON = "application/json"


@dataclass(frozen=True)
class Operation:
    """One method of one path: what answers it, and what its document says."""

    method: str
    path: str
    endpoint: Endpoint
    summary: str
    answers: dict[int, tuple[str | tuple[str, ...], dict[str, Any]]]
    """Status → (media types, schema); an empty media type means no body."""
    errors: tuple[int, ...] = ()
    body: dict[str, Any] = field(default_factory=dict[str, Any])
    body_required: bool = True
    query: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    headers: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    key: bool = True
    starlette_path: str = ""
    links: dict[str, str] = field(default_factory=dict[str, str])
    """Path parameter → where the answer has its value: a JSON Pointer, or `$request.path.NAME`.

    The document links to every operation whose whole path these fill, on whatever surface it is.
    """
