"""Every method against the real gateway, in process."""

from __future__ import annotations

import io
from typing import Any

import anyio
import httpx2
import pytest

from client_desk import Desk
from doubles import png
from flexura.client import GatewayClient, JobAnswer
from flexura.domain.errors import (
    Conflict,
    ContentPolicy,
    InvalidApiKey,
    InvalidRequest,
    ModelNotFound,
    NotFound,
    ProviderError,
    ProviderUnavailable,
    UnsupportedMediaType,
    error_class,
)
from flexura.domain.search import SearchRequest
from gateway_house import BASE
from marked_files import media_in

pytestmark = pytest.mark.anyio


async def ended(desk: Desk, job_id: str) -> JobAnswer:
    return [job async for job in desk.client.follow(job_id, 30)][-1]


async def test_an_order_is_accepted_followed_and_downloaded(desk: Desk) -> None:
    job = await ended(desk, await desk.order())
    assert (job.status, job.model, job.type) == ("completed", "fake:one", "image")
    assert job.cost is not None
    assert job.cost.amount == 0.02
    into = io.BytesIO()
    await desk.client.download(job.files[0], into)
    assert media_in(into.getvalue()) == media_in(png(grey=job.seed % 256))


async def test_following_yields_every_change_and_ends_with_the_job(desk: Desk) -> None:
    desk.house.fake.gate.clear()
    states: list[str] = []
    with anyio.fail_after(20):
        async for job in desk.client.follow(await desk.order()):
            states.append(job.status)
            if job.note == "half way":
                desk.house.fake.gate.set()
    assert states[-1] == "completed"
    assert "processing" in states


async def test_following_stops_when_the_time_is_up(desk: Desk) -> None:
    desk.house.fake.gate.clear()
    job_id = await desk.order()
    with anyio.fail_after(20):
        seen = [job async for job in desk.client.follow(job_id, 0.2)]
    assert not seen[-1].ended
    desk.house.fake.gate.set()


async def test_the_same_key_never_orders_twice(desk: Desk) -> None:
    assert await desk.order("a fox") == await desk.order("a fox")
    assert await desk.order("a wolf") != await desk.order("a fox")


async def test_a_failed_job_tells_its_error_class(desk: Desk) -> None:
    job = await ended(desk, await desk.order("fail"))
    assert error_class(job.error_code) is ContentPolicy
    assert job.next_step == "Change the prompt."


async def test_a_plan_orders_nothing(desk: Desk) -> None:
    plan = await desk.client.plan("image", {"prompt": "a fox", "model": "fake:one", "n": 3})
    assert plan.model == "fake:one"
    assert plan.cost is not None
    assert plan.cost.amount == 0.06
    assert (await desk.client.jobs()).total == 0


async def test_jobs_are_listed_and_filtered(desk: Desk) -> None:
    done = await ended(desk, await desk.order())
    await ended(desk, await desk.order("fail"))
    assert (await desk.client.jobs()).total == 2
    completed = await desk.client.jobs(status="completed")
    assert [job.job_id for job in completed.jobs] == [done.job_id]
    assert (await desk.client.job(done.job_id)).assets == done.assets


async def test_cancel_stops_a_running_job_and_refuses_an_ended_one(desk: Desk) -> None:
    desk.house.fake.gate.clear()
    job_id = await desk.order()
    await desk.client.cancel(job_id)
    desk.house.fake.gate.set()
    assert (await ended(desk, job_id)).error_code == "canceled"
    with pytest.raises(Conflict):
        await desk.client.cancel(job_id)


async def test_an_upload_becomes_an_input(desk: Desk) -> None:
    asset = await desk.client.upload(io.BytesIO(png(40, 30)), "pic ture é.png", "image/png")
    assert (asset.mime, asset.bytes) == ("image/png", len(png(40, 30)))
    into = io.BytesIO()
    await desk.client.download(asset, into)
    assert into.getvalue() == png(40, 30)


async def test_an_upload_of_something_else_is_refused(desk: Desk) -> None:
    with pytest.raises(UnsupportedMediaType):
        await desk.client.upload(io.BytesIO(b"words"), "a.png", "image/png")


async def test_models_are_listed_and_found(desk: Desk) -> None:
    found = await desk.client.models(query="makes one", kind="image")
    assert [(model.id, model.type) for model in found.models] == [("fake:one", "image")]
    model = await desk.client.model("fake:one")
    assert model.input_schema["properties"]["mood"]["enum"] == ["calm", "wild"]
    with pytest.raises(ModelNotFound) as missing:
        await desk.client.model("fake:won")
    assert "fake:one" in missing.value.next_step


async def test_delivery_is_acknowledged(desk: Desk) -> None:
    job = await ended(desk, await desk.order())
    await desk.client.delivered(job.job_id, "session", saved=True)
    with pytest.raises(NotFound):
        await desk.client.delivered("job_nothing", "session", saved=True)


async def test_errors_carry_field_and_next_step(desk: Desk) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await desk.client.submit("image", {"prompt": "a fox", "colour": "red"}, "key")
    assert refused.value.field == "colour"
    assert "Allowed fields" in refused.value.next_step


async def test_a_bad_key_is_its_own_error(desk: Desk) -> None:
    transport = httpx2.ASGITransport(desk.house.app)
    async with GatewayClient(BASE, "fx_live_wrong", transport=transport) as client:
        with pytest.raises(InvalidApiKey):
            await client.jobs()


async def test_search_without_an_engine_is_an_error(desk: Desk) -> None:
    async def nobody(*_: Any) -> None:
        raise ProviderUnavailable("Nobody.", next_step="Set one.")

    services = desk.house.app.services
    assert services is not None
    services.search.search = nobody  # type: ignore[method-assign, assignment]
    with pytest.raises(ProviderUnavailable, match="Nobody"):
        await desk.client.search(SearchRequest(query="x"))


async def test_a_damaged_download_is_noticed(desk: Desk) -> None:
    job = await ended(desk, await desk.order())
    other = job.files[0].model_copy(update={"sha256": "0" * 64})
    with pytest.raises(ProviderError, match="arrived damaged"):
        await desk.client.download(other, io.BytesIO())
