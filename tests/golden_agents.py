"""The golden files of the agents: what comes out where. `python tests/golden_agents.py` writes them again.

tests/installer/golden/<agent>/<scope>[-<n>].before is a file as a user may have it, `-<case>.after` what it
becomes, and `-<case>-new.after` what comes where there was no file. Read the difference before you commit it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flexura_installer.agents import AGENTS
from flexura_installer.agents.entries import wishes
from flexura_installer.agents.row import Agent, ConfigFile, Scope, Transport
from flexura_installer.formats import prove
from flexura_installer.formats.dialects import dialect
from flexura_installer.machine import Machine, System
from flexura_installer.options import Options
from flexura_installer.wishes import EntryWish

GOLDEN = Path(__file__).parent / "installer" / "golden"
PATHS = GOLDEN / "paths.txt"
KEY = "the-key-itself"
SCOPES: tuple[Scope, Scope] = ("user", "project")
SYSTEMS: tuple[System, ...] = ("linux", "macos", "windows")


@dataclass(frozen=True)
class Case:
    """One agent's file, and how the entry is to be."""

    agent: Agent
    scope: Scope
    # Which of the agent's files of that scope, from 0.
    nth: int
    # stdio, http or literal.
    name: str
    new: bool

    @property
    def before(self) -> Path:
        """The file that a user has."""
        several = len(self.agent.files(self.scope)) > 1
        return (
            GOLDEN / self.agent.name / f"{self.scope}{f'-{self.nth + 1}' if several else ''}.before"
        )

    @property
    def after(self) -> Path:
        """The file that it has to become."""
        return self.before.with_name(
            f"{self.before.stem}-{self.name}{'-new' if self.new else ''}.after"
        )

    def wish(self) -> EntryWish:
        """What the installer wants to have in this file."""
        # Only this one file: an agent with two writes each beside its own application.
        file = self.agent.files(self.scope)[self.nth]
        return wishes(
            only(self.agent, self.scope, file), options(self.scope, self.name), machine()
        )[0]

    def result(self) -> bytes:
        """What the installer makes of the file, proven."""
        wish, content = self.wish(), b"" if self.new else self.before.read_bytes()
        for slot, value in wish.values:
            content = prove.put(dialect(wish.dialect), content, slot, value).after
        return content


def cases() -> Iterator[Case]:
    """Every agent, scope, file and transport, into a file and into nothing."""
    for row in AGENTS:
        for scope in SCOPES:
            names = (
                ("stdio", "http")
                if scope == "project" or not row.http
                else ("stdio", "http", "literal")
            )
            for nth in range(len(row.files(scope))):
                for name in names:
                    yield Case(row, scope, nth, name, new=False)
                    yield Case(row, scope, nth, name, new=True)


def machine(system: System = "linux", **environment: str) -> Machine:
    """A machine on which nothing is installed."""
    return Machine(Path("/home/ada"), system, environment, Path("/home/ada/game"))


def options(scope: Scope, name: str) -> Options:
    """The options of a case."""
    transport: Transport = "stdio" if name == "stdio" else "http"
    return Options(
        launcher=Path("/home/ada/.local/bin/flexura"),
        scope=scope,
        transport=transport,
        url="" if name == "stdio" else "https://media.example.com",
        literal_secret=name == "literal",
        key=KEY if name == "literal" else "",
    )


def only(agent: Agent, scope: Scope, file: ConfigFile) -> Agent:
    """The agent with no other file than this one."""
    row = {**vars(agent), scope: (file,)}
    return Agent(**row)


def paths() -> str:
    """Where every file is, on every system."""
    lines = [
        f"{row.name}\t{scope}\t{system}\t{file.at(machine(system)).as_posix()}"
        for row in AGENTS
        for scope in SCOPES
        for file in row.files(scope)
        for system in SYSTEMS
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write all of them, and take away those that nobody asks for any more."""
    stale = set(GOLDEN.glob("*/*.after"))
    for case in cases():
        case.after.parent.mkdir(parents=True, exist_ok=True)
        case.after.write_bytes(case.result())
        stale.discard(case.after)
    for path in stale:
        path.unlink()
    PATHS.write_text(paths(), encoding="utf-8")


if __name__ == "__main__":
    main()
