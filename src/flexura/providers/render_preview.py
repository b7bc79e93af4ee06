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


class RenderPreview:
    """Scales a stored picture down to a JPEG."""

    def __init__(self, blobs: Blobs, pool: RenderPool, staging: Path) -> None:
        self._blobs = blobs
        self._pool = pool
        self._staging = staging

    async def jpeg(self, sha256: str, mime: str) -> bytes | None:
        """A JPEG of at most 512 px, or None for what is no picture or cannot be read."""
        path = self._blobs.local_path(sha256)
        maker = next((m["id"] for m in registry.models() if _TASK in m["tasks"]), None)
        if (
            path is None
            or maker is None
            or not mime.startswith("image/")
            or mime == "image/svg+xml"
        ):
            return None
        folder = self._staging / f"preview-{secrets.token_hex(8)}"
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
