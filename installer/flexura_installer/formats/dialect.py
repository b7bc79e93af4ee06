"""What an agent's file format has to be able to do. Raw splices only: `prove` decides whether they count."""

from __future__ import annotations

from typing import Any, Protocol

from flexura_installer.formats.document import Slot
from flexura_installer.formats.splice import Splice


class Dialect(Protocol):
    """A file format exactly as strict as the agent that reads the file."""

    name: str

    def read(self, data: bytes) -> Any:
        """The document as plain values (dict in file order, list, str, int, float, bool, None, date types).

        None for a file that is empty or holds nothing but whitespace or comments. Raises Unreadable.
        """
        ...

    def put(self, data: bytes, slot: Slot, value: Any) -> tuple[Splice, ...]:
        """Splices after which the slot holds `value`: in the place of what it held, else after the last one.

        `data` was read without an error. Keeps BOM, line ends, indentation and a missing last line end.
        Raises Unproven for a shape that it does not understand (the key on the way stands twice …).
        """
        ...

    def take(self, data: bytes, slot: Slot) -> tuple[Splice, ...]:
        """Splices after which the slot, which holds something, is empty; comments of others stay."""
        ...

    def snippet(self, slot: Slot, value: Any) -> str:
        """What to paste by hand: a small whole document with nothing but our entry."""
        ...
