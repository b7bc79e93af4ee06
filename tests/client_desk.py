"""The typed client and the gateway behind it."""

from __future__ import annotations

from dataclasses import dataclass

from flexura.client import GatewayClient
from gateway_house import House


@dataclass
class Desk:
    """A client, and the gateway behind it."""

    client: GatewayClient
    house: House

    async def order(self, prompt: str = "a fox") -> str:
        """A job of the fake provider."""
        accepted = await self.client.submit(
            "image", {"prompt": prompt, "model": "fake:one"}, prompt
        )
        return accepted.job_id
