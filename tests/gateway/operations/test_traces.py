"""One trace from the call to the provider, whoever does the work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from doubles import FakeProvider
from flexura.runtime import Bind, open_services
from flexura.settings import Settings
from gateway_house import BASE, House, opened
from runs_house import FILM, Atelier, with_press
from webhooks_house import receiving

pytestmark = pytest.mark.anyio
TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE}-b7ad6b7169203331-01"


@asynccontextmanager
async def agent(house: House) -> AsyncIterator[Client]:
    async with Client(streamable_http_client(f"{BASE}/mcp", http_client=house.http)) as found:
        yield found


async def ended(spans: InMemorySpanExporter, *names: str) -> Sequence[ReadableSpan]:
    """Every span, once these have ended: the worker lets go of a job after its caller knows."""
    async with asyncio.timeout(20):
        while not set(names) <= {span.name for span in spans.get_finished_spans()}:
            await asyncio.sleep(0)
    return spans.get_finished_spans()


def named(spans: Sequence[ReadableSpan], name: str) -> list[ReadableSpan]:
    return [span for span in spans if span.name == name]


def trace_of(span: ReadableSpan) -> str:
    assert span.context is not None
    return f"{span.context.trace_id:032x}"


def connected(spans: Sequence[ReadableSpan], root: ReadableSpan) -> list[ReadableSpan]:
    """What lies below a span, found by walking from parent to child."""
    assert root.context is not None
    below = [s for s in spans if s.parent and s.parent.span_id == root.context.span_id]
    return [root, *(deep for span in below for deep in connected(spans, span))]


async def test_a_tool_call_is_one_trace_over_gateway_and_worker(
    gateway_settings: Settings, tmp_path: Path, spans: InMemorySpanExporter
) -> None:
    fake = FakeProvider(tmp_path)
    async with (
        opened(gateway_settings, fake, works=False) as house,
        open_services(house.settings, Bind(), [fake]),
        agent(house) as mcp,
    ):
        spans.clear()
        order = {"prompt": "a secret fox", "model": "fake:one", "wait": 30}
        made = await mcp.call_tool("generate_image", order)
        found = await ended(spans, "run job", "tools/call generate_image", "POST /mcp")
    assert made.structured_content and made.structured_content["status"] == "completed"
    (call,) = named(found, "tools/call generate_image")
    below = connected(found, call)
    names = {span.name for span in below}
    wanted = {"accept job", "run job", "submit fake", "poll fake", "store transaction"}
    assert wanted <= names
    assert {trace_of(span) for span in below} == {trace_of(call)}
    (submit,) = named(below, "submit fake")
    assert submit.kind is SpanKind.CLIENT
    assert submit.attributes is not None
    assert submit.attributes["gen_ai.provider.name"] == "fake"
    assert submit.attributes["gen_ai.request.model"] == "one"
    (job,) = named(below, "run job")
    assert job.attributes is not None
    assert job.attributes["flexura.job_id"] == made.structured_content["job_id"]
    assert not any("secret" in str(dict(span.attributes or {})) for span in found)


async def test_the_steps_of_a_template_belong_to_the_same_trace(
    tmp_path: Path, spans: InMemorySpanExporter
) -> None:
    async with opened(with_press(tmp_path), Atelier(tmp_path)) as house:
        await house.http.post("/api/v1/templates", json=FILM)
        async with agent(house) as mcp:
            spans.clear()
            order = {"prompt": "a fox", "model": "template:film", "wait": 40}
            await mcp.call_tool("generate_video", order)
            found = await ended(spans, "tools/call generate_video", "POST /mcp")
            while len(named(found, "run job")) < 4:
                await asyncio.sleep(0)
                found = spans.get_finished_spans()
    (call,) = named(found, "tools/call generate_video")
    below = connected(found, call)
    assert len(named(below, "run job")) == 4
    assert len(named(below, "submit fake")) == 3
    assert {trace_of(span) for span in below} == {trace_of(call)}


async def test_a_callers_own_trace_is_continued(house: House, spans: InMemorySpanExporter) -> None:
    sent = {"prompt": "a fox", "model": "fake:one"}
    answer = await house.http.post(
        "/api/generate/image?wait=30", json=sent, headers={"traceparent": TRACEPARENT}
    )
    assert answer.status_code == 200
    found = await ended(spans, "run job", "POST /api/generate/{kind}")
    (request,) = named(found, "POST /api/generate/{kind}")
    assert trace_of(request) == TRACE
    assert request.parent is not None and f"{request.parent.span_id:016x}" == "b7ad6b7169203331"
    assert request.kind is SpanKind.SERVER and request.attributes is not None
    assert request.attributes["http.response.status_code"] == 200
    assert {trace_of(s) for s in named(found, "submit fake")} == {TRACE}


async def test_a_trace_in_the_meta_of_a_tool_call_is_continued_and_linked(
    house: House, spans: InMemorySpanExporter
) -> None:
    async with agent(house) as mcp:
        meta: Any = {"traceparent": TRACEPARENT}
        order = {"prompt": "a fox", "model": "fake:one", "wait": 30}
        await mcp.call_tool("generate_image", order, meta=meta)
        found = await ended(spans, "run job", "tools/call generate_image")
    (call,) = named(found, "tools/call generate_image")
    assert trace_of(call) == TRACE and len(call.links) == 1
    assert {trace_of(s) for s in named(found, "submit fake")} == {TRACE}


async def test_without_tracing_the_job_still_carries_its_callers_trace(house: House) -> None:
    sent = {"prompt": "a fox", "model": "fake:one"}
    headers = {"traceparent": TRACEPARENT}
    answer = await house.http.post("/api/generate/image", json=sent, headers=headers)
    nonsense = {"traceparent": "00-zz-"}
    other = await house.http.post(
        "/api/generate/image", json={**sent, "prompt": "b"}, headers=nonsense
    )
    assert house.app.services is not None
    records = house.app.services.records
    traces: list[str] = []
    for told in (answer, other):
        job = await records.transact(lambda tx, told=told: tx.job(told.json()["job_id"]))
        assert job is not None
        traces.append(job.trace)
    assert traces == [TRACEPARENT, ""]


async def test_no_vendor_and_no_receiver_is_told_the_trace(
    gateway_settings: Settings, tmp_path: Path, spans: InMemorySpanExporter
) -> None:
    async with receiving() as receiver:
        settings = replace(gateway_settings, webhook_origins=(receiver.url,))
        async with opened(settings, FakeProvider(tmp_path)) as house:
            job_id = await house.order(callback_url=f"{receiver.url}/done")
            await house.ended(job_id)
            (message,) = await receiver.until(1)
            found = await ended(spans, "deliver webhook", "run job")
    assert "traceparent" not in message.headers
    (delivery,) = named(found, "deliver webhook")
    (job,) = named(found, "run job")
    assert trace_of(delivery) == trace_of(job)


async def test_a_failure_is_told_by_its_code_alone(
    house: House, spans: InMemorySpanExporter
) -> None:
    await house.ended(await house.order("refuse"))
    found = await ended(spans, "run job")
    (submit,) = named(found, "submit fake")
    assert submit.attributes is not None
    assert submit.attributes["error.type"] == "provider_error"
    assert not submit.events and submit.status.description is None


async def test_probes_begin_no_traces(house: House, spans: InMemorySpanExporter) -> None:
    spans.clear()
    for path in ("/healthz", "/healthz/ready", "/metrics"):
        await house.http.get(path)
    assert not [s for s in spans.get_finished_spans() if s.kind is SpanKind.SERVER]
