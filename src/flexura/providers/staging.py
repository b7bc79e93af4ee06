"""Media that came with the answer itself: kept in files until the job ends, so a crash loses nothing paid."""

from __future__ import annotations

import asyncio
import base64
import binascii
import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flexura.domain.errors import OutcomeUnknown
from flexura.ports.provider import Done, Failed, Operation, Output

_KEPT_SECONDS = 24 * 3600.0


class Staging:
    """A folder of one provider. Files are written before the operation that names them is saved."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def keep(self, job_id: str, files: Sequence[tuple[bytes, str]], **more: Any) -> Operation:
        """Write (content, media type) pairs; the operation that finds them again, with `more` beside them."""
        return await asyncio.to_thread(self._keep, job_id, files, more)

    def _keep(
        self, job_id: str, files: Sequence[tuple[bytes, str]], more: dict[str, Any]
    ) -> Operation:
        self._tidy()
        folder = self._folder / job_id
        folder.mkdir(parents=True, exist_ok=True)
        kept: list[dict[str, str]] = []
        for index, (data, mime) in enumerate(files):
            path = folder / str(index)
            with path.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            kept.append({"path": str(path), "mime": mime})
        return {"files": kept, **more}

    def _tidy(self) -> None:
        """Remove what jobs that ended long ago left."""
        if not self._folder.is_dir():
            return
        past = time.time() - _KEPT_SECONDS
        for folder in self._folder.iterdir():
            if folder.stat().st_mtime < past:
                shutil.rmtree(folder, ignore_errors=True)

    async def outputs(self, operation: Operation, label: str) -> Done | Failed:
        """What was kept, as outputs that may be taken away; the files themselves stay for another try."""
        return await asyncio.to_thread(self._outputs, operation, label)

    def _outputs(self, operation: Operation, label: str) -> Done | Failed:
        outputs: list[Output] = []
        for kept in operation.get("files", []):
            path = Path(kept["path"])
            if not path.is_file():
                return Failed(
                    "result_expired", f"The files that {label} sent are gone from the disk."
                )
            copy = path.with_suffix(".out")
            copy.unlink(missing_ok=True)
            try:
                copy.hardlink_to(path)
            except OSError:
                shutil.copyfile(path, copy)
            outputs.append(Output(kept["mime"], copy))
        if not outputs:
            return Failed("provider_error", f"{label} answered without any file.", "Try again.")
        return Done(tuple(outputs), cost=operation.get("cost"))


def from_base64(text: Any, label: str) -> bytes:
    """The bytes of a vendor's base64 field, with or without a data: head. Raises OutcomeUnknown for junk."""
    body = str(text or "")
    if body.startswith("data:"):
        body = body.partition(",")[2]
    try:
        data = base64.b64decode(body, validate=False)
    except (binascii.Error, ValueError):
        data = b""
    if not data:
        raise OutcomeUnknown(
            f"{label} took the order and sent no readable file.",
            next_step=f"Look at your account at {label} before ordering again.",
        )
    return data
