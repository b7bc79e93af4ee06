"""The life of a serving process: lock, port, key, announcement, quiet end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any

import click
import uvicorn

from flexura import settings as configuration
from flexura.cli.connections import BoundedProtocol, raise_descriptors
from flexura.cli.ending import Server
from flexura.cli.own_key import own_key
from flexura.domain.errors import DiskFull
from flexura.gateway.app import Gateway
from flexura.gateway.services import Services
from flexura.local import gateway as local_gateway
from flexura.local import paths
from flexura.ports.provider import Provider
from flexura.runtime import Bind, open_services
from flexura.runtime.background import running
from flexura.services import logs
from flexura.services.clock import now_ms
from flexura.services.delivering import due_soon
from flexura.settings import Settings

_ANY = ("0.0.0.0", "::")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
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
    providers: Callable[[], Sequence[Provider]] = tuple
    """Providers beside those that the settings bring to life."""
    announced: bool = True
    """Whether the gateway of this home is to be found by others, as long as no other one is."""


def run(options: ServeOptions) -> int:
    """Serve until stopped; the exit code."""
    if not os.environ.get("FLEXURA_DATABASE_URL"):
        # The thread that commits lets go of the GIL; with Python's 5 ms it would wait so long to have it back
        # while requests come in (p99 120 ms, measured). Many threads would only wake each other in vain.
        sys.setswitchinterval(_SWITCH_SECONDS)
    raise_descriptors()
    logs.start(quiet=options.local or options.pipe)
    if options.pipe:
        return in_loop(_serve_pipe())
    if not options.announced:
        return in_loop(_serve(options, None))
    if not options.local:
        paths.stay()
    try:
        held = local_gateway.hold_lock()
    except OSError as error:
        if options.local:
            raise
        # A full or read-only disk: what is there is served all the same.
        logs.say(
            f"{error.filename}: {error.strerror}; other programs here do not find this gateway"
        )
        return in_loop(_serve(options, None))
    if held is None:
        if options.local:
            logs.say("already running")
            return 0
        logs.say("another gateway runs on this database; sharing its work")
        return in_loop(_serve(options, None))
    with held:
        return in_loop(_serve(options, held))


def in_loop(work: Coroutine[Any, Any, int]) -> int:
    """Run it on the fastest event loop that is installed."""
    factory = None
    with contextlib.suppress(ImportError):
        import uvloop

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(work)


def keep_what_start_made() -> None:
    """Have no collection walk what is there by now: it stays for good.

    A full one would walk half a million objects, 80 ms in which nobody is answered (p99 90 ms with it, 20 ms
    without, measured).
    """
    gc.collect()
    gc.freeze()


def _listener(options: ServeOptions) -> socket.socket:
    port = local_gateway.keep_port(options.host) if options.local else options.port
    return listener_on(options.host, port)


def listener_on(host: str, port: int) -> socket.socket:
    """A socket that is bound to an address. Raises ClickException where that is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise click.ClickException(
            f"{host}:{port} cannot be listened on: {error.strerror}. Choose another with --port."
        ) from None
    return listener


async def _serve(options: ServeOptions, held: local_gateway.Held | None) -> int:
    settings = configuration.load(local=options.local)
    secret, fresh = await _own_key(settings)
    listener = _listener(options)
    port = int(listener.getsockname()[1])
    host = "127.0.0.1" if options.host in _ANY else options.host
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    instance = secrets.token_hex(8)
    named = () if options.host in _ANY else (options.host,)
    bind = Bind(instance, named, options.works, loopback=options.host in _LOOPBACK)
    app = Gateway(lambda: open_services(settings, bind, options.providers()))
    server = Server(_config(app), bind.stopping, settings.drain_notice)
    _end_when_asked(server)

    async def announce() -> None:
        while not server.started:
            await asyncio.sleep(0.005)
        keep_what_start_made()
        if held:
            held.publish(url, port, secret, instance, on_demand=options.local)
        if not options.local:
            logs.say(
                f"listening on {url} (MCP at {url}/mcp, dashboard at {url}/dashboard)",
                _first_key(secret) if fresh else "",
            )
        sys.stderr.flush()

    async with running(announce()), running(_end_when_quiet(server, app, options, settings)):
        await server.serve(sockets=[listener])
    return 0 if server.started else 1


async def _own_key(settings: Settings) -> tuple[str, bool]:
    """The key of this machine's user, and whether it is new; empty where none can be made now."""
    try:
        return await own_key(settings)
    except DiskFull as problem:
        logs.say(f"no API key was made: {problem.message}")
        return "", False


def _first_key(secret: str) -> str:
    """How the first key is told: to a person, and not to a collector of logs."""
    if logs.read_by_machines():
        return "a first API key was made; `flexura keys create` makes one that you can see"
    return f"your API key, shown once: {secret}"


def _end_when_asked(server: uvicorn.Server) -> None:
    """Leave by exit code 0 on SIGTERM."""

    def asked(number: int, frame: FrameType | None) -> None:
        # uvicorn has its own handler while it serves, and raises the signal again into this one at the end.
        server.should_exit = True

    signal.signal(signal.SIGTERM, asked)


def _config(app: Gateway) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=BoundedProtocol,
        # Longer than clients and load balancers (60 s) keep an idle connection: so none uses one that is just
        # being closed.
        timeout_keep_alive=65,
        log_config=None,
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
    """Whether somebody looks or waits, a job is unfinished, or a webhook is to be sent within minutes."""
    records = services.records
    return (
        services.load.requests > 0
        or await records.unfinished() > 0
        or await due_soon(records, now_ms())
    )


async def _serve_pipe() -> int:
    from flexura.gateway.pipe import serve_pipe

    settings = configuration.load(local=True)
    await own_key(settings)
    await serve_pipe(Gateway(lambda: open_services(settings, Bind())))
    return 0
