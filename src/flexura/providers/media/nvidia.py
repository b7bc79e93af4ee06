"""NVIDIA's hosted visual models (build.nvidia.com): pictures and video, sent back inside of the answer.

The list has no modality, so the words of an id decide. Long work answers 202 with a request id, to be asked
about at NVIDIA Cloud Functions. Sources: docs.api.nvidia.com/nim/reference (`…-infer` pages: the parameters),
docs.nvidia.com/nim/visual-genai, public clients of `/v1/genai/…` and of `pexec/status`. Self-hosted NIM
containers speak the OpenAI API: use the OpenAI-compatible provider for them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from flexura.domain.errors import (
    FlexuraError,
    OutcomeUnknown,
    ProviderError,
    ProviderUnavailable,
)
from flexura.domain.model import Kind, Model
from flexura.outbound.answer import Answer
from flexura.ports.provider import Done, Failed, Operation, Order, Pending, Provider
from flexura.providers.api import MEDIA_BYTES, Api
from flexura.providers.http_vendor import HttpVendor
from flexura.providers.media import Setup
from flexura.providers.payload import data_uri, filled
from flexura.providers.staging import Staging, from_base64
from flexura.providers.vendor_errors import refused_content
from flexura.providers.vendor_json import fields

NAME = "nvidia"
LABEL = "NVIDIA"
VARIABLES = {
    "NVIDIA_API_KEY": "a key of build.nvidia.com",
    "NVIDIA_MODELS": "ids of further models, with commas, that its list leaves out",
    "NVIDIA_BASE_URL": "another address of its visual models",
    "NVIDIA_LIST_URL": "another address of its list of models",
    "NVIDIA_STATUS_URL": "another address of the status of long work",
}
DOCS = "https://docs.api.nvidia.com/nim/reference/visual-models-apis"
PROVEN: tuple[str, ...] = ()

_BASE = "https://ai.api.nvidia.com"
_LIST = "https://integrate.api.nvidia.com/v1/models"
_STATUS = "https://api.nvcf.nvidia.com/v2/nvcf/pexec/status"
_SAFE_ID = re.compile(r"[\w.-]+(?:/[\w.-]+)*")
_REQUEST_ID = re.compile(r"[\w-]{1,100}")
# Words of an id. A model that looks at pictures, or makes text, molecules or weather, makes no media.
_NONE = re.compile(
    r"(?i)(?<![a-z])(?:vl|vision|clip|caption\w*|detect\w*|embed\w*|rerank\w*|guard\w*|safety|ocr)(?![a-z])"
)
_VIDEO = re.compile(r"(?i)(?<![a-z])(?:video|wan|svd|t2v|i2v|ti2v|text2world|video2world)(?![a-z])")
_IMAGE = re.compile(r"(?i)(?<![a-z])(?:image|flux|sdxl|diffusion|imagen)(?![a-z])")
_FROM_IMAGE = re.compile(r"(?i)(?<![a-z])(?:edit|kontext|i2v|animate|svd|video-diffusion)(?![a-z])")

_PICTURE: dict[str, Any] = {
    "prompt": {"type": "string", "minLength": 1, "maxLength": 10_000},
    "negative_prompt": {"type": "string", "maxLength": 10_000},
    "width": {"type": "integer", "minimum": 256, "maximum": 2048},
    "height": {"type": "integer", "minimum": 256, "maximum": 2048},
    "aspect_ratio": {"type": "string", "description": "For models that take no width and height."},
    "cfg_scale": {"type": "number", "minimum": 0, "maximum": 20},
    "steps": {"type": "integer", "minimum": 1, "maximum": 100},
    "seed": {"type": "integer", "minimum": 0, "maximum": 4_294_967_295},
    "mode": {"type": "string", "description": "A mode of the model, such as base, canny or depth."},
    "image": {
        "type": "string",
        "description": "A data URI of at most 180 KB; some models take only NVIDIA's own examples.",
    },
}
_MOTION: dict[str, Any] = {
    "prompt": _PICTURE["prompt"],
    "negative_prompt": _PICTURE["negative_prompt"],
    "seed": _PICTURE["seed"],
    "cfg_scale": _PICTURE["cfg_scale"],
    "steps": _PICTURE["steps"],
    "image": _PICTURE["image"],
}


def configured(env: Mapping[str, str]) -> bool:
    """With a key."""
    return bool(env.get("NVIDIA_API_KEY", "").strip())


def origins(env: Mapping[str, str]) -> list[str]:
    """The operator's own addresses."""
    named = (env.get(name, "").strip() for name in VARIABLES if name.endswith("_URL"))
    return [url for url in named if url]


def make(setup: Setup) -> Sequence[Provider]:
    """The one provider."""
    env = setup.env
    access = {"authorization": f"Bearer {env.get('NVIDIA_API_KEY', '').strip()}"}

    def at(variable: str, default: str) -> Api:
        base = env.get(variable, "").strip() or default
        return Api(LABEL, base, setup.guard, access, "NVIDIA_API_KEY")

    listing, status = at("NVIDIA_LIST_URL", _LIST), at("NVIDIA_STATUS_URL", _STATUS)
    api = at("NVIDIA_BASE_URL", _BASE)
    further = [name.strip() for name in env.get("NVIDIA_MODELS", "").split(",") if name.strip()]
    return [Nvidia(NAME, api, Staging(setup.staging), (listing, status), further)]


