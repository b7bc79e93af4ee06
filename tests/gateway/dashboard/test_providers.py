"""Providers on the dashboard: every adapter, how it does, what it lacks; and asking them again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from doubles import FakeProvider
from flexura.domain.errors import ProviderUnavailable
from flexura.domain.pace import ProviderLimit
from flexura.ports.measures import Spread
from flexura.services.vendors import median_of
from flexura.settings import Settings
from gateway.dashboard.signed_in import signed_in
from gateway_house import House, opened
from tenants_house import tenant

pytestmark = pytest.mark.anyio
PROVIDERS = "/dashboard/providers"


@pytest.fixture
async def limited(gateway_settings: Settings, tmp_path: Path) -> AsyncIterator[House]:
    limits = {"fake": ProviderLimit(per_minute=60, at_once=3)}
    settings = replace(gateway_settings, provider_limits=limits)
    async with opened(settings, FakeProvider(tmp_path)) as house:
        yield house


def card(page: str, name: str) -> str:
    """The part of the page that tells of one provider."""
    return page.partition(f"<h3>{name}</h3>")[2].partition("</li>")[0]


async def test_who_is_set_up_tells_models_limits_and_how_it_answers(limited: House) -> None:
    async with signed_in(limited) as browser:
        await limited.ended(await limited.order())
        fake = card((await browser.get(PROVIDERS)).text, "fake")
        assert "Ok" in fake and "image</a>" in fake
        assert "60 a minute, 3 at once" in fake
        assert "since the start" in fake


async def test_who_is_not_set_up_tells_the_command_and_offers_no_field_for_a_key(
    house: House,
) -> None:
    async with signed_in(house) as browser:
        page = (await browser.get(PROVIDERS)).text
        assert "flexura providers add FAL_KEY" in page
        assert "flexura providers add BRAVE_API_KEY" in page
        main = page.partition("<main")[2].partition("</main>")[0]
        assert "<input" not in main


async def test_who_fails_says_why_and_what_to_do(
    gateway_settings: Settings, tmp_path: Path
) -> None:
    fake = FakeProvider(tmp_path)

    async def models() -> list[object]:
        raise ProviderUnavailable("its door is <b>shut</b>")

    fake.models = models  # type: ignore[assignment,method-assign]
    async with opened(gateway_settings, fake) as house, signed_in(house) as browser:
        told = card((await browser.get(PROVIDERS)).text, "fake")
        assert "Unavailable" in told and "its door is" in told and "<b>" not in told
        assert "flexura providers --check" in told


async def test_one_that_is_left_alone_says_for_how_long(house: House) -> None:
    assert house.app.services is not None
    async with signed_in(house) as browser:
        for _ in range(5):
            house.app.services.generation._breakers.failed("fake", "no answer")  # pyright: ignore[reportPrivateUsage]
        assert "Resting" in card((await browser.get(PROVIDERS)).text, "fake")


async def test_only_the_operator_asks_all_again(house: House) -> None:
    async with signed_in(house) as browser:
        answer = await browser.post(f"{PROVIDERS}/check")
        assert "Every provider was asked." in answer.headers["hx-trigger"]
        assert "<h3>fake</h3>" in answer.text and "<html" not in answer.text
        assert (await browser.http.post(f"{PROVIDERS}/check")).status_code == 403
    async with tenant(house, "acme") as other, signed_in(house, other.key) as browser:
        page = await browser.get(PROVIDERS)
        assert "Ask all again" not in page.text and "<h3>fake</h3>" in page.text
        assert (await browser.post(f"{PROVIDERS}/check")).status_code == 403


def test_the_median_is_the_bound_below_which_half_of_all_answers_lie() -> None:
    bounds = (0.1, 1.0, 10.0)
    assert median_of([], bounds) is None
    assert median_of([Spread([1, 0, 0, 0]), Spread([0, 2, 0, 0])], bounds) == 1.0
    assert median_of([Spread([2, 0, 1, 0])], bounds) == 0.1
    assert median_of([Spread([0, 0, 0, 3])], bounds) is None
