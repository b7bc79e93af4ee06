"""Whether the live catalog is there: how many models, and which providers have a problem."""

from __future__ import annotations

import asyncio

from flexura.cli import words
from flexura.cli.doctor import reach
from flexura.cli.doctor.finding import Finding, failed, note, ok
from flexura.client import AdapterAnswer, GatewayClient
from flexura.domain.errors import FlexuraError
from flexura.local.errors import LocalError

_SECONDS = 3.0


async def catalog() -> Finding:
    """What the gateway offers at this moment, as it says itself."""
    url, key = reach.way()
    if not url:
        return ok("catalog", "read from the providers when the gateway starts")
    if not key:
        return note("catalog", f"{url} is not asked without a key", "Run `flexura login`.")
    try:
        async with asyncio.timeout(_SECONDS), GatewayClient(url, key) as client:
            adapters = (await client.providers()).providers
    except TimeoutError:
        step = "Look again in a moment: `flexura providers`."
        return note("catalog", f"{url} does not tell it within {_SECONDS:.0f} s", step)
    except (FlexuraError, LocalError) as error:
        return failed("catalog", error.message, error.next_step)
    return _judged([found for found in adapters if found.configured and found.role == "media"])


def _judged(adapters: list[AdapterAnswer]) -> Finding:
    count = sum(sum(found.models.values()) for found in adapters)
    names = ", ".join(found.name for found in adapters)
    about = f"{count:,} models of {names}"
    bad = [found for found in adapters if found.status == "unavailable"]
    if not bad:
        return ok("catalog", about)
    wrong = f"{bad[0].name}: {words.cut(bad[0].error, 80)}" + (
        f", and {len(bad) - 1} more" if len(bad) > 1 else ""
    )
    return note("catalog", f"{about}; {wrong}", "flexura providers --check")
