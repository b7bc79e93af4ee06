"""A provider with three models, of which some may fail, and what tests ask about comparisons."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from doubles import FakeProvider, model
from flexura.domain.model import Price
from flexura.ports.provider import Done, Failed, Operation, Order, Output, Pending
from gateway_house import House

DEAR = 0.5


class Studio(FakeProvider):
    """`one`, `two` and the dear `three`; the models in `failing` refuse what they are asked."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.failing: set[str] = set()
        self.asked: list[tuple[str, int, dict[str, Any]]] = []
        dear = Price(unit="image", amount=DEAR, source="test")
        self.offered = [model("one"), model("two"), model("three", price=dear)]

    async def submit(self, order: Order) -> Operation:
        self.asked.append((order.upstream_id, order.n, dict(order.options)))
        return await super().submit(order)

    async def poll(self, operation: Operation, order: Order) -> Pending | Done | Failed:
        if order.upstream_id in self.failing:
            return Failed("content_policy", "The vendor refused it.", "Change the prompt.")
        found = await super().poll(operation, order)
        if not isinstance(found, Done):
            return found
        first = found.outputs[0].path
        assert first is not None
        outputs: list[Output] = []
        for number in range(order.n):
            path = first.with_name(f"{order.job_id}-{number}.png")
            path.write_bytes(first.read_bytes())
            outputs.append(Output("image/png", path, width=2, height=2))
        return Done(tuple(outputs))


def studio(house: House) -> Studio:
    """The provider of this house."""
    assert isinstance(house.fake, Studio)
    return house.fake


async def compared(house: House, **query: str) -> dict[str, Any]:
    """What `GET /api/v1/compare` says."""
    answer = await house.http.get("/api/v1/compare", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def ordered(house: House, *models: str, **body: Any) -> dict[str, Any]:
    """One order for these models, when it has ended."""
    sent = {"prompt": "a fox", "models": list(models), **body}
    answer = await house.http.post("/api/generate/image", json=sent)
    assert answer.status_code == 202, answer.text
    return await house.ended(answer.json()["job_id"])
