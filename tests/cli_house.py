"""A whole gateway on a port, in a thread of this process, for the command line to talk to."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from click.testing import CliRunner, Result

from doubles import FakeProvider
from flexura.cli.main import flexura
from flexura.cli.terminal import AGENTS
from flexura.gateway.app import Gateway
from flexura.runtime import Bind, open_keys, open_services
from flexura.settings import Settings


def in_project(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project as the working directory of somebody at a plain terminal, who is no agent."""
    project = folder / "project"
    project.mkdir()
    monkeypatch.chdir(project)
    for name in ("NO_COLOR", "FORCE_COLOR", *AGENTS):
        monkeypatch.delenv(name, raising=False)
    return project


@dataclass
class Served:
    """Where it listens, a key for it, and the provider that tests control."""

    url: str
    key: str
    fake: FakeProvider
    loop: asyncio.AbstractEventLoop

    @contextlib.contextmanager
    def held_back(self) -> Iterator[None]:
        """Jobs of the fake provider do not end while this is open."""
        self._in_loop(self.fake.gate.clear)
        self._in_loop(self.fake.submitting.clear)
        try:
            yield
        finally:
            self._in_loop(self.fake.gate.set)

    def let_go(self) -> None:
        """Held jobs end now."""
        self._in_loop(self.fake.gate.set)

    def submitted(self) -> None:
        """Wait until a job has reached the fake provider since the last time it was held back."""
        asyncio.run_coroutine_threadsafe(self.fake.submitting.wait(), self.loop).result(30)

    def _in_loop(self, work: Any) -> None:
        done: Future[None] = Future()
        self.loop.call_soon_threadsafe(lambda: done.set_result(work()))
        done.result(10)


@dataclass
class Terminal:
    """Somebody in a project directory who runs commands."""

    project: Path
    house: Served | None

    def run(self, *arguments: str, stdin: str | bytes | None = None) -> Result:
        """The outcome of `flexura …`; an exception that nobody turned into a message is raised."""
        result = CliRunner().invoke(flexura, arguments, input=stdin)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def json(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        """The one object that `flexura … --json` prints."""
        result = self.run(*arguments, "--json")
        assert result.exit_code == code, result.output
        assert result.stdout.count("\n") == 1
        return json.loads(result.stdout)

    def image(self, *arguments: str, code: int = 0) -> Result:
        """`flexura image` by the fake provider."""
        result = self.run("image", *arguments, "--model", "fake:one", "--yes")
        assert result.exit_code == code, result.output
        return result


@contextlib.contextmanager
def served(settings: Settings, folder: Path) -> Iterator[Served]:
    """A gateway with these settings, until left."""
    started: Future[Served] = Future()
    leave = asyncio.Event()

    async def serve() -> None:
        async with open_keys(settings) as (keys, first):
            key = first or (await keys.create("test"))[0]
        fake = FakeProvider(folder)
        app = Gateway(lambda: open_services(settings, Bind(), [fake]))
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="on"))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:
            await asyncio.sleep(0.005)
        loop = asyncio.get_running_loop()
        started.set_result(Served(f"http://127.0.0.1:{port}", key, fake, loop))
        await leave.wait()
        server.should_exit = True
        await serving

    thread = threading.Thread(target=lambda: _run(serve(), started), name="gateway of the tests")
    thread.start()
    found = started.result(30)
    try:
        yield found
    finally:
        found.loop.call_soon_threadsafe(leave.set)
        thread.join(30)


def _run(work: Any, started: Future[Served]) -> None:
    try:
        asyncio.run(work)
    except BaseException as error:
        if started.done():
            raise
        started.set_exception(error)
