"""Every discovered adapter, through a whole gateway, on wire samples: orders, refusals, junk, faults."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from flexura.providers.media import adapters
from vendor_double import VendorDouble, vendor_double
from vendor_samples import (
    SECRET,
    Case,
    cases,
    contains,
    ended,
    environment,
    first_cases,
    gateway,
    named,
    names,
    order,
    prepare,
    sample,
)

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(60)]
DOUBLES = Path(__file__).parent / "doubles"
JUNK: dict[str, dict[str, Any]] = {
    "html": {"status": 200, "text": "<html>busy</html>"},
    "null": {"status": 200, "json": None},
    "a number": {"status": 200, "json": 7},
    "another shape": {"status": 200, "json": {"data": 5, "models": {"a": None}, "results": "x"}},
    "deep": {"status": 200, "json": [[[[["deep"]]]], None, {"id": {"a": 1}}]},
    "500": {"status": 500, "text": "oops", "mime": "text/plain"},
    "403": {"status": 403, "json": {"error": {"message": "no access"}}},
    "reset": {"fault": "reset"},
    "truncated": {"status": 200, "json": {}, "fault": "truncated"},
}
SURELY_JUNK = ("html", "500", "403", "reset", "truncated")
UNKNOWN = {name: JUNK[name] for name in ("html", "reset")} | {
    "504": {"status": 504, "text": "late"}
}
by_name = pytest.mark.parametrize("name", names())
by_case = pytest.mark.parametrize("case", list(cases()), ids=str)
by_first = pytest.mark.parametrize("case", first_cases(), ids=str)


@pytest.fixture
def double() -> Iterator[VendorDouble]:
    with vendor_double() as vendor:
        yield vendor


async def done(http: httpx2.AsyncClient, case: Case) -> dict[str, Any]:
    """The job at its end; no secret is in it."""
    job = await ended(http, await order(http, case))
    assert SECRET not in json.dumps(job)
    return job


def mains(job: dict[str, Any]) -> list[str]:
    """The media types of what was asked for."""
    return [asset["mime"] for asset in job["assets"] if asset["role"] == "main"]


def deduplicates(case: Case) -> bool:
    return bool(case.sample.get("deduplicates"))


@by_name
async def test_its_live_list_is_in_the_catalog(
    name: str, tmp_path: Path, double: VendorDouble
) -> None:
    prepare(double, Case(name, sample(name), {"exchanges": []}))
    async with gateway(tmp_path, environment(name, double)) as http:
        listed = (await http.get("/api/v1/models?limit=1000")).json()
        assert not [p for p in listed["providers"] if p["status"] != "ok"], listed["providers"]
        entries: dict[str, list[dict[str, Any]]] = {}
        for entry in listed["models"]:
            entries.setdefault(entry["id"], []).append(entry)
        for wanted in sample(name)["models"]:
            found = entries.get(wanted["id"])
            assert found, (wanted["id"], sorted(entries))
            assert sorted(e["type"] for e in found) == sorted(wanted["kinds"])
            assert sorted(found[0]["tasks"]) == sorted(wanted["tasks"])
            price = found[0]["price"]
            if "price" in wanted:
                assert (price and price["amount"]) == wanted["price"]
    assert not [a for a in double.asked if a.buys]


@by_case
async def test_an_order_is_sent_as_the_vendor_wants_it_and_ends_with_its_files(
    case: Case, tmp_path: Path, double: VendorDouble, caplog: pytest.LogCaptureFixture
) -> None:
    prepare(double, case)
    caplog.set_level(logging.DEBUG)
    async with gateway(tmp_path, environment(case.adapter, double)) as http:
        job = await done(http, case)
        assert job["status"] == "completed", job
        assert mains(job) == case.order["files"]
    assert double.bought == sum(bool(e.get("buys")) for e in case.order["exchanges"]) == 1
    for asked in double.asked:
        exchange = asked.exchange
        assert exchange is not None, f"{asked.method} {asked.path} is not in the sample"
        for header, value in exchange.get("headers", {}).items():
            assert asked.headers.get(header) == value, (asked.path, header)
        if "sends" in exchange:
            sent = asked.sent()
            assert contains(sent, double.filled(exchange["sends"])), (asked.path, sent)
    if "cost" in case.order:
        assert job["cost"]["amount"] == pytest.approx(case.order["cost"])
    assert SECRET not in caplog.text


@pytest.mark.parametrize("case,entry", named("refusals"), ids=str)
async def test_a_refusal_is_told_in_our_words_and_not_repeated(
    case: Case, entry: dict[str, Any], tmp_path: Path, double: VendorDouble
) -> None:
    bought = next(e for e in case.order["exchanges"] if e.get("buys"))
    prepare(double, case, {"path": bought["path"], "answer": entry["answer"]})
    async with gateway(tmp_path, environment(case.adapter, double)) as http:
        job = await done(http, case)
    assert (job["status"], job["error_code"]) == ("failed", entry["code"]), job
    assert job["error"]
    assert double.bought == 1


@pytest.mark.parametrize("case,entry", named("failures"), ids=str)
async def test_work_that_failed_upstream_fails_here_for_that_reason(
    case: Case, entry: dict[str, Any], tmp_path: Path, double: VendorDouble
) -> None:
    prepare(double, case, entry["replace"])
    async with gateway(tmp_path, environment(case.adapter, double)) as http:
        job = await done(http, case)
    assert (job["status"], job["error_code"]) == ("failed", entry["code"]), job
    assert double.bought == 1


@by_name
async def test_a_canceled_order_is_stopped_upstream_where_the_vendor_can(
    name: str, tmp_path: Path, double: VendorDouble
) -> None:
    how = sample(name).get("cancel")
    wanted = how["order"] if how else sample(name)["orders"][0]["name"]
    case = next(c for c in cases() if c.adapter == name and c.order["name"] == wanted)
    prepare(double, case, how and how["stay"])
    if how:
        double.exchanges.insert(0, how["exchange"])
    async with gateway(tmp_path, environment(name, double), pace=0.1) as http:
        job_id = await order(http, case)
        if not how:
            # What cannot be stopped is either stopped in time or finished; it never hangs.
            await http.delete(f"/api/jobs/{job_id}")
            assert (await ended(http, job_id))["status"] in ("completed", "failed")
            return
        stays = how["stay"]["path"]
        while not any(a.exchange and a.exchange["path"] == stays for a in double.asked):
            await http.get(f"/api/jobs/{job_id}?wait=0.05")
        await http.delete(f"/api/jobs/{job_id}")
        job = await ended(http, job_id)
    assert (job["status"], job["error_code"]) == ("failed", "canceled")
    exchange = how["exchange"]
    assert [a for a in double.asked if a.exchange is exchange], "the vendor was not asked to stop"


@by_first
async def test_an_order_that_the_vendor_has_no_time_for_is_sent_again(
    case: Case, tmp_path: Path, double: VendorDouble
) -> None:
    prepare(double, case)
    busy = {"status": 429, "json": {"error": "slow down"}, "headers": {"Retry-After": "1"}}
    double.trouble["buys"] = [busy]
    async with gateway(tmp_path, environment(case.adapter, double)) as http:
        job = await done(http, case)
    assert job["status"] == "completed", job
    assert double.bought == 2


@by_first
@pytest.mark.parametrize("kind", UNKNOWN)
async def test_an_order_with_an_unknown_outcome_is_never_sent_twice(
    case: Case, kind: str, tmp_path: Path, double: VendorDouble
) -> None:
    prepare(double, case)
    double.trouble["buys"] = [UNKNOWN[kind]]
    async with gateway(tmp_path, environment(case.adapter, double)) as http:
        job = await done(http, case)
    if deduplicates(case):
        # Repeating it is safe: the vendor knows the order by its name.
        assert job["status"] == "completed", job
        return
    assert (job["status"], job["error_code"]) == ("failed", "outcome_unknown"), job
    assert double.bought == 1


@by_first
async def test_a_refused_key_is_told_with_the_variable_to_set(
    case: Case, tmp_path: Path, double: VendorDouble
) -> None:
    prepare(double, case)
    double.trouble["buys"] = [{"status": 401, "json": {"error": {"message": "bad key"}}}]
    async with gateway(tmp_path, environment(case.adapter, double)) as http:
        job = await done(http, case)
    assert (job["status"], job["error_code"]) == ("failed", "provider_error"), job
    assert any(variable in job["error"] for variable in case.sample["environment"]), job["error"]
    assert double.bought == 1


@by_case
async def test_trouble_on_the_way_is_waited_out_and_nothing_is_bought_twice(
    case: Case, tmp_path: Path, double: VendorDouble
) -> None:
    prepare(double, case)
    double.trouble["other"] = [{"status": 503, "text": "busy"}, JUNK["html"], JUNK["reset"]]
    async with gateway(tmp_path, environment(case.adapter, double)) as http:
        job = await done(http, case)
    assert job["status"] == "completed", job
    assert mains(job) == case.order["files"]
    assert double.bought == 1


@by_name
async def test_a_list_that_is_junk_hides_only_itself(
    name: str, tmp_path: Path, double: VendorDouble
) -> None:
    prepare(double, Case(name, sample(name), {"exchanges": []}))
    double.trouble["listing"] = [JUNK["html"]] * 100
    async with gateway(tmp_path, environment(name, double)) as http:
        for kind, answer in JUNK.items():
            double.trouble["listing"] = [answer] * 100
            checked = (await http.get("/api/v1/providers?check=1")).json()["providers"]
            media = [p for p in checked if p["role"] == "media" and p["configured"]]
            others = [p for p in media if p["name"] != "embedded"]
            assert others, checked
            for state in others:
                assert "Error)" not in state["error"], (kind, state)
                assert SECRET not in state["error"]
            if kind in SURELY_JUNK:
                assert any(s["status"] != "ok" and s["error"] for s in others), (kind, others)
            listed = (await http.get("/api/v1/models?limit=1000")).json()
            assert [m for m in listed["models"] if m["provider"] == "embedded"]


def test_every_adapter_has_samples_that_name_their_source() -> None:
    assert names() == [adapter.NAME for adapter in adapters()]
    for name in names():
        assert len(sample(name)["source"]) > 20, name


def test_every_adapter_that_claims_to_be_proven_is_met_by_a_double_in_a_test() -> None:
    doubles = "".join(p.read_text(encoding="utf-8") for p in DOUBLES.glob("test_*.py"))
    for adapter in adapters():
        module = getattr(adapter, "__name__", "").rpartition(".")[2]
        met = any(name in doubles for name in (module, *adapter.VARIABLES))
        assert met or not adapter.PROVEN, adapter.NAME
