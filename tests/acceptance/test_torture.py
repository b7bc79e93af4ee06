"""The shipped `flexura torture`: kills at random moments on both stores, and what was found of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from acceptance.flexura_process import Shell
from postgres_house import Cluster

pytestmark = pytest.mark.usefixtures("unmeasured")

LONG = bool(os.environ.get("LONG"))
"""Ten times as much, with a seed of its own each time."""


def tortured(tmp_path: Path, kills: int, *more: str) -> dict[str, Any]:
    """What the command says; it has ended by 0, so it found nothing."""
    many = kills * (10 if LONG else 1)
    seed = [] if LONG else ["--seed", "6"]
    shell = Shell(
        tmp_path / "home", tmp_path, {"TMPDIR": str(tmp_path)}, seconds=900 if LONG else 240
    )
    arguments = ["--kills", str(many), "--jobs", str(2 * many), "--deadline", "220", *seed, *more]
    told = shell.json("torture", *arguments)
    assert told["ok"] and not any(found["count"] for found in told["findings"].values()), told
    assert told["kills"]["total"] == many and told["jobs"]["accepted"] == 2 * many
    assert told["kept"] is None and not list(tmp_path.glob("flexura-torture-*"))
    return told


@pytest.mark.timeout(1000 if LONG else 260)
def test_a_hundred_kills_lose_nothing_and_buy_nothing_twice(tmp_path: Path) -> None:
    told = tortured(tmp_path, 100)
    assert {"gateway", "bridge", "freeze", "terminate"} <= set(told["kills"])
    unknown = told["outcome_unknown"]
    assert unknown["charged"] and unknown["charged"] + unknown["not_charged"] == unknown["total"]


@pytest.mark.timeout(1000 if LONG else 260)
def test_kills_on_postgresql_lose_nothing_and_buy_nothing_twice(
    tmp_path: Path, postgres_cluster: Cluster
) -> None:
    told = tortured(tmp_path, 30, "--database", postgres_cluster.url())
    assert {"gateway", "worker", "connection"} <= set(told["kills"])
    assert told["store"] == "postgresql"
