"""Contact sheets, drawn in the render child and kept in the cache of variants."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import shutil
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from flexura.domain.errors import DiskFull, FlexuraError, InvalidRequest, Overloaded
from flexura.ports.blobs import Blobs
from flexura.ports.contact import MOST_CELLS, SHEET_BYTES, Cell, Drawn
from flexura.providers.making import Making
from flexura.providers.render_pool import RenderCrashed, RenderPool
from flexura.providers.variant_cache import VariantCache
from flexura.render.registry import CONTACT_SHEET

SHEETS = "sheet-"
"""What the name of every sheet in the cache starts with."""
_DRAWING = 1
"""Counts how sheets are drawn: another number, and what is kept is drawn anew."""
_LONGEST_SECONDS = 60.0
_GONE = "The bytes of this file are not here."


class RenderSheets:
    """The port `SheetMaker` on the render pool. Who asks for the same sheet at once shares the work."""

    def __init__(self, blobs: Blobs, pool: RenderPool, cache: VariantCache, scratch: Path) -> None:
        self._blobs = blobs
        self._pool = pool
        self._cache = cache
        self._scratch = scratch
        self._making = Making[bytes]("Too many sheets are being drawn.")

    async def draw(self, cells: Sequence[Cell]) -> Drawn:
        if not 1 <= len(cells) <= MOST_CELLS:
            raise InvalidRequest(
                f"There are {len(cells)} files to compare.",
                next_step=f"Compare 1 to {MOST_CELLS} files at once.",
            )
        tag = _tag(cells)
        name = f"{SHEETS}{tag}.jpg"
        known = await asyncio.to_thread(self._kept, name)
        if known is not None:
            return Drawn(known, tag)
        return Drawn(await self._making.get(name, lambda: self._make(cells, name)), tag)

    def _kept(self, name: str) -> bytes | None:
        path = self._cache.get(name)
        try:
            return path and path.read_bytes()
        except FileNotFoundError:
            # Forgotten at this very moment, with a file that was on it.
            return None

    async def _make(self, cells: Sequence[Cell], name: str) -> bytes:
        folder = self._scratch / f"sheet-{secrets.token_hex(8)}"
        await asyncio.to_thread(folder.mkdir, parents=True)
        try:
            async with AsyncExitStack() as stack, asyncio.timeout(_LONGEST_SECONDS):
                task = await self._task(stack, cells, folder)
                answer = await self._pool.run(task, lambda done, note: None)
            if answer["event"] != "done":
                raise _refused(answer)
            made = Path(answer["files"][0]["path"])
            content = await asyncio.to_thread(made.read_bytes)
            await asyncio.to_thread(self._cache.put, name, made)
            return content
        except (RenderCrashed, TimeoutError) as problem:
            raise Overloaded(
                "The sheet could not be drawn in time.",
                next_step="Ask again, compare fewer files, or download them one by one.",
                retry_after=5,
            ) from problem
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, True)

    async def _task(
        self, stack: AsyncExitStack, cells: Sequence[Cell], folder: Path
    ) -> dict[str, Any]:
        inputs: list[dict[str, str]] = []
        told: list[dict[str, Any]] = []
        for cell in cells:
            shown, artifact = _shown(cell), cell.artifact
            if artifact is not None and not cell.why:
                path = await stack.enter_async_context(self._blobs.local(artifact.sha256))
                if path is None:
                    shown["why"] = _GONE
                else:
                    shown["input"] = len(inputs)
                    medium = artifact.mime.partition("/")[0]
                    inputs.append({"path": str(path), "mime": artifact.mime, "role": medium})
            told.append(shown)
        return {
            "id": folder.name,
            "model": CONTACT_SHEET,
            "prompt": "",
            "options": {"cells": told, "most_bytes": SHEET_BYTES},
            "seed": 0,
            "inputs": inputs,
            "out": str(folder / "sheet"),
        }

    async def aclose(self) -> None:
        """Stop what is being drawn."""
        await self._making.aclose()


def _shown(cell: Cell) -> dict[str, Any]:
    return {
        "number": "" if cell.number is None else str(cell.number),
        "title": cell.title,
        "facts": list(cell.facts),
        "why": cell.why,
        "mark": cell.mark,
        "input": None,
    }


def _tag(cells: Sequence[Cell]) -> str:
    """The same for the same sheet and no other: it is named by all that is drawn."""
    drawn = [[_shown(c), c.artifact and [c.artifact.sha256, c.artifact.mime]] for c in cells]
    text = json.dumps([_DRAWING, SHEET_BYTES, drawn], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def _refused(answer: dict[str, Any]) -> FlexuraError:
    if answer["code"] == "disk_full":
        return DiskFull(answer["message"], next_step=answer["next_step"])
    return InvalidRequest(answer["message"], next_step="Download the files one by one.")
