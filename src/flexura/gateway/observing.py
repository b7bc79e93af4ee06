"""What is told of each request and each tool call: its figures, its span, its id for the log."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, cast

from starlette.types import Message, Scope

from flexura.gateway.auth import text
from flexura.gateway.probes import PROBES
from flexura.ports import measures, tracing
from flexura.services import logs
from flexura.services.measured import code_of

log = logging.getLogger("flexura.requests")
ROUTE = "flexura.route"
"""Where in the scope the template of the route is."""
_UNKNOWN = "unknown"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_CONVERTOR = re.compile(r":\w+}")


def template(path: str) -> str:
    """A route as figures name it: `/api/jobs/{job_id}`, without Starlette's convertors."""
    return _CONVERTOR.sub("}", path)


class Seen:
    """One request."""

    __slots__ = ("request_id", "status")

    def __init__(self) -> None:
        self.request_id = secrets.token_hex(8)
        self.status = 0

    def note(self, message: Message) -> None:
        """Look at what is answered."""
        if message["type"] == "http.response.start":
            self.status = message["status"]


@contextmanager
def request(scope: Scope) -> Generator[Seen]:
    """Around one HTTP request, which has a task of its own."""
    seen, began = Seen(), time.perf_counter()
    method = scope["method"] if scope["method"] in _METHODS else _UNKNOWN
    logs.begin(request_id=seen.request_id)
    sent = next((v for n, v in scope["headers"] if n == b"traceparent"), b"")
    tracing.received(sent.decode("latin-1"))
    try:
        if not tracing.on() or scope["path"] in PROBES:
            yield seen
        else:
            with _span(scope, method, seen) as found:
                yield found
    finally:
        route, took = scope.get(ROUTE, _UNKNOWN), time.perf_counter() - began
        measures.REQUESTS.add(method, route, str(seen.status))
        measures.REQUEST_SECONDS.note(took, route)
        if log.isEnabledFor(logging.DEBUG):
            log.debug("%s %s %d in %.4f s", method, route, seen.status, took)


@contextmanager
def _span(scope: Scope, method: str, seen: Seen) -> Generator[Seen]:
    facts: dict[str, tracing.Value] = {
        "http.request.method": method,
        "url.scheme": scope.get("scheme", "http"),
        "flexura.request_id": seen.request_id,
    }
    parent = tracing.traceparent()
    with tracing.span(method, "server", parent=parent, attributes=facts) as span:
        try:
            yield seen
        finally:
            route = scope.get(ROUTE, _UNKNOWN)
            # Not the path: it may hold a file's name, which is all that one needs to read it.
            span.rename(f"{method} {route}")
            span.set(http__route=route, http__response__status_code=seen.status)
            if seen.status >= 500:
                span.failed(str(seen.status))


@contextmanager
def tool_call(tool: str, meta: Any, scope: Scope) -> Generator[list[Any]]:
    """Around one call of an MCP tool; put the result into the list.

    A `traceparent` in the call's `_meta` is continued (MCP's SEP-414), else the one of the HTTP request.
    """
    headers = cast("dict[bytes, bytes]", scope["flexura.headers"])
    told = tracing.checked(_part(meta, "traceparent"))
    if told and not tracing.checked(text(headers, b"traceparent")):
        tracing.received(told)
    else:
        told = ""
    began, outcome, result = time.perf_counter(), "ok", list[Any]()
    facts: dict[str, tracing.Value] = {"mcp.method.name": "tools/call", "gen_ai.tool.name": tool}
    try:
        with tracing.span(f"tools/call {tool}", "server", parent=told, attributes=facts) as span:
            yield result
            if result and result[0].is_error:
                outcome = _code(result[0].structured_content)
                span.failed(outcome)
    except BaseException as problem:
        outcome = code_of(problem)
        raise
    finally:
        measures.TOOL_CALLS.add(tool, outcome)
        measures.TOOL_SECONDS.note(time.perf_counter() - began, tool)


def _code(structured: Any) -> str:
    """The code of a tool result that is an error: its own, or that of the job that it tells of."""
    code = _part(_part(structured, "error"), "code")
    return code if isinstance(code, str) else "failed"


def _part(whole: Any, name: str) -> Any:
    return cast("dict[str, Any]", whole).get(name) if isinstance(whole, dict) else None
