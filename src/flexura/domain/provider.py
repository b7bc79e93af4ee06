"""What is known about a provider before anybody asks it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Role = Literal["media", "search"]


@dataclass(frozen=True)
class ProviderFacts:
    """One adapter, from its module and the settings. `variables` are what to set, the deciding one first."""

    name: str
    role: Role
    variables: Mapping[str, str]
    docs: str
    proven: tuple[str, ...]
    """The third-party programs that it was run against; empty = only samples of documented answers were."""
    configured: bool
    keyless: bool = False
    """Whether it works within a limit that strangers share, because no key is set."""
    parts: tuple[str, ...] = ()
    """The names under which it answers now: one adapter may stand for several servers."""
    problem: str = ""
    """Why it does not work although somebody set it up."""

    @property
    def missing(self) -> str:
        """The variable that would bring it to life; empty where it lives."""
        return "" if self.configured else next(iter(self.variables), "")
