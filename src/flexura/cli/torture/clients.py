"""Clients that do what real ones should: the same key until the gateway has said that it has the order."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import httpx2

from flexura.cli.torture.plan import Ordering
from flexura.cli.torture.provider import MODEL

_SECONDS = 4.0
"""Until a client tries elsewhere: a gateway that is stopped does not answer at all."""
_AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 507})
TEMPLATE = "torture-two-steps-{upstream}"


@dataclass
class Accepted:
    """What the clients were told."""

    jobs: dict[int, str] = field(default_factory=dict[int, str])
    """Order number to the job that was promised for it."""
    changed_minds: list[str] = field(default_factory=list[str])
    """Orders whose key gave one job first and another one later."""
    canceled: set[str] = field(default_factory=set[str])
    """Jobs that somebody asked to cancel."""
    refused: list[str] = field(default_factory=list[str])
    """Orders that were refused for good, with the reason: there should be none."""
    repeats: int = 0
    """Requests that were sent again."""

    def note(self, number: int, job_id: str) -> None:
        """A gateway promised a job for an order."""
        known = self.jobs.setdefault(number, job_id)
        if known != job_id:
            self.changed_minds.append(f"order {number}: {known} and then {job_id}")


class Refused(Exception):
    """The gateway said no, and will again."""


class HttpClient:
    """Asks any of the gateways, another one each time that something goes wrong."""

    def __init__(self, urls: Sequence[str], key: str, accepted: Accepted, seed: int) -> None:
        self._urls = list(urls)
        self._accepted = accepted
        self._chance = random.Random(f"{seed} client")
        self._http = httpx2.AsyncClient(
            headers={"Authorization": f"Bearer {key}"},
            timeout=_SECONDS,
            limits=httpx2.Limits(max_connections=32, max_keepalive_connections=16),
        )

    async def aclose(self) -> None:
        await self._http.aclose()

    async def prepare(self, upstreams: Sequence[str]) -> None:
        """Save the template of two steps, one for each upstream."""
        for upstream in upstreams:
            await self._insist(
                "POST", "/api/v1/templates", _template(upstream), f"setup-{upstream}"
            )

    async def order(self, order: Ordering) -> None:
        """Send one order until it is accepted; cancel it later if that is the plan."""
        path, body = _body(order)
        try:
            answer = await self._insist("POST", path, body, order.key)
            job_id = str(answer.get("job_id") or answer.get("id"))
            self._accepted.note(order.number, job_id)
            if order.cancel_after is not None:
                await asyncio.sleep(order.cancel_after)
                await self.cancel(job_id)
        except Refused as refused:
            self._accepted.refused.append(f"order {order.number}: {refused}")

    async def cancel(self, job_id: str) -> None:
        """Cancel a job; one that has ended already stays as it is."""
        self._accepted.canceled.add(job_id)
        await self._insist("DELETE", f"/api/jobs/{job_id}", None, "", fine=(404, 409))

    async def _insist(
        self, method: str, path: str, body: Any, key: str, fine: Sequence[int] = ()
    ) -> dict[str, Any]:
        headers, tries = ({"Idempotency-Key": key} if key else {}), 0
        while True:
            url = self._chance.choice(self._urls)
            try:
                answer = await self._http.request(method, url + path, json=body, headers=headers)
            except httpx2.HTTPError:
                answer = None
            if answer is not None and (answer.is_success or answer.status_code in fine):
                return cast("dict[str, Any]", answer.json())
            if answer is not None and answer.status_code not in _AGAIN:
                raise Refused(f"{answer.status_code} {answer.text[:300]}")
            tries += 1
            self._accepted.repeats += 1
            await asyncio.sleep(self._chance.uniform(0.02, min(1.0, 0.05 * 2**tries)))


def model_of(order: Ordering) -> str:
    """The model that an order names."""
    return f"{order.upstream}:{MODEL}"


def _body(order: Ordering) -> tuple[str, dict[str, Any]]:
    if order.way == "run":
        slug = TEMPLATE.format(upstream=order.upstream)
        return f"/api/v1/templates/{slug}/runs", {"inputs": {"subject": order.prompt}}
    body: dict[str, Any] = {"prompt": order.prompt, "model": model_of(order)}
    return "/api/generate/image", body | ({"n": order.n} if order.n > 1 else {})


def _template(upstream: str) -> dict[str, Any]:
    model = f"policy:cheapest,provider={upstream}"
    return {
        "slug": TEMPLATE.format(upstream=upstream),
        "name": "Two steps",
        "inputs": [{"id": "subject", "type": "TEXT"}],
        "steps": [
            {"id": "draft", "uses": "image", "model": model, "prompt": "{{ inputs.subject }}"},
            {
                "id": "final",
                "uses": "image",
                "model": model,
                "prompt": "{{ inputs.subject }}",
                "inputs": ["{{ steps.draft.outputs.0 }}"],
            },
        ],
    }


async def all_of(
    orders: Sequence[Ordering],
    send: Callable[[Ordering], Any],
    may: Callable[[Ordering], bool],
    at_once: int,
) -> None:
    """Send all orders, so many at once, each as soon as it may be sent."""
    waiting = iter(orders)

    async def one() -> None:
        for order in waiting:
            while not may(order):
                await asyncio.sleep(0.02)
            await send(order)

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(one())
