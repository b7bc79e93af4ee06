"""AUTOMATIC1111's web UI, Forge and SD.Next: the operator's own server, which answers with finished pictures.

It answers when the pictures are done, which takes seconds to minutes. `submit` waits only long enough to
hear a refusal; then the request goes on in this process, `poll` tells its progress, `cancel` interrupts it.
Nothing is bought here: an order that was lost with this process is simply made again.
Wire: modules/api/api.py and modules/api/models.py of github.com/AUTOMATIC1111/stable-diffusion-webui.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from flexura.domain.errors import FlexuraError, OutcomeUnknown, ProviderError, ProviderUnavailable
from flexura.domain.model import Model
from flexura.domain.picture_size import picture_size
from flexura.outbound.answer import Answer
from flexura.ports.provider import Done, Failed, InputFile, Operation, Order, Pending, Provider
from flexura.providers.api import Api
from flexura.providers.http_vendor import HttpVendor
from flexura.providers.media import Setup
from flexura.providers.staging import Staging, from_base64
from flexura.providers.vendor_errors import tidy
from flexura.providers.vendor_json import fields, rows

NAME = "automatic1111"
LABEL = "AUTOMATIC1111"
VARIABLES = {
    "AUTOMATIC1111_BASE_URL": "the address of a Stable Diffusion web UI (or Forge, SD.Next) run with --api",
    "AUTOMATIC1111_AUTH": "user:password of its --api-auth, where it has one",
}
DOCS = "https://github.com/AUTOMATIC1111/stable-diffusion-webui/wiki/API"
PROVEN: tuple[str, ...] = ()

_WORK_SECONDS = 3600.0
_FIRST_LOOK = 2.0
"""Seconds in which a refusal is there, and which a quick picture needs."""
_ONLY_WITH_IMAGE = ("denoising_strength", "mask_blur", "inpainting_fill", "inpaint_full_res")
_SCHEMA: dict[str, Any] = {
    "prompt": {"type": "string"},
    "negative_prompt": {"type": "string", "default": ""},
    "width": {"type": "integer", "minimum": 64, "maximum": 2048, "multipleOf": 8},
    "height": {"type": "integer", "minimum": 64, "maximum": 2048, "multipleOf": 8},
    "n": {
        "type": "integer", "minimum": 1, "maximum": 8, "default": 1,
        "description": "How many, drawn one after another (n_iter).",
    },
    "seed": {"type": "integer", "minimum": -1, "maximum": 2**32 - 1},
    "steps": {"type": "integer", "minimum": 1, "maximum": 150, "default": 20},
    "cfg_scale": {"type": "number", "minimum": 1, "maximum": 30, "default": 7},
    "sampler_name": {"type": "string"},
    "scheduler": {"type": "string"},
    "restore_faces": {"type": "boolean", "default": False},
    "tiling": {"type": "boolean", "default": False},
    "init_images": {
        "type": "array", "items": {"type": "string"}, "maxItems": 1,
        "description": "The picture to start from.",
    },
    "mask": {"type": "string", "description": "White is painted anew, black is kept; needs init_images."},
    "denoising_strength": {
        "type": "number", "minimum": 0, "maximum": 1, "default": 0.75,
        "description": "How far it may go from the input picture.",
    },
    "mask_blur": {"type": "integer", "minimum": 0, "maximum": 64, "default": 4},
    "inpainting_fill": {
        "type": "integer", "enum": [0, 1, 2, 3], "default": 1,
        "description": "Below the mask at first: 0 blurred, 1 original, 2 noise, 3 nothing.",
    },
    "inpaint_full_res": {"type": "boolean", "default": False, "description": "Zoom in on the masked part."},
}  # fmt: skip


def configured(env: Mapping[str, str]) -> bool:
    """Whether an address is set."""
    return bool(_base(env))


def origins(env: Mapping[str, str]) -> list[str]:
    """The server's own address."""
    return [_base(env)] if _base(env) else []


def make(setup: Setup) -> Sequence[Provider]:
    """The one server."""
    auth = setup.env.get("AUTOMATIC1111_AUTH", "").strip()
    access = {"authorization": f"Basic {base64.b64encode(auth.encode()).decode()}"} if auth else {}
    api = Api(LABEL, _base(setup.env), setup.guard, access, "AUTOMATIC1111_AUTH", explain=_explain)
    return [Automatic1111(NAME, api, Staging(setup.staging))]


