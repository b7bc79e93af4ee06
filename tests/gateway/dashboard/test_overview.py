"""The first page: what is under way, what needs somebody, what came of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from flexura.services.workspaces import WorkspaceTerms
from gateway.dashboard.signed_in import Person, signed_in
from gateway_house import House, opened
from runs_house import VARIANTS, Atelier, with_press

pytestmark = pytest.mark.anyio


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with opened(with_press(tmp_path), Atelier(tmp_path)) as found:
        assert (await found.http.post("/api/v1/templates", json=VARIANTS)).status_code == 201
        yield found


@pytest.fixture
async def me(house: House) -> AsyncIterator[Person]:
    async with signed_in(house) as person:
        yield person


async def test_an_empty_gateway_says_what_to_do(me: Person) -> None:
    page = (await me.get("/dashboard")).text
    for told in ("What should be made?", "Nothing made yet", "No jobs yet", "$0.00"):
        assert told in page, told


async def test_it_shows_what_is_under_way_made_and_spent(house: House, me: Person) -> None:
    await house.ended(await house.order("a finished fox"))
    house.fake.gate.clear()
    await house.order("a fox on its way")
    await house.fake.polled.wait()
    page = (await me.get("/dashboard")).text
    assert "a fox on its way" in page and "$0.02" in page
    strip = (await me.get("/dashboard/overview/latest")).text
    assert "a finished fox" in strip and "format=webp" in strip
    house.fake.gate.set()


async def test_it_names_what_needs_somebody(house: House, me: Person) -> None:
    await house.ended(await house.order("fail"))
    sent = {"inputs": {"subject": "a fox to pick"}, "wait": 30}
    await house.http.post("/api/v1/templates/variants/runs", json=sent)
    page = (await me.get("/dashboard")).text
    assert "Needs you" in page and "a fox to pick" in page, "at once: nothing moves later"
    needs = (await me.get("/dashboard/overview/needs")).text
    for told in (
        "Waits for an approval.",
        "a fox to pick",
        "Change the prompt.",
        "/dashboard/jobs/",
    ):
        assert told in needs, told
    services = house.app.services
    assert services is not None
    other = await services.workspaces.create("other", WorkspaceTerms())
    async with signed_in(house, other.first.secret) as stranger:
        for path in ("", "/overview/needs", "/overview/latest"):
            page = (await stranger.get(f"/dashboard{path}")).text
            assert "a fox to pick" not in page and "Install" not in page
