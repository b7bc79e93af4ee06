"""Which servers that speak OpenAI's API the operator set, and how each of them differs from OpenAI's own.

A server that is written wrongly is kept, with what is wrong: it must neither stop the gateway nor vanish.
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from flexura.domain.errors import InvalidRequest
from flexura.domain.model import KINDS
from flexura.outbound.client import origin

SERVERS = "OPENAI_COMPATIBLE_SERVERS"
FLAGS = {
    "kind": "image, video or audio: what all of its models make, where its list does not tell",
    "response_format": "b64_json (the default), base64, url or none: how images are asked for",
    "extensions": "no for a server that refuses fields that OpenAI lacks (seed, steps, guidance …)",
    "concurrency": "orders at once, 1 to 64; 4 is the default",
}
"""What may stand behind a server's URL as `;flag=value`."""

_ALLOWED: dict[str, tuple[str, ...]] = {
    "kind": KINDS,
    "response_format": ("b64_json", "base64", "url", "none"),
    "extensions": ("yes", "no"),
    "concurrency": tuple(map(str, range(1, 65))),
}
_NAME = re.compile(r"^[a-z0-9][a-z0-9_-]{0,39}$")


@dataclass(frozen=True)
class Server:
    """One server.

    `speaks` is its set of endpoint schemas and the shape of its requests; `lists` the path of its models;
    `trouble` why it cannot be used.
    """

    name: str
    base: str
    key: str
    variable: str
    label: str = ""
    speaks: str = "server"
    response_format: str = "b64_json"
    kind: str = ""
    lists: str = "models"
    concurrency: int = 4
    own: bool = True
    """The operator chose the address, so that it may be on a private network."""
    trouble: str = ""

    @property
    def title(self) -> str:
        """What messages call it."""
        return self.label or self.name


class Known(NamedTuple):
    """A service that its key alone brings to life: how images are asked for, where its models are."""

    name: str
    label: str
    base: str
    response_format: str
    lists: str = "models"


KNOWN = (
    Known("openai", "OpenAI", "https://api.openai.com/v1", "none"),
    Known("together", "Together", "https://api.together.ai/v1", "base64"),
    Known("xai", "xAI", "https://api.x.ai/v1", "b64_json", "image-generation-models"),
    Known("pollinations", "Pollinations", "https://gen.pollinations.ai/v1", "b64_json"),
)


def servers(env: Mapping[str, str], reserved: Collection[str] = ()) -> list[Server]:
    """Every server that these settings name. `reserved` are names that other providers have."""
    found = list(_known(env))
    taken = {*reserved, *(known.name for known in KNOWN)}
    entries = [entry.strip() for entry in env.get(SERVERS, "").split(",")]
    for position, entry in enumerate(filter(None, entries), start=1):
        server = _server(entry, position, env, taken)
        taken.add(server.name)
        found.append(server)
    return found


def key_variable(name: str) -> str:
    """The setting that holds the key of the server of that name."""
    return f"{name.upper().replace('-', '_')}_API_KEY"


def url_variable_of(name: str) -> str:
    """The setting that holds another address of a known service."""
    return f"{name.upper()}_BASE_URL"


def _known(env: Mapping[str, str]) -> Iterator[Server]:
    for known in KNOWN:
        variable = key_variable(known.name)
        key = env.get(variable, "").strip()
        if not key:
            continue
        url_variable = url_variable_of(known.name)
        own = env.get(url_variable, "").strip()
        server = Server(
            known.name,
            known.base,
            key,
            variable,
            label=known.label,
            speaks=known.name,
            response_format=known.response_format,
            lists=known.lists,
            own=bool(own),
        )
        yield _at(server, own, url_variable) if own else server


def _server(entry: str, position: int, env: Mapping[str, str], taken: set[str]) -> Server:
    """One entry `name=url;flag=value`. Its text is never repeated: a key may stand in it by mistake."""
    head, *flags = (part.strip() for part in entry.split(";"))
    name, _, url = (part.strip() for part in head.partition("="))
    place = f"{SERVERS}, entry {position}"
    unnamed = Server(f"openai-compatible-{position}", "", "", SERVERS)
    if not _NAME.match(name) or not url:
        return replace(
            unnamed, trouble=f"{place} is not written as name=url (name: a-z, 0-9, _ and -)."
        )
    if name in taken:
        return replace(
            unnamed, trouble=f"{place}: the name {name} is taken. Give this server another one."
        )
    variable = key_variable(name)
    server = Server(name, "", env.get(variable, "").strip(), variable)
    return _with_flags(_at(server, url, place), flags, place)


def _at(server: Server, url: str, place: str) -> Server:
    """The server at that URL; a bare host gets OpenAI's usual path."""
    try:
        origin(url)
        parts = urllib.parse.urlsplit(url)
    except (InvalidRequest, ValueError):
        parts = None
    if parts is None or parts.query or parts.fragment:
        return replace(
            server,
            trouble=f"{place}: the address of {server.name} is not an http(s) URL like http://127.0.0.1:8000/v1.",
        )
    base = url.rstrip("/")
    return replace(server, base=base if parts.path.strip("/") else f"{base}/v1")


def _with_flags(server: Server, flags: list[str], place: str) -> Server:
    for flag in filter(None, flags):
        name, _, value = (part.strip() for part in flag.partition("="))
        if name not in _ALLOWED:
            known = ", ".join(FLAGS)
            return replace(
                server, trouble=f"{place}: a flag of {server.name} is not one of {known}."
            )
        if value not in _ALLOWED[name]:
            return replace(
                server, trouble=f"{place}: the flag {name} of {server.name} must be {FLAGS[name]}."
            )
        if name == "kind":
            server = replace(server, kind=value)
        elif name == "response_format":
            server = replace(server, response_format=value)
        elif name == "concurrency":
            server = replace(server, concurrency=int(value))
        else:
            server = replace(server, speaks="server" if value == "yes" else "openai")
    return server
