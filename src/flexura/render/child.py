"""The render child: takes one task at a time from stdin and answers on stdout, until stdin closes.

To cancel a task the gateway kills this process: nothing here needs to be cleaned up.
"""

from __future__ import annotations

import errno
import os
import queue
import sys
import threading
import traceback
from typing import Any

from flexura.render.limits import apply_limits, die_with_parent, return_memory
from flexura.render.registry import maker, with_defaults
from flexura.render.task import Made, TaskError
from flexura.render.wire import Wire, read_task, task_of

_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG})


def serve() -> None:
    """Serves tasks; never returns while stdin is open."""
    apply_limits()
    die_with_parent()
    wire = Wire.take_stdout()
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(lines,), name="stdin", daemon=True).start()
    wire.ready()
    while True:
        _answer(lines.get(), wire)
        return_memory()


def _read(lines: queue.SimpleQueue[bytes]) -> None:
    for line in sys.stdin.buffer:
        lines.put(line)
    # Nobody waits for what is being drawn, and a half-written file has a temporary name.
    os._exit(0)


def _answer(line: bytes, wire: Wire) -> None:
    task_id = ""
    try:
        record = read_task(line)
        task_id = record["id"]
        wire.done(task_id, _made(record, wire))
    except TaskError as error:
        wire.failed(task_id, error)
    except Exception as error:
        wire.failed(task_id, _named(error))


def _named(error: Exception) -> TaskError:
    """What the user is told about an exception; its own text may hold paths of this machine."""
    if isinstance(error, MemoryError):
        return TaskError(
            "provider_error",
            "The render child ran out of memory.",
            "Ask for a smaller width and height, or for fewer seconds.",
        )
    if isinstance(error, OSError) and error.errno in _NO_SPACE:
        return TaskError(
            "disk_full",
            "The disk is full or cannot be written.",
            "Free some space on the gateway's disk, then order it again.",
        )
    traceback.print_exception(error)
    return TaskError(
        "provider_error",
        f"The embedded model failed with {type(error).__name__}.",
        "Try another prompt or size, and report this prompt, its options and its seed as a bug.",
    )


def _made(record: dict[str, Any], wire: Wire) -> Made:
    make = maker(record["model"])
    record["options"] = with_defaults(record["model"], record["options"])
    task = task_of(record, wire.progress(record["id"]))
    task.out.parent.mkdir(parents=True, exist_ok=True)
    return make(task)
