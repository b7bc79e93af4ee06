"""`flexura build` in real processes: one that is killed, and a second one that orders nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from acceptance.flexura_process import Shell

COUNT = 30
PROJECT = '[project]\nout = "art"\nprovider = "embedded"\n'
ASSET = """
[asset.n{number}]
path = "n{number}.png"
prompt = "placeholder {number}"
size = "64x64"
"""


@pytest.fixture
def shell(flexura_home: Path, tmp_path: Path) -> Iterator[Shell]:
    project = tmp_path / "project"
    project.mkdir()
    assets = "".join(ASSET.format(number=number) for number in range(COUNT))
    (project / "flexura.toml").write_text(PROJECT + assets)
    found = Shell(flexura_home, project)
    yield found
    found.run("gateway", "stop")


def jobs(home: Path) -> int:
    """How many jobs the gateway has taken."""
    found = json.loads((home / "gateway.json").read_text())
    answer = httpx2.get(
        f"{found['url']}/api/v1/jobs?limit=1",
        headers={"Authorization": f"Bearer {found['token']}"},
    )
    return answer.json()["total"]


def test_a_build_that_is_killed_is_gone_on_with_and_a_second_one_orders_nothing(
    shell: Shell,
) -> None:
    child = shell.start("build")
    assert child.stdout is not None
    first = child.stdout.readline()
    assert first.startswith("made")
    child.kill()
    child.communicate(timeout=30)
    assert shell.run("build", "--check", code=1).stdout.startswith("missing")

    told = shell.json("build")
    assert (told["failed"], told["kept"], told["cost_usd"]) == (0, 0, 0)
    assert told["made"] + told["reused"] == COUNT
    assert len(list((shell.project / "art").glob("*.png"))) == COUNT
    # What was ordered and not yet home when it was killed was not ordered another time.
    assert jobs(shell.home) == COUNT

    shell.run("gateway", "stop")
    began = time.monotonic()
    again = shell.json("build")
    took = time.monotonic() - began
    assert (again["made"], again["reused"]) == (0, COUNT)
    assert took < 1, took
    assert shell.json("build", "--check")["up_to_date"] is True
    # It needed no gateway for that.
    assert shell.json("gateway", "status")["running"] is False
