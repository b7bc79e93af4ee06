"""A model for coding agents that always orders a picture: aimock, which speaks every vendor's protocol."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx2

import node_tools


@dataclass(frozen=True)
class Model:
    """The double. `url` is its root."""

    url: str

    def was_offered(self) -> set[str]:
        """Which tools of ours an agent offered to it; every agent puts the server before their names."""
        with httpx2.Client(trust_env=False, timeout=10) as http:
            entries = http.get(f"{self.url}/__aimock/journal").raise_for_status().json()
        tools = [tool for e in entries for tool in (e["body"] or {}).get("tools") or []]
        names = [tool["function"]["name"] for tool in tools]
        return {found[1] for name in names if (found := re.search(r"flexura_+(\w+)$", name))}


@contextmanager
def model() -> Iterator[Model]:
    """The double for the time of the block."""
    argv = [str(node_tools.node22()), str(node_tools.script("aimock_agents.mjs"))]
    with node_tools.listening(argv, r"listening on (\S+)") as url:
        yield Model(url)
