"""Every engine of the folder against a double on a port, by the samples of its vendor."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from flexura.domain.errors import FlexuraError, ProviderError, ProviderUnavailable
from flexura.domain.search import SearchRequest
from flexura.outbound.client import Guard
from flexura.ports.search_engine import Hits, SearchEngine
from flexura.providers.search import Adapter, adapters
from flexura.services.search import SearchService
from search_double import EngineDouble, engine_double
from services.engines import NO_PAGES, Engine, hit

pytestmark = pytest.mark.anyio
SAMPLES = Path(__file__).parents[2] / "fixtures" / "search"
# It speaks to its engines through a library; test_ddgs.py has it.
NOT_HTTP = {"ddgs"}
ENGINES = [adapter for adapter in adapters() if adapter.NAME not in NOT_HTTP]
KEYED = [a for a in ENGINES if any(name.endswith("_API_KEY") for name in a.VARIABLES)]


def sample(adapter: Adapter) -> dict[str, Any]:
    return json.loads((SAMPLES / f"{adapter.NAME}.json").read_text(encoding="utf-8"))


def cases(part: str) -> list[Any]:
    return [
        pytest.param(adapter, case, id=f"{adapter.NAME}-{case.get('name', number)}")
        for adapter in ENGINES
        for number, case in enumerate(sample(adapter).get(part, ()))
    ]


every_engine = pytest.mark.parametrize("adapter", ENGINES, ids=lambda adapter: adapter.NAME)


@pytest.fixture(scope="module")
def listening() -> Iterator[EngineDouble]:
    with engine_double() as double:
        yield double


@pytest.fixture
def double(listening: EngineDouble) -> EngineDouble:
    listening.asked.clear()
    listening.answers({})
    return listening


def environment(adapter: Adapter, double: EngineDouble) -> dict[str, str]:
    given: dict[str, str] = sample(adapter)["environment"]
    return {name: value.replace("{server}", double.url) for name, value in given.items()}


@asynccontextmanager
async def made(adapter: Adapter, env: dict[str, str]) -> AsyncIterator[SearchEngine]:
    guard = Guard(allow_origins=adapter.origins(env))
    try:
        yield adapter.make(env, guard)
    finally:
        await guard.aclose()


async def asked(adapter: Adapter, double: EngineDouble, **fields: Any) -> Hits:
    async with made(adapter, environment(adapter, double)) as engine:
        return await engine.search(SearchRequest(**{"query": "x", **fields}))


@every_engine
def test_an_engine_has_samples_that_name_their_public_source(adapter: Adapter) -> None:
    found = sample(adapter)
    assert len(found["source"]) > 60 and found["searches"] and found["refusals"]
    assert adapter.configured(found["environment"]) and not adapter.keyless(found["environment"])
    assert adapter.DOCS.startswith("https://") and all(adapter.VARIABLES.values())
    assert not adapter.keyless({}) or adapter.configured({})


@pytest.mark.parametrize(("adapter", "case"), cases("searches"))
async def test_a_search_is_sent_and_read_as_its_vendor_documents(
    adapter: Adapter, case: dict[str, Any], double: EngineDouble
) -> None:
    double.answers(case["answer"])
    found = await asked(adapter, double, **case["request"])
    (request,) = double.asked
    assert (request.method, request.path) == (case["method"], case["path"])
    expected = {k: request.sent.get(k) if v == "{any}" else v for k, v in case["sends"].items()}
    assert request.sent == expected and None not in expected.values()
    assert request.headers | case.get("headers", {}) == request.headers
    blank = {"title": "", "url": "", "snippet": "", "published_at": None, "text": None}
    assert [asdict(hit) for hit in found.hits] == [blank | hit for hit in case["hits"]]
    assert found.warnings == tuple(case.get("warnings", ()))


@pytest.mark.parametrize(("adapter", "case"), cases("sdk_requests"))
async def test_a_request_equals_that_of_the_official_sdk(
    adapter: Adapter, case: dict[str, Any], double: EngineDouble
) -> None:
    double.answers(sample(adapter)["empty"])
    await asked(adapter, double, **case["request"])
    (request,) = double.asked
    assert (request.method, request.path) == (case["method"], case["path"])
    assert request.sent == case["body"]
    secret = next(v for n, v in sample(adapter)["environment"].items() if n.endswith("_API_KEY"))
    for name, value in case["headers"].items():
        assert request.headers[name] == value.replace("K", secret)


@every_engine
async def test_no_result_is_an_empty_answer(adapter: Adapter, double: EngineDouble) -> None:
    double.answers(sample(adapter)["empty"])
    assert (await asked(adapter, double)).hits == ()


@pytest.mark.parametrize(("adapter", "case"), cases("refusals"))
async def test_a_refusal_says_what_is_wrong_and_what_to_do(
    adapter: Adapter, case: dict[str, Any], double: EngineDouble
) -> None:
    double.answers(case["json"], case["status"], case.get("headers"))
    with pytest.raises(FlexuraError, match=case["tells"]) as refused:
        await asked(adapter, double)
    assert refused.value.code == case["error"]
    assert refused.value.next_step or case["status"] == 200
    assert refused.value.details.get("retry_after") == case.get("retry_after")


@pytest.mark.parametrize("adapter", KEYED, ids=lambda adapter: adapter.NAME)
@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 422, 429, 500, 503])
async def test_a_key_never_stands_in_an_error(
    adapter: Adapter, status: int, double: EngineDouble
) -> None:
    secret = next(v for n, v in sample(adapter)["environment"].items() if n.endswith("_API_KEY"))
    double.answers({"error": {"message": f"The key sk-{secret} is no good."}}, status)
    with pytest.raises(FlexuraError) as refused:
        await asked(adapter, double)
    told = refused.value
    if adapter.NAME != "tavily":
        assert secret not in f"{told.message} {told.next_step} {told.details}"
    assert secret not in told.next_step


JUNK: list[Any] = [
    None, [], {}, "text", 5, {"results": 5}, {"results": "no"}, {"web": []}, {"data": []},
    {"results": [None, 3, {"url": 5, "title": []}, {}], "type": 1},
    {"web": {"results": [None, {"url": None, "description": {}, "page_age": 7}]}, "type": "search"},
    {"organic": [[], {"link": 3}], "searchParameters": None, "results": {"web": [4]}},
    {"data": {"web": {"url": 1}, "news": "x", "images": [1]}, "metadata": 1},
]  # fmt: skip


@every_engine
@pytest.mark.parametrize("kind", ["web", "news", "images"])
async def test_junk_is_an_error_or_nothing_but_never_a_crash(
    adapter: Adapter, kind: str, double: EngineDouble
) -> None:
    for junk in JUNK:
        double.answers(junk)
        try:
            found = await asked(adapter, double, kind=kind)
        except (ProviderError, ProviderUnavailable):
            continue
        assert all(isinstance(hit.url, str) and hit.title == "" for hit in found.hits), junk


@every_engine
@pytest.mark.parametrize("body", [b"", b"<html>Bad gateway</html>", b"[" * 100_000, b"\xff\xfe"])
async def test_what_is_not_json_is_an_error(
    adapter: Adapter, body: bytes, double: EngineDouble
) -> None:
    for status in (200, 502):
        double.status, double.body, double.headers = status, body, {}
        with pytest.raises((ProviderError, ProviderUnavailable)):
            await asked(adapter, double)


@every_engine
@pytest.mark.parametrize("status", [401, 402, 429, 500])
async def test_the_next_engine_takes_over_and_the_reason_stays(
    adapter: Adapter, status: int, double: EngineDouble
) -> None:
    double.answers({"detail": "No."}, status)
    async with made(adapter, environment(adapter, double)) as engine:
        service = SearchService([engine, Engine("other", hit())], NO_PAGES)
        answer = await service.search(SearchRequest(query="x"))
    assert [result.source for result in answer.results] == ["example.org via other"]
    assert [w.partition(": ")[0] for w in answer.warnings] == ["engine_failed"]
    assert answer.warnings[0].startswith(f"engine_failed: {adapter.NAME}: ")
    assert [state.healthy for state in service.states()] == [False, True]


@every_engine
async def test_an_address_that_is_no_url_names_its_variable(
    adapter: Adapter, double: EngineDouble
) -> None:
    variable = next(name for name in adapter.VARIABLES if name.endswith("_BASE_URL"))
    env = environment(adapter, double) | {variable: "localhost:1"}
    engine = adapter.make(env, Guard())
    with pytest.raises(ProviderUnavailable, match=variable):
        await engine.search(SearchRequest(query="x"))
