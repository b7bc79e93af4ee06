"""Variants of stored files, made in the render child and kept in a cache of bounded size."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from pathlib import Path
from typing import Any

from flexura.domain.artifact import Artifact
from flexura.domain.errors import DiskFull, FlexuraError, InvalidRequest, NotFound, Overloaded
from flexura.ports.blobs import Blobs
from flexura.ports.conversion import PEAKS, Variant
from flexura.providers.making import Making
from flexura.providers.render_pool import RenderCrashed, RenderPool
from flexura.providers.render_sheets import SHEETS
from flexura.providers.variant_cache import VariantCache
from flexura.render.registry import PEAKS as MEASURE
from flexura.render.registry import VARIANT

_LONGEST_SECONDS = 60.0


class RenderVariants:
    """The port `Converter` on the render pool. Who asks for the same variant at once shares the work."""

    def __init__(self, blobs: Blobs, pool: RenderPool, cache: VariantCache, scratch: Path) -> None:
        self._blobs = blobs
        self._pool = pool
        self._cache = cache
        self._scratch = scratch
        self._making = Making[Path]("Too many previews are being made.")

    async def convert(self, artifact: Artifact, variant: Variant) -> Path:
        name = f"{artifact.sha256}-{variant.width}.{variant.format}"
        known = await asyncio.to_thread(self._cache.get, name)
        if known is not None:
            return known
        return await self._making.get(name, lambda: self._make(artifact, variant, name))

    async def _make(self, artifact: Artifact, variant: Variant, name: str) -> Path:
        async with self._blobs.local(artifact.sha256) as source:
            if source is None:
                raise NotFound("The bytes of this file are not here.")
            return await self._made_of(source, artifact, variant, name)

    async def _made_of(self, source: Path, artifact: Artifact, variant: Variant, name: str) -> Path:
        folder = self._scratch / f"variant-{secrets.token_hex(8)}"
        task = {
            "id": folder.name,
            "model": MEASURE if variant == PEAKS else VARIANT,
            "prompt": "",
            "options": {}
            if variant == PEAKS
            else {"format": variant.format, "width": variant.width},
            "seed": 0,
            "inputs": [
                {
                    "path": str(source),
                    "mime": artifact.mime,
                    "role": artifact.mime.partition("/")[0],
                    "sha256": artifact.sha256,
                }
            ],
            "out": str(folder / "variant"),
        }
        await asyncio.to_thread(folder.mkdir, parents=True)
        try:
            async with asyncio.timeout(_LONGEST_SECONDS):
                answer = await self._pool.run(task, lambda done, note: None)
            if answer["event"] != "done":
                raise _refused(answer)
            made = Path(answer["files"][0]["path"])
            return await asyncio.to_thread(self._cache.put, name, made)
        except (RenderCrashed, TimeoutError) as problem:
            raise Overloaded(
                "The preview could not be made in time.",
                next_step="Ask again, or download the file as it is.",
                retry_after=5,
            ) from problem
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, True)

    async def forget(self, sha256: str) -> None:
        await asyncio.to_thread(self._cache.forget, f"{sha256}-")
        # A sheet may show these bytes; all of them are drawn again in a moment.
        await asyncio.to_thread(self._cache.forget, SHEETS)

    async def aclose(self) -> None:
        """Stop what is being made."""
        await self._making.aclose()


def _refused(answer: dict[str, Any]) -> FlexuraError:
    if answer["code"] == "disk_full":
        return DiskFull(answer["message"], next_step=answer["next_step"])
    return InvalidRequest(
        answer["message"], field="format", next_step="Download it without format and width."
    )
