"""`flexura install`, `uninstall`, `upgrade`: the installer's words, and what only the program can do."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path

import keyring
import pytest

from cli_house import Terminal
from flexura.cli import own_data
from flexura.local import gateway, keys, paths, record
from flexura.local.errors import GatewayUnavailable
from flexura.local.record import Running
from flexura_installer import program
from flexura_installer.arguments import parse
from flexura_installer.machine import Machine

CODEX = '# mine\nmodel = "x"\n'


@pytest.fixture
def home(alone: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with Codex in it, a command to start, and nothing of this machine's on the PATH."""
    home = tmp_path / "home"
    for name in (".codex", ".local/bin"):
        (home / name).mkdir(parents=True)
    (home / ".codex/config.toml").write_text(CODEX)
    command = home / ".local/bin/flexura"
    command.write_text("#!/bin/sh\nexit 9\n")
    command.chmod(0o755)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    return home


@pytest.fixture
def running(flexura_home: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A gateway that was started on demand; what is done to it."""
    done: list[str] = []
    found = Running("http://127.0.0.1:1", 1, "t", "1", 1, "", "", "i", on_demand=True)
    monkeypatch.setattr(gateway, "find", lambda: None if done else found)
    monkeypatch.setattr(gateway, "stop", lambda: not done.append("stopped"))
    return done


def test_what_install_writes_uninstall_takes_back(home: Path, alone: Terminal) -> None:
    codex = home / ".codex/config.toml"
    installed = alone.run("install", "--yes")
    assert installed.exit_code == 0
    assert "flexura" in tomllib.loads(codex.read_text())["mcp_servers"]
    assert alone.run("upgrade").exit_code == 0
    assert alone.json("install", "--status")["targets"]
    assert alone.run("uninstall", "--yes").exit_code == 0
    assert codex.read_text() == CODEX
    assert not (home / ".local/state").exists()


@pytest.mark.parametrize("command", ["install", "uninstall", "upgrade"])
def test_help_is_that_of_the_installer(home: Path, alone: Terminal, command: str) -> None:
    result = alone.run(command, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"usage: flexura {command}")
    assert f"\n  {command} " in alone.run("--help").stdout


def test_a_wrong_word_ends_as_it_does_everywhere(home: Path, alone: Terminal) -> None:
    assert alone.run("install", "--target", "nobody").exit_code == 2
    result = alone.run("upgrade", "--transport", "http")
    assert (result.exit_code, "flexura upgrade --help" in result.stderr) == (2, True)


def test_the_last_agent_to_leave_stops_the_gateway(
    home: Path, alone: Terminal, running: list[str]
) -> None:
    (home / ".cursor").mkdir()
    assert alone.run("install", "--yes").exit_code == 0
    assert "gateway" not in alone.json("uninstall", "--target", "cursor")
    assert running == []
    assert alone.json("uninstall", "--dry-run")["gateway"]["stopped"] is False
    assert running == []
    assert alone.json("uninstall", "--target", "codex")["gateway"]["stopped"] is True
    assert running == ["stopped"]


def test_a_gateway_that_somebody_runs_in_a_terminal_is_left_alone(
    home: Path, alone: Terminal, monkeypatch: pytest.MonkeyPatch, running: list[str]
) -> None:
    found = Running("http://127.0.0.1:1", 1, "t", "1", 1, "", "", "i", on_demand=False)
    monkeypatch.setattr(gateway, "find", lambda: found)
    result = alone.run("uninstall", "--yes")
    assert (result.exit_code, running) == (0, [])
    assert "started yourself" in result.stdout and "flexura serve" in result.stdout


def test_a_gateway_that_does_not_stop_is_said_and_its_data_stay(
    home: Path,
    alone: Terminal,
    flexura_home: Path,
    monkeypatch: pytest.MonkeyPatch,
    running: list[str],
) -> None:
    def stop() -> bool:
        raise GatewayUnavailable("It is still at work.", next_step="Wait for it.")

    monkeypatch.setattr(gateway, "stop", stop)
    (flexura_home / "flexura.db").write_bytes(b"x")
    result = alone.run("uninstall", "--yes", "--delete-data")
    assert result.exit_code == 1
    assert "It is still at work." in result.stdout and "Wait for it." in result.stdout
    assert (flexura_home / "flexura.db").exists()


def test_the_unit_that_starts_it_is_named(
    home: Path, alone: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    for platform, path in (
        ("linux", ".config/systemd/user/flexura.service"),
        ("darwin", "Library/LaunchAgents/flexura.gateway.plist"),
    ):
        unit = home / path
        unit.parent.mkdir(parents=True)
        unit.write_text("x")
        monkeypatch.setattr("flexura.cli.login_unit.path_of", lambda unit=unit: unit)
        assert str(unit) in alone.run("uninstall", "--yes").stdout, platform


def test_data_is_measured_and_deleted_by_name_and_what_is_not_ours_stays(
    home: Path, alone: Terminal, flexura_home: Path
) -> None:
    for name in ("flexura.db", "flexura.db-wal", "gateway.port", "config.toml"):
        (flexura_home / name).write_bytes(b"# 345")
    (flexura_home / "artifacts/ab").mkdir(parents=True)
    (flexura_home / "artifacts/ab/file").write_bytes(b"x" * 1000)
    (flexura_home / "comfyui").mkdir()
    kept = alone.json("uninstall", "--yes")
    assert (kept["data"]["bytes"], kept["data"]["deleted"]) == (1020, False)
    assert str(flexura_home) in kept["data"]["places"]
    assert alone.json("uninstall", "--yes", "--delete-data")["data"]["deleted"] is True
    assert [path.name for path in flexura_home.iterdir()] == ["comfyui"]
    assert "data" not in alone.json("uninstall", "--yes")


def test_every_place_of_the_state_directory_is_known(flexura_home: Path) -> None:
    named = [
        paths.database(),
        paths.artifacts(),
        paths.staging(),
        paths.credentials_file(),
        paths.saved_file("x").parent,
        paths.gateway_lock(),
        paths.start_lock(),
        paths.gateway_record(),
        paths.gateway_log(),
        paths.gateway_port(),
        paths.config_file(),
    ]
    for path in named:
        path.write_bytes(b"")
    assert set(own_data.found()) == set(named)


def test_after_real_work_nothing_is_left(
    home: Path, alone: Terminal, flexura_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert alone.run("keys", "create", "x").exit_code == 0
    keys.keep("https://gateway.example", "fx_live_x")
    record.write(paths.gateway_record(), Running("", 0, "", "1", 1, "", "", ""))
    assert alone.run("uninstall", "--yes", "--delete-data").exit_code == 0
    assert not flexura_home.exists()


def test_keys_in_the_keyring_go_with_the_data(
    home: Path, alone: Terminal, flexura_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: dict[str, str] = {}
    monkeypatch.setattr(keyring, "set_password", lambda _, name, key: held.update({name: key}))
    monkeypatch.setattr(keyring, "get_password", lambda _, name: held.get(name))
    monkeypatch.setattr(keyring, "delete_password", lambda _, name: held.pop(name))
    keys.keep_in_keyring("https://gateway.example", "fx_live_x")
    assert alone.run("providers", "add", "TAVILY_API_KEY=tvly-x").exit_code == 0
    assert len(held) == 2
    assert alone.run("uninstall", "--yes").exit_code == 0
    assert len(held) == 2
    assert alone.run("uninstall", "--yes", "--delete-data").exit_code == 0
    assert held == {}


def test_a_keyring_that_cannot_be_asked_is_said(
    home: Path, alone: Terminal, flexura_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: str) -> str:
        raise RuntimeError("it is locked")

    monkeypatch.setattr(keyring, "get_password", locked)
    (flexura_home / "config.toml").write_text("[providers]\nTAVILY_API_KEY = { keyring = true }\n")
    result = alone.run("uninstall", "--yes", "--delete-data")
    assert result.exit_code == 1
    assert "keys in the keyring" in result.stdout


def test_a_configuration_that_cannot_be_read_goes_and_is_said(
    home: Path, alone: Terminal, flexura_home: Path
) -> None:
    (flexura_home / "config.toml").write_text("no toml")
    result = alone.run("uninstall", "--yes", "--delete-data")
    assert (result.exit_code, "cannot be read" in result.stdout) == (1, True)
    assert not flexura_home.exists()


def test_a_configuration_in_somebodys_dotfiles_stays(
    home: Path, alone: Terminal, flexura_home: Path
) -> None:
    dotfile = home / "dotfiles.toml"
    dotfile.write_text("# mine\n")
    (flexura_home / "config.toml").symlink_to(dotfile)
    (flexura_home / "project.salt").write_text("x")
    assert alone.run("uninstall", "--yes", "--delete-data").exit_code == 0
    assert (flexura_home / "config.toml").is_symlink()


@pytest.mark.parametrize("variable", ["FLEXURA_HOME", "XDG_CONFIG_HOME", ""])
def test_the_installer_knows_where_the_configuration_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    for name in ("FLEXURA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    if variable:
        monkeypatch.setenv(variable, str(tmp_path / "chosen"))
    wish = program.gateway(
        parse(["install", "--gateway-url", "https://gateway.example"]), Machine.here()
    )
    assert wish is not None
    assert wish.path == paths.config_file()


def test_names_of_keys_are_said_without_keeping_them(
    alone: Terminal, flexura_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAVILY_API_KEY", "tvly-secret")
    monkeypatch.setenv("EXA_API_KEY", " ")
    monkeypatch.setenv("SOMEBODYS_API_KEY", "x")
    assert alone.json("providers", "import", "--names") == {"names": ["TAVILY_API_KEY"]}
    result = alone.run("providers", "import", "--names")
    assert result.stdout == "TAVILY_API_KEY\n"
    assert list(flexura_home.iterdir()) == []
    alone.run("providers", "add", "TAVILY_API_KEY=tvly-secret", "--file")
    assert alone.json("providers", "import", "--names") == {"names": []}


def test_the_real_program_is_asked_for_the_names_and_keeps_them_after_a_yes(
    home: Path, alone: Terminal, flexura_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAVILY_API_KEY", "tvly-secret")
    launcher = Path(sys.executable).with_name("flexura")
    found = alone.json("install", "--yes", "--launcher", str(launcher))
    assert found["provider_keys"] == {"names": ["TAVILY_API_KEY"], "imported": False}
    assert "flexura providers import TAVILY_API_KEY" in found["next"]
    assert "tvly-secret" not in json.dumps(found)
    assert not (flexura_home / "config.toml").exists()
