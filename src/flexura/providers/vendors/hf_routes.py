"""How each inference provider behind Hugging Face's router is asked, and what its first answer looks like.

Source: huggingface_hub 2.4.0, `inference/_providers` (fal_ai, replicate, together, nscale, hf_inference,
wavespeed).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from flexura.providers import vendor_json

TASKS = ("text-to-image", "image-to-image", "text-to-video", "image-to-video", "text-to-speech")
ABLE: Mapping[str, frozenset[str]] = {
    "fal-ai": frozenset(TASKS),
    "hf-inference": frozenset({"text-to-image", "image-to-image", "text-to-speech"}),
    "nscale": frozenset({"text-to-image"}),
    "replicate": frozenset(TASKS) - {"image-to-video"},
    "together": frozenset(TASKS),
    "wavespeed": frozenset(TASKS) - {"text-to-speech"},
}
"""What each of them is asked for here."""
_HUB_FILES = "https://huggingface.co"
_SAFE_ID = re.compile(r"[\w.-]+(?:/[\w.-]+)*(?::[\w.-]+)?")

Reply = Literal["bytes", "base64", "fal", "replicate", "together", "wavespeed"]


@dataclass(frozen=True)
class Route:
    """One live way to one model: whose, under which id, for which task, with whose LoRA weights."""

    provider: str
    id: str
    task: str
    model: str
    weights: str = ""


@dataclass(frozen=True)
class Call:
    """A request to the router, and how its answer is read."""

    path: str
    json: dict[str, Any]
    reply: Reply
    headers: dict[str, str] = field(default_factory=dict[str, str])


def routes(model: str, mapping: Any) -> list[Route]:
    """The live routes of a model that can be asked here, in the hub's order; junk is left out.

    `mapping` is the hub's `inferenceProviderMapping`: a list, or an object by provider in older answers.
    """
    rows: list[Any] = vendor_json.rows(mapping)
    if isinstance(mapping, dict):
        named = cast("dict[str, Any]", mapping).items()
        rows = [
            {"provider": n, **cast("dict[str, Any]", r)} for n, r in named if isinstance(r, dict)
        ]
    found = (_route(model, row) for row in rows)
    return [route for route in found if route is not None]


def _route(model: str, row: Any) -> Route | None:
    told = vendor_json.fields(row)
    provider, task = told.get("provider"), told.get("task")
    theirs, weights = told.get("providerId"), told.get("adapterWeightsPath") or ""
    if told.get("status") != "live" or not isinstance(theirs, str) or ".." in theirs:
        return None
    if not isinstance(provider, str) or task not in ABLE.get(provider, ()):
        return None
    # The bare `lora` endpoint also wants the name of a base model, which the hub does not tell.
    if not _SAFE_ID.fullmatch(theirs) or (weights and theirs.endswith("/lora")):
        return None
    return Route(provider, theirs, str(task), model, str(weights))


def call(route: Route, values: Mapping[str, Any], image: str = "") -> Call:
    """The order for one route. `image` is a data URI, for the tasks that start from one."""
    return _CALLS[route.provider](route, dict(values), image)


def _fal(route: Route, values: dict[str, Any], image: str) -> Call:
    if "width" in values and "height" in values:
        values["image_size"] = {"width": values.pop("width"), "height": values.pop("height")}
    if image:
        values["image_url"] = image
    if route.task == "image-to-image":
        values["image_urls"] = [image]
    if route.weights:
        path = f"{_HUB_FILES}/{route.model}/resolve/main/{route.weights}"
        values["loras"] = [{"path": path, "scale": 1}]
    return Call(f"/fal-ai/{route.id}?_subdomain=queue", values, "fal")


def _replicate(route: Route, values: dict[str, Any], image: str) -> Call:
    if image:
        # The name differs by model; the ones that a model does not know are ignored.
        values |= {"image": image, "images": [image], "input_image": image, "input_images": [image]}
    if route.weights:
        values["lora_weights"] = f"{_HUB_FILES}/{route.model}"
    name, _, version = route.id.partition(":")
    path = "/v1/predictions" if version else f"/v1/models/{name}/predictions"
    body: dict[str, Any] = {"input": values} | ({"version": version} if version else {})
    return Call(f"/replicate{path}", body, "replicate", {"prefer": "wait"})


def _together(route: Route, values: dict[str, Any], image: str) -> Call:
    values["model"] = route.id
    if "num_inference_steps" in values:
        values["steps"] = values.pop("num_inference_steps")
    if route.task == "text-to-speech":
        values["input"] = values.pop("text", "")
        return Call("/together/v1/audio/speech", values, "bytes", {"accept": "*/*"})
    if route.task.endswith("-to-video"):
        if image:
            values["frame_images"] = [{"input_image": image, "frame": "first"}]
        return Call("/together/v2/videos", values, "together")
    if image and "kontext" in route.id.lower():
        values["image_url"] = image
    elif image:
        values["reference_images"] = [image]
    values["response_format"] = "base64"
    return Call("/together/v1/images/generations", values, "base64")


def _nscale(route: Route, values: dict[str, Any], image: str) -> Call:
    if "width" in values and "height" in values:
        values["size"] = f"{values.pop('width')}x{values.pop('height')}"
    values.pop("num_inference_steps", None)
    body = {"response_format": "b64_json", "model": route.id, **values}
    return Call("/nscale/v1/images/generations", body, "base64")


def _hf_inference(route: Route, values: dict[str, Any], image: str) -> Call:
    inputs = image.partition(",")[2]
    if not image:
        inputs = values.pop("text" if route.task == "text-to-speech" else "prompt", "")
    body = {"inputs": inputs} | ({"parameters": values} if values else {})
    accept = "*/*" if route.task == "text-to-speech" else "image/png"
    return Call(f"/hf-inference/models/{route.id}", body, "bytes", {"accept": accept})


def _wavespeed(route: Route, values: dict[str, Any], image: str) -> Call:
    if image:
        values["image"] = image
    return Call(f"/wavespeed/api/v3/{route.id}", values, "wavespeed")


_CALLS: Mapping[str, Callable[[Route, dict[str, Any], str], Call]] = {
    "fal-ai": _fal,
    "replicate": _replicate,
    "together": _together,
    "nscale": _nscale,
    "hf-inference": _hf_inference,
    "wavespeed": _wavespeed,
}

_TEXT = {"type": "string", "minLength": 1}
_STEPS = {"type": "integer", "minimum": 1, "maximum": 100}
_SIDE = {"type": "integer", "minimum": 64, "maximum": 4096}
_DIFFUSION: dict[str, Any] = {
    "prompt": _TEXT,
    "negative_prompt": {"type": "string"},
    "num_inference_steps": _STEPS,
    "guidance_scale": {"type": "number", "minimum": 0, "maximum": 100},
    "seed": {"type": "integer", "minimum": 0, "maximum": 4_294_967_295},
}
_IMAGE = {"image": {"type": "string", "description": "The picture to start from, as a data URI."}}
_FRAMES = {"num_frames": {"type": "integer", "minimum": 1, "maximum": 1000}}
_PARAMETERS: Mapping[str, dict[str, Any]] = {
    "text-to-image": {**_DIFFUSION, "width": _SIDE, "height": _SIDE},
    "image-to-image": {**_DIFFUSION, **_IMAGE},
    "text-to-video": {**_DIFFUSION, **_FRAMES},
    "image-to-video": {**_DIFFUSION, **_FRAMES, **_IMAGE},
    "text-to-speech": {"text": _TEXT, "voice": {"type": "string"}},
}


def schema(ways: list[Route]) -> dict[str, Any]:
    """The parameters that huggingface_hub has for the task, and who may be asked for it."""
    task = ways[0].task
    who = list(dict.fromkeys(way.provider for way in ways))
    provider = {
        "type": "string",
        "enum": who,
        "default": who[0],
        "description": "Who runs the model; the hub's order, the first by default.",
    }
    needed = ["text"] if task == "text-to-speech" else ["prompt"]
    if task.startswith("image-"):
        needed.append("image")
    return {
        "type": "object",
        "properties": {**_PARAMETERS[task], "provider": provider},
        "required": needed,
    }
