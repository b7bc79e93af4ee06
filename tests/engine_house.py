"""What the tests of the installer's engine share: a throwaway home with a ledger, and short wishes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flexura_installer import engine
from flexura_installer.formats.document import Slot
from flexura_installer.ledger import Ledger
from flexura_installer.wishes import EntryWish, Outcome, Wish

OURS: dict[str, Any] = {"command": "/opt/flexura/bin/flexura", "args": ["mcp"]}


def slot(name: str = "flexura", under: tuple[str, ...] = ("mcpServers",)) -> Slot:
    """The member of that name in the map of servers."""
    return Slot(under, name)


@dataclass
class Home:
    """A home of its own; every call loads the ledger anew, as every run of the program does."""

    root: Path

    @property
    def state(self) -> Path:
        return self.root / ".local/state/flexura"

    @property
    def config(self) -> Path:
        return self.root / ".agent/mcp.json"

    def ledger(self) -> Ledger:
        return Ledger.load(self.state)

    def file(self, content: bytes, path: Path | None = None) -> Path:
        path = path or self.config
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def wish(
        self,
        name: str = "flexura",
        value: Any = None,
        *,
        agent: str = "one",
        path: Path | None = None,
        dialect: str = "json",
        secrets: frozenset[str] = frozenset(),
    ) -> EntryWish:
        entry = OURS if value is None else value
        target = path or self.config
        return EntryWish(agent, target, dialect, ((slot(name), entry),), self.root, secrets)

    def put(
        self, wish: Wish | None = None, *, force: bool = False, dry_run: bool = False
    ) -> Outcome:
        return engine.fulfil(
            wish or self.wish(),
            self.ledger(),
            force=force,
            dry_run=dry_run,
            again={"scope": "user"},
        )

    def take(
        self,
        name: str | None = None,
        *,
        agent: str | None = None,
        force: bool = False,
        dry_run: bool = False,
    ) -> list[Outcome]:
        """Withdraw the records of that name, or all of them, newest first."""
        ledger = self.ledger()
        return [
            engine.withdraw(record, ledger, agent=agent, force=force, dry_run=dry_run)
            for record in list(reversed(ledger.records))
            if (name is None or any(one.name == name for one in record.slots))
            and (agent is None or record.owned_by(agent))
        ]

    def tree(self) -> dict[str, bytes | str | None]:
        """All below the home but the state: bytes of files, text of links, None for directories."""
        found: dict[str, bytes | str | None] = {}
        for path in sorted(self.root.rglob("*")):
            name = str(path.relative_to(self.root))
            if name.startswith(".local"):
                continue
            if path.is_symlink():
                found[name] = f"-> {path.readlink()}"
            else:
                found[name] = path.read_bytes() if path.is_file() else None
        return found
