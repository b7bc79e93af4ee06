"""Colours and moving things: only where they help."""

from __future__ import annotations

import io
import sys

import pytest

from flexura.cli import terminal
from flexura.cli.screen import Screen


class Screenful(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM", *terminal.AGENTS):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("variable", "on_terminal", "in_pipe"),
    [
        ("", True, False),
        ("NO_COLOR=1", False, False),
        ("FORCE_COLOR=1", True, True),
        ("FORCE_COLOR=0", True, False),
        ("TERM=dumb", False, False),
        ("CLAUDECODE=1", False, False),
        ("CODEX_SANDBOX=seatbelt", False, False),
    ],
)
def test_who_gets_colours(
    variable: str, on_terminal: bool, in_pipe: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if variable:
        monkeypatch.setenv(*variable.split("="))
    assert terminal.colored(Screenful()) is on_terminal
    assert terminal.colored(io.StringIO()) is in_pipe


def test_nothing_moves_in_a_pipe_even_when_colours_are_forced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert not terminal.live(io.StringIO())
    assert terminal.live(Screenful())
    assert terminal.rich_enough(io.StringIO())


def test_an_agent_gets_plain_lines_even_where_colours_are_forced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("CLAUDECODE", "1")
    assert not terminal.live(Screenful())
    assert not terminal.rich_enough(Screenful())


def test_no_escape_code_reaches_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    screen = Screen(as_json=False)
    screen.data("\x1b[1mbold\x1b[0m")
    screen.say("careful", fg="red")
    screen.failure({"code": "x", "message": "broken", "next_step": "mend it"})
    assert out.getvalue() == "bold\n"
    assert err.getvalue() == "careful\nerror: broken\nnext: mend it\n"


def test_json_leaves_stderr_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    screen = Screen(as_json=True)
    screen.data("line")
    screen.say("message")
    screen.object({"a": "é"})
    assert out.getvalue() == '{"a":"é"}\n'
    assert not err.getvalue()