def _base(env: Mapping[str, str]) -> str:
    return env.get("AUTOMATIC1111_BASE_URL", "").strip()


class Automatic1111(HttpVendor):
    """One server, which draws one order at a time."""

    deduplicates = True
    concurrency = 1

    def __init__(self, name: str, api: Api, staging: Staging) -> None:
        super().__init__(name, api, staging)
        self._runs: dict[str, asyncio.Task[Operation]] = {}

    async def models(self) -> Sequence[Model]:
        """Its checkpoints; samplers and schedulers are choices of each. Raises as the port says."""
        checkpoints = await self._checkpoints()
        properties = dict(_SCHEMA)
        for name, path in (("sampler_name", "samplers"), ("scheduler", "schedulers")):
            if choices := await self._names(path):
                properties[name] = {"enum": choices}
            else:
                properties.pop(name)
        schema = {
            "type": "object", "properties": properties, "required": ["prompt"], "additionalProperties": False,
        }  # fmt: skip
        return [
            self.entry(
                upstream_id,
                name=title,
                description="A checkpoint on the operator's own Stable Diffusion server.",
                kinds=("image",),
                tasks=("text-to-image", "image-to-image"),
                input_schema=schema,
                schema_source="endpoint",
            )
            for upstream_id, title in checkpoints.items()
        ]

    async def submit(self, order: Order) -> Operation:
        """Ask for the pictures; the handle names them where they come at once."""
        run = self._run_of(order)
        await asyncio.wait({run}, timeout=_FIRST_LOOK)
        return self._taken(order) if run.done() else {"running": True}

    async def poll(self, operation: Operation, order: Order) -> Pending | Done | Failed:
        """What is kept, or how far the request under way is."""
        if "files" in operation:
            return await self.staging.outputs(operation, LABEL)
        run = self._run_of(order)
        if not run.done():
            return Pending(1.0, await self._progress(), f"{LABEL} is drawing", _end_of(run))
        try:
            return await self.staging.outputs(self._taken(order), LABEL)
        except OutcomeUnknown as lost:
            return Failed(
                "provider_error",
                lost.message,
                "Order it again; nothing was charged.",
                retryable=True,
            )

    async def cancel(self, operation: Operation, order: Order) -> None:
        """Interrupt the server, if it is still at this order."""
        run = self._runs.pop(order.job_id, None)
        if run is None or run.done():
            return
        # Not after the request is cut off: the server would already be at somebody else's.
        with contextlib.suppress(FlexuraError):
            await self.api.ask("POST", "/sdapi/v1/interrupt")
        await _stopped([run])

    async def aclose(self) -> None:
        """Let go of what is under way, and close every connection."""
        await _stopped(self._runs.values())
        await super().aclose()

    def _run_of(self, order: Order) -> asyncio.Task[Operation]:
        run = self._runs.get(order.job_id)
        if run is None:
            run = self._runs[order.job_id] = asyncio.create_task(self._draw(order))
        return run

    def _taken(self, order: Order) -> Operation:
        """The end of a run, forgotten here. Raises what the run raised."""
        return self._runs.pop(order.job_id).result()

    async def _draw(self, order: Order) -> Operation:
        title = (await self._checkpoints()).get(order.upstream_id)
        if title is None:
            raise ProviderError(
                f"{LABEL} has no checkpoint {order.upstream_id[:100]!r} any more.",
                next_step="Look in model_catalog for what is live now.",
            )
        payload = await _payload(order)
        # Left loaded: putting the former checkpoint back would load two for every order.
        payload |= {
            "override_settings": {"sd_model_checkpoint": title},
            "override_settings_restore_afterwards": False,
        }
        path = f"/sdapi/v1/{'img2img' if 'init_images' in payload else 'txt2img'}"
        answer = await self.api.buy(path, json=payload, seconds=_WORK_SECONDS)
        pictures = await asyncio.to_thread(self._pictures, answer, int(payload["n_iter"]))
        return await self.staging.keep(
            order.job_id, [(picture, "image/png") for picture in pictures]
        )

    def _pictures(self, answer: Answer, most: int) -> list[bytes]:
        """The pictures alone: a contact sheet may stand before them, control maps behind."""
        body = fields(self.api.bought(answer))
        found: Any = body.get("images")
        if not isinstance(found, list) or not found:
            raise self.api.unknown("Its answer has no pictures.")
        told: Any = body.get("info")
        with contextlib.suppress(ValueError, RecursionError):
            told = json.loads(told) if isinstance(told, str) else told
        first: Any = fields(told).get("index_of_first_image")
        images = cast("list[Any]", found)
        start = first if isinstance(first, int) and 0 <= first < len(images) else 0
        return [from_base64(image, LABEL) for image in images[start : start + most]]

    async def _checkpoints(self) -> dict[str, str]:
        """Model ids, which have no blanks, and the titles by which the server knows its checkpoints."""
        listed: Any = await self.api.get("/sdapi/v1/sd-models")
        if not isinstance(listed, list):
            raise ProviderUnavailable(f"{LABEL}'s list of models cannot be read.")
        found: dict[str, str] = {}
        for entry in map(fields, cast("list[Any]", listed)):
            title, name = entry.get("title"), entry.get("model_name")
            if not isinstance(title, str) or not title:
                continue
            short = "_".join((name if isinstance(name, str) and name else title).split())
            # Two folders may hold files of one name.
            found["_".join(title.split()) if short in found else short] = title
        return found

    async def _names(self, path: str) -> list[str]:
        """A list of choices; empty where a server does not tell them."""
        try:
            listed: Any = await self.api.get(f"/sdapi/v1/{path}")
        except (ProviderError, ProviderUnavailable):
            return []
        entries = map(fields, rows(listed))
        return [name for entry in entries if isinstance(name := entry.get("name"), str) and name]

    async def _progress(self) -> float | None:
        try:
            told = fields(await self.api.get("/sdapi/v1/progress", {"skip_current_image": "true"}))
        except FlexuraError:
            return None
        value: Any = told.get("progress")
        return min(max(float(value), 0.0), 1.0) if isinstance(value, int | float) else None


