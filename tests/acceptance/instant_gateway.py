"""A gateway whose orders are made at once, for strangers that send hundreds of them: HOME.

It is the whole gateway on a port, with a provider beside the embedded one that sells tiny pictures as every
kind of media; so an order is finished before its first question. Prints its URL and its key.
"""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from pathlib import Path

import uvicorn

from doubles import FakeProvider, model
from flexura import settings as configuration
from flexura.domain.model import Price
from flexura.gateway.app import Gateway
from flexura.runtime import Bind, open_keys, open_services

TASKS = ("text-to-image", "image-to-image", "text-to-video", "image-to-video", "video-to-video")
SOUND_TASKS = ("text-to-music", "text-to-sound", "text-to-speech")


async def main(folder: Path) -> None:
    """Serve until stdin closes."""
    provider = FakeProvider(folder, deduplicates=True)
    kinds = ("image", "video", "audio")
    # Free, or an order with `max_cost` 0 would go to the embedded provider and be drawn.
    free = Price(unit="run", amount=0.0, source="test")
    provider.offered = [model("one", kinds=kinds, tasks=(*TASKS, *SOUND_TASKS), price=free)]
    settings = replace(configuration.load(), prefer=(provider.name,))
    async with open_keys(settings) as (keys, first):
        key = first or (await keys.create("test"))[0]
    app = Gateway(lambda: open_services(settings, Bind(), [provider]))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", access_log=False))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    print(f"http://127.0.0.1:{port} {key}", flush=True)
    await asyncio.to_thread(os.read, 0, 1)
    server.should_exit = True
    await serving


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
