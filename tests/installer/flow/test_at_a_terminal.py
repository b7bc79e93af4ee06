"""The installer as a process: with the standard library alone, and in front of a person."""

from __future__ import annotations

import io
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from flexura_installer.questions import Terminal
from installer_person import CODEX, Person

ROOT = Path(__file__).parents[3]
# -S: no site-packages, so nothing but the standard library and the installer itself.
COMMAND = (sys.executable, "-S", "-m", "flexura_installer")


def environment(person: Person) -> dict[str, str]:
    return {
        "HOME": str(person.home),
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(ROOT / "installer"),
    }


@pytest.fixture
def agents(person: Person) -> Person:
    person.file(".codex/config.toml", CODEX)
    return person


def test_it_needs_nothing_but_the_standard_library(agents: Person) -> None:
    before = agents.everything()
    for words in (["install"], ["install", "--status"], ["upgrade"], ["uninstall"]):
        done = subprocess.run(
            [*COMMAND, *words],
            env=environment(agents),
            cwd=agents.project,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (done.returncode, done.stderr) == (0, "")
    assert agents.everything() == before


def test_help_is_the_parsers_own(person: Person) -> None:
    for name in ("install", "uninstall", "upgrade"):
        ran = person.run(name, "--help")
        assert ran.code == 0
        assert ran.out.startswith(f"usage: flexura {name}") and "--dry-run" in ran.out
        assert "--made-venv" not in ran.out
    assert person.run().code == 2


@pytest.mark.only_on("linux", "darwin")
def test_under_a_pipe_the_question_is_asked_on_the_terminal(agents: Person) -> None:
    code, shown = at_a_terminal(agents, b"perhaps\nn\n")
    assert code == 3
    assert shown.count("Install flexura into Codex? [Y/n]") == 2
    assert (agents.home / ".codex/config.toml").read_text() == CODEX
    code, shown = at_a_terminal(agents, b"\n")
    assert (code, "Start Codex anew" in shown) == (0, True)


@pytest.mark.only_on("linux", "darwin")
def test_ctrl_c_at_the_question_leaves_everything(agents: Person) -> None:
    before = agents.everything()
    code, shown = at_a_terminal(agents, b"\x03")
    assert (code, "Interrupted" in shown) == (130, True)
    assert agents.everything() == before


def at_a_terminal(person: Person, typed: bytes) -> tuple[int, str]:
    """Run `install` as `curl … | bash` would: a terminal to talk to, and stdin something else."""
    import pty  # not on every system

    pid, terminal = pty.fork()
    if pid == 0:
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.chdir(person.project)
        os.execve(sys.executable, [*COMMAND, "install"], environment(person))
    shown, status = b"", None
    try:
        while select.select([terminal], [], [], 60)[0]:
            try:
                part = os.read(terminal, 4096)
            except OSError:
                break
            shown += part
            if not part:
                break
            if typed and shown.endswith(b"] "):
                os.write(terminal, typed)
                typed = b""
        _, status = os.waitpid(pid, 0)
    finally:
        os.close(terminal)
        if status is None:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), shown.decode("utf-8", "replace")


class Talk:
    """A terminal as two streams: what is typed, and what was shown."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, typed: str, *, there: bool = True) -> None:
        self.shown = io.StringIO()
        self.shown.close = lambda: None
        monkeypatch.setattr(sys.stderr, "isatty", lambda: there, raising=False)

        def opened(mode: str) -> io.StringIO:
            return io.StringIO(typed) if mode == "r" else self.shown

        monkeypatch.setattr(Terminal, "_opened", staticmethod(opened))


@pytest.mark.parametrize(
    ("typed", "answer"),
    [("y\n", True), ("NO\n", False), ("what\nyes\n", True), ("\n", False), ("", False)],
)
def test_an_answer_is_asked_for_until_it_is_one(
    monkeypatch: pytest.MonkeyPatch, typed: str, answer: bool
) -> None:
    talk = Talk(monkeypatch, typed)
    assert Terminal().yes("Go?", otherwise=False) is answer
    assert talk.shown.getvalue().startswith("Go? [y/N] ")


def test_where_nobody_looks_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    talk = Talk(monkeypatch, "y\n", there=False)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    assert Terminal().yes("Go?", otherwise=False) is False
    assert Terminal().secret("Key") == ""
    assert talk.shown.getvalue() == ""


def test_a_secret_is_read_without_showing_it(monkeypatch: pytest.MonkeyPatch) -> None:
    Talk(monkeypatch, "")
    monkeypatch.setattr("getpass.getpass", lambda prompt: f" typed after {prompt}")
    assert Terminal().secret("Key") == "typed after Key:"

    def closed(prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr("getpass.getpass", closed)
    assert Terminal().secret("Key") == ""


def test_a_terminal_that_cannot_be_opened_gives_the_safe_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Talk(monkeypatch, "y\n")

    def gone(mode: str) -> io.StringIO:
        raise OSError(6, mode)

    monkeypatch.setattr(Terminal, "_opened", staticmethod(gone))
    assert not Terminal().can_answer()
    assert Terminal().yes("Go?", otherwise=False) is False
