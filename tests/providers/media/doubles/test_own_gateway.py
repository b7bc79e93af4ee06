"""The adapter `flexura_gateway` against a second gateway of ours: a process of its own that draws by itself.

Gateway A (here) orders on gateway B (there); nobody plays a part that he is not.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from acceptance.gateway_process import Served, served
from flexura.domain.errors import FlexuraError
from flexura.outbound.answer import Answer, Unreachable
from flexura.outbound.client import Guard
from flexura.ports.provider import Done, InputFile, Order, Pending
from flexura.providers.media import Setup
from flexura.providers.media.flexura_gateway import FlexuraGateway, make, origins
from flexura.services.buying import Patience
from flexura.settings import Settings
from gateway_house import opened
from marked_files import media_in
from vendor_double import media
from vendor_samples import ended, gateway

pytestmark = pytest.mark.anyio
SIZE = {"width": 64, "height": 48}


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Gateway B."""
    with served(tmp_path_factory.mktemp("upstream")) as running:
        yield running


@pytest.fixture
async def there(upstream: Served) -> AsyncIterator[httpx2.AsyncClient]:
    """Whoever looks at gateway B from beside."""
    headers = {"Authorization": f"Bearer {upstream.key}"}
    async with httpx2.AsyncClient(base_url=upstream.url, headers=headers, timeout=70) as http:
        yield http


