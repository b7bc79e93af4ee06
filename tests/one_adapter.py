"""One media adapter alone against the double: what a gateway would do with it, without a gateway."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from flexura.domain.model import Kind, Model
from flexura.outbound.client import Guard
from flexura.ports.provider import Done, Failed, InputFile, Order, Pending, Provider
from flexura.providers.media import Setup, adapters
from vendor_double import MIME, VendorDouble, media
from vendor_samples import environment, sample


@asynccontextmanager
async def provider_of(
    name: str, env: Mapping[str, str], home: Path, guard: Guard | None = None
) -> AsyncIterator[Provider]:
    """The first provider that an adapter makes from these settings."""
    adapter = {found.NAME: found for found in adapters()}[name]
    assert adapter.configured(env)
    outside = guard or Guard(allow_origins=adapter.origins(env))
    provider = adapter.make(Setup(env, outside, home, home / "staging"))[0]
    try:
        yield provider
    finally:
        await provider.aclose()


@asynccontextmanager
async def sampled(
    name: str, double: VendorDouble, home: Path, *exchanges: dict[str, Any]
) -> AsyncIterator[Provider]:
    """The provider, led to a double that answers with these exchanges, then with the sample's list."""
    double.exchanges = [*exchanges, *sample(name)["listing"]]
    async with provider_of(name, environment(name, double), home) as provider:
        yield provider


def order(
    upstream_id: str, kind: Kind, options: Mapping[str, Any], *inputs: InputFile, n: int = 1
) -> Order:
    """An order as the worker gives it: the options in the vendor's words."""
    return Order("job_1", kind, upstream_id, "a red fox", n, 7, dict(options), inputs)


def given(home: Path, kind: str, role: str = "", slot: str = "") -> InputFile:
    """A tiny real file as an input."""
    path = home / f"input-{len(list(home.glob('input-*')))}"
    path.write_bytes(media(kind))
    digest = hashlib.sha256(media(kind)).hexdigest()
    return InputFile(path, MIME[kind], digest, role or MIME[kind].split("/")[0], slot)


async def ended(provider: Provider, wanted: Order) -> Done | Failed:
    """Submit, then look until it is over."""
    operation = await provider.submit(wanted)
    for _ in range(10):
        state = await provider.poll(operation, wanted)
        if not isinstance(state, Pending):
            return state
        assert 1 <= state.retry_after <= 10
    raise AssertionError("It never ends.")


async def listed(provider: Provider) -> dict[str, Model]:
    """The list by upstream id."""
    return {model.upstream_id: model for model in await provider.models()}


def sent(double: VendorDouble) -> list[Any]:
    """The bodies of the POST requests, in order."""
    return [asked.sent() for asked in double.asked if asked.method == "POST"]
