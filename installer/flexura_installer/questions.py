"""Questions to the person at the terminal, if there is one.

Under `curl … | bash` stdin is the script, so the terminal itself is opened: /dev/tty, or Windows' CON.
"""

from __future__ import annotations

import getpass
import sys
from typing import Protocol, TextIO, cast


class Asker(Protocol):
    """Somebody who can be asked."""

    def can_answer(self) -> bool:
        """Whether there is a person."""
        ...

    def yes(self, question: str, *, otherwise: bool) -> bool:
        """The answer to yes or no; an empty one, or nobody there, is `otherwise`."""
        ...

    def secret(self, question: str) -> str:
        """Something typed without being shown; empty when nobody is there."""
        ...


class Terminal:
    """The terminal that this process was started from."""

    def can_answer(self) -> bool:
        """Whether it can be opened, and somebody looks at it: no program that reads what we print."""
        if not (sys.stdin.isatty() or sys.stderr.isatty()):
            return False
        try:
            with self._opened("r"), self._opened("w"):
                return True
        except OSError:
            return False

    def yes(self, question: str, *, otherwise: bool) -> bool:
        """Ask until the answer is one; Ctrl-D is `otherwise`."""
        if not self.can_answer():
            return otherwise
        try:
            with self._opened("r") as answers, self._opened("w") as words:
                return _ask(question, otherwise, answers, words)
        except OSError:
            return otherwise

    def secret(self, question: str) -> str:
        """As getpass reads it, which opens the terminal itself."""
        if not self.can_answer():
            return ""
        try:
            return getpass.getpass(f"{question}: ").strip()
        except EOFError:
            return ""

    @staticmethod
    def _opened(mode: str) -> TextIO:
        name = "/dev/tty"
        if sys.platform == "win32":
            name = "CONIN$" if mode == "r" else "CONOUT$"
        return cast("TextIO", open(name, mode, encoding="utf-8", errors="replace"))


class Nobody:
    """For `--json` and `--yes`: there is nobody to ask."""

    def can_answer(self) -> bool:
        """No."""
        return False

    def yes(self, question: str, *, otherwise: bool) -> bool:
        """The safe answer."""
        del question
        return otherwise

    def secret(self, question: str) -> str:
        """Nothing."""
        del question
        return ""


def _ask(question: str, otherwise: bool, answers: TextIO, words: TextIO) -> bool:
    while True:
        print(f"{question} [{'Y/n' if otherwise else 'y/N'}] ", end="", file=words, flush=True)
        line = answers.readline()
        answer = line.strip().lower()
        if not line:
            print(file=words, flush=True)
        if not answer:
            return otherwise
        if answer in ("y", "yes"):
            return True
        if answer in ("n", "no"):
            return False
