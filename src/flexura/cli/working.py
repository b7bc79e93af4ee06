"""The life of a process that only works: jobs are run until it is asked to stop, then it drains."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from flexura import settings as configuration
from flexura.cli.ending import Asked
from flexura.cli.serving import in_loop, keep_what_start_made, listener_on
from flexura.domain.errors import InvalidRequest
from flexura.gateway.probes import Vitals, probes
from flexura.ports.provider import Provider
from flexura.runtime import Bind, open_services
from flexura.services import logs
from flexura.settings import Settings


@dataclass(frozen=True)
class WorkOptions:
    """How this process works."""

    host: str = "127.0.0.1"
    port: int | None = None
    """Of the probes; None = they are not answered."""
    providers: Callable[[], Sequence[Provider]] = tuple
    """Providers beside those that the settings bring to life."""


def run(options: WorkOptions) -> int:
    """Work until asked to stop; the exit code. Raises InvalidRequest without a team's store."""
    logs.start()
    settings = configuration.load()
    if not settings.database_url:
        raise InvalidRequest(
            "A worker needs the store of a team, and FLEXURA_DATABASE_URL is not set: a gateway with a "
            "file of its own works by itself.",
            next_step="Set FLEXURA_DATABASE_URL=postgresql://… as for `flexura serve`; or run "
            "`flexura serve` alone.",
        )
    return in_loop(_work(settings, options))


async def _work(settings: Settings, options: WorkOptions) -> int:
    bind, stop = Bind(), asyncio.Event()
    asked = Asked(bind.stopping)
    bind.stopping.tell(stop.set)

    def once_more(number: int, frame: FrameType | None) -> None:
        asked.once_more()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, once_more)
    # The probes are answered until the very end: while it drains a worker is alive, and not ready.
    async with (
        contextlib.AsyncExitStack() as probed,
        open_services(settings, bind, options.providers()) as services,
    ):
        where = ""
        if options.port is not None:
            port = await probed.enter_async_context(_probing(options, services.vitals))
            where = f", probes on port {port}"
        keep_what_start_made()
        logs.say(f"the worker is ready{where}")
        await stop.wait()
    return 0


class _Server(uvicorn.Server):
    """Leaves signals to the process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


@asynccontextmanager
async def _probing(options: WorkOptions, vitals: Vitals) -> AsyncGenerator[int]:
    """Answers the probes inside of the context; the port."""
    listener = listener_on(options.host, options.port or 0)
    server = _Server(
        uvicorn.Config(
            Starlette(routes=probes(vitals)),
            log_level="warning",
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
            server_header=False,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not (server.started or serving.done()):
            await asyncio.sleep(0.005)
        yield int(listener.getsockname()[1])
    finally:
        server.should_exit = True
        await serving
