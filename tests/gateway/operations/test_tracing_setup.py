"""What switches tracing on, and that it costs nothing where nobody does."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from flexura.ports import tracing
from flexura.runtime.otel import traced, wanted

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
EXPORTER = "OTEL_TRACES_EXPORTER"


@pytest.mark.parametrize(
    ("environ", "by"),
    [
        ({}, ""),
        ({ENDPOINT: "http://c:4318"}, ENDPOINT),
        ({EXPORTER: "otlp"}, EXPORTER),
        ({EXPORTER: "none", ENDPOINT: "http://c:4318"}, ""),
        ({ENDPOINT: "http://c:4318", "OTEL_SDK_DISABLED": "true"}, ""),
        ({"OTEL_SERVICE_NAME": "flexura"}, ""),
    ],
)
def test_the_standard_variables_switch_it_on(environ: dict[str, str], by: str) -> None:
    assert wanted(environ) == by


def test_without_them_nothing_is_traced() -> None:
    with traced():
        assert not tracing.on()
        with tracing.span("x") as span:
            span.set(a=1)
        assert tracing.traceparent() == ""


def test_without_the_extra_the_log_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(ENDPOINT, "http://127.0.0.1:9")
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with caplog.at_level(logging.WARNING), traced():
        assert not tracing.on()
    assert "pip install 'flexura[otel]'" in caplog.text and ENDPOINT in caplog.text


def test_an_exporter_that_is_not_known_is_named(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(EXPORTER, "zipkin")
    with traced():
        assert not tracing.on()
    assert "'zipkin'" in caplog.text and "otlp, console or none" in caplog.text


def test_the_operators_own_instrumentation_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, own = InMemorySpanExporter(), TracerProvider()
    own.add_span_processor(SimpleSpanProcessor(kept))
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: own)
    with traced():
        with tracing.span("ours"):
            pass
        assert tracing.on()
    assert [span.name for span in kept.get_finished_spans()] == ["ours"]
    # It is not ours to end.
    with own.get_tracer("theirs").start_as_current_span("later"):
        pass
    assert [span.name for span in kept.get_finished_spans()] == ["ours", "later"]


@pytest.mark.parametrize(
    "told",
    [
        "",
        None,
        "nonsense",
        f"00-{'0' * 32}-b7ad6b7169203331-01",
        f"00-0af7651916cd43dd8448eb211c80319c-{'0' * 16}-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
    ],
)
def test_what_is_no_traceparent_is_dropped(told: object) -> None:
    assert tracing.checked(told) == ""


def test_a_later_version_of_it_is_read_as_far_as_it_is_known() -> None:
    told = "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-comes"
    known = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    assert tracing.checked(told) == known


def test_a_start_imports_neither_prometheus_nor_the_sdk() -> None:
    code = (
        "import sys, flexura.cli.serving\n"
        "slow = ('prometheus_client', 'opentelemetry.sdk', 'opentelemetry.exporter')\n"
        "assert not [m for m in sys.modules if m.startswith(slow)]\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
