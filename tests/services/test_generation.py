"""An order is settled whole (model, options, inputs, price) before anything is accepted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest

from doubles import model
from flexura.domain.artifact import Artifact
from flexura.domain.errors import BudgetExceeded, ProviderUnavailable
from flexura.domain.generation import GenerationRequest
from flexura.domain.job import Caller, Job
from flexura.domain.model import Model, Price
from flexura.ports.records import Idempotency
from flexura.services.breaker import OPENS_AFTER, Breakers
from flexura.services.confirm import Confirmations
from flexura.services.generation import Generation, Origin
from flexura.services.inputs import Resolved
from flexura.services.selection import Chosen
from flexura.services.transitions import Transitions
from services import vendor_schemas as vendors

pytestmark = pytest.mark.anyio
WHO = Caller("ws_1")
ONCE = Origin("POST generate/image", idempotency_key="k", body_sha256="b")


class Shop:
    """A generation service around one model; what it accepts is kept in `jobs`."""

    def __init__(self, offered: Model, inputs: Sequence[Resolved] = ()) -> None:
        self.offered, self.inputs = offered, list(inputs)
        self.roles: Sequence[str] = ()
        self.jobs: dict[str, Job] = {}
        self.breakers = Breakers()
        self._used: dict[str, Idempotency] = {}
        mine = cast("Any", self)
        transitions = Transitions(mine, mine, mine, mine)
        confirmations = Confirmations(mine, "secret")
        self.service = Generation(mine, mine, mine, self.breakers, transitions, confirmations)

    async def choose(self, request: GenerationRequest, roles: Sequence[str]) -> Chosen:
        self.roles = roles
        return Chosen(self.offered, picked=True, why="It was the only one.")

    async def resolve(self, workspace_id: str, sources: Sequence[str]) -> list[Resolved]:
        return self.inputs

    async def transact(self, work: Callable[[Any], Any]) -> Any:
        return work(self)

    def insert_job(self, job: Job) -> None:
        self.jobs[job.id] = job

    def job(self, job_id: str) -> Job:
        return self.jobs[job_id]

    def idempotency(self, workspace_id: str, route: str, key: str) -> Idempotency | None:
        return self._used.get(key)

    def insert_idempotency(
        self, workspace_id: str, route: str, key: str, used: Idempotency, at: int
    ) -> None:
        self._used[key] = used

    def get(self, kind: type[Any], record_id: str) -> None:
        """No workspace here has rules of its own."""

    def check(self, *subject: Any) -> None:
        """No queue is full, and every callback URL is good."""

    def reserve(self, tx: Any, job: Job) -> Job:
        return job

    def note(self, tx: Any, job: Job) -> None:
        """Nobody listens."""

    async def ordered(self, **order: Any) -> Job:
        request = GenerationRequest.model_validate({"kind": "image", "prompt": "a fox", **order})
        plan = await self.service.plan(request, WHO)
        return (await self.service.submit(plan, WHO, ONCE)).job


def picture(name: str, role: str, mime: str = "image/png") -> Resolved:
    return Resolved(Artifact(f"art_{name}", "ws_1", name, name, mime, 1, 0), role)


async def test_the_job_holds_what_the_worker_needs() -> None:
    offered = model("edit", max_n=1, input_schema=vendors.FAL_EDIT)
    shop = Shop(offered, [picture("a", "image"), picture("m", "mask")])
    job = await shop.ordered(n=2, options={"size": "1:1"})
    seed = job.call.pop("seed")
    assert 0 < seed < 2**31
    assert job.call == {
        "upstream_id": "edit",
        "options": {
            "prompt": "a fox",
            "aspect_ratio": "1:1",
            "resolution": "1K",
            "num_images": 1,
            "output_format": "png",
        },
        "n": 1,
        "rounds": 2,
        "seed_property": "",
        "inputs": [
            {"artifact": "art_a", "role": "image", "slot": "image_urls[]"},
            {"artifact": "art_m", "role": "mask", "slot": "mask_url"},
        ],
        "why": "It was the only one.",
    }
    assert shop.roles == ["image", "mask"]


async def test_the_price_is_of_the_options_that_the_model_really_gets() -> None:
    price = Price(unit="megapixel", amount=0.01, source="its list")
    shop = Shop(model("x", max_n=1, input_schema=vendors.FAL_IMAGE, price=price))
    job = await shop.ordered(n=4, options={"size": "1000x1000"})
    assert job.cost is not None
    assert (job.cost["amount"], job.cost["quantity"]) == (0.04, 4)
    with pytest.raises(BudgetExceeded):
        await shop.ordered(max_cost=0.03, n=4, options={"size": "1000x1000"})


async def test_a_price_that_only_the_result_tells_cannot_keep_a_limit() -> None:
    price = Price(unit="1M tokens", amount=1, source="its list")
    shop = Shop(model("x", max_n=1, input_schema=vendors.FAL_IMAGE, price=price))
    assert (await shop.ordered()).cost is None
    with pytest.raises(BudgetExceeded, match="unknown"):
        await shop.ordered(max_cost=1)


async def test_a_provider_that_is_left_alone_gets_no_new_orders_but_repeats_are_answered() -> None:
    shop = Shop(model("x"))
    first = await shop.ordered()
    for _ in range(OPENS_AFTER):
        shop.breakers.failed("fake", "It fell over.")
    assert (await shop.ordered()).id == first.id
    request = GenerationRequest(kind="image", prompt="a wolf")
    plan = await shop.service.plan(request, WHO)
    with pytest.raises(ProviderUnavailable, match="fell over"):
        await shop.service.submit(plan, WHO, Origin("POST generate/image"))
    assert {*shop.jobs} == {first.id}


async def test_a_reference_that_is_no_picture_counts_as_what_it_is() -> None:
    schema = {"properties": {"reference_video_urls": {"type": "array"}}}
    shop = Shop(model("x", input_schema=schema), [picture("v", "reference", "video/mp4")])
    await shop.ordered()
    assert shop.roles == ["video"]


async def test_a_dry_run_shows_what_the_vendor_would_be_sent() -> None:
    shop = Shop(model("edit", max_n=1, input_schema=vendors.FAL_EDIT), [picture("a", "image")])
    request = GenerationRequest(kind="image", prompt="a fox", n=3, options={"size": "999x1000"})
    told = (await shop.service.plan(request, WHO)).preview()
    assert told["request"]["options"]["aspect_ratio"] == "1:1"
    assert told["request"]["inputs"] == [
        {"artifact": "art_a", "role": "image", "slot": "image_urls[]"}
    ]
    assert (told["request"]["n"], told["request"]["calls"]) == (3, 3)
    assert told["cost"] == {
        "amount": 0.06,
        "currency": "USD",
        "source": "test",
        "unit": "image",
        "quantity": 3.0,
    }
    assert told["why"] == "It was the only one."
