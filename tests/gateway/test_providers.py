"""GET /api/v1/providers: what is set up, what is missing, how it did."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from doubles import FakeProvider
from flexura import settings as configuration
from flexura.local.provider_secrets import NoKeyring
from flexura.settings import Settings
from gateway_house import House, opened
from search_double import EngineDouble, engine_double

pytestmark = pytest.mark.anyio


async def rows(house: House, query: str = "") -> dict[str, dict[str, Any]]:
    answer = await house.http.get(f"/api/v1/providers{query}")
    assert answer.status_code == 200, answer.text
    return {row["name"]: row for row in answer.json()["providers"]}


@pytest.fixture
async def with_engines(
    gateway_settings: Settings, tmp_path: Path
) -> AsyncIterator[tuple[House, EngineDouble]]:
    with engine_double() as double:
        env = {
            "SEARXNG_BASE_URL": double.url,
            "BRAVE_API_KEY": "secret",
            "BRAVE_BASE_URL": double.url,
        }
        settings = replace(gateway_settings, environment=env)
        async with opened(settings, FakeProvider(tmp_path)) as house:
            yield house, double


async def test_every_adapter_is_told_with_the_variable_that_it_lacks(house: House) -> None:
    found = await rows(house)
    fal, brave = found["fal"], found["brave"]
    assert (fal["role"], fal["configured"], fal["missing"], fal["status"]) == (
        "media", False, "FAL_KEY", "off",
    )  # fmt: skip
    assert (brave["role"], brave["missing"], brave["proven"]) == ("search", "BRAVE_API_KEY", [])
    assert all(row["configured"] or row["missing"] for row in found.values())


async def test_what_is_set_up_tells_its_models_by_kind(house: House) -> None:
    found = (await rows(house))["fake"]
    assert (found["configured"], found["status"], found["missing"]) == (True, "ok", "")
    assert found["models"]["image"] >= 1 and found["checked_at"]
    assert (await rows(house))["embedded"]["proven"]


async def test_an_engine_without_a_key_says_so(house: House) -> None:
    tavily = (await rows(house))["tavily"]
    assert (tavily["configured"], tavily["keyless"], tavily["status"]) == (True, True, "unknown")


async def test_the_last_error_of_an_engine_is_told(
    with_engines: tuple[House, EngineDouble],
) -> None:
    house, double = with_engines
    double.answers({"error": {"code": "SUBSCRIPTION_TOKEN_INVALID"}}, 422)
    await house.http.post("/api/search", json={"query": "x"})
    brave = (await rows(house))["brave"]
    assert brave["status"] == "unavailable"
    assert brave["error"].startswith("It refused the key in BRAVE_API_KEY.")
    assert "secret" not in json.dumps(brave)


async def test_a_check_asks_vendors_again_but_never_searches(
    with_engines: tuple[House, EngineDouble],
) -> None:
    house, double = with_engines
    double.answers("OK")
    before = (await rows(house))["fake"]["checked_at"]
    found = await rows(house, "?check=1")
    assert [asked.path for asked in double.asked] == ["/healthz"]
    assert (found["searxng"]["status"], found["searxng"]["note"]) == ("ok", "")
    assert found["brave"]["note"] == "not checked: every search counts"
    assert found["fake"]["checked_at"] >= before


async def test_a_check_of_an_engine_that_is_gone_says_why(
    with_engines: tuple[House, EngineDouble],
) -> None:
    house, double = with_engines
    double.answers({}, 500)
    found = (await rows(house, "?check=1"))["searxng"]
    assert (found["status"], found["error"]) == ("unavailable", "It answered with status 500.")


@pytest.mark.parametrize("check", ["2", "yes"])
async def test_another_word_than_0_and_1_is_refused(house: House, check: str) -> None:
    answer = await house.http.get(f"/api/v1/providers?check={check}")
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "check")


async def test_without_a_key_nobody_learns_anything(house: House) -> None:
    answer = await house.http.get("/api/v1/providers", headers={"Authorization": ""})
    assert answer.status_code == 401


async def test_a_key_that_the_keyring_does_not_give_is_told_and_stops_nothing(
    flexura_home: Path, tmp_path: Path
) -> None:
    def silent(names: Any) -> dict[str, str]:
        raise NoKeyring("it did not answer within 5 seconds")

    (flexura_home / "config.toml").write_text("[providers]\nFAL_KEY = { keyring = true }\n")
    settings = configuration.load({}, local=True, keyring=silent)
    async with opened(settings, FakeProvider(tmp_path)) as house:
        fal = (await rows(house))["fal"]
    assert (fal["configured"], fal["status"]) == (True, "unavailable")
    assert "FAL_KEY is not used: the keyring cannot be read: it did not answer" in fal["error"]


def test_the_faces_still_import_no_provider() -> None:
    source = Path(sys.modules["flexura.gateway.rest.providers"].__file__ or "").read_text()
    assert "flexura.providers" not in source
