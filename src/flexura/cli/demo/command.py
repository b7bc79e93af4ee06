"""Search, then a picture, a video and a sound: each made by a tool call, each file opened and checked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flexura.cli import exit_codes, words
from flexura.cli.demo.show import Stage
from flexura.cli.report import near
from flexura.cli.screen import Screen
from flexura.domain.errors import FlexuraError
from flexura.local import address
from flexura.local.errors import LocalError

if TYPE_CHECKING:
    from flexura.cli.demo.agent import Agent

QUERY = "Model Context Protocol specification"
ORDERS: dict[str, dict[str, Any]] = {
    "image": {
        "prompt": "neon city street at night in the rain, reflections on wet asphalt",
        "size": "1600x900",
        "save_to": "neon-city.png",
    },
    "video": {
        "prompt": "mountain lake at sunset, drifting clouds, slow camera move",
        "size": "1280x720",
        "seconds": 5,
        "save_to": "mountain-lake.mp4",
    },
    "audio": {
        "prompt": "calm lo-fi loop with warm electric piano and soft drums, 80 bpm",
        "kind": "music",
        "seconds": 20,
        "format": "mp3",
        "save_to": "lo-fi-loop.mp3",
    },
}


@dataclass(frozen=True)
class Made:
    """One file, and how it came about."""

    kind: str
    took: float
    what: str
    bytes: int
    path: str
    job_id: str
    model: str


@dataclass
class Outcome:
    """What `--json` prints."""

    folder: str
    server: str = ""
    tools: list[str] = field(default_factory=list[str])
    models: dict[str, int] = field(default_factory=dict[str, int])
    search: dict[str, Any] = field(
        default_factory=lambda: {"done": False, "results": [], "error": None}
    )
    made: list[Made] = field(default_factory=list[Made])
    errors: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    seconds: float = 0.0


@click.command(
    help="Search, then make a picture, a video and a sound through MCP, as an agent does it."
)
@click.option(
    "-o", "--output", default="flexura-demo", show_default=True, help="Folder to work in."
)
@click.option("--require-search", is_flag=True, help="Fail when nothing can be searched.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def demo(output: str, require_search: bool, as_json: bool) -> int:
    folder = Path(output).expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True)
    screen = Screen(as_json)
    outcome = asyncio.run(_demo(folder, Stage(screen)))
    ok = not outcome.errors and (outcome.search["done"] or not require_search)
    screen.object({"ok": ok, **asdict(outcome)})
    if ok:
        return exit_codes.OK
    codes = [exit_codes.of(str(error["code"])) for error in outcome.errors.values()]
    return next((code for code in codes if code), exit_codes.FAILED)


async def _demo(folder: Path, stage: Stage) -> Outcome:
    # The SDK's client takes half a second to import: only who runs the demo waits for it.
    from flexura.cli.demo.agent import agent

    began, run = time.monotonic(), _Run(Outcome(str(folder)), stage)
    stage.title("flexura demo", "the whole job through MCP, as an agent does it")
    async with AsyncExitStack() as stack:

        async def connect() -> str:
            run.agent = await stack.enter_async_context(agent(folder))
            run.outcome.server, run.outcome.tools = run.agent.server, await run.agent.tools()
            return f"{run.outcome.server}, {len(run.outcome.tools)} tools"

        try:
            if await run.attempt("connect", "starting `flexura mcp`", connect):
                await run.everything()
        except asyncio.CancelledError:
            stage.interrupted()
            raise
    run.outcome.seconds = round(time.monotonic() - began, 1)
    stage.table([_row(made) for made in run.outcome.made])
    stage.end(
        run.outcome.seconds,
        "your own gateway" if address.remote_url() is None else "a remote gateway",
    )
    return run.outcome


def _row(made: Made) -> tuple[str, ...]:
    where = near(made.path)
    return made.kind, words.duration(made.took), made.what, words.size(made.bytes), where


@dataclass
class _Run:
    outcome: Outcome
    stage: Stage
    agent: Agent | None = None

    async def attempt(self, name: str, doing: str, work: Callable[[], Awaitable[str]]) -> bool:
        """One step; an error is told and remembered, and the steps after it are still tried."""
        began = time.monotonic()
        try:
            with self.stage.busy(name, doing):
                text = await work()
        except (FlexuraError, LocalError) as error:
            self.outcome.errors[name] = error.body()
            self.stage.failed(name, "failed", error)
            return False
        self.stage.done(name, text, time.monotonic() - began)
        return True

    async def everything(self) -> None:
        """The steps after the first."""
        await self.attempt("catalog", "asking which models are live", self.catalog)
        await self.search()
        for kind, order in ORDERS.items():
            await self.attempt(kind, order["prompt"], partial(self.make, kind, order))

    async def catalog(self) -> str:
        """How many models are live."""
        self.outcome.models = await self._agent.models()
        counts = [f"{count} {kind}" for kind, count in self.outcome.models.items()]
        return f"live models: {', '.join(counts)}"

    async def search(self) -> None:
        """Search; without a network this is not done, and not a failure of the demo."""
        began = time.monotonic()
        try:
            with self.stage.busy("search", QUERY):
                answer = await self._agent.call("search", {"query": QUERY, "max_results": 3})
        except (FlexuraError, LocalError) as error:
            self.outcome.search |= {"error": error.body()}
            self.stage.failed("search", f"not done: {error.code}", error, color="yellow")
            return
        results = answer["results"]
        self.outcome.search |= {"done": True, "results": results}
        first = f": {words.cut(results[0]['title'], 60)}" if results else ""
        self.stage.done("search", f"{len(results)} results{first}", time.monotonic() - began)

    async def make(self, kind: str, order: dict[str, Any]) -> str:
        """Order one file, wait for it, and open it."""
        from flexura.cli.demo.verify import seen

        began = time.monotonic()
        record = await self._agent.make(f"generate_{kind}", order)
        took = time.monotonic() - began
        file = seen(record["files"][0])
        job_id, model = str(record["job_id"]), str(record["model"])
        self.outcome.made.append(
            Made(kind, round(took, 2), file.what, file.bytes, str(file.path), job_id, model)
        )
        return words.cut(order["prompt"], 76)

    @property
    def _agent(self) -> Agent:
        assert self.agent is not None, "connected before anything else is tried"
        return self.agent
