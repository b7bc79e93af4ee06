"""What the child may take of the machine, and how it ends when nobody waits for it any more."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
import threading
import time

MEMORY_VARIABLE = "FLEXURA_RENDER_MEMORY_MB"
_DEFAULT_MEMORY_MB = 4096
_LEAST_MEMORY_MB = 256
_OPEN_FILES = 256
_NICENESS = 5
_PARENT_CHECK_SECONDS = 0.5
_PR_SET_PDEATHSIG = 1


def apply_limits() -> None:
    """Limits address space, open files and priority, and turns core dumps off; a lower limit stays."""
    _lower(resource.RLIMIT_AS, _memory_mb() * 1024 * 1024)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_NOFILE, _OPEN_FILES)
    with contextlib.suppress(OSError):
        os.nice(_NICENESS)
    # Ctrl-C in the terminal is for the gateway, which then closes the child's stdin.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def die_with_parent() -> None:
    """Ends this process within a second of its parent's end, even in the midst of a long calculation.

    On Linux it is the end of the parent's thread that started this process which counts: start it from one
    that lives as long as the parent.
    """
    parent = os.getppid()
    if sys.platform == "linux":
        # The kernel's own signal needs no turn of the interpreter.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    threading.Thread(target=_watch_parent, args=(parent,), name="parent watch", daemon=True).start()


def return_memory() -> None:
    """Gives freed memory back to the system, so that an idle child is small again."""
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):
            ctypes.CDLL(None).malloc_trim(0)


def _watch_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_PARENT_CHECK_SECONDS)
    os._exit(0)


def _memory_mb() -> int:
    text = os.environ.get(MEMORY_VARIABLE, "")
    return max(_LEAST_MEMORY_MB, int(text)) if text.isdecimal() else _DEFAULT_MEMORY_MB


def _lower(kind: int, wanted: int) -> None:
    _, hard = resource.getrlimit(kind)
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    # macOS knows no limit of address space.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(kind, (limit, limit))
