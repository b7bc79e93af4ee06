"""ComfyUI: the operator's own workflows on the operator's own server.

Its models are the workflow files in COMFYUI_WORKFLOWS (`comfyui_workflow` tells how a file names what an
order may fill), with schemas made from what the server says of its nodes at this moment. Without any file it
offers one plain text-to-image graph per checkpoint of the server.

How the work is doing is asked of `/history` and `/queue`. The websocket would tell every sampling step, and
needs a line that stays open; the worker asks again anyway, so a job has a place in the queue, no percentage.
Wire: ComfyUI 0.3.64 as seen running (server.py, execution.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from flexura.domain.errors import FlexuraError, ProviderError, ProviderUnavailable
from flexura.domain.job import JobWarning
from flexura.domain.model import Model
from flexura.ports.provider import (
    Done,
    Failed,
    InputFile,
    Operation,
    Order,
    Pending,
    Provider,
)
from flexura.providers.api import Api, Part
from flexura.providers.http_vendor import HttpVendor
from flexura.providers.media import Setup
from flexura.providers.staging import Staging
from flexura.providers.vendor_json import fields, rows
from flexura.providers.vendors.comfyui_nodes import Fit
from flexura.providers.vendors.comfyui_results import explain, extension_of, outcome, warnings
from flexura.providers.vendors.comfyui_workflow import (
    Workflow,
    id_of,
    text_to_image,
    workflows_in,
)

NAME = "comfyui"
LABEL = "ComfyUI"
VARIABLES = {
    "COMFYUI_BASE_URL": "the address of a ComfyUI server, such as http://127.0.0.1:8188",
    "COMFYUI_WORKFLOWS": "the folder of workflows exported for its API (default: comfyui in FLEXURA_HOME)",
}
DOCS = "https://docs.comfy.org/development/comfyui-server/comms_routes"
PROVEN: tuple[str, ...] = ()

_SOON = 2.0
_REMEMBERED = 64
"""Entries of the history in which an order of ours is looked for on servers that name prompts themselves."""
_MOST_CHECKPOINTS = 1000


def configured(env: Mapping[str, str]) -> bool:
    """Whether an address is set."""
    return bool(_base(env))


def origins(env: Mapping[str, str]) -> list[str]:
    """The server's own address."""
    return [_base(env)] if _base(env) else []


def make(setup: Setup) -> Sequence[Provider]:
    """The one server."""
    folder = setup.env.get("COMFYUI_WORKFLOWS", "").strip()
    api = Api(LABEL, _base(setup.env), setup.guard, variable="COMFYUI_BASE_URL", explain=explain)
    workflows = Path(folder).expanduser() if folder else setup.home / NAME
    return [ComfyUI(api, Staging(setup.staging), workflows)]


def _base(env: Mapping[str, str]) -> str:
    return env.get("COMFYUI_BASE_URL", "").strip()


