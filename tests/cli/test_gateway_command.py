"""`flexura gateway`: where it is, and the unit that starts it at log-in."""

from __future__ import annotations

import plistlib
from pathlib import Path

import pytest

from cli_house import Terminal
from flexura.cli import login_unit
from flexura.domain.errors import InvalidRequest


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path / "config"


def test_no_gateway_is_no_failure(alone: Terminal) -> None:
    result = alone.run("gateway", "status")
    assert (result.exit_code, result.stdout) == (0, "not running\n")
    assert alone.json("gateway", "status")["running"] is False


def test_stop_without_a_gateway_does_nothing(alone: Terminal) -> None:
    assert alone.json("gateway", "stop") == {"stopped": False}


def test_a_gateway_elsewhere_is_named(terminal: Terminal) -> None:
    assert terminal.json("gateway", "status")["remote"] == terminal.house.url


@pytest.mark.only_on("linux")
def test_the_systemd_unit_starts_the_gateway_of_this_home(
    alone: Terminal, config: Path, flexura_home: Path
) -> None:
    enabled = alone.json("gateway", "enable")
    unit = config / "systemd/user/flexura.service"
    assert enabled["path"] == str(unit)
    assert "systemctl --user enable --now flexura" in enabled["next"]
    lines = unit.read_text().splitlines()
    assert any(line.startswith("ExecStart=") and '"serve" "--local"' in line for line in lines)
    assert f'Environment="FLEXURA_HOME={flexura_home}"' in lines
    assert 'Environment="FLEXURA_IDLE_SECONDS=inf"' in lines


@pytest.mark.only_on("linux")
def test_a_unit_that_was_changed_by_hand_is_left_alone(alone: Terminal, config: Path) -> None:
    alone.run("gateway", "enable")
    unit = config / "systemd/user/flexura.service"
    unit.write_text("mine")
    assert alone.run("gateway", "enable").exit_code == 1
    assert unit.read_text() == "mine"
    assert alone.run("gateway", "enable", "--force").exit_code == 0
    assert unit.read_text() != "mine"


@pytest.mark.only_on("linux")
def test_what_systemd_would_expand_is_escaped(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "50% $HOME").mkdir()
    monkeypatch.setenv("FLEXURA_HOME", str(tmp_path / "50% $HOME"))
    text = login_unit.write().path.read_text()
    assert "50%% $$HOME" in text


def test_the_launchd_unit_is_a_property_list(config: Path, flexura_home: Path) -> None:
    unit = login_unit.write(platform="darwin")
    assert unit.path.is_relative_to(config.parent / "home/Library/LaunchAgents")
    found = plistlib.loads(unit.path.read_bytes())
    assert found["ProgramArguments"][-2:] == ["serve", "--local"]
    assert found["EnvironmentVariables"]["FLEXURA_HOME"] == str(flexura_home)
    assert str(unit.path) in unit.commands[-1]


def test_another_system_is_told_what_to_do(config: Path) -> None:
    with pytest.raises(InvalidRequest) as refused:
        login_unit.write(platform="win32")
    assert "flexura serve --local" in refused.value.next_step