class Nvidia(HttpVendor):
    """One account at build.nvidia.com."""

    def __init__(
        self,
        name: str,
        api: Api,
        staging: Staging,
        beside: tuple[Api, Api],
        further: Sequence[str] = (),
    ) -> None:
        super().__init__(name, api, staging)
        self._listing, self._status = beside
        self._further = further

    async def models(self) -> Sequence[Model]:
        """The listed models whose words say that they make pictures or video."""
        found = await self._listing.get(self._listing.base)
        rows: Any = cast("dict[str, Any]", found).get("data") if isinstance(found, dict) else None
        if not isinstance(rows, list):
            raise ProviderUnavailable(f"{LABEL}'s list of models cannot be read.")
        named = [{"id": name} for name in self._further]
        entries = (self._listed(row) for row in [*cast("list[Any]", rows)[:5000], *named])
        unique = {entry.upstream_id: entry for entry in entries if entry is not None}
        return list(unique.values())

    def _listed(self, row: Any) -> Model | None:
        told = fields(row)
        name = told.get("id")
        if not isinstance(name, str) or not _SAFE_ID.fullmatch(name) or ".." in name:
            return None
        kind = _kind(name)
        if kind is None:
            return None
        owner = str(told.get("owned_by") or name.partition("/")[0])[:80]
        from_image = bool(_FROM_IMAGE.search(name))
        return self.entry(
            name,
            description=f"Of {owner}; {kind} by the words of its id.",
            kinds=(kind,),
            tasks=(f"{'image' if from_image else 'text'}-to-{kind}",),
            input_schema={
                "type": "object",
                "properties": _PICTURE if kind == "image" else _MOTION,
                "required": ["prompt", *(["image"] if from_image else [])],
            },
            schema_source="endpoint",
        )

    async def submit(self, order: Order) -> Operation:
        """See the port."""
        placed = [(file, await data_uri(file)) for file in order.inputs]
        values = filled(order.options, placed)
        for file, uri in placed:
            if not file.slot and file.mime.startswith("image/"):
                values.setdefault("image", uri)
        answer = await self.api.buy(f"/v1/genai/{order.upstream_id}", json=values)
        if answer.status == 202:
            return {"request": _request_id(answer, self.api)}
        files = _files(self.api.bought(answer), order.kind)
        if isinstance(files, FlexuraError):
            raise files
        if not files:
            raise self.api.unknown("Its answer has no file.")
        return await self.staging.keep(order.job_id, files)

    async def poll(self, operation: Operation, order: Order) -> Pending | Done | Failed:
        """See the port."""
        if "request" not in operation:
            return await self.staging.outputs(operation, LABEL)
        try:
            answer = await self._status.ask(
                "GET", f"/{operation['request']}", max_bytes=MEDIA_BYTES
            )
        except ProviderError as gone:
            return self._status.forgotten(gone)
        if answer.status == 202:
            return Pending(2.0)
        try:
            files = _files(answer.json(), order.kind)
        except OutcomeUnknown as empty:
            return Failed("provider_error", empty.message, "Try again.", retryable=True)
        except ProviderError as junk:
            raise ProviderUnavailable(
                f"{LABEL} answered with something that is not JSON."
            ) from junk
        if isinstance(files, FlexuraError):
            return Failed(files.code, files.message, files.next_step)
        kept = await self.staging.keep(order.job_id, files)
        return await self.staging.outputs(kept, LABEL)


def _kind(name: str) -> Kind | None:
    model = name.rpartition("/")[2]
    if _NONE.search(model):
        return None
    if _VIDEO.search(model):
        return "video"
    return "image" if _IMAGE.search(model) else None


def _request_id(answer: Answer, api: Api) -> str:
    told = answer.headers.get("nvcf-reqid", "")
    if not _REQUEST_ID.fullmatch(told):
        raise api.unknown("It works on the order without saying under which number.")
    return told


def _files(body: Any, kind: Kind) -> list[tuple[bytes, str]] | FlexuraError:
    """The files of an answer, or why there are none.

    Shapes seen: `artifacts[].base64`, `image` or `video` beside `finish_reason`, `data[].b64_json`.
    Raises OutcomeUnknown for a file that cannot be read.
    """
    told = fields(body)
    rows: Any = told.get("artifacts") or told.get("data") or [told]
    parts = (
        [cast("dict[str, Any]", r) for r in cast("list[Any]", rows) if isinstance(r, dict)]
        if isinstance(rows, list)
        else []
    )
    mime = "video/mp4" if kind == "video" else "image/jpeg"
    names = ("base64", "b64_json", "image", "video")
    reasons = {str(p.get("finishReason") or p.get("finish_reason") or "").upper() for p in parts}
    texts = [next((p[n] for n in names if isinstance(p.get(n), str) and p[n]), "") for p in parts]
    # A filtered artifact holds a black picture: what was refused is no result.
    good = [t for t, p in zip(texts, parts, strict=True) if t and not _filtered(p)]
    if not good and "CONTENT_FILTERED" in reasons:
        return refused_content(LABEL, "the content filter took it out")
    return [(from_base64(text, LABEL), mime) for text in good]


def _filtered(part: Mapping[str, Any]) -> bool:
    told = str(part.get("finishReason") or part.get("finish_reason") or "").upper()
    return told == "CONTENT_FILTERED"
