"""A render pool without a child process, for what stands on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

Answer = dict[str, Any]


class Pool:
    """A render pool that answers as it is told, when it may."""

    def __init__(self, content: bytes, suffix: str = "") -> None:
        self.asked: list[Answer] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.answer: Callable[[Answer], Answer] = self.made
        self._content, self._suffix = content, suffix

    def made(self, task: Answer) -> Answer:
        suffix = self._suffix or f".{task['options']['format']}"
        path = Path(task["out"]).with_suffix(suffix)
        path.write_bytes(self._content)
        return {"event": "done", "files": [{"path": str(path)}], "warnings": []}

    async def run(self, task: Answer, progress: object) -> Answer:
        self.asked.append(task)
        await self.gate.wait()
        return self.answer(task)
