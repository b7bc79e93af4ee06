"""A person with agents: a throwaway HOME with real files, and `main([...])`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from flexura_installer.__main__ import main
from flexura_installer.session import House

CODEX = '# mine\nmodel = "x"\n\n[mcp_servers.other]\ncommand = "a" # keep\n'
CURSOR = '{\r\n\t"mcpServers": {\r\n\t\t"a": {"command": "b"}\r\n\t}\r\n}'
GEMINI = '{\n  // my theme\n  "theme": "dark"\n}\n'
BROKEN = '{"mcpServers": {"z": {"command": "z"}}'
OTHERS = '{"mcpServers": {"flexura": {"command": "/other/flexura"}}}\n'
AIDER = "model: x # mine\nread: CONV.md\n"

# Answers what the installer asks of the program; the real one is tried in tests/cli.
LAUNCHER = """#!/bin/sh
case "$*" in
"providers import --names --json") echo '{"names":["TAVILY_API_KEY"]}' ;;
"providers import TAVILY_API_KEY")
    echo "TAVILY_API_KEY: kept in the keyring." >&2
    echo "$*" >>"$HOME/imported"
    ;;
*) exit 9 ;;
esac
"""


@dataclass
class Answers:
    """Somebody at the terminal who says what they were told to, and remembers what was asked."""

    yes_to: list[bool] = field(default_factory=list[bool])
    typed: str = ""
    asked: list[str] = field(default_factory=list[str])

    def can_answer(self) -> bool:
        return True

    def yes(self, question: str, *, otherwise: bool) -> bool:
        self.asked.append(question)
        return self.yes_to.pop(0) if self.yes_to else otherwise

    def secret(self, question: str) -> str:
        self.asked.append(question)
        return self.typed


@dataclass(frozen=True)
class Ran:
    """How a run ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        assert self.out.count("\n") == 1
        return json.loads(self.out)


@dataclass
class Person:
    """The home, the project, and the command."""

    home: Path
    project: Path
    capsys: pytest.CaptureFixture[str]

    @property
    def launcher(self) -> Path:
        return self.home / ".local/bin/flexura"

    def file(self, name: str, text: str, mode: int = 0o644) -> Path:
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        path.chmod(mode)
        return path

    def run(self, *words: str, asker: Answers | None = None, house: House | None = None) -> Ran:
        code = main(words, asker=asker, house=house)
        said = self.capsys.readouterr()
        return Ran(code, said.out, said.err)

    def everything(self) -> dict[str, Any]:
        """Every path below the home and the project with its mode, and its bytes, link or nothing."""
        found: dict[str, Any] = {}
        for root in (self.home, self.project):
            for path in sorted(root.rglob("*")):
                held = (
                    str(path.readlink())
                    if path.is_symlink()
                    else path.read_bytes()
                    if path.is_file()
                    else None
                )
                found[str(path.relative_to(root.parent))] = (path.lstat().st_mode, held)
        return found
