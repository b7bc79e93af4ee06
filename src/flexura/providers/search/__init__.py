"""Search engines: one engine, one file; this folder is the registry.

Each module says its `NAME`, its `RANK` (who is asked first), the `VARIABLES` that bring it to life (name to
what to set), whether it is `configured`, the operator's own `origins`, and how to `make` it.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from flexura.domain.errors import InvalidRequest
from flexura.outbound.client import Guard, origin
from flexura.ports.search_engine import SearchEngine


class Adapter(Protocol):
    """What a module of this folder offers."""

    NAME: str
    RANK: int
    VARIABLES: Mapping[str, str]

    def configured(self, env: Mapping[str, str]) -> bool:
        """Whether the engine can be asked with these settings."""
        ...

    def origins(self, env: Mapping[str, str]) -> list[str]:
        """URLs whose origin the operator chose, so that it may be on a private network."""
        ...

    def make(self, env: Mapping[str, str], guard: Guard) -> SearchEngine:
        """The engine, which asks through this guard."""
        ...


@cache
def adapters() -> tuple[Adapter, ...]:
    """Every adapter of this folder, in the order in which they are asked."""
    names = [found.name for found in pkgutil.iter_modules(__path__)]
    modules = [cast("Adapter", import_module(f"{__name__}.{name}")) for name in names]
    return tuple(sorted(modules, key=lambda adapter: (adapter.RANK, adapter.NAME)))


def engines(env: Mapping[str, str], guard: Guard) -> list[SearchEngine]:
    """The configured engines, in the order in which they are asked. The guard must allow their `origins`."""
    return [adapter.make(env, guard) for adapter in adapters() if adapter.configured(env)]


def origins(env: Mapping[str, str]) -> list[str]:
    """What the engines' guard has to allow. What is no URL is left out; its engine says so when asked."""
    named = [u for adapter in adapters() if adapter.configured(env) for u in adapter.origins(env)]
    return [url for url in named if _is_url(url)]


def _is_url(url: str) -> bool:
    try:
        return bool(origin(url))
    except InvalidRequest:
        return False


def variables() -> dict[str, str]:
    """What can be set to get search, and to what."""
    return {name: what for adapter in adapters() for name, what in adapter.VARIABLES.items()}
