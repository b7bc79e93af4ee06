"""A job on its way through a provider that misbehaves: what is paid is never paid twice, and never lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from doubles import model
from flexura.domain.errors import (
    ContentPolicy,
    OutcomeUnknown,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    ResultExpired,
)
from flexura.outbound.answer import Unreachable
from flexura.ports.provider import Done, Failed, Output, Pending
from flexura.services import breaker
from flexura.services.buying import Patience
from flexura.settings import Settings
from gateway_house import House, opened
from scripted_provider import Scripted

pytestmark = pytest.mark.anyio
QUICK = Patience(submit=4.0, poll=4.0, downloads=2, pace=0.001)


@pytest.fixture
def provider(tmp_path: Path) -> Scripted:
    return Scripted(tmp_path)


@pytest.fixture
async def house(tmp_path: Path, provider: Scripted) -> AsyncIterator[House]:
    async with opened(Settings(home=tmp_path, environment={}), provider, patience=QUICK) as house:
        yield house


async def end_of(house: House, **body: Any) -> dict[str, Any]:
    return await house.ended(await house.order(**body))


async def test_an_order_that_never_left_is_sent_again(house: House, provider: Scripted) -> None:
    provider.submits = [Unreachable("no route", sent=False), RateLimited("busy", retry_after=2)]
    assert (await end_of(house))["status"] == "completed"
    assert len(provider.orders) == 3


async def test_an_order_that_never_gets_through_fails_in_the_end(
    house: House, provider: Scripted
) -> None:
    provider.submits = [Unreachable("no route", sent=False)] * 20
    job = await end_of(house)
    assert (job["status"], job["error_code"]) == ("failed", "provider_unavailable")
    assert len(provider.orders) < 10


async def test_an_order_that_had_left_when_the_line_broke_is_never_sent_again(
    house: House, provider: Scripted
) -> None:
    provider.submits = [Unreachable("line broke", sent=True)]
    job = await end_of(house)
    assert (job["status"], job["error_code"]) == ("failed", "outcome_unknown")
    assert "charged" in job["error"]
    assert "account" in job["next_step"]
    assert len(provider.orders) == 1


async def test_it_is_sent_again_to_a_provider_that_knows_the_order_by_its_name(
    tmp_path: Path,
) -> None:
    provider = Scripted(tmp_path, deduplicates=True)
    provider.submits = [Unreachable("line broke", sent=True), OutcomeUnknown("junk")]
    async with opened(Settings(home=tmp_path, environment={}), provider, patience=QUICK) as house:
        assert (await end_of(house))["status"] == "completed"
    assert len({order.job_id for order in provider.orders}) == 1
    assert len(provider.orders) == 3


async def test_a_refused_order_is_told_and_not_repeated(house: House, provider: Scripted) -> None:
    provider.submits = [ContentPolicy("no such pictures", field="prompt")]
    job = await end_of(house)
    assert (job["status"], job["error_code"]) == ("failed", "content_policy")
    assert len(provider.orders) == 1


async def test_work_in_hand_survives_a_vendor_that_is_away_for_a_while(
    house: House, provider: Scripted
) -> None:
    provider.polls = [
        ProviderUnavailable("502"),
        Pending(0.01, 0.4, "half"),
        RateLimited("slow down", retry_after=1),
        ProviderUnavailable("502"),
    ]
    assert (await end_of(house))["status"] == "completed"
    assert len(provider.orders) == 1


async def test_a_vendor_that_stays_silent_is_given_up_and_its_handle_is_told(
    house: House, provider: Scripted
) -> None:
    provider.submits = [{"id": "up-42"}]
    provider.polls = [ProviderUnavailable("gone")] * 50
    job = await end_of(house)
    assert (job["status"], job["error_code"]) == ("failed", "provider_unavailable")
    assert "up-42" in job["error"]
    assert len(provider.orders) == 1


async def test_a_download_that_breaks_is_repeated_and_nothing_half_is_kept(
    house: House, provider: Scripted, tmp_path: Path
) -> None:
    provider.downloads = [ProviderUnavailable("broke off"), {"bytes": b"<html>busy</html>"}]
    job = await end_of(house)
    assert job["status"] == "completed"
    (scratch,) = (tmp_path / "staging" / "scratch").iterdir()
    assert not list(scratch.iterdir())


async def test_a_result_that_is_gone_is_told_as_such(house: House, provider: Scripted) -> None:
    provider.downloads = [ResultExpired("the file is gone")]
    job = await end_of(house)
    assert (job["status"], job["error_code"]) == ("failed", "result_expired")


async def test_one_usable_file_of_two_is_a_result_with_a_warning(
    house: House, provider: Scripted
) -> None:
    both = (Output("image/png", url="/1.png"), Output("image/png", url="/2.png"))
    provider.polls = [Done(both)]
    provider.downloads = [ResultExpired("the first is gone")]
    job = await end_of(house)
    assert job["status"] == "completed"
    assert [w["code"] for w in job["warnings"]] == ["result_expired"]


class TestOneAtATime:
    """Models that make one thing per call: several variants are several orders."""

    @pytest.fixture(autouse=True)
    def singly(self, provider: Scripted) -> None:
        schema = {"type": "object", "properties": {"seed": {"type": "integer"}}}
        provider.offered = [model("one", "fake", input_schema=schema, max_n=1)]

    async def test_each_variant_is_an_order_of_its_own_and_seeds_count_up(
        self, house: House, provider: Scripted
    ) -> None:
        job = await end_of(house, n=3, options={"seed": 40})
        assert job["status"] == "completed", job
        assert [order.options["seed"] for order in provider.orders] == [40, 41, 42]
        assert len({order.job_id for order in provider.orders}) == 3
        assert len(job["assets"]) == 3

    async def test_what_was_bought_is_kept_when_a_later_one_is_refused(
        self, house: House, provider: Scripted
    ) -> None:
        provider.submits = [{"ticket": 1}, ContentPolicy("not that one")]
        job = await end_of(house, n=3)
        assert job["status"] == "completed"
        assert [w["code"] for w in job["warnings"]] == ["content_policy"]
        assert len(provider.orders) == 2
        assert job["cost"]["amount"] == 0.02, "the estimate was for three"

    async def test_costs_are_added_up(self, house: House, provider: Scripted) -> None:
        cost = {"amount": 0.02, "currency": "USD", "source": "reported"}
        provider.polls = [Done((Output("image/png", url="/1.png"),), cost=cost)] * 2
        job = await end_of(house, n=2)
        assert job["cost"]["amount"] == 0.04

    async def test_the_first_failure_is_told_when_none_worked(
        self, house: House, provider: Scripted
    ) -> None:
        provider.polls = [Failed("content_policy", "no"), Failed("provider_error", "broken")]
        job = await end_of(house, n=2)
        assert (job["status"], job["error_code"]) == ("failed", "content_policy")


async def test_a_provider_that_keeps_failing_is_left_alone_and_orders_are_refused_at_once(
    house: House, provider: Scripted
) -> None:
    provider.submits = [ProviderError("broken", upstream_status=500)] * breaker.OPENS_AFTER
    for _ in range(breaker.OPENS_AFTER):
        await end_of(house, options={"again": True})
    answer = await house.http.post(
        "/api/generate/image", json={"prompt": "a fox", "model": "fake:one"}
    )
    assert answer.status_code == 503
    error = answer.json()["error"]
    assert error["code"] == "provider_unavailable"
    assert "left alone" in error["message"]
    assert int(answer.headers["Retry-After"]) > 0
    assert len(provider.orders) == breaker.OPENS_AFTER


async def test_refusals_of_single_orders_do_not_open_the_circuit(
    house: House, provider: Scripted
) -> None:
    provider.submits = [ContentPolicy("no")] * (breaker.OPENS_AFTER + 1)
    for _ in range(breaker.OPENS_AFTER + 1):
        await end_of(house)
    assert (await end_of(house))["status"] == "completed"


async def test_a_cancellation_while_it_waits_to_be_sent_again_buys_nothing(
    tmp_path: Path, provider: Scripted
) -> None:
    settings = Settings(home=tmp_path, environment={})
    provider.submits = [RateLimited("busy", retry_after=60)] * 5
    async with opened(settings, provider) as house:
        job_id = await house.order()
        while not provider.orders:
            await house.http.get(f"/api/jobs/{job_id}?wait=0.05")
        await house.http.delete(f"/api/jobs/{job_id}")
        job = await house.ended(job_id)
    assert (job["status"], job["error_code"]) == ("failed", "canceled")
    assert len(provider.orders) == 1


async def test_a_cancellation_of_what_may_have_been_bought_already_says_so(tmp_path: Path) -> None:
    provider = Scripted(tmp_path, deduplicates=True)
    provider.submits = [
        Unreachable("line broke", sent=True),
        RateLimited("busy", retry_after=60),
    ]
    quick = Patience(pace=0.01)
    async with opened(Settings(home=tmp_path, environment={}), provider, patience=quick) as house:
        job_id = await house.order()
        while len(provider.orders) < 2:
            await house.http.get(f"/api/jobs/{job_id}?wait=0.05")
        await house.http.delete(f"/api/jobs/{job_id}")
        job = await house.ended(job_id)
    assert (job["status"], job["error_code"]) == ("failed", "outcome_unknown")
    assert "may have charged" in job["error"]
