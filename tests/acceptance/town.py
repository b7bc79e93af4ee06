"""A user's machine where a gateway runs that an agent started."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bridge_house import own_gateway, ready_agent, record
from flexura.local import gateway
from search_double import ROWS, search_double

KEPT = ("PATH", "HOME", "PYTHON_KEYRING_BACKEND", "COVERAGE_PROCESS_CONFIG")


@dataclass(frozen=True)
class Town:
    """The state directory, and the gateway that runs on it."""

    home: Path
    url: str
    key: str

    @property
    def environment(self) -> dict[str, str]:
        """What an agent's window has of it."""
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        return {**kept, "FLEXURA_HOME": str(self.home)}


@contextmanager
def living_in(home: Path) -> Iterator[None]:
    """Make this the user's state directory for the time of the block."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FLEXURA_HOME", str(home))
        yield


@contextmanager
def town(home: Path, project: Path, **environment: str) -> Iterator[Town]:
    """A town with a search service, which is configured by file: no environment reaches the gateway."""
    with search_double(ROWS) as engine:
        configure(home, TAVILY_BASE_URL=engine.url)
        with living_in(home), ready_agent(project, **environment) as agent:
            record(agent.call("model_catalog"))
            running = gateway.find()
        assert running is not None
        try:
            yield Town(home, running.url, running.token)
        finally:
            with living_in(home), own_gateway():
                pass


def configure(home: Path, **providers: str) -> None:
    """Write the user's configuration file."""
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(_toml(providers))


def _toml(providers: Mapping[str, str]) -> str:
    return "[providers]\n" + "".join(f'{name} = "{value}"\n' for name, value in providers.items())
