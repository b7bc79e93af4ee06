"""What adapters of vendors behind HTTP have in common: one API, a place for files, and quiet defaults."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flexura.domain.model import Model
from flexura.ports.provider import Operation, Order
from flexura.providers.api import Api
from flexura.providers.staging import Staging


class HttpVendor:
    """The parts of the port `Provider` that most vendors answer alike; the rest is theirs."""

    deduplicates = False
    concurrency = 4

    def __init__(self, name: str, api: Api, staging: Staging) -> None:
        self.name = name
        self.api = api
        self.staging = staging

    async def model(self, upstream_id: str, listed: Model | None) -> Model | None:
        """The list has everything there is to know."""
        return listed

    async def cancel(self, operation: Operation, order: Order) -> None:
        """The vendor offers no way to stop work."""

    async def download(self, url: str, to: Path, max_bytes: int) -> None:
        """See the port; the key goes along only to the vendor's own origin."""
        await self.api.download(url, to, max_bytes)

    async def aclose(self) -> None:
        """Close every connection."""
        await self.api.aclose()

    def entry(self, upstream_id: str, **fields: Any) -> Model:
        """A catalog entry of this vendor; what it does not tell is filled in plainly."""
        known: dict[str, Any] = {
            "name": upstream_id,
            "description": "",
            "input_schema": {"type": "object", "properties": {}},
            "schema_source": "none",
            "fetched_at": now(),
            **fields,
            "id": f"{self.name}:{upstream_id}",
            "provider": self.name,
            "upstream_id": upstream_id,
        }
        return Model(**known)


def now() -> str:
    """This instant as the API writes times."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
