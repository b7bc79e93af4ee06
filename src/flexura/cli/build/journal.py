"""Orders whose file is not home yet, in flexura's state directory: a build that was killed goes on with them.

An order is written down whole before it is sent. So whoever repeats the build sends the very same order with
the very same idempotency key, and gets the job that may be there instead of a second one.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from flexura.local import lock, paths, private_file
from flexura.local.errors import LocalError
from flexura.local.json_shape import is_object
from flexura.local.project_id import project_id


@dataclass(frozen=True)
class Pending:
    """One order. `job` is empty until the gateway has answered."""

    declaration: str
    generation: int
    key: str
    body: Mapping[str, Any] = field(default_factory=dict[str, Any])
    job: str = ""
    cost: float | None = None
    """In USD, as it was planned; None = unknown."""
    failed: bool = False
    """Its job ended without a file: the next order is another one."""
    placed: str = ""
    """SHA-256 of its file, written down before that is put to its place: it is ours, whatever comes then."""


def order_key(project: str, name: str, declaration: str, generation: int) -> str:
    """The idempotency key of an order: the same for the same try to make the same asset."""
    text = "\n".join(("flexura build", project, name, declaration, str(generation)))
    return f"build-{hashlib.sha256(text.encode()).hexdigest()[:48]}"


class Journal:
    """The orders of one project that are under way, and who may build it now."""

    def __init__(self, root: Path) -> None:
        self.project = project_id(root)
        self._turn = threading.Lock()
        self._file = paths.home() / "builds" / f"{self.project}.json"
        self._orders = self._read()

    def hold(self) -> lock.Lock:
        """Keep other builds of the project out. Raises LocalError when one is running."""
        held = lock.acquire(self._file.with_suffix(".lock"), patience=0.5)
        if held is None:
            raise LocalError(
                "conflict",
                "Another flexura build of this project is running.",
                next_step="Wait until it has ended, or end it; then repeat the command.",
            )
        # What another one wrote before it ended.
        self._orders = self._read()
        return held

    def find(self, name: str, declaration: str) -> Pending | None:
        """The order for just this that is under way."""
        found = self._orders.get(name)
        if found is None or found.failed or found.declaration != declaration:
            return None
        return found

    def generation(self, name: str) -> int:
        """The number of the last order for an asset; 0 = none is known here."""
        found = self._orders.get(name)
        return found.generation if found is not None else 0

    def put(self, name: str, order: Pending) -> None:
        """Write an order down. Raises OSError."""
        with self._turn:
            self._orders[name] = order
            self._write()

    def placing(self, name: str, sha256: str) -> None:
        """Its file is about to be put to its place. Raises OSError."""
        if found := self._orders.get(name):
            self.put(name, replace(found, placed=sha256))

    def placed(self) -> dict[str, str]:
        """The SHA-256 of files that may lie at their places and are not in the lock yet, by asset."""
        return {name: order.placed for name, order in self._orders.items() if order.placed}

    def failed(self, name: str) -> None:
        """The order came to nothing. Raises OSError."""
        if found := self._orders.get(name):
            self.put(name, replace(found, failed=True, body={}))

    def drop(self, name: str) -> None:
        """Its file is home. Raises OSError."""
        with self._turn:
            if self._orders.pop(name, None) is not None:
                self._write()

    def _write(self) -> None:
        text = json.dumps({name: asdict(order) for name, order in self._orders.items()})
        private_file.replace(self._file, text)

    def _read(self) -> dict[str, Pending]:
        try:
            found: Any = json.loads(self._file.read_text(encoding="utf-8"))
            return {str(n): Pending(**f) for n, f in found.items()} if is_object(found) else {}
        except (OSError, ValueError, TypeError):
            # Nothing is under way, or nobody knows of it: the same key still finds most jobs again.
            return {}
