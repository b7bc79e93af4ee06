"""The embedded provider: procedural pictures, motion and sound, offline, in a render child process.

It works in tasks of one file each. Its results depend on (prompt, options, seed) alone, so an order that
a crash interrupted is simply made again: nothing is bought twice because nothing is bought.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from flexura.domain.errors import ProviderError
from flexura.domain.generation import MAX_OUTPUTS
from flexura.domain.job import JobWarning
from flexura.domain.model import Kind, Model, Price
from flexura.ports.provider import Done, Failed, Operation, Order, Output, Pending
from flexura.providers.http_vendor import now
from flexura.providers.render_pool import RenderCrashed, RenderPool
from flexura.render import registry

NAME = "embedded"
_ASK_AGAIN = 5.0
_FREE = Price(unit="file", amount=0.0, source="made on this machine")


@dataclass
class _Run:
    """The order that is being drawn, and how far it is."""

    changed: asyncio.Event = field(default_factory=asyncio.Event)
    progress: float = 0.0
    note: str = ""
    outcome: Done | Failed | None = None
    task: asyncio.Task[None] | None = None


class Embedded:
    """The port `Provider` on the render pool."""

    name = NAME
    deduplicates = True

    def __init__(
        self, scratch: Path, pool: RenderPool | None = None, *, marked: bool = True
    ) -> None:
        """`marked`: whether the files say what they were made from."""
        self._scratch = scratch
        self._marked = marked
        self._pool = pool or RenderPool()
        self._runs: dict[str, _Run] = {}
        self._handed: set[Path] = set()
        """Folders whose files were handed over, and may not be taken away yet."""
        self.concurrency = self._pool.size

    async def models(self) -> Sequence[Model]:
        fetched_at = now()
        return [
            Model(
                id=f"{NAME}:{entry['id']}",
                provider=NAME,
                upstream_id=entry["id"],
                name=entry["name"],
                description=entry["description"],
                kinds=cast("tuple[Kind, ...]", tuple(entry["kinds"])),
                tasks=tuple(entry["tasks"]),
                input_schema=entry["input_schema"],
                schema_source="built in",
                price=_FREE,
                fetched_at=fetched_at,
                max_n=MAX_OUTPUTS,
                takes_inputs=any(not task.startswith("text-") for task in entry["tasks"]),
            )
            for entry in registry.models()
        ]

    async def model(self, upstream_id: str, listed: Model | None) -> Model | None:
        return listed

    async def submit(self, order: Order) -> Operation:
        await asyncio.to_thread(self._tidy)
        self._run_of(order)
        return {"tasks": order.n}

    async def poll(self, operation: Operation, order: Order) -> Pending | Done | Failed:
        run = self._run_of(order)
        if run.outcome is not None:
            del self._runs[order.job_id]
            self._handed.add(self._scratch / order.job_id)
            return run.outcome
        run.changed.clear()
        return Pending(_ASK_AGAIN, run.progress, run.note, run.changed)

    async def cancel(self, operation: Operation, order: Order) -> None:
        run = self._runs.pop(order.job_id, None)
        if run and run.task:
            run.task.cancel()
            await asyncio.gather(run.task, return_exceptions=True)
        await asyncio.to_thread(shutil.rmtree, self._scratch / order.job_id, True)

    async def download(self, url: str, to: Path, max_bytes: int) -> None:
        raise ProviderError("The embedded provider leaves its files on the disk.")

    async def aclose(self) -> None:
        tasks = [run.task for run in self._runs.values() if run.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._pool.aclose()

    def _tidy(self) -> None:
        """Remove the folders whose files have been taken; one that still holds something stays."""
        for folder in tuple(self._handed):
            if folder.name in self._runs:
                continue
            with contextlib.suppress(OSError):
                with contextlib.suppress(FileNotFoundError):
                    folder.rmdir()
                self._handed.discard(folder)

    def _run_of(self, order: Order) -> _Run:
        run = self._runs.get(order.job_id)
        if run is None:
            run = self._runs[order.job_id] = _Run()
            run.task = asyncio.create_task(self._draw(order, run))
        return run

    async def _draw(self, order: Order, run: _Run) -> None:
        folder = self._scratch / order.job_id
        self._handed.discard(folder)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        answers: list[dict[str, Any]] = []
        try:
            for index in range(order.n):

                def note(value: float, text: str, index: int = index) -> None:
                    run.progress, run.note = (index + value) / order.n, text
                    run.changed.set()

                answers.append(await self._pool.run(self._task(order, index, folder), note))
            run.outcome = _outcome(answers)
        except RenderCrashed as error:
            run.outcome = Failed(
                "provider_error",
                f"The drawing process stopped in the middle ({error}).",
                "Try again, with a smaller size if the machine is short of memory.",
                retryable=True,
            )
        finally:
            run.changed.set()

    def _task(self, order: Order, index: int, folder: Path) -> dict[str, Any]:
        return {
            "id": f"{order.job_id}/{index}",
            "model": order.upstream_id,
            "prompt": order.prompt,
            "options": dict(order.options),
            "seed": order.seed + index,
            "marked": self._marked,
            "inputs": [
                {
                    "path": str(i.path),
                    "mime": i.mime,
                    # Frames and references are pictures like any other here; a mask is not.
                    "role": i.role if i.role == "mask" else i.mime.partition("/")[0],
                    "sha256": i.sha256,
                }
                for i in order.inputs
            ],
            "out": str(folder / str(index)),
        }


def _outcome(answers: list[dict[str, Any]]) -> Done | Failed:
    outputs: list[Output] = []
    warnings: dict[tuple[str, str], JobWarning] = {}
    failed = [a for a in answers if a["event"] == "failed"]
    if len(failed) == len(answers):
        first = failed[0]
        return Failed(first["code"], first["message"], first.get("next_step", ""))
    for answer in failed:
        warnings["output_failed", answer["message"]] = JobWarning(
            "output_failed", answer["message"]
        )
    for answer in (a for a in answers if a["event"] == "done"):
        for told in answer["warnings"]:
            key = (told["code"], told["message"])
            warnings[key] = JobWarning(*key)
        outputs += [_output(f) for f in answer["files"]]
    mains = [o for o in outputs if o.role == "main"]
    return Done((*mains, *(o for o in outputs if o.role != "main")), tuple(warnings.values()))


def _output(file: dict[str, Any]) -> Output:
    return Output(
        mime=file["mime"],
        path=Path(file["path"]),
        role=file["role"],
        width=file.get("width"),
        height=file.get("height"),
        seconds=file.get("seconds"),
    )
