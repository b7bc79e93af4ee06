"""A fake gateway, and an agent in a project of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge import agent as agents
from bridge import fake_gateway
from bridge.agent import Agent
from bridge.fake_gateway import FakeGateway


@pytest.fixture(scope="package")
def running_gateway() -> Iterator[FakeGateway]:
    """One server for all tests of the bridge: starting one costs more than most tests."""
    with fake_gateway.running() as running:
        yield running


@pytest.fixture
def gateway(running_gateway: FakeGateway) -> FakeGateway:
    """A gateway that has seen nothing yet."""
    running_gateway.renew()
    return running_gateway


@pytest.fixture
def project(tmp_path: Path) -> Path:
    path = tmp_path / "project"
    path.mkdir()
    return path


@pytest.fixture
def agent(gateway: FakeGateway, project: Path, flexura_home: Path) -> Iterator[Agent]:
    """An agent that was initialized, in front of the fake gateway."""
    key = fake_gateway.KEY
    with agents.agent(project, FLEXURA_URL=gateway.url, MEDIA_GATEWAY_API_KEY=key) as started:
        started.initialize()
        yield started
