"""`flexura providers add` and `remove`: the keyring, the file, and the gateway that has to read them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import keyring
import pytest

from cli_house import Terminal
from flexura import settings
from flexura.local import gateway
from flexura.local.gateway import Running
from keyring_double import Ring

KEY = "tvly-0123456789abcdef"


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    found = Ring()
    monkeypatch.setattr(keyring.core, "_keyring_backend", found)
    return found


@pytest.fixture
def file(flexura_home: Path) -> Path:
    return flexura_home / "config.toml"


def known() -> dict[str, str]:
    return dict(settings.load(local=True).environment)


def test_a_key_goes_into_the_keyring_and_the_file_says_so(
    alone: Terminal, ring: Ring, file: Path
) -> None:
    result = alone.run("providers", "add", "TAVILY_API_KEY", stdin=f"{KEY}\n")
    assert (result.exit_code, result.stdout) == (0, "TAVILY_API_KEY\n")
    assert "kept in the system's keyring" in result.stderr
    assert ring.held == {"TAVILY_API_KEY": KEY}
    assert file.read_text() == "[providers]\nTAVILY_API_KEY = { keyring = true }\n"
    assert known() == {"TAVILY_API_KEY": KEY}
    assert KEY not in result.output


def test_addresses_and_switches_go_into_the_file(alone: Terminal, ring: Ring, file: Path) -> None:
    found = alone.json(
        "providers", "add", "SEARXNG_BASE_URL=http://127.0.0.1:1", "YOU_FREE=1", f"FAL_KEY={KEY}"
    )
    assert found["places"] == {"SEARXNG_BASE_URL": "file", "YOU_FREE": "file", "FAL_KEY": "keyring"}
    assert found["gateway"] == "none"
    assert KEY not in file.read_text() and list(ring.held) == ["FAL_KEY"]


def test_without_a_keyring_that_works_the_file_takes_it_and_the_reason_is_told(
    alone: Terminal, ring: Ring, file: Path
) -> None:
    ring.error = "The collection is locked. Ask somebody."
    result = alone.run("providers", "add", f"FAL_KEY={KEY}")
    assert f"FAL_KEY: kept in {file}." in result.stderr
    assert "No keyring was used: The collection is locked." in result.stderr
    assert known() == {"FAL_KEY": KEY}


def test_the_file_can_be_forced_and_the_copy_in_the_keyring_goes(
    alone: Terminal, ring: Ring, file: Path
) -> None:
    alone.run("providers", "add", "FAL_KEY=old-key")
    alone.run("providers", "add", f"FAL_KEY={KEY}", "--file")
    assert ring.held == {}
    assert f'FAL_KEY = "{KEY}"' in file.read_text()
    alone.run("providers", "add", "FAL_KEY=new-key")
    assert KEY not in file.read_text() and known() == {"FAL_KEY": "new-key"}


def test_a_file_that_cannot_be_edited_leaves_nothing_in_the_keyring(
    alone: Terminal, ring: Ring, file: Path
) -> None:
    file.write_text("[providers\n")
    assert alone.run("providers", "add", f"FAL_KEY={KEY}").exit_code == 2
    file.write_text('providers.A = "1"\n')
    assert alone.run("providers", "add", f"FAL_KEY={KEY}").exit_code == 2
    assert ring.held == {}


@pytest.mark.parametrize("names", [[], ["lower"], ["FAL_KEY="], ["FAL_KEY"]])
def test_no_value_is_a_mistake(alone: Terminal, ring: Ring, names: list[str]) -> None:
    assert alone.run("providers", "add", *names, stdin="").exit_code == 2
    assert ring.held == {}


def test_remove_takes_a_key_from_wherever_it_lies(alone: Terminal, ring: Ring, file: Path) -> None:
    alone.run("providers", "add", f"FAL_KEY={KEY}", "YOU_FREE=1")
    alone.run("providers", "add", f"EXA_API_KEY={KEY}", "--file")
    found = alone.json("providers", "remove", "FAL_KEY", "EXA_API_KEY")
    assert found["removed"] == ["EXA_API_KEY", "FAL_KEY"]
    assert ring.held == {} and file.read_text() == '[providers]\nYOU_FREE = "1"\n'
    assert known() == {"YOU_FREE": "1"}


def test_what_is_not_there_cannot_be_removed(alone: Terminal, ring: Ring) -> None:
    result = alone.run("providers", "remove", "FAL_KEY")
    assert result.exit_code == 2 and "has no FAL_KEY" in result.stderr


def test_a_keyring_that_cannot_be_asked_is_told_when_its_key_is_removed(
    alone: Terminal, ring: Ring, file: Path
) -> None:
    alone.run("providers", "add", f"FAL_KEY={KEY}")
    ring.error = "locked"
    result = alone.run("providers", "remove", "FAL_KEY")
    assert "FAL_KEY may still lie in the keyring" in result.stderr
    assert "FAL_KEY" not in file.read_text()


def test_the_list_says_where_a_key_lies_and_what_is_wrong_with_it(
    alone: Terminal, ring: Ring
) -> None:
    alone.run("providers", "add", f"FAL_KEY={KEY}")
    assert "tvly…cdef  (keyring)" in alone.run("providers", "list").stdout
    ring.error = "locked"
    assert "the keyring cannot be read: locked  (keyring)" in alone.run("providers", "list").stdout


# The gateway that runs


@pytest.fixture
def running(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], list[str]]:
    """The gateway of the tests as this user's own, started on demand or by hand; tells what stopped it."""
    house, stopped = terminal.house, list[str]()
    assert house is not None

    def be(on_demand: bool) -> list[str]:
        found = Running(house.url, 1, house.key, "0", 1, "", "", "", on_demand)
        monkeypatch.setattr(gateway, "find", lambda: found)
        monkeypatch.setattr(gateway, "stop", lambda: stopped.append("stopped") is None)
        return stopped

    return be


def test_a_gateway_without_work_is_stopped_so_that_the_next_one_reads_the_key(
    terminal: Terminal, running: Callable[[bool], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = running(True)
    assert terminal.json("providers", "add", "YOU_FREE=1")["gateway"] == "stopped"
    assert stopped == ["stopped"]


def test_a_gateway_with_work_goes_on_and_the_next_step_is_told(
    terminal: Terminal, running: Callable[[bool], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = running(True)
    assert terminal.house is not None
    with terminal.house.held_back():
        terminal.run("image", "a fox", "--model", "fake:one", "--yes", "--wait", "0")
        terminal.house.submitted()
        result = terminal.run("providers", "add", "YOU_FREE=1")
    assert stopped == []
    assert "jobs in hand: 1" in result.stderr and "flexura gateway stop" in result.stderr


def test_a_gateway_that_somebody_started_by_hand_is_theirs_to_stop(
    terminal: Terminal, running: Callable[[bool], list[str]]
) -> None:
    stopped = running(False)
    result = terminal.run("providers", "add", "YOU_FREE=1")
    assert stopped == [] and "start your `flexura serve` again" in result.stderr


def test_the_own_gateway_is_known_by_how_it_was_started(alone: Terminal, ring: Ring) -> None:
    own = gateway.ensure(timeout=60)
    try:
        assert own.on_demand
        assert alone.json("providers", "add", "YOU_FREE=1")["gateway"] == "stopped"
        assert gateway.find() is None
    finally:
        gateway.stop()
