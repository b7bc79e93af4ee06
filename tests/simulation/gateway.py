"""One simulated process: the real store, queue, watcher and worker, with an upstream that is none."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from doubles import model
from flexura.domain.credit_rules import CreditRules
from flexura.domain.generation import GenerationRequest
from flexura.domain.job import TEMPLATE_PROVIDER, Caller, Job
from flexura.ports.records import Records
from flexura.queues.embedded import EmbeddedQueue
from flexura.services.breaker import Breakers
from flexura.services.buying import Patience
from flexura.services.events import Events
from flexura.services.generation import Plan
from flexura.services.inputs import Resolved
from flexura.services.jobs import Jobs
from flexura.services.money import Money
from flexura.services.options import Fitted
from flexura.services.queue_caps import QueueCaps
from flexura.services.runs.run import Means
from flexura.services.runs.runner import Runner
from flexura.services.transitions import Transitions
from flexura.services.watch import Watcher
from flexura.services.work import Worker
from flexura.storage.files import FileBlobs
from simulation.audit import CLAIM
from simulation.stores import SimRecords, TeamRecords
from simulation.vendor import Adapter
from simulation.world import World

if TYPE_CHECKING:
    from simulation.schedule import Setting

T = TypeVar("T")
PATIENCE = Patience(pace=0.1)
_DRAIN_SECONDS = 20.0
_NO_CAP = 10_000


class Gone(Exception):
    """The process died, or did not answer in time: nobody knows what it did."""


class Gateway:
    """One life of a process. Without `works` it only takes orders."""

    def __init__(self, world: World, setting: Setting, name: str, *, works: bool = True) -> None:
        self.world, self.setting, self.works = world, setting, works
        self.lease_seconds = setting.lease_seconds
        self.host = world.loop.host(name)
        self.host.buried = self._buried
        self.asked: set[asyncio.Future[Any]] = set()
        self.records: SimRecords | None = None
        self.open = False
        world.up.append(self)
        world.note("started", name)
        world.loop.spawn(self.host, self._main())

    async def _main(self) -> None:
        world, setting = self.world, self.setting
        store = TeamRecords if setting.team else SimRecords
        self.records = records = store(world)
        self.watcher = Watcher(records)
        events = Events()
        caps = QueueCaps(_NO_CAP)
        self.transitions = Transitions(records, Money(CreditRules()), events, caps)
        self.jobs = Jobs(records, self.watcher, self.transitions)
        self.worker = self._worker(records)
        self.queue = EmbeddedQueue(records, lease_seconds=setting.lease_seconds)
        self._kept = [asyncio.create_task(self.watcher.run())]
        if self.works:
            limits = {"fake": world.vendor.concurrency, TEMPLATE_PROVIDER: 1000}
            self._kept.append(asyncio.create_task(self.queue.work(self._run, limits)))
        self.open = True

    def _worker(self, records: Records) -> Worker:
        world = self.world
        blobs: Any = SimBlobs(world.folder / "artifacts")
        breakers = Breakers(clock=world.loop.time)
        unused: Any = None
        generation: Any = Planner(records)
        means = Means(records, self.watcher, self.transitions, generation, unused, unused, PATIENCE)
        return Worker(
            records=records,
            blobs=blobs,
            providers={"fake": Adapter(world.vendor)},
            watcher=self.watcher,
            breakers=breakers,
            transitions=self.transitions,
            scratch=world.folder / "downloads",
            patience=PATIENCE,
            runs=Runner(means).run,
        )

    async def _run(self, job: Job) -> None:
        CLAIM.set((job.id, job.attempt))
        await self.worker.run(job)

    # -- what becomes of it ---------------------------------------------------------------------------
    def die(self) -> None:
        """As by kill -9: when the callback that runs now is over, there is no other."""
        self.host.doomed = True

    def kill(self) -> None:
        """The same, from outside."""
        if self.host.alive:
            self.world.loop.kill(self.host)

    def pause(self, seconds: float) -> None:
        """As by SIGSTOP: nothing of it runs for so long."""
        until = self.world.loop.time() + seconds
        self.host.paused_until = max(self.host.paused_until, until)

    async def drain(self) -> bool:
        """As by SIGTERM: begin nothing more, let go of everything, exit. False where that takes too long."""
        self.world.note("drained", self.host.name)
        self.open = False
        if self.works:
            try:
                await self.ask(lambda: self.queue.drain(_DRAIN_SECONDS), 2 * _DRAIN_SECONDS)
            except Gone:
                return not self.host.alive
        self.kill()
        return True

    def _buried(self) -> None:
        world = self.world
        world.tell("dead", self.host.name)
        self.open = False
        if self in world.up:
            world.up.remove(self)
        world.torn_off(self.host)
        for future in self.asked:
            if not future.done():
                future.set_exception(Gone())

    # -- what is asked of it --------------------------------------------------------------------------
    async def ask(self, make: Callable[[], Awaitable[T]], seconds: float) -> T:
        """Its answer, from outside. Raises Gone where it dies or takes longer."""
        loop = self.world.loop
        if not self.host.alive:
            raise Gone
        answer = loop.create_future()
        self.asked.add(answer)

        async def serve() -> None:
            try:
                result = await make()
            except Exception as problem:
                told = (answer.set_exception, problem)
            else:
                told = (answer.set_result, result)
            if not answer.done():
                told[0](told[1])

        task = loop.spawn(self.host, serve())
        try:
            async with asyncio.timeout(seconds):
                return await answer
        except TimeoutError:
            # Some servers notice that the client has left, some go on.
            if self.world.luck.random() < 0.5:
                self.inside(task.cancel)
            raise Gone from None
        finally:
            self.asked.discard(answer)

    def inside(self, work: Callable[[], object]) -> None:
        """Do it in this process, when it runs."""

        async def soon() -> None:
            work()

        if self.host.alive:
            self.world.loop.spawn(self.host, soon())


class SimBlobs(FileBlobs):
    """The files of a laptop."""

    def local_path(self, sha256: str) -> Path | None:
        place = self._place(sha256)
        return place if place.exists() else None

    async def path(self, sha256: str) -> Path | None:
        return self.local_path(sha256)


class Planner:
    """Stands in for Generation: every order is for the one model, at the price that is known."""

    def __init__(self, records: Records) -> None:
        self._records = records

    async def plan(self, request: GenerationRequest, caller: Caller) -> Plan:
        """What the step of a run comes to."""
        inputs: list[Resolved] = []
        for source in request.inputs:
            artifact = await self._records.artifact(
                caller.workspace_id, source.partition("=")[2] or source
            )
            assert artifact is not None, f"the input {source} is gone"
            inputs.append(Resolved(artifact, "image"))
        fitted = Fitted({}, slots=("",) * len(inputs), n=request.n, seed=1)
        cost = {"amount": 0.02 * request.n, "currency": "USD"}
        return Plan(request, _MODEL, fitted, tuple(inputs), cost)

    def check_provider(self, plan: Plan) -> None:
        """It may be asked."""


_MODEL = model("one")
