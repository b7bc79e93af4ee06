"""Leaving: the first SIGTERM asks a process to finish what it has begun, a second one ends it at once."""

from __future__ import annotations

import asyncio
import os
import signal
from functools import partial
from types import FrameType

import uvicorn

from flexura.runtime.stopping import Stopping


class Asked:
    """Counts how often the process was asked to stop."""

    def __init__(self, stopping: Stopping) -> None:
        self._stopping = stopping
        self._loop = asyncio.get_running_loop()
        self._times = 0

    def once_more(self) -> None:
        """To be called by a signal handler; does not return the second time."""
        self._times += 1
        if self._times > 1:
            # Nothing is lost by that: what matters is in the store, and its leases run out.
            os._exit(1)
        self._loop.call_soon_threadsafe(self._stopping.begin)


class Server(uvicorn.Server):
    """Takes nothing new to work on from the moment at which it is asked to stop."""

    def __init__(self, config: uvicorn.Config, stopping: Stopping, notice: float = 0.0) -> None:
        """`notice`: seconds for which it still listens after that moment, and says that it is not ready."""
        super().__init__(config)
        self._asked = Asked(stopping)
        self._notice = notice
        self._loop = asyncio.get_running_loop()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        leave = partial(super().handle_exit, sig, frame)
        if sig == signal.SIGTERM:
            self._asked.once_more()
            if self._notice > 0:
                # uvicorn stops listening at once: a load balancer has to see first that it should.
                self._loop.call_soon_threadsafe(self._loop.call_later, self._notice, leave)
                return
        leave()
