"""Reads JSON messages out of a text/event-stream."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from flexura.local.json_shape import is_object


def messages(chunks: Iterator[bytes]) -> Iterator[dict[str, Any]]:
    """The JSON object of every event, in order; comments (keep-alive) and other fields are skipped."""
    data: list[bytes] = []
    for line in _lines(chunks):
        if line.startswith(b"data:"):
            data.append(line[5:].removeprefix(b" "))
        elif not line and data:
            found: Any = json.loads(b"\n".join(data))
            data = []
            if is_object(found):
                yield found


def _lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    pending: list[bytes] = []
    for chunk in chunks:
        first, *others = chunk.split(b"\n")
        pending.append(first)
        for start_of_next in others:
            yield b"".join(pending).removesuffix(b"\r")
            pending = [start_of_next]
