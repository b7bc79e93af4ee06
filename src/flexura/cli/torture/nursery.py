"""The process that the victims are forked from: it has imported the program once, so a restart costs little.

It is started as `python -m flexura torture --nursery`, takes commands as JSON lines on stdin and tells on
stdout what became of them. What it forks runs `cli/serving.py` like any gateway; only the provider is ours.
When its stdin closes, everything that it forked is killed.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import random
import signal
import sys
import threading
from types import FrameType
from typing import Any

from flexura.cli import serving, working
from flexura.cli.torture.provider import providers
from flexura.runtime import Bind, open_services
from flexura.settings import load

_PR_SET_PDEATHSIG = 1
_MOST_COMMAND = 65_536


def main() -> int:
    """Fork and tell until stdin closes."""
    # What is imported late is imported now, and the store has its schema before two want to make it.
    asyncio.run(_warm_up())
    if threading.active_count() > 1:
        _tell({"error": "something still runs beside; nothing can be forked"})
        return 1
    gc.collect()
    gc.freeze()
    return _Nursery().run()


async def _warm_up() -> None:
    import uvicorn

    from flexura.gateway.app import Gateway

    settings = load()
    async with open_services(settings, Bind(works=False)):
        uvicorn.Config(Gateway(lambda: open_services(settings, Bind())), lifespan="on").load()


class _Nursery:
    """Forks, signals and buries. One thread: whatever it signals has not been buried yet."""

    def __init__(self) -> None:
        self._alive: set[int] = set()
        self._waiting = b""

    def run(self) -> int:
        # The process group of the terminal gets Ctrl-C as well; the parent decides what it means.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, _woken)
        read, write = os.pipe()
        os.set_blocking(write, False)
        os.set_blocking(read, False)
        signal.set_wakeup_fd(write)
        _tell({"ready": os.getpid()})
        try:
            while self._commands(read):
                self._bury()
        finally:
            for pid in self._alive:
                os.kill(pid, signal.SIGKILL)
        return 0

    def _commands(self, woken: int) -> bool:
        """Do what was asked; False at the end of stdin."""
        import select

        ready, _, _ = select.select([0, woken], [], [])
        if woken in ready:
            os.read(woken, _MOST_COMMAND)
        if 0 not in ready:
            return True
        data = os.read(0, _MOST_COMMAND)
        if not data:
            return False
        *lines, self._waiting = (self._waiting + data).split(b"\n")
        for line in lines:
            self._do(json.loads(line))
        return True

    def _do(self, asked: dict[str, Any]) -> None:
        if asked["do"] == "fork":
            pid = os.fork()
            if pid == 0:
                _become(asked)
            self._alive.add(pid)
            _tell({"forked": asked["name"], "pid": pid})
        elif asked["pid"] in self._alive:
            os.kill(asked["pid"], asked["signal"])

    def _bury(self) -> None:
        while self._alive:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            self._alive.discard(pid)
            _tell({"ended": pid, "code": os.waitstatus_to_exitcode(status)})


def _become(asked: dict[str, Any]) -> None:
    """What a fork does: it never returns."""
    code = 70
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        _die_with_parent()
        random.seed()
        log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for descriptor, to in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(descriptor, to)
        code = _serve(asked)
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _serve(asked: dict[str, Any]) -> int:
    def sold() -> list[Any]:
        return list(providers(asked["upstream"]))

    if asked["kind"] == "worker":
        return working.run(working.WorkOptions(providers=sold))
    return serving.run(
        serving.ServeOptions(
            port=asked["port"], works=asked["works"], providers=sold, announced=False
        )
    )


def _woken(number: int, frame: FrameType | None) -> None:
    """A signal that has a handler is what writes to the pipe of `set_wakeup_fd`."""


def _die_with_parent() -> None:
    """Linux kills this process with the nursery; elsewhere the nursery does it when its stdin closes."""
    if sys.platform != "linux":
        return
    import ctypes

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _tell(what: dict[str, Any]) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")
