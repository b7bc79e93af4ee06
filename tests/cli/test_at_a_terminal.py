"""Real processes at a real (pseudo) terminal: what moves, what is asked, what Ctrl-C does."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cli_house import Terminal
from flexura.cli import terminal as streams

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
ORDER = ("image", "a fox", "--model", "fake:one")


class Session:
    """A command whose three streams are one terminal."""

    def __init__(self, master: int, child: subprocess.Popen[bytes]) -> None:
        self._master = master
        self.child = child
        self.seen = ""

    def until(self, text: str) -> None:
        """Read until that was printed."""
        while text not in self.seen:
            chunk = self._read()
            assert chunk, self.seen
            self.seen += chunk

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def end(self) -> int:
        """Read the rest; the exit code."""
        while chunk := self._read():
            self.seen += chunk
        return self.child.wait(30)

    def _read(self) -> str:
        try:
            return os.read(self._master, 65536).decode(errors="replace")
        except OSError:
            # Nobody has the other end open any more.
            return ""


@contextmanager
def at_a_terminal(*arguments: str, **variables: str) -> Iterator[Session]:
    master, slave = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "flexura", *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", **variables},
        start_new_session=True,
    )
    os.close(slave)
    try:
        yield Session(master, child)
    finally:
        os.close(master)
        if child.poll() is None:
            child.kill()
        child.wait()


def test_a_bar_moves_while_the_job_runs_and_leaves_no_trace(terminal: Terminal) -> None:
    with terminal.house.held_back(), at_a_terminal(*ORDER, "--yes") as session:
        session.until("half way")
        session.until("50 %")
        terminal.house.let_go()
        assert session.end() == 0
    last = ESCAPES.sub("", session.seen.rpartition("\x1b[2K")[2])
    assert "flexura-out/a-fox.png" in last
    assert "%" not in last


def test_an_agent_at_a_terminal_gets_plain_lines(terminal: Terminal) -> None:
    with at_a_terminal(*ORDER, CLAUDECODE="1") as session:
        assert session.end() == 0
    assert "\x1b" not in session.seen


def test_a_question_is_asked_before_money_is_spent(terminal: Terminal) -> None:
    with at_a_terminal(*ORDER) as session:
        session.until("Order it?")
        session.type("n\n")
        assert session.end() == 3
    assert "0.02 USD" in session.seen


@pytest.mark.parametrize("yes", ["y\n", "\n"])
def test_yes_is_the_default(terminal: Terminal, yes: str) -> None:
    with at_a_terminal(*ORDER) as session:
        session.until("Order it?")
        session.type(yes)
        assert session.end() == 0


def test_ctrl_c_while_waiting_says_how_to_go_on(terminal: Terminal) -> None:
    with terminal.house.held_back(), at_a_terminal(*ORDER, "--yes") as session:
        session.until("half way")
        session.child.send_signal(signal.SIGINT)
        assert session.end() == 130
    assert "goes on" in session.seen
    assert re.search(r"flexura status job_\w+ --wait", session.seen)
    assert "Traceback" not in session.seen


def test_ctrl_c_with_json_prints_one_object(terminal: Terminal) -> None:
    with terminal.house.held_back():
        command = [sys.executable, "-m", "flexura", *ORDER, "--json"]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        terminal.house.submitted()
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=30)
    assert child.returncode == 130, err
    assert out.count("\n") == 1
    assert json.loads(out)["next"].startswith("flexura status")


def test_a_table_is_drawn_where_somebody_looks(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = terminal.run("models").stdout
    monkeypatch.setattr(streams, "rich_enough", lambda stream: True)
    assert "\t" in plain
    assert "\t" not in terminal.run("models").stdout


def test_the_key_is_not_shown_while_it_is_typed(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MEDIA_GATEWAY_API_KEY")
    with at_a_terminal("login") as session:
        session.until("API key for")
        session.type(f"{terminal.house.key}\n")
        assert session.end() == 0
    assert terminal.house.key not in session.seen
    assert "works and is kept" in session.seen
