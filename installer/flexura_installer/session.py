"""One run of the installer: what was typed, where, who can be asked, and what came of it so far."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from flexura_installer import lock
from flexura_installer.arguments import Arguments
from flexura_installer.ledger import Ledger
from flexura_installer.machine import Machine
from flexura_installer.questions import Asker
from flexura_installer.report import Report


@dataclass(frozen=True)
class Data:
    """What flexura keeps for its user: where, and how many bytes."""

    places: tuple[str, ...]
    size: int


@dataclass(frozen=True)
class Done:
    """What came of one step at the end of an uninstall."""

    good: bool
    # A sentence; empty when there was nothing to do and nothing to say.
    words: str
    next_step: str = ""
    # For the JSON object.
    facts: dict[str, Any] | None = None


class House(Protocol):
    """What only the program itself can do. `python -m flexura_installer` has none."""

    def stop_gateway(self, *, dry_run: bool) -> Done:
        """Stop this user's own gateway, if it was started on demand. Facts: `running` (now), `stopped`."""
        ...

    def data(self) -> Data | None:
        """What would be deleted; None: there is nothing."""
        ...

    def delete_data(self) -> Done:
        """Delete it; refused while a gateway works with it."""
        ...


@dataclass(frozen=True)
class Session:
    """What every command gets."""

    arguments: Arguments
    machine: Machine
    asker: Asker
    report: Report
    house: House | None = None

    def look(self) -> Ledger:
        """The ledger to read from. Raises InstallError."""
        return Ledger.load(self.machine.state(), force=self.arguments.force, dry_run=True)

    @contextmanager
    def ledger(self) -> Generator[Ledger]:
        """The ledger to work with: locked, unless nothing is to be written. Raises InstallError."""
        if self.arguments.dry_run:
            yield self.look()
            return
        with lock.held(self.machine.state()):
            yield Ledger.load(self.machine.state(), force=self.arguments.force)
