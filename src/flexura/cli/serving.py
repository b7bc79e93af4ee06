"""The life of a serving process: lock, port, key, announcement, quiet end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import secrets
import signal
import socket
import sys
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from types import FrameType
from typing import Any

import click
import uvicorn

from flexura import settings as configuration
from flexura.cli.own_key import own_key
from flexura.gateway.app import Gateway
from flexura.gateway.services import Services
from flexura.local import gateway as local_gateway
from flexura.runtime import Bind, open_services
from flexura.runtime.background import running
from flexura.services.clock import now_ms
from flexura.services.delivering import due_soon
from flexura.settings import Settings

_ANY = ("0.0.0.0", "::")
_LOOK_EVERY = 5.0
_SWITCH_SECONDS = 0.0002


@dataclass(frozen=True)
class ServeOptions:
    """How this process serves."""

    host: str = "127.0.0.1"
    port: int = 3000
    local: bool = False
    pipe: bool = False
    works: bool = True


def run(options: ServeOptions) -> int:
    """Serve until stopped; the exit code."""
    # The writer thread lets go of the GIL at every statement; with Python's 5 ms it would wait that long for
    # each one while requests come in (p99 120 ms, measured).
    sys.setswitchinterval(_SWITCH_SECONDS)
    form = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format=form)
    if options.pipe:
        return _in_loop(_serve_pipe())
    held = local_gateway.hold_lock()
    if held is None:
        if options.local:
            print("flexura: already running", file=sys.stderr)
            return 0
        print("flexura: another gateway runs on this database; sharing its work", file=sys.stderr)
        return _in_loop(_serve(options, None))
    with held:
        return _in_loop(_serve(options, held))


def _in_loop(work: Coroutine[Any, Any, int]) -> int:
    factory = None
    with contextlib.suppress(ImportError):
        import uvloop

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(work)


def _listener(options: ServeOptions) -> socket.socket:
    port = local_gateway.keep_port(options.host) if options.local else options.port
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((options.host, port))
    except OSError as error:
        listener.close()
        raise click.ClickException(
            f"{options.host}:{port} cannot be listened on: {error.strerror}. Choose another with --port."
        ) from None
    return listener


async def _serve(options: ServeOptions, held: local_gateway.Held | None) -> int:
    settings = configuration.load(local=options.local)
    secret, fresh = await own_key(settings)
    listener = _listener(options)
    port = int(listener.getsockname()[1])
    host = "127.0.0.1" if options.host in _ANY else options.host
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    instance = secrets.token_hex(8)
    named = () if options.host in _ANY else (options.host,)
    bind = Bind(instance, named, options.works)
    app = Gateway(lambda: open_services(settings, bind))
    server = uvicorn.Server(_config(app))
    _end_when_asked(server)

    async def announce() -> None:
        while not server.started:
            await asyncio.sleep(0.005)
        # What start-up made stays for good: a full collection would walk half a million objects, 80 ms in
        # which nobody is answered (p99 90 ms with it, 20 ms without, measured).
        gc.collect()
        gc.freeze()
        if held:
            held.publish(url, port, secret, instance, on_demand=options.local)
        if not options.local:
            print(f"flexura: listening on {url} (MCP at {url}/mcp)", file=sys.stderr)
            if fresh:
                print(f"flexura: your API key, shown once: {secret}", file=sys.stderr)
        sys.stderr.flush()

    async with running(announce()), running(_end_when_quiet(server, app, options, settings)):
        await server.serve(sockets=[listener])
    return 0 if server.started else 1


def _end_when_asked(server: uvicorn.Server) -> None:
    """Leave by exit code 0 on SIGTERM."""

    def asked(number: int, frame: FrameType | None) -> None:
        # uvicorn has its own handler while it serves, and raises the signal again into this one at the end.
        server.should_exit = True

    signal.signal(signal.SIGTERM, asked)


def _config(app: Gateway) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=5,
        server_header=False,
        date_header=False,
        proxy_headers=False,
    )


async def _end_when_quiet(
    server: uvicorn.Server, app: Gateway, options: ServeOptions, settings: Settings
) -> None:
    """The auto-started gateway ends when nothing was asked for a while and no job is unfinished."""
    if not options.local:
        return
    seen, since = app.requests, time.monotonic()
    while True:
        await asyncio.sleep(min(_LOOK_EVERY, settings.idle_seconds))
        services: Services | None = app.services
        busy = services is not None and await _has_work(services)
        if busy or app.requests != seen:
            seen, since = app.requests, time.monotonic()
        elif time.monotonic() - since >= settings.idle_seconds:
            server.should_exit = True
            return


async def _has_work(services: Services) -> bool:
    """Whether a job is unfinished, or a webhook is to be sent within minutes."""
    records = services.records
    return await records.unfinished() > 0 or await due_soon(records, now_ms())


async def _serve_pipe() -> int:
    from flexura.gateway.pipe import serve_pipe

    settings = configuration.load(local=True)
    await own_key(settings)
    await serve_pipe(Gateway(lambda: open_services(settings, Bind())))
    return 0