@pytest.fixture
async def here(upstream: Served, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """Gateway A, with B as its upstream."""
    async with gateway(tmp_path / "here", environment(upstream), pace=0.1) as http:
        yield http


@pytest.fixture
async def adapter(upstream: Served, tmp_path: Path) -> AsyncIterator[FlexuraGateway]:
    """The adapter alone, for what a gateway does only after a crash."""
    provider = made(upstream, tmp_path)
    yield provider
    await provider.aclose()


def environment(upstream: Served) -> dict[str, str]:
    return {"FLEXURA_UPSTREAM_URL": upstream.url, "FLEXURA_UPSTREAM_KEY": upstream.key}


def made(upstream: Served, home: Path, guard: Guard | None = None) -> FlexuraGateway:
    env = environment(upstream)
    guard = guard or Guard(allow_origins=origins(env))
    (provider,) = make(Setup(env, guard, home, home / "staging"))
    assert isinstance(provider, FlexuraGateway)
    return provider


class Losing(Guard):
    """A line that breaks after the first order has arrived, before its answer is back."""

    lost = 0

    async def request(self, method: str, url: str, **options: Any) -> Answer:
        answer = await super().request(method, url, **options)
        if "/api/generate/" in url and not self.lost:
            self.lost += 1
            raise Unreachable("The line broke.", sent=True)
        return answer


async def painter(http: httpx2.AsyncClient, task: str = "text-to-image") -> str:
    """A model of B, by its id there, that does the task."""
    listed = (await http.get("/api/v1/models", params={"limit": 1000})).json()["models"]
    return next(m["id"] for m in listed if task in m["tasks"] and m["provider"] == "embedded")


async def ordered(http: httpx2.AsyncClient, kind: str = "image", **body: Any) -> dict[str, Any]:
    body = {"prompt": "app icon with a star", **body}
    answer = await http.post(f"/api/generate/{kind}", json=body)
    assert answer.status_code == 202, answer.text
    return await ended(http, answer.json()["job_id"])


async def content(http: httpx2.AsyncClient, job: dict[str, Any]) -> list[bytes]:
    mains = [a for a in job["assets"] if a["role"] == "main"]
    return [(await http.get(f"/api/v1/artifacts/{a['artifact_id']}")).content for a in mains]


def order(model: str, job_id: str, **changes: Any) -> Order:
    fields: dict[str, Any] = {
        "job_id": job_id, "kind": "image", "upstream_id": model, "prompt": "app icon with a star",
        "n": 1, "seed": 5, "options": SIZE,
    }  # fmt: skip
    return Order(**fields | changes)


async def test_its_models_are_ours_with_their_own_schemas(
    here: httpx2.AsyncClient, there: httpx2.AsyncClient
) -> None:
    model = await painter(there)
    mine = (await here.get(f"/api/v1/models/flexura:{model}")).json()
    theirs = (await there.get(f"/api/v1/models/{model}")).json()
    for same in ("name", "description", "kinds", "tasks", "price", "max_n", "takes_inputs"):
        assert mine[same] == theirs[same], same
    assert mine["input_schema"]["properties"].keys() == theirs["input_schema"]["properties"].keys()
    assert (mine["provider"], mine["upstream_id"]) == ("flexura", model)


async def test_a_file_made_there_arrives_here_byte_for_byte(
    here: httpx2.AsyncClient, there: httpx2.AsyncClient
) -> None:
    model = await painter(there)
    wanted = {"n": 2, "options": {"seed": 11, "size": "64x48"}}
    job = await ordered(here, model=f"flexura:{model}", **wanted)
    assert job["status"] == "completed", job
    files = await content(here, job)
    assert len(files) == 2 and all(f.startswith(b"\x89PNG") for f in files)
    assert [(a["width"], a["height"]) for a in job["assets"] if a["role"] == "main"] == [
        (64, 48)
    ] * 2
    assert job["warnings"] == [] and job["seed"] == 11
    assert job["cost"]["amount"] == 0.0
    made_there = await content(there, await ordered(there, model=model, **wanted))
    assert [media_in(file) for file in made_there] == [media_in(file) for file in files]


async def test_sound_and_inputs_go_the_same_way(
    here: httpx2.AsyncClient, there: httpx2.AsyncClient
) -> None:
    model = await painter(there, "text-to-sound")
    job = await ordered(here, "audio", model=f"flexura:{model}", options={"seconds": 1})
    assert job["status"] == "completed" and job["assets"][0]["mime"].startswith("audio/")
    changing = await painter(there, "image-to-image")
    sent = await here.post(
        "/api/v1/uploads", content=media("png"), headers={"content-type": "image/png"}
    )
    body: dict[str, Any] = {"model": f"flexura:{changing}", "inputs": [sent.json()["artifact_id"]]}
    job = await ordered(here, prompt="make it black and white", **body)
    assert job["status"] == "completed", job


async def test_an_order_that_is_sent_again_is_the_same_job_there(
    adapter: FlexuraGateway, there: httpx2.AsyncClient
) -> None:
    model = await painter(there)
    before = (await there.get("/api/v1/jobs")).json()["total"]
    wanted = order(model, "job_again")
    first, second = await adapter.submit(wanted), await adapter.submit(wanted)
    assert first == second
    assert (await there.get("/api/v1/jobs")).json()["total"] == before + 1
    assert await adapter.submit(order(model, "job_other")) != first


async def test_an_order_whose_answer_is_lost_on_the_way_is_made_once_and_arrives(
    upstream: Served, there: httpx2.AsyncClient, tmp_path: Path
) -> None:
    before = (await there.get("/api/v1/jobs")).json()["total"]
    guard = Losing(allow_origins=[upstream.url])
    provider = made(upstream, tmp_path, guard)
    settings = Settings(home=tmp_path / "here", environment={})
    patience = Patience(pace=0.05)
    async with opened(settings, provider, patience) as house:
        job = await ordered(house.http, model=f"flexura:{await painter(there)}", options=SIZE)
        assert job["status"] == "completed", job
        assert (await content(house.http, job))[0].startswith(b"\x89PNG")
    assert guard.lost == 1
    assert (await there.get("/api/v1/jobs")).json()["total"] == before + 1


async def test_an_order_with_an_input_that_is_sent_again_is_the_same_job_there(
    adapter: FlexuraGateway, there: httpx2.AsyncClient, tmp_path: Path
) -> None:
    model = await painter(there, "image-to-image")
    (tmp_path / "input").write_bytes(media("png"))
    file = InputFile(tmp_path / "input", "image/png", "0" * 64, "image")
    wanted = order(model, "job_with_input", inputs=(file,), options={})
    before = (await there.get("/api/v1/jobs")).json()["total"]
    first, second = await adapter.submit(wanted), await adapter.submit(wanted)
    assert first == second
    assert (await there.get("/api/v1/jobs")).json()["total"] == before + 1


async def test_another_process_of_ours_finds_the_order_that_one_left(
    upstream: Served, there: httpx2.AsyncClient, tmp_path: Path
) -> None:
    wanted = order(await painter(there), "job_left")
    operations: list[dict[str, Any]] = []
    for name in ("one", "two"):
        provider = made(upstream, tmp_path / name)
        operations.append(await provider.submit(wanted))
        await provider.aclose()
    assert operations[0] == operations[1]


async def test_a_canceled_order_is_canceled_there(
    adapter: FlexuraGateway, there: httpx2.AsyncClient
) -> None:
    wanted = order(
        await painter(there, "text-to-video"), "job_long", kind="video", options={"seconds": 30}
    )
    operation = await adapter.submit(wanted)
    assert isinstance(await adapter.poll(operation, wanted), Pending)
    await adapter.cancel(operation, wanted)
    job = await ended(there, operation["id"])
    assert (job["status"], job["error_code"]) == ("failed", "canceled")
    await adapter.cancel(operation, wanted)  # work that is over needs no stopping


async def test_what_it_refuses_is_refused_here_with_its_code(
    adapter: FlexuraGateway, there: httpx2.AsyncClient
) -> None:
    model = await painter(there)
    with pytest.raises(FlexuraError) as refused:
        await adapter.submit(order(model, "job_bad", options={"width": "wide"}))
    assert (refused.value.code, refused.value.field) == ("invalid_request", "options.width")
    assert refused.value.message.startswith("The upstream gateway says: ")
    with pytest.raises(FlexuraError) as refused:
        await adapter.submit(order("embedded:no_such_thing", "job_worse"))
    assert refused.value.code == "model_not_found"
    assert await adapter.model("embedded:no_such_thing", None) is None


async def test_a_key_that_it_does_not_know_is_our_setting_to_mend(
    upstream: Served, tmp_path: Path
) -> None:
    env = {**environment(upstream), "FLEXURA_UPSTREAM_KEY": "fx_live_wrong"}
    async with gateway(tmp_path / "here", env) as http:
        listed = (await http.get("/api/v1/models", params={"limit": 1000})).json()
    state = next(p for p in listed["providers"] if p["name"] == "flexura")
    assert "FLEXURA_UPSTREAM_KEY" in state["error"] and "fx_live_wrong" not in state["error"]


async def test_the_bytes_come_by_id_whatever_address_the_other_gateway_believes_in(
    adapter: FlexuraGateway, upstream: Served, there: httpx2.AsyncClient, tmp_path: Path
) -> None:
    wanted = order(await painter(there), "job_bytes")
    operation = await adapter.submit(wanted)
    await ended(there, operation["id"])
    done = await adapter.poll(operation, wanted)
    assert isinstance(done, Done)
    output = done.outputs[0]
    assert output.url.startswith(f"{upstream.url}/api/v1/artifacts/art_")
    await adapter.download(output.url, tmp_path / "file", 10_000_000)
    assert (tmp_path / "file").read_bytes().startswith(b"\x89PNG")


async def test_a_chain_of_gateways_ends_after_one_step(upstream: Served, tmp_path: Path) -> None:
    home = tmp_path / "middle"
    home.mkdir()
    with served(home, **environment(upstream)) as middle:
        headers = {"Authorization": f"Bearer {middle.key}"}
        async with httpx2.AsyncClient(base_url=middle.url, headers=headers, timeout=70) as http:
            listed = (await http.get("/api/v1/models", params={"limit": 1000})).json()["models"]
        assert {m["provider"] for m in listed} == {"embedded", "flexura"}
        provider = made(middle, tmp_path)
        offered = await provider.models()
        chained = next(m["id"] for m in listed if m["provider"] == "flexura")
        assert await provider.model(chained, None) is None
        await provider.aclose()
    assert offered and all(m.upstream_id.startswith("embedded:") for m in offered)
