"""Looking names up, in threads of its own.

A lookup holds its thread for as long as the system waits for a name server, and nobody can break it off. In
the threads that asyncio gives everybody (six on two cores) a few dead names would hold up every file.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""From a host name and a port to its IP addresses, best first."""

_AT_ONCE = 16
"""Lookups of one kind of requests; those of vendors do not wait for those of webhooks."""


class SystemNames:
    """`Resolve` as the system does it: every A and AAAA record, in the order that it prefers.

    Raises OSError for a name that is not known, UnicodeError for one that is none.
    """

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(_AT_ONCE, "names")

    async def __call__(self, host: str, port: int) -> list[str]:
        look = partial(socket.getaddrinfo, host.encode("ascii"), port, type=socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, look)
        return list(dict.fromkeys(str(address[0]) for *_, address in found))

    def close(self) -> None:
        """Look nothing up any more; what is being looked up is not waited for."""
        if "_threads" in self.__dict__:
            self._threads.shutdown(wait=False, cancel_futures=True)
