"""`/metrics`: what it tells, and whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from prometheus_client.parser import text_string_to_metric_families

from doubles import FakeProvider
from flexura.ports import measures
from flexura.ports.measures import MOST_SERIES, Counter
from flexura.services.exposition import described
from flexura.settings import Settings
from gateway_house import BASE, House, opened

pytestmark = pytest.mark.anyio
Figures = Mapping[tuple[str, frozenset[tuple[str, str]]], float]


async def scraped(house: House, **headers: str) -> Figures:
    """Every sample, by name and labels."""
    answer = await house.http.get("/metrics", headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    families = text_string_to_metric_families(answer.text)
    return {(s.name, frozenset(s.labels.items())): s.value for f in families for s in f.samples}


def value(figures: Figures, name: str, **labels: str) -> float:
    """One sample; 0 where there is none."""
    return figures.get((name, frozenset(labels.items())), 0.0)


async def test_a_job_is_seen_in_every_figure_that_it_touches(house: House) -> None:
    before = await scraped(house)
    await house.ended(await house.order())
    after = await scraped(house)

    def grown(name: str, **labels: str) -> float:
        return value(after, name, **labels) - value(before, name, **labels)

    made = {"provider": "fake", "kind": "image"}
    assert grown("flexura_jobs_accepted_total", **made) == 1
    assert grown("flexura_jobs_ended_total", **made, state="completed", code="") == 1
    assert grown("flexura_job_duration_seconds_count", **made) == 1
    assert grown("flexura_job_start_delay_seconds_count", **made) == 1
    assert round(grown("flexura_spend_usd_total", provider="fake"), 6) == 0.02
    asked = {"provider": "fake", "outcome": "ok"}
    assert grown("flexura_provider_requests_total", **asked, operation="submit") == 1
    assert grown("flexura_provider_requests_total", **asked, operation="poll") >= 1
    posted = {"method": "POST", "route": "/api/generate/{kind}", "status": "202"}
    assert grown("flexura_http_requests_total", **posted) == 1
    assert grown("flexura_store_commits_total", outcome="committed") > 2
    assert value(after, "flexura_store_up") == 1
    assert value(after, "flexura_store_size_bytes") > 1000
    assert value(after, "flexura_provider_up", provider="fake") == 1
    assert value(after, "process_resident_memory_bytes") > 1e6


async def test_what_waits_is_counted_by_state_and_provider_with_its_age(house: House) -> None:
    house.fake.gate.clear()
    for _ in range(3):
        await house.order()
    await house.fake.polled.wait()
    figures = await scraped(house)
    waiting = value(figures, "flexura_jobs", state="queued", provider="fake")
    running = value(figures, "flexura_jobs", state="running", provider="fake")
    assert (waiting, running) == (1, 2)
    assert value(figures, "flexura_queue_oldest_age_seconds", provider="fake") >= 0
    house.fake.gate.set()


async def test_a_refusal_of_the_vendor_is_counted_by_its_code(house: House) -> None:
    before = await scraped(house)
    await house.ended(await house.order("refuse"))
    refused = {"provider": "fake", "operation": "submit", "outcome": "provider_error"}
    name = "flexura_provider_requests_total"
    assert value(await scraped(house), name, **refused) == value(before, name, **refused) + 1


async def test_a_tool_call_is_counted_by_tool_and_outcome(house: House) -> None:
    before = await scraped(house)
    async with Client(streamable_http_client(f"{BASE}/mcp", http_client=house.http)) as mcp:
        await mcp.call_tool("generate_image", {"prompt": "a fox", "model": "fake:one"})
        await mcp.call_tool("generate_image", {"prompt": "a fox", "model": "fake:none"})
    after = await scraped(house)
    for outcome in ("ok", "model_not_found"):
        labels = {"tool": "generate_image", "outcome": outcome}
        name = "flexura_mcp_tool_calls_total"
        assert value(after, name, **labels) == value(before, name, **labels) + 1


async def test_no_label_holds_an_id_a_prompt_or_a_model(house: House) -> None:
    job_id = await house.order("a very particular fox")
    await house.ended(job_id)
    await house.http.get("/no/such/page")
    text = (await house.http.get("/metrics")).text
    assert job_id not in text and "particular" not in text and "fake:one" not in text
    assert "/no/such" not in text and 'route="unknown"' in text


async def test_a_token_of_the_settings_opens_it_and_nothing_else(
    gateway_settings: Settings, tmp_path: Path
) -> None:
    settings = replace(gateway_settings, metrics_token="for-prometheus")
    async with opened(settings, FakeProvider(tmp_path)) as house:
        await scraped(house, Authorization="Bearer for-prometheus")
        for path in ("/api/v1/jobs", "/api/v1/keys"):
            answer = await house.http.get(path, headers={"Authorization": "Bearer for-prometheus"})
            assert answer.status_code == 401
        wrong = {"Authorization": "Bearer for-prometheuz"}
        assert (await house.http.get("/metrics", headers=wrong)).status_code == 401


async def test_a_tenant_learns_nothing_even_with_an_admin_key(house: House) -> None:
    made = (await house.http.post("/api/v1/workspaces", json={"name": "acme"})).json()
    assert "admin" in made["api_key"]["scopes"]
    theirs = {"Authorization": f"Bearer {made['key']}"}
    refused = await house.http.get("/metrics", headers=theirs)
    nobody = await house.http.get("/metrics", headers={"Authorization": ""})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")
    assert (nobody.status_code, nobody.json()["error"]["code"]) == (401, "unauthorized")


def test_a_label_that_has_no_end_stays_bounded() -> None:
    counter = Counter("c", "", ("name",))
    for number in range(MOST_SERIES + 50):
        counter.add(str(number))
    assert len(counter.values) == MOST_SERIES + 1
    assert counter.values[("other",)] == 50


def test_names_keep_the_conventions_of_prometheus() -> None:
    rows = described()
    names = [row["name"] for row in rows]
    assert len(set(names)) == len(names) >= len(measures.ALL)
    for row in rows:
        assert row["name"].startswith("flexura_") and row["help"].endswith(".")
        assert (row["type"] == "counter") == row["name"].endswith("_total")
