"""A gateway whose orders are made at once, for strangers that send hundreds of them: HOME.

It is the whole gateway on a port, with a provider beside the embedded one that sells tiny pictures as every
kind of media; so an order is finished before its first question. One folder takes what is published and
another refuses it, a listener takes webhooks, anybody may sign up, and nobody is too fast. Prints its URL,
its key, that key's id and the listener's URL.
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
from flexura.domain.access_rules import SignupRules
from flexura.domain.model import Price
from flexura.gateway.app import Gateway
from flexura.runtime import Bind, open_keys, open_services
from flexura.settings import Settings

TASKS = ("text-to-image", "image-to-image", "text-to-video", "image-to-video", "video-to-video")
SOUND_TASKS = ("text-to-music", "text-to-sound", "text-to-speech")
OPEN = SignupRules(mode="open", credits=100.0, attempts_per_hour=0)
PRESS, ATTIC = "press", "attic"
"""Two destinations: a folder, and one that is not there."""
PRESET = "calm"
"""The preset that the operator configured."""


async def listener() -> tuple[asyncio.Server, str]:
    """Who takes every webhook, and its URL."""

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 Taken\r\nConnection: close\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    return server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def for_strangers(settings: Settings, folder: Path, provider: str, origin: str) -> Settings:
    """Settings that let a stranger reach everything, hundreds of times a minute."""
    (folder / PRESS).mkdir()
    (folder / "file").touch()
    places = {PRESS: folder / PRESS, ATTIC: folder / "file" / ATTIC}
    return replace(
        settings,
        prefer=(provider,),
        presets={PRESET: {"options": {"mood": "calm"}}},
        destinations={n: {"type": "folder", "path": str(p)} for n, p in places.items()},
        webhook_origins=(origin,),
        access=replace(
            settings.access, requests_per_minute=0, failed_keys_per_minute=0, signup=OPEN
        ),
    )


async def main(folder: Path) -> None:
    """Serve until stdin closes."""
    provider = FakeProvider(folder, deduplicates=True)
    kinds = ("image", "video", "audio")
    # Free, or an order with `max_cost` 0 would go to the embedded provider and be drawn.
    free = Price(unit="run", amount=0.0, source="test")
    provider.offered = [model("one", kinds=kinds, tasks=(*TASKS, *SOUND_TASKS), price=free)]
    hooks, origin = await listener()
    settings = for_strangers(configuration.load(), folder, provider.name, origin)
    async with open_keys(settings) as (keys, _):
        key, record = await keys.create("stranger")
    app = Gateway(lambda: open_services(settings, Bind(), [provider]))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", access_log=False))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    print(f"http://127.0.0.1:{port} {key} {record.id} {origin}/hook", flush=True)
    await asyncio.to_thread(os.read, 0, 1)
    server.should_exit = True
    await serving
    hooks.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
