"""Small previews of pictures, drawn in the render child."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

from flexura.ports.blobs import Blobs
from flexura.providers.render_pool import RenderCrashed, RenderPool
from flexura.render import registry

_SIDE = 512
_TASK = "image-to-image"
MOST_WAITING = 32


class RenderPreview:
    """Scales a stored picture down to a JPEG."""

    def __init__(self, blobs: Blobs, pool: RenderPool, scratch: Path) -> None:
        self._blobs = blobs
        self._pool = pool
        self._scratch = scratch
        self._asked = 0

    async def jpeg(self, sha256: str, mime: str) -> bytes | None:
        """A JPEG of at most 512 px; None where it is no picture, or many wait for one."""
        if self._asked >= MOST_WAITING:
            return None
        self._asked += 1
        try:
            return await self._jpeg(sha256, mime)
        finally:
            self._asked -= 1

    async def _jpeg(self, sha256: str, mime: str) -> bytes | None:
        maker = next((m["id"] for m in registry.models() if _TASK in m["tasks"]), None)
        if maker is None or not mime.startswith("image/") or mime == "image/svg+xml":
            return None
        async with self._blobs.local(sha256) as path:
            return path and await self._made_of(path, sha256, mime, maker)

    async def _made_of(self, path: Path, sha256: str, mime: str, maker: str) -> bytes | None:
        folder = self._scratch / f"preview-{secrets.token_hex(8)}"
        folder.mkdir(parents=True)
        task = {
            "id": folder.name,
            "model": maker,
            "prompt": "",
            "options": {
                "width": _SIDE,
                "height": _SIDE,
                "fit": "inside",
                "format": "jpeg",
                "quality": 80,
            },
            "seed": 1,
            "inputs": [{"path": str(path), "mime": mime, "role": "image", "sha256": sha256}],
            "out": str(folder / "preview"),
        }
        try:
            answer = await self._pool.run(task, lambda done, note: None)
            if answer["event"] != "done":
                return None
            return Path(answer["files"][0]["path"]).read_bytes()
        except RenderCrashed:
            return None
        finally:
            shutil.rmtree(folder, ignore_errors=True)
