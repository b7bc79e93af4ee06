"""What listeners are told about jobs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flexura.domain.webhook import Delivery, Endpoint
from flexura.ports.records import Records, Tx

from .conftest import Hooked

pytestmark = pytest.mark.anyio


async def test_a_job_is_told_when_it_is_queued_begun_and_completed(hooked: Hooked) -> None:
    await hooked.listen()
    job_id = await hooked.house.order()
    await hooked.house.ended(job_id)
    assert await hooked.told(3) == ["job.completed", "job.queued", "job.running"]
    secret = await hooked.secret()
    by_type = {r.json()["type"]: r.verified_by(secret) for r in hooked.receiver.received}
    assert {message["data"]["job_id"] for message in by_type.values()} == {job_id}
    data = by_type["job.completed"]["data"]
    [artifact] = data["artifacts"]
    assert (data["status"], data["type"]) == ("completed", "image")
    assert (artifact["type"], artifact["width"], artifact["height"]) == ("image", 2, 2)
    assert artifact["download_url"] == f"/api/v1/artifacts/{artifact['artifact_id']}"
    assert (await hooked.house.http.get(artifact["download_url"])).status_code == 200
    assert data["finished_at"].endswith("Z") and data["created_at"].endswith("Z")
    assert "a fox" not in str(by_type), "a prompt is nobody's business but the workspace's"


async def test_a_failed_job_tells_code_message_and_next_step(hooked: Hooked) -> None:
    await hooked.listen("job.failed")
    await hooked.house.ended(await hooked.house.order("fail"))
    [request] = await hooked.receiver.until(1)
    assert request.json()["data"]["error"] == {
        "code": "content_policy",
        "message": "The picture was refused.",
        "next_step": "Change the prompt.",
    }


async def test_a_canceled_job_is_told_as_canceled(hooked: Hooked) -> None:
    await hooked.listen("job.canceled")
    hooked.house.fake.gate.clear()
    job_id = await hooked.house.order()
    await hooked.house.http.delete(f"/api/jobs/{job_id}")
    assert await hooked.told(1) == ["job.canceled"]


async def test_only_chosen_events_are_told(hooked: Hooked) -> None:
    await hooked.listen("job.completed")
    for _ in range(3):
        await hooked.house.ended(await hooked.house.order())
    assert await hooked.told(3) == ["job.completed"] * 3
    listed = (await hooked.house.http.get("/api/v1/webhooks/deliveries")).json()["deliveries"]
    assert len(listed) == 3


async def test_a_callback_url_is_told_the_end_of_its_job_alone(hooked: Hooked) -> None:
    url = f"{hooked.receiver.url}/callback"
    job_id = await hooked.house.order(callback_url=url)
    await hooked.house.ended(job_id)
    await hooked.house.ended(await hooked.house.order())
    [request] = await hooked.receiver.until(1)
    assert request.path == "/callback"
    assert request.verified_by(await hooked.secret())["data"]["job_id"] == job_id
    [listed] = (await hooked.house.http.get("/api/v1/webhooks/deliveries")).json()["deliveries"]
    assert (listed["endpoint_id"], listed["job_id"]) == (None, job_id)


@pytest.mark.parametrize(
    "url", ["http://example.org/", "https://127.0.0.1/x", "https://169.254.169.254/", "ftp://a.org"]
)
async def test_a_callback_url_that_could_never_be_called_is_refused_at_once(
    hooked: Hooked, url: str
) -> None:
    body = {"prompt": "a fox", "model": "fake:one", "callback_url": url}
    answer = await hooked.house.http.post("/api/generate/image", json=body)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["code"], error["field"]) == ("invalid_request", "callback_url")
    assert "allow_origins" in error["next_step"]
    assert hooked.house.fake.submitted == []


async def test_nobody_listening_costs_no_row(hooked: Hooked) -> None:
    await hooked.house.ended(await hooked.house.order())
    records = _records(hooked)
    assert await records.find(Delivery) == []


async def test_who_listens_is_read_once_for_many_jobs(
    hooked: Hooked, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = 0
    records = _records(hooked)
    real = records.transact

    async def watched(work: Callable[[Tx], object]) -> object:
        def counted(tx: Tx) -> object:
            nonlocal reads
            find = tx.find

            def finding(kind: type, /, **asked: object) -> object:
                nonlocal reads
                reads += kind is Endpoint
                return find(kind, **asked)  # type: ignore[arg-type]

            monkeypatch.setattr(tx, "find", finding, raising=False)
            return work(tx)

        return await real(counted)

    monkeypatch.setattr(records, "transact", watched)
    for _ in range(20):
        await hooked.house.order()
    assert reads <= 3


def _records(hooked: Hooked) -> Records:
    services = hooked.house.app.services
    assert services is not None
    return services.records
