"""The folder of search engines is their registry."""

from __future__ import annotations

from pathlib import Path

import pytest

from flexura.domain.errors import ProviderUnavailable
from flexura.domain.search import SearchRequest
from flexura.outbound.client import Guard
from flexura.providers import search

KEYS = {
    "BRAVE_API_KEY": "k",
    "EXA_API_KEY": "k",
    "FIRECRAWL_API_KEY": "k",
    "PERPLEXITY_API_KEY": "k",
    "SERPER_API_KEY": "k",
    "YDC_API_KEY": "k",
}
BY_RANK = ["brave", "serper", "exa", "perplexity", "you", "firecrawl"]


def test_every_file_of_the_folder_is_found_and_one_may_hold_several_engines() -> None:
    names = [adapter.NAME for adapter in search.adapters()]
    folder = Path(search.__file__).parent
    files = {path.stem for path in folder.iterdir() if path.name[0] not in "._"}
    assert set(names) == files - {"keyed"} | set(BY_RANK)
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("env", "names"),
    [
        ({}, ["tavily"]),
        ({"TAVILY_API_KEY": "k"}, ["tavily"]),
        ({"SEARXNG_BASE_URL": "http://127.0.0.1:8888"}, ["searxng", "tavily"]),
        ({"SEARXNG_BASE_URL": "  ", "EXA_API_KEY": " ", "YOU_FREE": "0"}, ["tavily"]),
        (KEYS, [*BY_RANK, "tavily"]),
        ({"YOU_FREE": "1"}, ["you", "tavily"]),
        ({"YOU_FREE": "1", "TAVILY_API_KEY": "k"}, ["tavily", "you"]),
        ({"YOU_FREE": "1", "FIRECRAWL_API_KEY": "k"}, ["firecrawl", "you", "tavily"]),
        ({"FLEXURA_DDGS": "1", "FIRECRAWL_API_KEY": "k"}, ["firecrawl", "tavily", "ddgs"]),
    ],
)
def test_ones_own_engine_is_asked_first_then_those_with_a_key_then_the_others(
    env: dict[str, str], names: list[str]
) -> None:
    assert [engine.name for engine in search.engines(env, Guard())] == names


def test_only_origins_that_the_operator_wrote_are_allowed() -> None:
    assert search.origins(KEYS) == []
    assert search.origins({"SEARXNG_BASE_URL": "http://10.0.0.5:8080/searx"}) == [
        "http://10.0.0.5:8080/searx"
    ]
    assert search.origins({**KEYS, "EXA_BASE_URL": "http://127.0.0.1:1", "YOU_BASE_URL": "no"}) == [
        "http://127.0.0.1:1"
    ]


@pytest.mark.anyio
async def test_a_mistyped_address_stops_its_engine_and_not_the_gateway() -> None:
    engine = search.engines({"SEARXNG_BASE_URL": "not a url"}, Guard())[0]
    with pytest.raises(ProviderUnavailable, match="SEARXNG_BASE_URL"):
        await engine.search(SearchRequest(query="x"))


def test_every_variable_says_what_to_set_and_the_first_one_brings_the_engine_to_life() -> None:
    assert all(search.variables().values())
    assert {"TAVILY_API_KEY", "EXA_BASE_URL", "YOU_FREE", "FLEXURA_DDGS"} <= set(search.variables())
    for adapter, name in zip(search.adapters(), search.deciding(), strict=True):
        assert adapter.configured({name: "1"})