class ComfyUI(HttpVendor):
    """One server: it works on one prompt at a time, and is asked for an order before it is given it."""

    deduplicates = True
    concurrency = 1

    def __init__(self, api: Api, staging: Staging, folder: Path) -> None:
        super().__init__(NAME, api, staging)
        self._folder = folder

    async def models(self) -> Sequence[Model]:
        """The operator's workflows, or one text-to-image graph per checkpoint. Raises as the port says."""
        answer = await self.api.ask("GET", "/object_info")
        nodes: Any = await asyncio.to_thread(_json, answer.body)
        if not any("input" in fields(node) for node in fields(nodes).values()):
            raise ProviderUnavailable(f"{LABEL}'s list of models cannot be read.")
        offered = await asyncio.to_thread(workflows_in, self._folder)
        if not offered:
            offered = {id_of(name): text_to_image(name) for name in await self._checkpoints()}
        return [self._model(id, workflow, fields(nodes)) for id, workflow in offered.items()]

    async def submit(self, order: Order) -> Operation:
        """Queue the graph, unless the server has this order already."""
        workflow = await self._workflow(order.upstream_id)
        if workflow.problems:
            raise ProviderError(
                f"The workflow {workflow.name[:80]} cannot be used. {workflow.problems[0]}",
                next_step="Correct it in ComfyUI, and export it again with Workflow > Export (API).",
            )
        own = str(uuid.uuid5(uuid.NAMESPACE_URL, f"flexura:{order.job_id}"))
        values = dict(order.options)
        with _asked_again_soon():
            if known := await self._known(order.job_id, own):
                return {"id": known}
            for file in order.inputs:
                values[file.slot.removesuffix("[]") or file.role] = await self._upload(file)
        # Newer servers take the id of a prompt from us; older ones give their own.
        body = {"prompt": workflow.filled(values), "client_id": order.job_id, "prompt_id": own}
        taken = fields(self.api.bought(await self.api.buy("/prompt", json=body)))
        if not isinstance(taken.get("prompt_id"), str):
            raise self.api.unknown("Its answer has no prompt_id.")
        told = [[w.code, w.message] for w in warnings(taken)]
        return {"id": taken["prompt_id"], **({"warnings": told} if told else {})}

    async def poll(self, operation: Operation, order: Order) -> Pending | Done | Failed:
        """From the history, else from the queue."""
        id = str(operation["id"])
        if ended := await self._ended(id):
            return self._end(ended, operation, order)
        place = _place(await self._queue(), id)
        if place is None:
            # It may have left the queue between the two questions.
            if ended := await self._ended(id):
                return self._end(ended, operation, order)
            return Failed(
                "result_expired",
                f"{LABEL} no longer knows this work: its queue was cleared or it was started anew.",
                "Order it again.",
                retryable=True,
            )
        if place == 0:
            return Pending(1.0, 0.0, f"{LABEL} is working")
        return Pending(min(1.0 + place, 5.0), 0.0, f"{place} before it in the queue of {LABEL}")

    async def cancel(self, operation: Operation, order: Order) -> None:
        """Take it out of the queue, or interrupt it where it is the one that runs."""
        id = str(operation["id"])
        # Work that is over, or a server that is away, needs no stopping.
        with contextlib.suppress(FlexuraError):
            await self.api.ask("POST", "/queue", json={"delete": [id]})
            if _place(await self._queue(), id) == 0:
                await self.api.ask("POST", "/interrupt", json={"prompt_id": id})

    def _model(self, id: str, workflow: Workflow, nodes: Mapping[str, Any]) -> Model:
        fit = Fit(workflow, nodes)
        about = f"A workflow of the operator's own {LABEL} server."
        if fit.problems:
            about = f"It cannot run as it stands. {' '.join(fit.problems[:6])} {about}"
        return self.entry(
            id,
            name=workflow.name.replace("_", " "),
            description=about,
            kinds=fit.kinds,
            tasks=fit.tasks,
            input_schema=fit.schema,
            schema_source="live",
            status="limited" if fit.problems else "active",
        )

    async def _workflow(self, id: str) -> Workflow:
        offered = await asyncio.to_thread(workflows_in, self._folder)
        if id in offered:
            return offered[id]
        name = next((name for name in await self._checkpoints() if id_of(name) == id), None)
        if name is None:
            raise ProviderError(
                f"{LABEL} has no workflow file and no checkpoint {id[:100]!r} any more.",
                next_step="Look in model_catalog for what is live now.",
            )
        return text_to_image(name)

    async def _checkpoints(self) -> list[str]:
        try:
            told = rows(await self.api.get("/models/checkpoints"))
        except ProviderError:
            return []  # a server that is too old to tell
        return [name for name in told if isinstance(name, str) and name][:_MOST_CHECKPOINTS]

    async def _upload(self, file: InputFile) -> str:
        data = await asyncio.to_thread(file.path.read_bytes)
        # Named by its content, so that the same picture lies there once.
        name = f"flexura-{file.sha256[:24]}.{extension_of(file.mime)}"
        parts: list[Part] = [
            ("image", name, file.mime, data),
            ("type", "", "", b"input"),
            ("overwrite", "", "", b"true"),
        ]
        answer = await self.api.ask("POST", "/upload/image", form=parts)
        stored = fields(_json(answer.body))
        if not isinstance(stored.get("name"), str):
            raise ProviderUnavailable(f"{LABEL} does not say where it put the input.")
        folder = str(stored.get("subfolder") or "")
        return f"{folder}/{stored['name']}" if folder else stored["name"]

    async def _known(self, client: str, own: str) -> str:
        """The id of an order that was queued before. The queue first: work moves from it to the history."""
        queue = await self._queue()
        for entry in (*queue["queue_running"], *queue["queue_pending"]):
            if entry[1] == own or fields(entry[3]).get("client_id") == client:
                return str(entry[1])
        if await self._ended(own):
            return own
        recent = fields(await self.api.get("/history", {"max_items": _REMEMBERED}))
        for id, told in recent.items():
            prompt = rows(fields(told).get("prompt"))
            if len(prompt) > 3 and fields(prompt[3]).get("client_id") == client:
                return id
        return ""

    async def _queue(self) -> dict[str, list[list[Any]]]:
        told: Any = await self.api.get("/queue")
        if not isinstance(told, dict):
            raise ProviderUnavailable(f"{LABEL}'s queue cannot be read.")
        return {
            part: [e for e in map(rows, rows(fields(told).get(part))) if len(e) > 3]
            for part in ("queue_running", "queue_pending")
        }

    async def _ended(self, id: str) -> dict[str, Any]:
        """What the history has of a prompt; empty while it is not done."""
        told: Any = await self.api.get(f"/history/{id}")
        if not isinstance(told, dict):
            raise ProviderUnavailable(f"{LABEL}'s history cannot be read.")
        return fields(fields(told).get(id))

    def _end(self, ended: Mapping[str, Any], operation: Operation, order: Order) -> Done | Failed:
        found = outcome(ended, order.kind, lambda place: self.api.url("/view", place))
        if isinstance(found, Failed):
            return found
        return replace(found, warnings=tuple(JobWarning(*w) for w in operation.get("warnings", [])))


@contextlib.contextmanager
def _asked_again_soon() -> Generator[None]:
    """Nothing is queued yet, and the server is the operator's own: no reason to wait longer and longer."""
    try:
        yield
    except ProviderUnavailable as away:
        raise ProviderUnavailable(away.message, retry_after=_SOON) from away


def _place(queue: Mapping[str, list[list[Any]]], id: str) -> int | None:
    """0 for the one that runs, else how many come before it; None where it is not there."""
    if any(entry[1] == id for entry in queue["queue_running"]):
        return 0
    waiting = sorted(queue["queue_pending"], key=_number)  # ComfyUI shows its heap as it lies
    found = next((at for at, entry in enumerate(waiting) if entry[1] == id), None)
    return None if found is None else max(1, found + len(queue["queue_running"]))


def _number(entry: list[Any]) -> float:
    return float(entry[0]) if isinstance(entry[0], int | float) else 0.0


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as junk:
        raise ProviderUnavailable(f"{LABEL} answered with something that is not JSON.") from junk
