"""Who may talk to the gateway from where: Host and Origin of every request.

A web page that a user happens to visit must not reach a gateway on loopback (DNS rebinding, CSRF).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.types import Scope

from flexura.domain.errors import Forbidden

_FILES = "/api/assets/"
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def _name(host: str) -> str:
    """A Host header without its port, in lower case."""
    if host.startswith("["):
        return host.partition("]")[0].lower() + "]"
    return host.partition(":")[0].lower()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def opens_by_itself(scope: Scope) -> bool:
    """Whether this is a signed link to a file: it opens for whoever has it, from wherever.

    A chat program shows files in a frame of its own origin (MCP Apps). Chromium tells that origin with every
    request to this machine (Local Network Access), also for a picture, of which the page sees no byte.
    """
    reads = scope["method"] in ("GET", "HEAD") and scope["path"].startswith(_FILES)
    return reads and b"sig=" in scope["query_string"]


class Access:
    """Allowed names: loopback, the public URL's host and what the operator lists."""

    def __init__(self, public_url: str = "", allowed_hosts: Iterable[str] = ()) -> None:
        public = urlsplit(public_url).netloc
        self._names = {_name(h) for h in (*_LOOPBACK, *allowed_hosts, public) if h}

    def check(self, host: str, origin: str, *, by_address: bool = False) -> None:
        """Raises Forbidden for a request under a foreign name or from a foreign page.

        `by_address` lets in who asks under a bare IP address, as an orchestrator's probes do: a page that was
        led here by DNS comes under a name.
        """
        if _name(host) not in self._names and not (by_address and _is_address(_name(host))):
            raise Forbidden(
                "This gateway does not answer under that host name.",
                field="Host",
                next_step="Add it to allowed_hosts under [gateway] in the configuration.",
            )
        if origin and _name(urlsplit(origin).netloc) not in self._names:
            raise Forbidden(
                "This gateway does not answer pages of that origin.",
                field="Origin",
                next_step="Add the origin's host to allowed_hosts under [gateway] in the configuration.",
            )
