"""A gateway for runs of templates: a provider of all media that counts, and a place to publish to."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from doubles import FakeProvider, model
from flexura.domain.job import Caller, Job
from flexura.domain.model import Price
from flexura.domain.template import Template
from flexura.gateway.services import Services
from flexura.ports.provider import Done, Failed, Operation, Order, Output, Pending
from flexura.runtime import Bind, open_services
from flexura.services.runs.progress import steps_of
from flexura.services.runs.start import Wishes
from flexura.services.transitions import Origin
from flexura.settings import Settings

MEDIA = Path(__file__).parent / "fixtures" / "media"
_FILES = {"image": "tiny.png", "video": "tiny.mp4", "audio": "tiny.wav"}
_OPEN: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": True}

FILM = {
    "slug": "film",
    "name": "Film",
    "inputs": [{"id": "subject", "type": "TEXT"}],
    "steps": [
        {"id": "draw", "uses": "image", "prompt": "{{inputs.subject}}"},
        {"id": "move", "uses": "video", "prompt": "pan", "inputs": ["{{steps.draw.outputs}}"]},
        {"id": "sound", "uses": "audio", "prompt": "wind", "inputs": ["{{steps.move.outputs}}"]},
    ],
}
VARIANTS = {
    "slug": "variants",
    "name": "Variants",
    "inputs": [{"id": "subject", "type": "TEXT"}],
    "steps": [
        {"id": "draw", "uses": "image", "prompt": "{{inputs.subject}}", "n": 4},
        {"id": "pick", "uses": "approve", "inputs": ["{{steps.draw.outputs}}"]},
        {
            "id": "polish",
            "uses": "transform",
            "kind": "image",
            "prompt": "sharpen",
            "inputs": ["{{steps.pick.outputs.0}}"],
        },
        {"id": "send", "uses": "publish", "inputs": ["{{steps.polish.outputs}}"]},
    ],
}
BATCH = {
    "slug": "batch",
    "name": "Batch",
    "inputs": [{"id": "items", "type": "TEXT", "many": True}],
    "steps": [{"id": "draw", "uses": "image", "prompt": "{{item}}", "each": "{{inputs.items}}"}],
}
SIDE_BY_SIDE = {
    "slug": "side-by-side",
    "name": "Side by side",
    "inputs": [{"id": "subject", "type": "TEXT"}],
    "steps": [
        {"id": "wide", "uses": "image", "prompt": "{{inputs.subject}}, wide"},
        {"id": "tall", "uses": "image", "prompt": "{{inputs.subject}}, tall"},
    ],
    "outputs": ["wide", "tall"],
}


class Atelier(FakeProvider):
    """Makes pictures, films and sounds, each for 0.02 USD, and remembers every order."""

    def __init__(self, folder: Path, *, deduplicates: bool = False) -> None:
        super().__init__(folder, deduplicates=deduplicates)
        self.concurrency = 8
        self.orders: list[Order] = []
        self._files = itertools.count()
        tasks = {
            "image": ("text-to-image", "image-to-image"),
            "video": ("text-to-video", "image-to-video", "video-to-video"),
            "audio": ("text-to-music", "text-to-sound", "text-to-speech", "video-to-audio"),
        }
        self.offered = [
            model(
                {"image": "one", "video": "film", "audio": "score"}[kind],
                kinds=(kind,),
                tasks=tasks[kind],
                takes_inputs=True,
                input_schema=_OPEN,
                price=Price(unit=kind, amount=0.02, source="test"),
            )
            for kind in tasks
        ]

    async def submit(self, order: Order) -> Operation:
        self.orders.append(order)
        return await super().submit(order)

    async def poll(self, operation: Operation, order: Order) -> Pending | Done | Failed:
        found = await super().poll(operation, order)
        if not isinstance(found, Done):
            return found
        outputs: list[Output] = []
        for index in range(order.n):
            name = _FILES[order.kind]
            # A file for each answer: whoever took it away before, somebody else may ask again.
            made = f"{order.job_id}-{index}-{next(self._files)}{Path(name).suffix}"
            path = self._folder / made
            # Bytes of its own for each file, behind what ends it.
            path.write_bytes((MEDIA / name).read_bytes())
            outputs.append(Output(f"{order.kind}/*", path))
        return Done(tuple(outputs))

    def bought(self) -> dict[str, int]:
        """How many different jobs were bought, by their prompt."""
        jobs = {order.job_id: order.prompt for order in self.orders}
        return {prompt: list(jobs.values()).count(prompt) for prompt in jobs.values()}


@dataclass
class Desk:
    """The services of a gateway, and who asks."""

    services: Services
    who: Caller
    provider: Atelier
    press: Path

    async def saved(self, document: Mapping[str, Any]) -> Template:
        """A template of the workspace."""
        return await self.services.templates.save(self.who.workspace_id, document)

    async def started(
        self, document: Mapping[str, Any], wishes: Wishes | None = None, **values: Any
    ) -> Job:
        """A run that is accepted."""
        template = await self.saved(document)
        given = values or {"subject": "a fox"}
        plan = await self.services.runs.plan(template, given, self.who, wishes or Wishes())
        return (await self.services.runs.start(plan, self.who, Origin("test"))).job

    async def rested(self, job: Job) -> Job:
        """The job when it ended or waits for somebody."""
        found = await self.services.jobs.wait(self.who.workspace_id, job.id, 30)
        return found

    async def ran(
        self, document: Mapping[str, Any], wishes: Wishes | None = None, **values: Any
    ) -> Job:
        """A run that ended or waits for somebody."""
        return await self.rested(await self.started(document, wishes, **values))

    async def files(self, job: Job, role: str = "main") -> list[str]:
        """The media types of a job's files, in order."""
        made = await self.services.records.artifacts_of([job.id])
        return [a.mime for a in made.get(job.id, []) if a.role == role]

    async def price(self, amount: float) -> None:
        """Every model costs that much from now on."""
        dear = Price(unit="run", amount=amount, source="test")
        offered = self.provider.offered
        self.provider.offered = [m.model_copy(update={"price": dear}) for m in offered]
        await self.services.catalog.refresh(force=True)

    def statuses(self, job: Job) -> dict[str, str]:
        """How each step stands."""
        return {step["id"]: step["status"] for step in steps_of(job)}


def with_press(home: Path, **settings: Any) -> Settings:
    """Settings with a folder to publish into, and one that does not work."""
    press = home / "press"
    press.mkdir(exist_ok=True)
    (home / "no-folder").write_text("a file where a folder should be")
    destinations = {
        "press": {"type": "folder", "path": str(press)},
        "gone": {"type": "folder", "path": str(home / "no-folder")},
    }
    made = Settings(home=home, environment={}, prefer=("fake",), destinations=destinations)
    return replace(made, **settings)


async def _at_once(seconds: float) -> None:
    return None


@asynccontextmanager
async def desk(
    home: Path, provider: Atelier | None = None, *, works: bool = True, **settings: Any
) -> AsyncIterator[Desk]:
    """The services of a gateway in that home; without `works` nothing runs by itself."""
    provider = provider or Atelier(home)
    async with open_services(
        with_press(home, **settings), Bind(works=works), [provider]
    ) as services:
        keys = await services.records.workspaces()
        if not keys:
            await services.keys.first_start()
            keys = await services.records.workspaces()
        # A destination that fails is tried again at once.
        services.publishing.rest = _at_once
        yield Desk(services, Caller(keys[0].id), provider, home / "press")
