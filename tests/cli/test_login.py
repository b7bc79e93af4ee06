"""`flexura login`: the key of a gateway elsewhere."""

from __future__ import annotations

import stat
from pathlib import Path

import keyring
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


def test_where_there_is_a_keyring_the_key_lies_there_unless_a_file_is_asked_for(
    stranger: Terminal, flexura_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: dict[str, str] = {}
    monkeypatch.setattr(keyring, "set_password", lambda _, name, key: held.update({name: key}))
    monkeypatch.setattr(keyring, "get_password", lambda _, name: held.get(name))
    key = stranger.house.key
    result = stranger.run("login", "--json", stdin=f"{key}\n")
    assert "the system's keyring" in result.stdout
    assert list(held.values()) == [key]
    assert stranger.run("models").exit_code == 0
    held.clear()
    assert stranger.run("login", "--file", stdin=f"{key}\n").exit_code == 0
    assert not held and key in (flexura_home / "credentials.json").read_text()
