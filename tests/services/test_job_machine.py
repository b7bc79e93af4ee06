"""Jobs under every interleaving: callers, reviewers, workers that die, and a moody provider.

Everything is real but the provider and the destinations: the store, the services, the worker. Every
transaction is audited inside of itself. `LONG=1` runs the long form: 1,000 examples of 50 steps.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

import hypothesis
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from flexura.domain.credits import MICRO
from flexura.domain.errors import (
    BudgetExceeded,
    Conflict,
    FlexuraError,
    IdempotencyMismatch,
    InsufficientCredits,
    InvalidRequest,
    NotFound,
    ProviderUnavailable,
)
from flexura.domain.generation import GenerationRequest
from flexura.domain.job import Submitted
from flexura.domain.template import Template
from flexura.domain.webhook import Endpoint
from flexura.ports.records import Tx
from flexura.runtime import outside
from flexura.services import clock as services_clock
from flexura.services.buying import Patience
from flexura.services.runs.start import Wishes
from flexura.services.transitions import Origin
from jobs_house import MOODS, TEMPLATES, Auditor, Clock, Letterbox, Moody, Workforce
from runs_house import desk

T = TypeVar("T")
LONG = os.environ.get("LONG") == "1"
HOUR = 3_600_000
PICK = st.integers(0, 10**6)
MOOD = st.sampled_from(MOODS[:3] * 5 + MOODS[3:])
WHEN = st.sampled_from([30 * HOUR, None, -HOUR])
WORDS = ("first", "second", "third")
STEPS = st.one_of(st.integers(1, 6), st.integers(4, 12), st.integers(0, 40))
"""At which of its transactions a worker dies; 0 = never. Early, so that much is left in the middle."""
RUN = st.fixed_dictionaries(
    {
        "slug": st.sampled_from(sorted(TEMPLATES)),
        "moods": st.tuples(MOOD, MOOD, MOOD),
        "staging": st.booleans(),
        "publish": st.sampled_from([("press", "gone"), ("press",), ()]),
        "publish_at": WHEN,
        "keyed": st.booleans(),
    }
)
PATIENT = Patience(submit=2, poll=2, pace=0.001)
REFUSALS = (InsufficientCredits, BudgetExceeded, ProviderUnavailable)


@dataclass(frozen=True)
class Key:
    """An idempotency key that was used, and for what."""

    job_id: str
    order: Callable[[Origin], Awaitable[Submitted]]


class Silent:
    """Messages are written; nobody sends them."""

    def __init__(self, *given: Any) -> None:
        pass

    async def run(self) -> None:
        """Nothing."""


class Platform(RuleBasedStateMachine):
    """One workspace with credits, and everybody who may do something to its jobs."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="jobs-")
        self.home = Path(self.folder.name)
        self.loop, self.clock, self.auditor = asyncio.Runner(), Clock(), Auditor()
        self.stack = AsyncExitStack()
        self.boxes = {name: Letterbox(name, self.auditor) for name in ("press", "gone")}
        self.keys: list[Key] = []
        self.sound = True
        """Nothing has failed: so the end is worth looking at."""
        self.patches = [
            patch.object(services_clock, "time", self.clock),
            patch.object(outside, "deliverer_of", Silent),
        ]
        for change in self.patches:
            change.start()

    @initialize(
        deduplicates=st.booleans(),
        granted=st.sampled_from([1000, 20]),
        first=st.lists(RUN, min_size=1, max_size=3),
    )
    def opens(self, deduplicates: bool, granted: int, first: list[dict[str, Any]]) -> None:
        self.provider = Moody(self.home, deduplicates=deduplicates)
        self.run(self._open())
        workspace = self.at.who.workspace_id
        self.run(self.at.services.credits.grant(workspace, granted * MICRO))
        listens = Endpoint("ep_1", workspace, "https://example.com/hook", self.clock.now())
        self.run(self.at.services.records.transact(lambda tx: tx.insert(listens)))
        saved = {name: self.run(self.at.saved(document)) for name, document in TEMPLATES.items()}
        self.templates: dict[str, Template] = saved
        for wanted in first:
            self._start(**wanted)

    async def _open(self) -> None:
        self.at = await self.stack.enter_async_context(desk(self.home, self.provider, works=False))
        self.at.services.publishing.destinations = self.boxes
        self.workforce = Workforce(
            self.at, mortal_children=True, patience=PATIENT, clock=self.clock
        )
        records: Any = self.at.services.records
        unaudited = records.transact

        async def transact(work: Callable[[Tx], T]) -> T:
            def audited(tx: Tx) -> T:
                result = work(tx)
                self.auditor.audited(tx)
                return result

            return await unaudited(audited)

        records.transact = transact

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What the work gives; what goes wrong in it ends the example."""
        try:
            return self.loop.run(work)
        except FlexuraError:
            raise
        except BaseException:
            self.sound = False
            raise

    def teardown(self) -> None:
        try:
            if self.sound and hasattr(self, "at"):
                self.run(self._ends())
        finally:
            self.loop.run(self.stack.aclose())
            self.loop.close()
            for change in self.patches:
                change.stop()
            self.folder.cleanup()

    # -- who orders -------------------------------------------------------------------------------------
    @rule(mood=MOOD, n=st.integers(1, 2), keyed=st.booleans())
    def submit(self, mood: str, n: int, keyed: bool) -> None:
        request = GenerationRequest.model_validate({"kind": "image", "prompt": mood, "n": n})

        async def order(origin: Origin) -> Submitted:
            generation = self.at.services.generation
            plan = await generation.plan(request, self.at.who)
            return await generation.submit(plan, self.at.who, origin)

        self._order(order, keyed)

    @rule(wanted=RUN)
    def start(self, wanted: dict[str, Any]) -> None:
        self._start(**wanted)

    def _start(
        self,
        slug: str,
        moods: tuple[str, ...],
        staging: bool,
        publish: tuple[str, ...],
        publish_at: int | None,
        keyed: bool,
    ) -> None:
        given: dict[str, Any] = {"items": list(moods)}
        given |= {name: mood for name, mood in zip(WORDS, moods, strict=True)}
        values = {i.id: given[i.id] for i in self.templates[slug].inputs}
        at = self.clock.now() + publish_at if publish and publish_at else None
        wishes = Wishes(staging=staging, publish=publish, publish_at=at)

        async def order(origin: Origin) -> Submitted:
            runs = self.at.services.runs
            plan = await runs.plan(self.templates[slug], values, self.at.who, wishes)
            return await runs.start(plan, self.at.who, origin)

        self._order(order, keyed)

    def _order(self, order: Callable[[Origin], Awaitable[Submitted]], keyed: bool) -> None:
        async def ordered() -> Submitted | None:
            with suppress(*REFUSALS):
                return await order(self._origin(len(self.keys) if keyed else -1))
            return None

        made = self.run(ordered())
        if made and keyed:
            self.keys.append(Key(made.job.id, order))

    @staticmethod
    def _origin(key: int, body: str = "the body") -> Origin:
        if key < 0:
            return Origin("test")
        return Origin("test", idempotency_key=f"key {key}", body_sha256=body, route="jobs")

    @rule(pick=PICK, changed=st.booleans())
    def order_with_the_same_key(self, pick: int, changed: bool) -> None:
        if not self.keys:
            return
        number = pick % len(self.keys)
        origin = self._origin(number, "another body" if changed else "the body")

        async def again() -> None:
            before = len(self.auditor.seen)
            # Planning may refuse before the key is looked at; then nothing has happened at all.
            with suppress(ProviderUnavailable):
                if changed:
                    with pytest.raises(IdempotencyMismatch):
                        await self.keys[number].order(origin)
                else:
                    made = await self.keys[number].order(origin)
                    assert (made.job.id, made.replayed) == (self.keys[number].job_id, True)
            assert len(self.auditor.seen) == before

        self.run(again())

    # -- who decides ------------------------------------------------------------------------------------
    def _job(self, pick: int, *states: str) -> str:
        """A job; one in such a state if there is one, else any."""
        ids = [i for i, job in self.auditor.seen.items() if not job.parent_id]
        wanted = [i for i in ids if self.auditor.seen[i].state in states]
        return (wanted or ids or ["job_none"])[pick % len(wanted or ids or [""])]

    async def _does(self, action: str, pick: int, more: int) -> None:
        services, workspace = self.at.services, self.at.who.workspace_id
        with suppress(Conflict, InvalidRequest, NotFound):
            if action == "cancel":
                unfinished = ("queued", "running", "awaiting_approval", "scheduled", "publishing")
                await services.jobs.cancel(workspace, self._job(pick, *unfinished))
            elif action == "cancel a step":
                steps = [i for i, job in self.auditor.seen.items() if job.parent_id]
                if steps:
                    await services.jobs.cancel(workspace, steps[pick % len(steps)])
            elif action == "approve":
                numbers = ((), (1,), (2, 1, 2), (4,), (0,), (-1,), (99,))[more % 7]
                job_id = self._job(pick, "awaiting_approval")
                await services.review.approve(workspace, job_id, numbers)
            elif action == "schedule":
                at = (None, self.clock.now() + 20 * HOUR, 1)[more % 3]
                states = ("scheduled", "running", "awaiting_approval")
                await services.review.schedule(workspace, self._job(pick, *states), at)
            elif action == "retry":
                box = ("press", "gone")[more % 2]
                job_id = self._job(pick, "completed", "published")
                await services.publishing.retry(workspace, job_id, box)

    @rule(
        action=st.sampled_from(
            ["cancel", "cancel a step", "approve", "approve", "schedule", "retry"]
        ),
        pick=PICK,
        more=PICK,
    )
    def decide(self, action: str, pick: int, more: int) -> None:
        self.run(self._does(action, pick, more))

    # -- who works --------------------------------------------------------------------------------------
    @rule(dies_at=STEPS, after=st.booleans())
    def work(self, dies_at: int, after: bool) -> None:
        self.run(self.workforce.live(dies_at, after=after))

    @rule(
        at=st.integers(1, 20),
        action=st.sampled_from(["work", "cancel", "cancel a step", "approve", "schedule", "price"]),
        pick=PICK,
        more=PICK,
        dies_at=STEPS,
        after=st.booleans(),
    )
    def work_while_something_happens(
        self, at: int, action: str, pick: int, more: int, dies_at: int, after: bool
    ) -> None:
        async def meanwhile() -> None:
            if action == "work":
                # The lease of the first worker has run out, and it does not know.
                await self.workforce.live(pick % 20)
            elif action == "price":
                await self.at.price((0.01, 0.05, 0.1)[more % 3])
            else:
                await self._does(action, pick, more)

        self.run(self.workforce.live(dies_at, after=after, meanwhile={at: meanwhile}))

    @rule(what=st.sampled_from(["time", "price", "press", "gone", "restart"]), more=PICK)
    def the_world_changes(self, what: str, more: int) -> None:
        async def restarted() -> None:
            await self.stack.aclose()
            await self._open()

        if what == "time":
            self.clock.ahead_ms += (1, 6, 24)[more % 3] * HOUR
        elif what == "price":
            self.run(self.at.price((0.0, 0.02, 0.05)[more % 3]))
        elif what == "restart":
            self.run(restarted())
        else:
            self.boxes[what].refusals = 1

    # -- what must be true ------------------------------------------------------------------------------
    @invariant()
    def everything_is_right(self) -> None:
        self.run(self.at.services.records.transact(self._audit))

    def _audit(self, tx: Tx) -> None:
        self.auditor.whole(tx, self.provider)

    async def _ends(self) -> None:
        """Everybody decides, and the work is done: then nothing is left over."""
        services, workspace = self.at.services, self.at.who.workspace_id
        left, rounds = [*self.auditor.seen.values()], 0
        while left and (rounds := rounds + 1) < 12:
            await self.workforce.live()
            left = [job for job in self.auditor.seen.values() if not job.final]
            for job in left:
                if job.state == "awaiting_approval":
                    await services.review.approve(workspace, job.id)
                elif job.state == "scheduled":
                    await services.review.schedule(workspace, job.id, 1)
        assert not left, [(job.id, job.state, job.operation) for job in left]
        await services.records.transact(self._audit)
        account = await services.credits.account(workspace)
        assert account.reserved == 0


def test_no_interleaving_breaks_a_job() -> None:
    examples, steps = (1000, 50) if LONG else (12, 30)
    run_state_machine_as_test(
        Platform,
        settings=hypothesis.settings(
            hypothesis.settings(),
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            # What a worker does between two commits is not the same twice: shrinking would take long.
            phases=(hypothesis.Phase.explicit, hypothesis.Phase.reuse, hypothesis.Phase.generate),
            suppress_health_check=(
                hypothesis.HealthCheck.too_slow,
                hypothesis.HealthCheck.filter_too_much,
            ),
        ),
    )
