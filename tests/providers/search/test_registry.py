"""The folder of search engines is their registry."""

from __future__ import annotations

from pathlib import Path

import pytest

from flexura.domain.errors import ProviderUnavailable
from flexura.domain.search import SearchRequest
from flexura.outbound.client import Guard
from flexura.providers import search
from flexura.settings import PROVIDER_VARIABLES


def test_every_file_of_the_folder_is_an_engine() -> None:
    folder = Path(search.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert {adapter.NAME for adapter in search.adapters()} == files


@pytest.mark.parametrize(
    ("env", "names"),
    [
        ({}, ["tavily"]),
        ({"TAVILY_API_KEY": "k"}, ["tavily"]),
        ({"SEARXNG_BASE_URL": "http://127.0.0.1:8888"}, ["searxng", "tavily"]),
        ({"SEARXNG_BASE_URL": "  "}, ["tavily"]),
    ],
)
def test_what_is_configured_is_asked_and_ones_own_engine_first(
    env: dict[str, str], names: list[str]
) -> None:
    assert [engine.name for engine in search.engines(env, Guard())] == names


def test_only_origins_that_the_operator_wrote_are_allowed() -> None:
    assert search.origins({}) == []
    assert search.origins({"SEARXNG_BASE_URL": "http://10.0.0.5:8080/searx"}) == [
        "http://10.0.0.5:8080/searx"
    ]


@pytest.mark.anyio
async def test_a_mistyped_address_stops_its_engine_and_not_the_gateway() -> None:
    engine = search.engines({"SEARXNG_BASE_URL": "not a url"}, Guard())[0]
    with pytest.raises(ProviderUnavailable, match="SEARXNG_BASE_URL"):
        await engine.search(SearchRequest(query="x"))


def test_every_variable_is_one_that_the_settings_read() -> None:
    assert set(search.variables()) <= set(PROVIDER_VARIABLES)
    assert all(search.variables().values())
