"""The commands that pages show for typing in a terminal. A key stands in none of their URLs."""

from __future__ import annotations

import ipaddress
import shlex
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.requests import Request

from flexura.gateway.rest.requests import base_url

SCRIPT = "/api/install/flexura-skill"


@dataclass(frozen=True)
class HandOver:
    """How somebody with a key comes to this gateway from their machine."""

    url: str
    install: str
    login: str
    environment: str = field(repr=False)
    """With the key in it, for scripts and other programs."""
    unsafe: bool
    """Whether the address is plain http on another machine, from which the script installs nothing."""


def hand_over(request: Request, secret: str = "") -> HandOver:
    """The commands for the gateway as this request reached it."""
    base = base_url(request)
    where = f"export FLEXURA_URL={shlex.quote(base)}"
    key = f"\nexport MEDIA_GATEWAY_API_KEY={secret}" if secret else ""
    return HandOver(
        base,
        install(base),
        f"FLEXURA_URL={shlex.quote(base)} flexura login",
        where + key,
        _unsafe(base),
    )


def install(base: str, *words: str) -> str:
    """The one line that installs flexura from a gateway; words go to `flexura install`."""
    line = f"curl -fsSL {shlex.quote(base + SCRIPT)} | bash"
    return " ".join((line, "-s --", *map(shlex.quote, words))) if words else line


def _unsafe(base: str) -> bool:
    parts = urlsplit(base)
    host = parts.hostname or ""
    if parts.scheme == "https" or host == "localhost" or host.endswith(".localhost"):
        return False
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return True
