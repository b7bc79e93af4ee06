"""`flexura build` for somebody at a terminal: what is asked, what moves, what Ctrl-C does."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from build_house import ONE, Builder
from flexura.cli import terminal
from flexura.client import GatewayClient, JobAnswer


@pytest.fixture
def asked(builder: Builder, monkeypatch: pytest.MonkeyPatch) -> Builder:
    """The builder, whom one can ask."""
    monkeypatch.setattr(terminal, "asks", lambda: True)
    return builder


def test_a_price_is_agreed_to_before_anything_is_ordered(asked: Builder) -> None:
    asked.declare(ONE)
    bought = asked.bought()
    result = asked.run(stdin="n\n", code=3)
    assert "1 file for about 0.02 USD. Build?" in result.stderr
    assert "Nothing was ordered." in result.stderr
    assert asked.bought() == bought
    asked.run(stdin="y\n")
    assert asked.bought() == bought + 1


def test_nobody_is_asked_about_nothing_or_with_yes(asked: Builder) -> None:
    asked.declare(ONE)
    assert "Build?" not in asked.run("-y").stderr
    assert "Build?" not in asked.run().stderr
    (asked.folder / "fox.png").unlink()
    assert "Build?" not in asked.run().stderr


def test_bars_move_and_the_lines_stay(builder: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "live", lambda stream: True)
    builder.declare(ONE + ONE.replace("asset.fox", "asset.owl").replace("fox.png", "owl.png"))
    result = builder.run("-y")
    assert "fox.png  fake:one" in result.output
    assert "2 made; 0.04 USD." in result.output


def test_ctrl_c_leaves_the_jobs_going_and_the_next_build_takes_them(
    builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow = GatewayClient.follow

    async def interrupted(client: GatewayClient, job_id: str) -> AsyncIterator[JobAnswer]:
        async for job in follow(client, job_id):
            yield job
            raise KeyboardInterrupt

    builder.declare(ONE)
    bought = builder.bought()
    monkeypatch.setattr(GatewayClient, "follow", interrupted)
    result = builder.run(code=130)
    assert "nothing is ordered twice" in result.stderr
    monkeypatch.setattr(GatewayClient, "follow", follow)
    assert "its job is under way" in builder.run().stderr
    assert builder.bought() == bought + 1
