"""One run: everybody is started, orders come in while blows fall, and at the end the books are compared."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flexura.cli.torture import plan, verdict
from flexura.cli.torture.agents import Agent
from flexura.cli.torture.children import Children, Slot, clean, free_port
from flexura.cli.torture.clients import Accepted, HttpClient, all_of
from flexura.cli.torture.database import Server
from flexura.cli.torture.evidence import gather
from flexura.cli.torture.killer import Killer
from flexura.cli.torture.place import Place, prepare
from flexura.cli.torture.upstream import Upstream
from flexura.cli.torture.verdict import Verdict
from flexura.runtime import open_records

LEASE_SECONDS = 1.5
_CLIENTS = 12
_AGENTS = 2
_AHEAD = 40
"""Orders that may be sent before their turn, so that every blow falls into work."""
_LOOK_EVERY = 0.25
_REST_SECONDS = 20.0


@dataclass(frozen=True)
class Options:
    """What was asked for."""

    kills: int
    jobs: int
    seed: int
    upstreams: tuple[str, ...]
    deadline: float
    """Seconds for the whole run; what has not ended by then hangs."""
    database: Server | None = None


@dataclass
class Report:
    """What came of it."""

    options: Options
    folder: Path
    verdict: Verdict | None = None
    """None where the run was broken off before the books could be compared."""
    strikes: dict[str, int] = field(default_factory=dict[str, int])
    faults: dict[str, int] = field(default_factory=dict[str, int])
    accepted: int = 0
    repeats: int = 0
    starts: int = 0
    seconds: float = 0.0
    take_overs: list[float] = field(default_factory=list[float])
    drains: list[float] = field(default_factory=list[float])
    longest_pause: float = 0.0
    """Seconds from a blow until any order was finished by anybody."""
    interrupted: bool = False

    @property
    def ok(self) -> bool:
        """Whether all that was planned happened, and nothing was found."""
        return self.verdict is not None and self.verdict.ok and not self.interrupted


class Run:
    """One run, step by step. `progress` is called now and then with what there is to tell."""

    def __init__(self, options: Options, folder: Path, progress: Callable[[Run], None]) -> None:
        self.options = options
        self.report = Report(options, folder)
        self.accepted = Accepted()
        self.upstream = Upstream(options.seed)
        self.killer: Killer | None = None
        self.place: Place | None = None
        self._progress = progress
        self._began = time.monotonic()
        self.orders = plan.orderings(options.seed, options.jobs, options.upstreams)

    async def whole(self) -> Report:
        """Everything. Ctrl-C (a cancellation) ends the torture early; what was found until then is told."""
        database = self.options.database
        place = await prepare(
            self.report.folder, self.options.jobs, LEASE_SECONDS, database.url if database else ""
        )
        self.place = place
        children: Children | None = None
        try:
            async with self.upstream.serving(), self._victims(place) as (children, agents):
                left = self.options.deadline - (time.monotonic() - self._began)
                try:
                    async with asyncio.timeout(max(1.0, left)):
                        await self._torture(place, children, agents)
                except TimeoutError:
                    pass  # the verdict names what has not ended
                await children.rest(_REST_SECONDS)
        except asyncio.CancelledError:
            self.report.interrupted = True
        self._note(children)
        await self._judge(place, children)
        return self.report

    @asynccontextmanager
    async def _victims(self, place: Place) -> AsyncGenerator[tuple[Children, list[Agent]]]:
        slots = _slots(team=bool(place.settings.database_url))
        children = Children(slots, place.logs, self.upstream.url)
        children.on_end = lambda pid: self.upstream.account.hit(str(pid))
        environment = clean(place.settings.home, LEASE_SECONDS, place.settings.database_url)
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(children.running(environment))
            faces = [slot for slot in slots if slot.kind == "gateway"]
            agents: list[Agent] = []
            for number in range(_AGENTS):
                url = faces[number % len(faces)].url
                own = environment | {
                    "FLEXURA_HOME": str(place.folder / f"agent-{number}"),
                    "FLEXURA_URL": url,
                    "MEDIA_GATEWAY_API_KEY": place.key,
                }
                agent = Agent(f"agent-{number}", own, place.folder / "project", self.accepted)
                stack.push_async_callback(agent.aclose)
                agents.append(agent)
            yield children, agents

    async def _torture(self, place: Place, children: Children, agents: list[Agent]) -> None:
        options, server = self.options, self.options.database
        team = server is not None
        cut = server.cut if server else None
        killer = Killer(children, agents, LEASE_SECONDS, cut, self._strikes_next)
        self.killer = killer
        urls = [slot.url for slot in children.slots if slot.kind == "gateway"]
        client = HttpClient(urls, place.key, self.accepted, options.seed)
        watching = asyncio.create_task(self._watch())
        try:
            await client.prepare(options.upstreams)
            by_agent = [order for order in self.orders if order.way == "mcp"]
            others = [order for order in self.orders if order.way != "mcp"]
            blows = plan.BLOWS_OF_A_TEAM if team else plan.BLOWS_ON_ONE_MACHINE
            async with asyncio.TaskGroup() as group:
                group.create_task(killer.work(plan.strikes(options.seed, options.kills, blows)))
                group.create_task(all_of(others, client.order, self._may, _CLIENTS))
                for number, agent in enumerate(agents):
                    mine = by_agent[number :: len(agents)]
                    group.create_task(all_of(mine, agent.order, self._may, 1))
            await self._settled(place)
        finally:
            watching.cancel()
            await client.aclose()

    def _may(self, order: plan.Ordering) -> bool:
        """Orders are spread over the blows."""
        done = self.killer.count if self.killer else 0
        share = (done + 1) / (self.options.kills + 1)
        return order.number <= share * self.options.jobs + _AHEAD

    def _strikes_next(self, count: int) -> bool:
        """Blows are spread over the work, too."""
        share = count / max(1, self.options.kills)
        return len(self.upstream.account.fetches) >= share * self.options.jobs - 2 * _AHEAD

    async def _settled(self, place: Place) -> None:
        """Until every job has ended."""
        async with open_records(place.settings) as records:
            while await records.unfinished():
                await asyncio.sleep(_LOOK_EVERY)

    async def _watch(self) -> None:
        """Measure pauses and tell how it goes."""
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            self._progress(self)

    def _note(self, children: Children | None) -> None:
        report, account = self.report, self.upstream.account
        report.seconds = time.monotonic() - self._began
        report.accepted, report.repeats = len(self.accepted.jobs), self.accepted.repeats
        report.faults = {name: count for name, count in sorted(account.faults.items()) if count}
        report.take_overs = sorted(account.take_overs)
        if self.killer:
            report.strikes = {str(blow): count for blow, count in sorted(self.killer.done.items())}
            report.longest_pause = longest_pause(self.killer.at, account.fetches)
        if children:
            report.starts, report.drains = children.starts, children.drains

    async def _judge(self, place: Place, children: Children | None) -> None:
        evidence = await gather(place)
        account, broken_off = self.upstream.account, self.report.interrupted
        found = verdict.judge(self.orders, self.accepted, account, evidence, broken_off=broken_off)
        if children:
            found.processes = children.deaths
        planned = self.options.jobs, self.options.kills
        happened = len(self.accepted.jobs), self.killer.count if self.killer else 0
        if happened != planned and not self.report.interrupted:
            found.lost.append(
                f"after {self.options.deadline:.0f} s only {happened[0]} of {planned[0]} orders were accepted"
                f" and {happened[1]} of {planned[1]} blows had fallen: it hangs, or needs a longer --deadline"
            )
        self.report.verdict = found


def longest_pause(blows: list[float], finished: list[float]) -> float:
    """Seconds from a blow to the next moment at which anything was finished, at most; both in order."""
    longest, place = 0.0, 0
    for blow in blows:
        while place < len(finished) and finished[place] < blow:
            place += 1
        if place < len(finished):
            longest = max(longest, finished[place] - blow)
    return longest


def _slots(*, team: bool) -> list[Slot]:
    """Two gateways that work too, on one SQLite file; else two that only answer, and two workers."""
    gateways = [
        Slot(f"gateway-{number}", "gateway", free_port(), works=not team) for number in range(2)
    ]
    return [*gateways, *(Slot(f"worker-{n}", "worker") for n in range(2))] if team else gateways


def summary(report: Report) -> dict[str, Any]:
    """The report as one JSON object."""
    found = report.verdict
    return {
        "ok": report.ok,
        "interrupted": report.interrupted,
        "seed": report.options.seed,
        "store": "postgresql" if report.options.database else "sqlite",
        "kills": {"total": sum(report.strikes.values()), **report.strikes},
        "starts": report.starts,
        "jobs": {"ordered": report.options.jobs, "accepted": report.accepted},
        "ended": found.ended if found else {},
        "purchases": found.purchases if found else 0,
        "outcome_unknown": found.unknown if found else {},
        "faults": report.faults,
        "repeats": report.repeats,
        "findings": {
            name: {"count": len(lines), "first": verdict.shortened(lines)}
            for name, lines in (found.findings if found else {}).items()
        },
        "seconds": round(report.seconds, 1),
        "jobs_per_second": round(report.accepted / max(report.seconds, 0.001), 1),
        "take_over_seconds": _spread(report.take_overs),
        "drain_seconds": _spread(sorted(report.drains)),
        "longest_pause_seconds": round(report.longest_pause, 2),
    }


def _spread(values: list[float]) -> dict[str, float]:
    if not values:
        return {"count": 0}
    return {
        "count": len(values),
        "p50": round(values[len(values) // 2], 2),
        "most": round(values[-1], 2),
    }
