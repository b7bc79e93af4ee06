"""Search engines: this folder is the registry.

Each module says its `NAME`, its `RANK` (who is asked first), the `VARIABLES` that bring it to life (name to
what to set; the first one decides), its `DOCS` page, the third-party doubles it was `PROVEN` against, whether
it is `configured`, and `keyless` then, the operator's own `origins`, and how to `make` it. A module that
holds several engines says all that in each of its `ADAPTERS`.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from flexura.outbound.client import Guard, is_url
from flexura.ports.search_engine import SearchEngine


class Adapter(Protocol):
    """What a module of this folder offers, or each of its `ADAPTERS`."""

    @property
    def NAME(self) -> str: ...
    @property
    def RANK(self) -> int: ...
    @property
    def VARIABLES(self) -> Mapping[str, str]: ...
    @property
    def DOCS(self) -> str: ...
    @property
    def PROVEN(self) -> Sequence[str]: ...

    def configured(self, env: Mapping[str, str]) -> bool:
        """Whether the engine can be asked with these settings."""
        ...

    def keyless(self, env: Mapping[str, str]) -> bool:
        """Whether it would be asked within a limit that strangers share; it is asked after the others."""
        ...

    def origins(self, env: Mapping[str, str]) -> list[str]:
        """URLs whose origin the operator chose, so that it may be on a private network."""
        ...

    def make(self, env: Mapping[str, str], guard: Guard) -> SearchEngine:
        """The engine, which asks through this guard."""
        ...


@cache
def adapters() -> tuple[Adapter, ...]:
    """Every adapter of this folder, by rank."""
    return tuple(sorted(_found(), key=lambda adapter: (adapter.RANK, adapter.NAME)))


def _found() -> Iterator[Adapter]:
    for found in pkgutil.iter_modules(__path__):
        module = import_module(f"{__name__}.{found.name}")
        yield from cast("Sequence[Adapter]", getattr(module, "ADAPTERS", (module,)))


def engines(env: Mapping[str, str], guard: Guard) -> list[SearchEngine]:
    """The configured engines, in the order in which they are asked. The guard must allow their `origins`."""
    configured = [adapter for adapter in adapters() if adapter.configured(env)]
    # Stable: within each of the two groups it is the rank that counts.
    ordered = sorted(configured, key=lambda adapter: adapter.keyless(env))
    return [adapter.make(env, guard) for adapter in ordered]


def origins(env: Mapping[str, str]) -> list[str]:
    """What the engines' guard has to allow. What is no URL is left out; its engine says so when asked."""
    named = [u for adapter in adapters() if adapter.configured(env) for u in adapter.origins(env)]
    return [url for url in named if is_url(url)]


def variables() -> dict[str, str]:
    """What can be set for search, and to what."""
    return {name: what for adapter in adapters() for name, what in adapter.VARIABLES.items()}


def deciding() -> tuple[str, ...]:
    """The variables each of which brings an engine to life by itself."""
    return tuple(next(iter(adapter.VARIABLES)) for adapter in adapters())
