"""What can be reached: the gateway, its key, the bridge, the search engines."""

from __future__ import annotations

import asyncio
import os
from urllib.parse import urlsplit

from flexura import __version__, settings
from flexura.bridge import provider_keys
from flexura.cli.doctor.finding import Finding, failed, note, ok
from flexura.cli.doctor.launch import bare_environment, launch
from flexura.cli.words import masked
from flexura.client import GatewayClient
from flexura.domain.errors import FlexuraError
from flexura.domain.workspace import well_formed
from flexura.local import address, gateway, health, keys, lock, paths, start
from flexura.local.errors import LocalError
from flexura.local.version import is_newer

_SECONDS = 3.0
_TAVILY = "https://api.tavily.com"


def own_gateway() -> Finding:
    """The gateway of this user, or the one that FLEXURA_URL names."""
    if (remote := address.remote_url()) is not None:
        return ok("gateway", f"{remote} is used instead of one on this machine")
    held, running = lock.is_held(paths.gateway_lock()), gateway.find()
    if not held:
        return ok("gateway", "not running; it starts when something needs it")
    if running is None:
        return note(
            "gateway", "it is just starting", "Look again in a moment: `flexura gateway status`."
        )
    if not health.answers(running, _SECONDS):
        step = f"See {paths.gateway_log()}; if it runs in another container, set FLEXURA_URL to it."
        return failed("gateway", f"the lock is held but {running.url} does not answer", step)
    about = f"{running.url}, version {running.version}, process {running.pid}"
    if is_newer(__version__, running.version):
        return note("gateway", f"{about}, older than this program", "flexura gateway stop")
    return ok("gateway", about)


def way() -> tuple[str, str | None]:
    """Where the gateway is now, empty while none runs; and the key that commands and the bridge send."""
    if (remote := address.remote_url()) is not None:
        return remote, keys.key_for(address.origin(remote))
    running = gateway.find()
    return running.url if running else "", keys.key_for(keys.LOCAL)


async def key() -> Finding:
    """Whether there is a key, and the gateway takes it."""
    url, found = way()
    if not found:
        remote = address.remote_url()
        if remote is None:
            return ok("key", "none kept yet; the gateway makes one when it first starts")
        return failed("key", f"there is none for {remote}", "Run `flexura login`.")
    short = masked("", found)
    if not well_formed(found):
        return failed("key", f"{short} is mistyped: its checksum is wrong", "Copy it again whole.")
    return await _tried(url, found, short) if url else ok("key", short)


async def _tried(url: str, found: str, short: str) -> Finding:
    try:
        async with GatewayClient(url, found) as client:
            await client.jobs(limit=1)
    except (FlexuraError, LocalError) as error:
        return failed("key", f"{short}: {error.message}", error.next_step)
    return ok("key", f"{short}, accepted by {url}")


def bridge() -> Finding:
    """Whether `flexura mcp` starts as an agent starts it: in a bare environment, from `/`."""
    arguments = start.command(start.launcher(), "mcp")
    found = launch(arguments, bare_environment())
    if found.trouble:
        step = f"Run `{' '.join(arguments)}` in a terminal to see why."
        return failed("bridge", f"`flexura mcp` does not start: {found.trouble}", step)
    took = f"{found.milliseconds:.0f} ms"
    return ok("bridge", f"{found.name} answers initialize and ends in {took}")


async def search() -> Finding:
    """The search engines that the gateway would ask."""
    if address.remote_url() is not None:
        return ok("search", "the gateway that FLEXURA_URL names does it")
    known = settings.load(local=True).environment
    engines = {"tavily": known.get("TAVILY_BASE_URL") or _TAVILY}
    if url := known.get("SEARXNG_BASE_URL"):
        engines["searxng"] = url
    keyless = "" if known.get("TAVILY_API_KEY") else " (keyless)"
    reached = await asyncio.gather(*(_reachable(url) for url in engines.values()))
    working = [name for name, there in zip(engines, reached, strict=True) if there]
    missing = [name for name in engines if name not in working]
    said = ", ".join(f"{name}{keyless if name == 'tavily' else ''}" for name in working)
    if not working:
        step = "Check the network, or give the gateway another: flexura providers import SEARXNG_BASE_URL=URL"
        return note("search", f"{' and '.join(missing)} cannot be reached from here", step)
    if missing:
        step = f"Check the address of {' and '.join(missing)}: flexura providers list"
        return note("search", f"{said} can be reached; {' and '.join(missing)} cannot", step)
    if any(os.environ.get(name) and name not in known for name in provider_keys.VARIABLES):
        return note(
            "search",
            f"{said}; a key is set here that the gateway lacks",
            "flexura providers import",
        )
    return ok("search", f"{said} can be reached")


async def _reachable(url: str) -> bool:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        async with asyncio.timeout(_SECONDS):
            _, writer = await asyncio.open_connection(parts.hostname, port)
    except (OSError, ValueError):
        return False
    writer.close()
    return True
