"""`flexura login`: the key of a gateway elsewhere."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from cli_house import Terminal


@pytest.fixture
def stranger(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Somebody who knows the address of a gateway and has its key in hand only."""
    monkeypatch.delenv("MEDIA_GATEWAY_API_KEY")
    return terminal


def test_a_key_from_stdin_is_tried_and_kept_for_that_gateway(
    stranger: Terminal, flexura_home: Path
) -> None:
    assert stranger.run("models").exit_code == 4
    result = stranger.run("login", stdin=f"{stranger.house.key}\n")
    assert result.exit_code == 0
    assert stranger.house.key not in result.output
    assert stranger.run("models").exit_code == 0
    kept = flexura_home / "credentials.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_key_that_does_not_work_is_not_kept(stranger: Terminal, flexura_home: Path) -> None:
    assert stranger.run("login", stdin="fx_live_wrong\n").exit_code == 4
    assert not (flexura_home / "credentials.json").exists()


def test_nothing_on_stdin_is_a_mistake(stranger: Terminal) -> None:
    assert stranger.run("login", stdin="").exit_code == 2


def test_the_own_gateway_needs_no_login(alone: Terminal) -> None:
    result = alone.run("login", stdin="x\n")
    assert result.exit_code == 2
    assert "FLEXURA_URL is not set" in result.stderr
