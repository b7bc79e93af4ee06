"""The command as a whole: help, mistakes, exit codes, and how fast it is there."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from cli_house import Terminal
from flexura import __version__
from flexura.cli import exit_codes
from flexura.cli.main import COMMANDS
from flexura.domain.errors import tree

HEAVY = {"pydantic", "httpx2", "rich", "asyncio", "mcp", "sqlalchemy"}
WITHOUT_JSON = {
    "credits",
    "mcp",
    "serve",
    "worker",
    "gateway",
    "keys",
    "workspaces",
    "templates",
    "webhooks",
}


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["nonsense"]])
def test_what_needs_no_gateway_imports_nothing_heavy(arguments: list[str]) -> None:
    program = (
        "import sys\nfrom flexura.cli.main import flexura\n"
        f"try: flexura.main({arguments})\nexcept SystemExit: pass\n"
        f"sys.exit(','.join({HEAVY} & set(sys.modules)) or 0)"
    )
    child = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert child.returncode == 0, child.stderr


def test_the_version_is_told(alone: Terminal) -> None:
    assert alone.run("--version").stdout == f"flexura {__version__}\n"


def test_help_lists_every_command_and_every_exit_code(alone: Terminal) -> None:
    told = alone.run("--help").stdout
    for name, (_, about) in COMMANDS.items():
        assert f"  {name} " in told
        assert about in told
    for code, meaning in exit_codes.MEANINGS.items():
        assert f"{code} " in told
        assert meaning in told


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_can_be_asked_for_help(alone: Terminal, name: str) -> None:
    result = alone.run(name, "--help")
    assert result.exit_code == 0
    assert ("--json" in result.stdout) is (name not in WITHOUT_JSON)


@pytest.mark.parametrize(
    ("group", "name"),
    [("keys", n) for n in ("create", "list", "rotate", "revoke")]
    + [("workspaces", n) for n in ("create", "list", "approve", "set", "invite")]
    + [("gateway", "status")]
    + [("gateway", n) for n in ("start", "stop", "enable")]
    + [("providers", n) for n in ("import", "list")],
)
def test_every_command_of_a_group_has_json(alone: Terminal, group: str, name: str) -> None:
    assert "--json" in alone.run(group, name, "--help").stdout


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["serach", "x"], "search"),
        (["keys", "creat"], "create"),
        (["image", "x", "--modle", "y"], "--model"),
    ],
)
def test_a_mistyped_word_gets_the_one_that_was_meant(
    alone: Terminal, arguments: list[str], meant: str
) -> None:
    result = alone.run(*arguments)
    assert result.exit_code == 2
    assert f"Did you mean '{meant}'?" in result.stderr
    assert "next: " in result.stderr
    assert not result.stdout


def test_a_mistake_is_json_too_where_json_was_asked_for(alone: Terminal) -> None:
    result = alone.run("image", "x", "--modle", "y", "--json")
    error = json.loads(result.stdout)["error"]
    assert error["code"] == "invalid_request"
    assert "--help" in error["next_step"]
    assert not result.stderr


def test_without_a_command_the_help_is_shown_and_it_is_a_mistake(alone: Terminal) -> None:
    result = alone.run()
    assert result.exit_code == 2
    assert "Commands:" in result.stderr


@pytest.mark.parametrize("error", tree(), ids=lambda e: e.__name__)
def test_every_error_has_a_documented_exit_code(error: type) -> None:
    assert exit_codes.of(error.code) in exit_codes.MEANINGS
    assert exit_codes.of(error.code) != exit_codes.OK


def test_a_disk_that_is_full_is_a_message(alone: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "flexura.db")

    monkeypatch.setattr("flexura.local.gateway.ensure", full)
    error = alone.json("status", code=1)["error"]
    assert error["code"] == "disk_full"
    assert "flexura.db: No space left" in error["message"]
