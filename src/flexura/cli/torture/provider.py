"""The port `Provider` in front of the embedded upstream: what any vendor's adapter does, at its smallest."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from flexura.cli.torture.plan import KEYED, UNKEYED
from flexura.domain.errors import OutcomeUnknown, ProviderError, ProviderUnavailable
from flexura.domain.model import Model, Price
from flexura.outbound.answer import Answer
from flexura.outbound.client import Guard
from flexura.ports.provider import Done, Failed, Operation, Order, Output, Pending

MODEL = "picture"
PRICE_USD = 0.02
_SECONDS = 15.0
_MOST_AT_ONCE = 16
_SCHEMA: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}


def providers(url: str) -> list[UpstreamProvider]:
    """Both upstreams at that address."""
    return [UpstreamProvider(KEYED, url), UpstreamProvider(UNKEYED, url)]


class UpstreamProvider:
    """Buys over HTTP through the guarded client, as every adapter does."""

    concurrency = _MOST_AT_ONCE

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self.deduplicates = name == KEYED
        self._url = url
        self._guard = Guard(allow_origins=[url])
        self._me = {"x-process": str(os.getpid())}

    async def models(self) -> Sequence[Model]:
        return [
            Model(
                id=f"{self.name}:{MODEL}",
                provider=self.name,
                upstream_id=MODEL,
                name="Picture",
                description="Sells small pictures.",
                kinds=("image",),
                tasks=("text-to-image", "image-to-image"),
                input_schema=_SCHEMA,
                schema_source="flexura torture",
                price=Price(unit="image", amount=PRICE_USD, source="flexura torture"),
                fetched_at="2026-01-01T00:00:00.000Z",
                max_n=4,
                takes_inputs=True,
            )
        ]

    async def model(self, upstream_id: str, listed: Model | None) -> Model | None:
        return listed

    async def submit(self, order: Order) -> Operation:
        key = {"idempotency-key": order.job_id} if self.deduplicates else {}
        answer = await self._guard.request(
            "POST",
            f"{self._url}/{self.name}/orders",
            headers={**self._me, **key},
            json={"order": order.job_id, "prompt": order.prompt},
            timeout=_SECONDS,
        )
        if answer.status == 503:
            raise ProviderUnavailable(
                "The upstream is busy and took nothing.", retry_after=_told(answer)["retry_after"]
            )
        if answer.status >= 500:
            raise OutcomeUnknown(f"The upstream broke down ({answer.status}).")
        return {"id": str(_told(answer)["id"])}

    async def poll(self, operation: Operation, order: Order) -> Pending | Done | Failed:
        url = f"{self._url}/orders/{operation['id']}"
        state = _told(await self._guard.request("GET", url, headers=self._me, timeout=_SECONDS))
        if state["state"] == "working":
            return Pending(float(state["retry_after"]))
        if state["state"] == "failed":
            return Failed(
                "content_policy", "The upstream refused the picture.", "Change the words."
            )
        return Done((Output("image/png", url=f"{self._url}/files/{operation['id']}"),))

    async def cancel(self, operation: Operation, order: Order) -> None:
        url = f"{self._url}/orders/{operation['id']}"
        await self._guard.request("DELETE", url, headers=self._me, timeout=_SECONDS)

    async def download(self, url: str, to: Path, max_bytes: int) -> None:
        answer = await self._guard.save(
            url, to, headers=self._me, timeout=_SECONDS, max_bytes=max_bytes
        )
        if answer.status != 200:
            raise ProviderError(f"The upstream answered {answer.status}.")

    async def aclose(self) -> None:
        await self._guard.aclose()


def _told(answer: Answer) -> dict[str, Any]:
    return cast("dict[str, Any]", answer.json())
