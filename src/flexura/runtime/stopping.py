"""The moment at which a process is asked to stop, for everything that must know at once."""

from __future__ import annotations

import logging
from collections.abc import Callable

log = logging.getLogger(__name__)


class Stopping:
    """Tells whoever wants to hear, once; what is under way is ended later, when the gateway is closed."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[], None]] = []
        self.begun = False

    def tell(self, listener: Callable[[], None]) -> None:
        """Call `listener` when the process is asked to stop; at once if it has been."""
        if self.begun:
            listener()
        else:
            self._listeners.append(listener)

    def begin(self) -> None:
        """The process was asked to stop; to be called on the event loop."""
        if self.begun:
            return
        self.begun = True
        for listener in self._listeners:
            try:
                listener()
            except Exception:
                log.exception("A part of the gateway did not take in that it ends.")
