"""Pictures that the command line draws on this machine, in a render child of its own: nothing is uploaded."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from flexura.domain.errors import InvalidRequest, ProviderUnavailable
from flexura.ports.contact import SHEET_BYTES
from flexura.providers.render_pool import RenderCrashed, RenderPool
from flexura.render.registry import CONTACT_SHEET, FOR_TERMINAL


@dataclass(frozen=True)
class LocalFile:
    """One file of this disk on a sheet."""

    path: Path
    mime: str
    title: str
    facts: tuple[str, ...] = ()


async def sheet_of(files: Sequence[LocalFile]) -> bytes:
    """The contact sheet of 1 to 64 local files, a JPEG, numbered in their order.

    A file that cannot be read is a cell that says so. Raises InvalidRequest, ProviderUnavailable.
    """
    cells = [
        {"number": str(number), "title": file.title, "facts": list(file.facts), "input": number - 1}
        for number, file in enumerate(files, 1)
    ]
    inputs = [_input(file.path, file.mime) for file in files]
    return await _made(CONTACT_SHEET, {"cells": cells, "most_bytes": SHEET_BYTES}, inputs)


async def for_terminal(picture: Path, format: Literal["png", "sixel"], width: int) -> bytes:
    """The picture as PNG or sixels, at most `width` pixels wide. Raises as `sheet_of`."""
    return await _made(FOR_TERMINAL, {"format": format, "width": width}, [_input(picture, "")])


def _input(path: Path, mime: str) -> dict[str, str]:
    return {"path": str(path.resolve()), "mime": mime, "role": mime.partition("/")[0] or "image"}


async def _made(model: str, options: dict[str, Any], inputs: Sequence[dict[str, str]]) -> bytes:
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="flexura-"))
    task: dict[str, Any] = {
        "id": "local",
        "model": model,
        "prompt": "",
        "options": options,
        "seed": 0,
        "inputs": list(inputs),
        "out": str(folder / "made"),
    }
    pool = RenderPool(1)
    try:
        answer = await pool.run(task, lambda done, note: None)
        if answer["event"] != "done":
            raise InvalidRequest(answer["message"], next_step=answer["next_step"])
        return await asyncio.to_thread(Path(answer["files"][0]["path"]).read_bytes)
    except RenderCrashed as problem:
        raise ProviderUnavailable(
            "The render child that draws here ended without an answer.",
            next_step="Run `flexura doctor`, or look at the files one by one.",
        ) from problem
    finally:
        await pool.aclose()
        await asyncio.to_thread(shutil.rmtree, folder, True)
