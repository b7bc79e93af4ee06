"""Media providers: one vendor, one file; this folder is the registry, and entry points add to it.

Each module says its `NAME`, the `VARIABLES` that bring it to life (name to what to set; the first one
decides), its `DOCS` page, the third-party doubles it was `PROVEN` against, whether it is `configured`, the
operator's own `origins`, and how to `make` its providers (one, or one per server). A package of somebody else
adds such a module under the entry point group `flexura.providers`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Protocol

from flexura.outbound.client import Guard
from flexura.ports.provider import Provider
from flexura.ports.registry import adapters_in

GROUP = "flexura.providers"
_NO_ADAPTERS = frozenset({"embedded"})  # always there, made by the composition root


@dataclass(frozen=True)
class Setup:
    """What an adapter is made from: `home` holds the operator's files for it, `staging` its own."""

    env: Mapping[str, str] = field(repr=False)
    guard: Guard
    home: Path
    staging: Path


class Adapter(Protocol):
    """What a module of this folder offers."""

    NAME: str
    VARIABLES: Mapping[str, str]
    DOCS: str
    PROVEN: Sequence[str]

    def configured(self, env: Mapping[str, str]) -> bool:
        """Whether these settings bring it to life."""
        ...

    def origins(self, env: Mapping[str, str]) -> list[str]:
        """URLs whose origin the operator chose, so that it may be on a private network."""
        ...

    def make(self, setup: Setup) -> Sequence[Provider]:
        """Its providers, which ask through `setup.guard`."""
        ...


@cache
def adapters() -> tuple[Adapter, ...]:
    """Every adapter of this folder, then those of installed packages; by name, and a name counts once."""
    found = adapters_in(__name__, __path__, GROUP, _name_of, _NO_ADAPTERS)
    return tuple(found[name] for name in sorted(found))


def _name_of(adapter: Adapter) -> str:
    return adapter.NAME


def variables() -> dict[str, str]:
    """What can be set to get media providers, and to what."""
    return {name: what for adapter in adapters() for name, what in adapter.VARIABLES.items()}
