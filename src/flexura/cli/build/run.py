"""Makes what the plan says: in the order of the inputs, so many at once, each noted when it is home."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol

from flexura.bridge.saved import SavedFile, SavedFiles
from flexura.cli.build import home, lockfile, standing
from flexura.cli.build.declared import Project
from flexura.cli.build.desk import Desk, of_the_system
from flexura.cli.build.journal import Journal
from flexura.cli.build.lockfile import Entry
from flexura.cli.build.ordering import Ordering
from flexura.cli.build.purse import Purse
from flexura.cli.build.standing import Standing
from flexura.cli.build.steps import LOCAL, Action, Step, Wishes, decide
from flexura.cli.connection import Connection
from flexura.client import Asset as Made
from flexura.client import GatewayClient, JobAnswer
from flexura.client.answers import Cost
from flexura.domain.errors import ArtifactExpired, FlexuraError, NotFound, ProviderError
from flexura.local.errors import LocalError


@dataclass(frozen=True)
class Outcome:
    """What became of one asset. `action` is what was done for it; `problem` says why it was not."""

    name: str
    path: str
    action: Action
    job: JobAnswer | None = None
    cost: Cost | None = None
    model: str = ""
    seconds: float = 0.0
    why: str = ""
    problem: Mapping[str, Any] | None = None
    declaration: str = ""


class Stage(Protocol):
    """Where it is shown how far everything is."""

    def moved(self, name: str, job: JobAnswer) -> None:
        """A job went on."""
        ...

    def ended(self, outcome: Outcome) -> None:
        """An asset is done with."""
        ...


@dataclass
class Book:
    """The lock and the journal while a build runs; each is written whole before anything rests on it."""

    project: Project
    entries: dict[str, Entry]
    journal: Journal
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def keep(self, standing: Standing, entry: Entry) -> None:
        """The file is home. Raises OSError."""
        async with self._turn:
            if standing.was:
                self.entries.pop(standing.was, None)
            self.entries[standing.asset.name] = entry
            await asyncio.to_thread(lockfile.write, self.project.root, self.entries)
            await asyncio.to_thread(self.journal.drop, standing.asset.name)


@dataclass
class Build:
    """One run over the steps of a plan."""

    project: Project
    book: Book
    purse: Purse
    desk: Desk
    wishes: Wishes
    stage: Stage
    jobs: int
    agreed: bool = False
    """Whether a person saw the prices and said yes."""
    connection: Connection | None = None

    async def run(self, steps: Sequence[Step]) -> list[Outcome]:
        """What became of each, in the order of the steps. Raises what is wrong for all of them."""
        self._room = asyncio.Semaphore(self.jobs)
        self._ended: dict[str, asyncio.Future[Outcome]] = {}
        loop = asyncio.get_running_loop()
        for step in steps:
            self._ended[step.name] = loop.create_future()
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._one(step)) for step in steps]
        return [task.result() for task in tasks]

    async def _one(self, step: Step) -> Outcome:
        outcome = await self._outcome(step)
        self._ended[step.name].set_result(outcome)
        self.stage.ended(outcome)
        return outcome

    async def _outcome(self, step: Step) -> Outcome:
        asset = step.standing.asset
        for name in asset.needs:
            if name in self._ended:
                before = await self._ended[name]
                if before.problem is not None:
                    return self._failed(step, _without_input(name))
        async with self._room:
            began = time.monotonic()
            try:
                if step.action is Action.LATER:
                    step = await self._looked_at_again(step)
                outcome = await self._done(step)
            except (FlexuraError, LocalError) as error:
                return self._failed(step, error)
            except OSError as error:
                return self._failed(step, of_the_system(error))
            return replace(outcome, seconds=time.monotonic() - began)

    async def _looked_at_again(self, step: Step) -> Step:
        """Its inputs are there now: maybe they came out as they were, and nothing is to be done."""
        asset = step.standing.asset
        entry = step.standing.entry
        placed = self.book.journal.placed()
        found = await asyncio.to_thread(standing.look_at, self.project, asset, entry, {}, placed)
        again = decide(self.project, found, self.book.journal, self.wishes)
        return again if self.connection is None else await self._settled(again)

    async def _settled(self, step: Step) -> Step:
        return await self.desk.settled(step, self._client, self.wishes)

    @property
    def _client(self) -> GatewayClient:
        assert self.connection is not None, "whoever needs the gateway was given it"
        return self.connection.client

    async def _done(self, step: Step) -> Outcome:
        if step.problem is not None:
            raise step.problem
        if step.action in LOCAL:
            return await self._here(step)
        if step.action is Action.FETCH:
            try:
                return await self._fetched(step)
            except (NotFound, ArtifactExpired):
                # It went between the plan and now.
                lost = replace(step.standing, entry=None)
                step = await self._settled(replace(step, standing=lost, action=Action.ASK))
                return await self._done(step)
        return await self._made(step)

    async def _here(self, step: Step) -> Outcome:
        found, asset = step.standing, step.standing.asset
        if step.action is Action.KEEP:
            return self._outcome_of(step)
        entry = found.entry
        assert entry is not None, "what is up to date was made"
        if step.action is Action.COPY:
            await asyncio.to_thread(home.copy, self.project, asset, entry.path, found.on_disk)
        if step.action is not Action.REUSE:
            await self.book.keep(found, replace(entry, path=asset.path))
        return self._outcome_of(step)

    async def _fetched(self, step: Step) -> Outcome:
        found, made = step.standing, step.made
        assert made is not None and found.entry is not None
        sha256, size = await self._home(found, made)
        entry = replace(found.entry, path=found.asset.path, sha256=sha256, bytes=size)
        await self.book.keep(found, entry)
        return self._outcome_of(step)

    async def _made(self, step: Step) -> Outcome:
        connection = self.connection
        assert connection is not None
        found = step.standing
        ordering = Ordering(self._client, self.book.journal, self.purse, self.agreed)
        order, job = await ordering.made(step, lambda job: self.stage.moved(step.name, job))
        made = job.files[0]
        sha256, size = await self._home(found, made)
        entry = Entry(
            path=found.asset.path,
            declaration=found.declaration,
            sha256=sha256,
            bytes=size,
            artifact=made.artifact_id,
            job=job.job_id,
            model=job.model,
            seed=job.seed,
            cost=job.cost.amount if job.cost else None,
            generation=order.generation,
            made_from=found.parts,
        )
        await self.book.keep(found, entry)
        self._tell_others(connection, made, found, entry)
        await ordering.delivered(job, connection.session)
        return replace(self._outcome_of(step), job=job, cost=job.cost, model=job.model)

    async def _home(self, found: Standing, made: Made) -> tuple[str, int]:
        asset, journal = found.asset, self.book.journal
        return await home.bring(
            self._client,
            self.project,
            asset,
            made,
            found.on_disk,
            partial(journal.placing, asset.name),
        )

    def _tell_others(
        self, connection: Connection, made: Made, found: Standing, entry: Entry
    ) -> None:
        """So that `flexura status` and agents of this project know that the file is here."""
        path = str(self.project.root / found.asset.path)
        saved = SavedFile(made.name, path, entry.bytes, entry.sha256, "")
        SavedFiles(connection.project_id).add(saved)

    def _outcome_of(self, step: Step) -> Outcome:
        asset = step.standing.asset
        return Outcome(
            asset.name,
            asset.path,
            step.action,
            model=step.model,
            why=step.why,
            declaration=step.standing.declaration,
        )

    def _failed(self, step: Step, error: FlexuraError | LocalError) -> Outcome:
        return replace(self._outcome_of(step), problem=error.body())


def _without_input(name: str) -> FlexuraError:
    return ProviderError(
        f"Its input {name} could not be made.", next_step=f"Mend {name}; it is made after that."
    )