async def _payload(order: Order) -> dict[str, Any]:
    """The vendor's request: img2img where the order has a picture to start from."""
    payload: dict[str, Any] = {"n_iter": 1, **order.options}
    payload["n_iter"] = payload.pop("n", 1)
    for file in order.inputs:
        data = await asyncio.to_thread(file.path.read_bytes)
        encoded = base64.b64encode(data).decode()
        if _is_mask(file):
            payload["mask"] = encoded
        elif "init_images" not in payload:
            payload["init_images"] = [encoded]
            own = await asyncio.to_thread(picture_size, file.path, file.mime)
            if own and not {"width", "height"} & payload.keys():
                payload["width"], payload["height"] = workable(own)
    if "init_images" in payload:
        # Where the caller wants another shape, the picture is cut to it and not squeezed.
        return {"resize_mode": 1, **payload}
    if "mask" in payload:
        raise ProviderError(
            f"{LABEL} needs the picture that the mask belongs to.",
            next_step="Give the picture as an input too, before its mask.",
        )
    return {name: value for name, value in payload.items() if name not in _ONLY_WITH_IMAGE}


def _is_mask(file: InputFile) -> bool:
    return file.slot == "mask" or file.role == "mask"


def _end_of(run: asyncio.Task[Operation]) -> asyncio.Event:
    ended = asyncio.Event()
    run.add_done_callback(lambda _: ended.set())
    return ended


async def _stopped(runs: Any) -> None:
    tasks = list(runs)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _explain(answer: Answer) -> FlexuraError | None:
    """An order that failed in the making: `{"error": class, "detail", "errors": words}`."""
    if answer.status != 500 or not answer.url.endswith(("/txt2img", "/img2img")):
        return None
    try:
        told = fields(answer.json())
    except ProviderError:
        return None
    words = tidy(
        " ".join(str(told[name]) for name in ("error", "detail", "errors") if told.get(name))
    )
    if not words:
        return None
    short = "outofmemory" in words.lower().replace(" ", "")
    return ProviderError(
        f"{LABEL} could not make it: {words}.",
        next_step=(
            "Ask for a smaller size, or free memory on that server."
            if short
            else "Change the options; the server's own log has the details."
        ),
        upstream_status=answer.status,
    )


def workable(
    size: tuple[int, int], most_pixels: int = 1024 * 1024, step: int = 8
) -> tuple[int, int]:
    """The size in whole steps, and smaller in proportion where a model cannot work on so many pixels."""
    scale = min(1.0, (most_pixels / (size[0] * size[1])) ** 0.5)
    width, height = (max(step, int(side * scale) // step * step) for side in size)
    return width, height
