"""OpenTelemetry's SDK behind `ports/tracing.py`; imported only where the operator switched it on."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import flexura
from flexura.domain.errors import FlexuraError
from flexura.ports import tracing
from flexura.ports.tracing import Kind, Span, Value

if TYPE_CHECKING:
    from opentelemetry import trace as api

log = logging.getLogger(__name__)
_FLUSH_MS = 3000
_WANTED = (
    "OTEL_TRACES_EXPORTER",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
)
_MISSING = (
    "Traces are wanted (%s) and cannot be sent: %s is not installed. Install flexura with its extra `otel`"
    " (`pip install 'flexura[otel]'`), or unset that variable."
)


def wanted(environ: Mapping[str, str]) -> str:
    """The standard variable that switches tracing on; empty where none does."""
    off = environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    if off or environ.get("OTEL_TRACES_EXPORTER", "").strip().lower() == "none":
        return ""
    return next((name for name in _WANTED if environ.get(name)), "")


@contextmanager
def traced(instance: str = "") -> Generator[None]:
    """Spans are made and sent inside this context, if the environment asks for it.

    A tracer provider that the operator's own instrumentation has set is used as it is.
    """
    provider = _operators_own()
    ours = provider is None
    if provider is None and (variable := wanted(os.environ)):
        provider = _made(variable, instance)
    if provider is None:
        yield
        return
    tracing.use(OtelTracer(provider))
    try:
        yield
    finally:
        tracing.use(None)
        if ours:
            _ended(provider)


def _operators_own() -> Any:
    """The provider that somebody set before us (`opentelemetry-instrument`), else None."""
    if "opentelemetry.sdk.trace" not in sys.modules:
        return None
    from opentelemetry import trace as api
    from opentelemetry.sdk.trace import TracerProvider

    found = api.get_tracer_provider()
    return found if isinstance(found, TracerProvider) else None


def _made(variable: str, instance: str) -> Any:
    try:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        exporter = _exporter()
    except ImportError as missing:
        log.warning(_MISSING, variable, missing.name)
        return None
    if exporter is None:
        return None
    facts = {"service.version": flexura.__version__, "service.instance.id": instance}
    if not os.environ.get("OTEL_SERVICE_NAME"):
        facts["service.name"] = "flexura"
    provider = TracerProvider(resource=Resource.create(cast("dict[str, Any]", facts)))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


def _exporter() -> Any:
    name = os.environ.get("OTEL_TRACES_EXPORTER", "otlp").strip().lower() or "otlp"
    if name == "console":
        from opentelemetry.sdk.trace.export import ConsoleSpanExporter

        return ConsoleSpanExporter(out=sys.stderr)
    if name != "otlp":
        log.warning(
            "Traces are not sent: OTEL_TRACES_EXPORTER is %r. Set it to otlp, console or none.",
            name[:40],
        )
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter()


def _ended(provider: Any) -> None:
    """Send what is left. A collector that is away holds nobody up for long."""
    with contextlib.suppress(Exception):
        provider.force_flush(_FLUSH_MS)
    with contextlib.suppress(Exception):
        provider.shutdown()


class OtelTracer:
    """The port `Tracer` on an OpenTelemetry provider."""

    def __init__(self, provider: Any) -> None:
        from opentelemetry import trace as api

        self._api = api
        self._tracer: api.Tracer = provider.get_tracer("flexura", flexura.__version__)
        self._kinds = {
            "internal": api.SpanKind.INTERNAL,
            "server": api.SpanKind.SERVER,
            "client": api.SpanKind.CLIENT,
            "consumer": api.SpanKind.CONSUMER,
        }

    def traceparent(self) -> str:
        """Of the present span."""
        found = self._api.get_current_span().get_span_context()
        if not found.is_valid:
            return ""
        return f"00-{found.trace_id:032x}-{found.span_id:016x}-{int(found.trace_flags):02x}"

    @contextmanager
    def span(
        self, name: str, kind: Kind, parent: str, inside: bool, attributes: Mapping[str, Value]
    ) -> Generator[Span]:
        present = self._api.get_current_span().get_span_context()
        if inside and not present.is_valid:
            yield OtelSpan(self._api, self._api.INVALID_SPAN)
            return
        before = self._context(parent) if parent else None
        # A call within a request that names another trace: the two know of one another.
        links = [self._api.Link(present)] if before is not None and present.is_valid else None
        with self._tracer.start_as_current_span(
            name,
            context=before,
            kind=self._kinds[kind],
            attributes=dict(attributes),
            links=links,
            record_exception=False,
            set_status_on_exception=False,
        ) as made:
            span = OtelSpan(self._api, made)
            try:
                yield span
            except FlexuraError as problem:
                span.failed(problem.code)
                raise
            except Exception as problem:
                # Not its words: they may hold anything.
                span.failed(type(problem).__name__)
                raise

    def past(
        self, name: str, kind: Kind, began_ns: int, attributes: Mapping[str, Value], code: str
    ) -> None:
        """A child of the present span, if there is one, that is over."""
        if not self._api.get_current_span().get_span_context().is_valid:
            return
        made = self._tracer.start_span(
            name, kind=self._kinds[kind], attributes=dict(attributes), start_time=began_ns
        )
        if code:
            OtelSpan(self._api, made).failed(code)
        made.end()

    def _context(self, parent: str) -> Any:
        _, trace, span, flags = parent.split("-")
        remote = self._api.SpanContext(
            int(trace, 16), int(span, 16), True, self._api.TraceFlags(int(flags, 16))
        )
        return self._api.set_span_in_context(self._api.NonRecordingSpan(remote))


class OtelSpan:
    """The port `Span` on one of OpenTelemetry."""

    def __init__(self, api: Any, span: api.Span) -> None:
        self._api = api
        self._span = span

    def set(self, **attributes: Value) -> None:
        for name, value in attributes.items():
            self._span.set_attribute(name.replace("__", "."), value)

    def rename(self, name: str) -> None:
        self._span.update_name(name)

    def failed(self, code: str) -> None:
        self._span.set_attribute("error.type", code)
        self._span.set_status(self._api.Status(self._api.StatusCode.ERROR))
