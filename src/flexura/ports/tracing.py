"""Spans of OpenTelemetry, where the operator wants them; free where nobody does.

Nothing here imports OpenTelemetry: `runtime/otel.py` puts a tracer in place when the standard variables ask
for one. What a span says is words of ours (provider, route, error code): no prompts, no secrets, no names of
files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Literal, Protocol

Kind = Literal["internal", "server", "client", "consumer"]
Value = str | int | float | bool
_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")
_NOBODY = ("0" * 32, "0" * 16)


class Span(Protocol):
    """Something that takes time."""

    def set(self, **attributes: Value) -> None:
        """Say more of it; `__` in a name stands for a dot."""
        ...

    def rename(self, name: str) -> None: ...
    def failed(self, code: str) -> None:
        """It ended with an error of that code."""
        ...


class Tracer(Protocol):
    """Makes spans and knows the present one."""

    def span(
        self, name: str, kind: Kind, parent: str, inside: bool, attributes: Mapping[str, Value]
    ) -> AbstractContextManager[Span]: ...
    def past(
        self, name: str, kind: Kind, began_ns: int, attributes: Mapping[str, Value], code: str
    ) -> None: ...
    def traceparent(self) -> str: ...


class _Nothing:
    """The span of nobody."""

    def __enter__(self) -> Span:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        return None

    def set(self, **attributes: Value) -> None:
        return None

    def rename(self, name: str) -> None:
        return None

    def failed(self, code: str) -> None:
        return None


_NOTHING = _Nothing()
_tracer: Tracer | None = None
_given: ContextVar[str] = ContextVar("flexura_traceparent", default="")
"""What the caller sent: passed on to the job and the log also where nobody traces here."""


def use(tracer: Tracer | None) -> None:
    """Trace with this from now on; None = nothing."""
    global _tracer
    _tracer = tracer


def on() -> bool:
    """Whether spans are made."""
    return _tracer is not None


def span(
    name: str,
    kind: Kind = "internal",
    *,
    parent: str = "",
    inside: bool = False,
    attributes: Mapping[str, Value] | None = None,
) -> AbstractContextManager[Span]:
    """A span around a block; an exception that leaves the block is noted by its code or type.

    `parent` is a traceparent to continue; else the present span is the parent. `inside` = only where there is
    a present span: what happens by itself all the time begins no trace.
    """
    if _tracer is None:
        return _NOTHING
    return _tracer.span(name, kind, parent, inside, attributes or {})


def past(
    name: str, kind: Kind, began_ns: int, attributes: Mapping[str, Value], code: str = ""
) -> None:
    """A span that is over, inside the present one: for what is worth one only in hindsight.

    It began at `began_ns` (nanoseconds since 1970); `code` is the error's, where it failed.
    """
    if _tracer is not None:
        _tracer.past(name, kind, began_ns, attributes, code)


def received(traceparent: str) -> None:
    """Note what came with a call. Something that is no traceparent is dropped."""
    _given.set(checked(traceparent))


def traceparent() -> str:
    """Of the present span, else what the caller sent; empty where there is neither."""
    own = _tracer.traceparent() if _tracer is not None else ""
    return own or _given.get()


def trace_id() -> str:
    """The id of the present trace; empty where there is none."""
    return traceparent()[3:35]


def checked(told: Any) -> str:
    """A W3C traceparent that can be continued; empty for anything else (w3.org/TR/trace-context)."""
    found = _TRACEPARENT.fullmatch(told) if isinstance(told, str) and len(told) < 200 else None
    if found is None or found[1] == _NOBODY[0] or found[2] == _NOBODY[1]:
        return ""
    return f"00-{found[1]}-{found[2]}-{found[3]}"
