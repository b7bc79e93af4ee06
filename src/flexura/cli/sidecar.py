"""`--sidecar`: a JSON file beside each file that came home, with what it was made from."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

from flexura.client import GatewayClient
from flexura.client.provenance import of_artifact

ENDING = ".flexura.json"
ABOUT = f"Write FILE{ENDING} beside each file: what it was made from."


async def write(client: GatewayClient, artifact_id: str, path: str) -> None:
    """Write what the gateway knows of a file beside it, whole or not at all. Raises OSError, FlexuraError."""
    told = await of_artifact(client, artifact_id)
    text = json.dumps(told.model_dump(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    await asyncio.to_thread(_replace, Path(path + ENDING), text)


def _replace(file: Path, text: str) -> None:
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, file)
    finally:
        part.unlink(missing_ok=True)
