"""The JSON lines between the gateway and the child."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO, cast

from flexura.render.task import File, Input, Made, Task, TaskError

_PROGRESS_SECONDS = 0.1


class Wire:
    """Writes events, one JSON object a line, to what was this process's stdout."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    @staticmethod
    def take_stdout() -> Wire:
        """Takes file descriptor 1 for the wire; what any library prints from now on goes to stderr."""
        wire = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        return Wire(wire)

    def ready(self) -> None:
        """The first line: this process can take tasks."""
        self._send({"event": "ready", "pid": os.getpid()})

    def progress(self, task_id: str) -> Callable[[float, str], None]:
        """The function that a maker calls; at most ten lines a second, never falling."""
        last_time, last_value = 0.0, 0.0

        def report(done: float, note: str) -> None:
            nonlocal last_time, last_value
            now = time.monotonic()
            if now - last_time < _PROGRESS_SECONDS:
                return
            last_time, last_value = now, min(1.0, max(last_value, float(done)))
            self._send(
                {
                    "id": task_id,
                    "event": "progress",
                    "value": round(last_value, 3),
                    "note": note[:80],
                }
            )

        return report

    def done(self, task_id: str, made: Made) -> None:
        """The task's files and warnings."""
        warnings = [{"code": item.code, "message": item.message} for item in made.warnings]
        files = [_described(file) for file in made.files]
        self._send({"id": task_id, "event": "done", "files": files, "warnings": warnings})

    def failed(self, task_id: str, error: TaskError) -> None:
        """The task cannot be done."""
        self._send(
            {
                "id": task_id,
                "event": "failed",
                "code": error.code,
                "message": error.message,
                "next_step": error.next_step,
            }
        )

    def _send(self, event: Mapping[str, Any]) -> None:
        with self._lock:
            self._stream.write(json.dumps(event) + "\n")
            self._stream.flush()


def read_task(line: bytes) -> dict[str, Any]:
    """The object on one line. Raises TaskError when the line is not a task."""
    try:
        record: object = json.loads(line)
    except ValueError:
        record = None
    if not isinstance(record, dict):
        raise _malformed("not a JSON object")
    task = cast("dict[str, Any]", record)
    fields: dict[str, type] = {
        "id": str,
        "model": str,
        "prompt": str,
        "seed": int,
        "options": dict,
        "out": str,
    }
    for name, kind in fields.items():
        if not isinstance(task.get(name), kind):
            raise _malformed(f"{name} is missing or of another type")
    return task


def task_of(record: Mapping[str, Any], progress: Callable[[float, str], None]) -> Task:
    """The task of a checked line. Raises TaskError when one of its inputs is not described as it must be."""
    try:
        inputs = tuple(
            Input(Path(item["path"]), item.get("mime", ""), item["role"], item.get("sha256", ""))
            for item in record.get("inputs") or ()
        )
    except (AttributeError, KeyError, TypeError) as error:
        raise _malformed("an input has no path or no role") from error
    return Task(
        model=record["model"],
        prompt=record["prompt"],
        options=record["options"],
        seed=record["seed"],
        out=Path(record["out"]),
        inputs=inputs,
        progress=progress,
        marked=record.get("marked", True) is not False,
    )


def _malformed(why: str) -> TaskError:
    return TaskError(
        "provider_error",
        f"The render child got a line that it cannot read: {why}.",
        "Report this as a bug.",
    )


def _described(file: File) -> dict[str, Any]:
    with file.path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {
        "path": str(file.path),
        "mime": file.mime,
        "width": file.width,
        "height": file.height,
        "seconds": file.seconds,
        "bytes": file.path.stat().st_size,
        "sha256": digest,
        "role": file.role,
    }
