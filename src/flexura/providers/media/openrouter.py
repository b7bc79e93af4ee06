"""OpenRouter: one key for the image, video and speech models of many vendors, with live capabilities."""

from __future__ import annotations

import asyncio
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import replace

from flexura.domain.errors import FlexuraError, ProviderError, ProviderUnavailable
from flexura.domain.model import Model
from flexura.outbound.answer import Answer
from flexura.ports.provider import Done, Failed, InputFile, Operation, Order, Output, Pending
from flexura.providers.api import Api
from flexura.providers.http_vendor import HttpVendor
from flexura.providers.media import Setup
from flexura.providers.payload import data_uri
from flexura.providers.pcm import is_raw, rate_of, wav
from flexura.providers.staging import Staging, from_base64
from flexura.providers.vendor_errors import is_moderation, refusal, refused_content, tidy, words_of
from flexura.providers.vendor_json import fields, objects
from flexura.providers.vendors.openrouter_listing import (
    Fields,
    common,
    entries,
    image_price,
    image_schema,
    output_modalities,
    speech_schema,
    text,
    texts,
    video_price,
    video_schema,
)

NAME = "openrouter"
VARIABLES = {
    "OPENROUTER_API_KEY": "a key of OpenRouter",
    "OPENROUTER_BASE_URL": "another address of its API",
}
DOCS = "https://openrouter.ai/docs/api-reference"
PROVEN = (
    "aimock 1.43.0: videos from order to file with progression, cost and bytes; lists of models",
    "Prism 5.14.2 on OpenRouter's API description: the lists, prices, images, videos, speech, errors",
)

_LABEL = "OpenRouter"
_DEFAULT = "https://openrouter.ai/api/v1"
_SMALL = 100_000


def configured(env: Mapping[str, str]) -> bool:
    """Whether its key is set."""
    return bool(env.get("OPENROUTER_API_KEY", "").strip())


def origins(env: Mapping[str, str]) -> list[str]:
    """Another address of the API, where the operator names one."""
    return [url] if (url := env.get("OPENROUTER_BASE_URL", "").strip()) else []


def make(setup: Setup) -> Sequence[OpenRouter]:
    """The provider."""
    return [OpenRouter(setup)]


class OpenRouter(HttpVendor):
    """Its dedicated endpoints for images, videos and speech."""

    def __init__(self, setup: Setup) -> None:
        key = setup.env.get("OPENROUTER_API_KEY", "").strip()
        api = Api(
            _LABEL,
            (setup.env.get("OPENROUTER_BASE_URL", "").strip() or _DEFAULT).rstrip("/"),
            setup.guard,
            {"authorization": f"Bearer {key}"},
            "OPENROUTER_API_KEY",
            explain=_explain,
        )
        super().__init__(NAME, api, Staging(setup.staging))

    async def models(self) -> Sequence[Model]:
        """The lists that answer. Raises what the first one says where none does."""
        lists = (
            self._list("images/models"),
            self._list("videos/models"),
            self._list("models", output_modalities="speech"),
        )
        found = await asyncio.gather(*lists, return_exceptions=True)
        problems = [told for told in found if isinstance(told, BaseException)]
        for problem in problems:
            if len(problems) == len(found) or not isinstance(problem, FlexuraError):
                raise problem
        images, videos, speech = ([] if isinstance(told, BaseException) else told for told in found)
        return [
            *map(self._image, images),
            *map(self._video, videos),
            *(self._speech(m) for m in speech if "speech" in (output_modalities(m) or ["speech"])),
        ]

    async def model(self, upstream_id: str, listed: Model | None) -> Model | None:
        """The listed model, and for images its price, which only its endpoints tell."""
        if listed is None or "image" not in listed.kinds:
            return listed
        try:
            body = await self.api.get(f"images/models/{_quoted(upstream_id)}/endpoints")
        except FlexuraError:
            return listed  # It can be used without its price being known.
        return listed.model_copy(update={"price": image_price(body)})

    async def submit(self, order: Order) -> Operation:
        """Order it; pictures and speech come with the answer, videos are polled for."""
        match order.kind:
            case "image":
                return await self._buy_images(order)
            case "audio":
                return await self._buy_speech(order)
            case "video":
                return await self._buy_video(order)

    async def poll(self, operation: Operation, order: Order) -> Pending | Done | Failed:
        """How a video is doing; everything else is there already."""
        if "files" in operation:
            return await self.staging.outputs(operation, _LABEL)
        path = f"videos/{urllib.parse.quote(str(operation['video']), safe='')}"
        try:
            body = fields(await self.api.get(path))
        except ProviderError as gone:
            return self.api.forgotten(gone, "video")
        return _state(body, path)

    async def _list(self, path: str, **query: str) -> list[Fields]:
        found = entries(await self.api.get(path, query))
        if found is None:
            raise ProviderUnavailable(f"{_LABEL}'s list of models cannot be read.")
        return found

    def _image(self, model: Fields) -> Model:
        schema = image_schema(model)
        sources = ("text", "image") if "input_references" in schema["properties"] else ("text",)
        return self.entry(
            text(model, "id"),
            **common(model),
            kinds=("image",),
            tasks=tuple(f"{source}-to-image" for source in sources),
            input_schema=schema,
        )

    def _video(self, model: Fields) -> Model:
        schema = video_schema(model)
        tasks = ["text-to-video"] if schema["required"] else ["video-to-video"]
        frames = texts(model.get("supported_frame_images"))
        if frames:
            tasks.append("image-to-video")
        return self.entry(
            text(model, "id"),
            **common(model),
            kinds=("video",),
            tasks=tuple(tasks),
            input_schema=schema,
            takes_inputs="last_frame" in frames,  # it shares a list with the first one
            price=video_price(model),
        )

    def _speech(self, model: Fields) -> Model:
        return self.entry(
            text(model, "id"),
            **common(model),
            kinds=("audio",),
            tasks=("text-to-speech",),
            input_schema=speech_schema(model),
        )

    async def _buy_images(self, order: Order) -> Operation:
        body: Fields = {"model": order.upstream_id, "prompt": order.prompt, **order.options}
        if order.inputs:
            body["input_references"] = [await _part(file) for file in order.inputs]
        answer = fields(self.api.bought(await self.api.buy("images", json=body)))
        items = objects(answer.get("data"))
        packed = [(i["b64_json"], text(i, "media_type")) for i in items if i.get("b64_json")]
        if not packed:
            raise self.api.unknown("its answer holds no picture.")
        pictures = await asyncio.to_thread(
            lambda: [(from_base64(data, _LABEL), mime or "image/png") for data, mime in packed]
        )
        return await self.staging.keep(order.job_id, pictures, cost=_cost(answer))

    async def _buy_speech(self, order: Order) -> Operation:
        body = {"model": order.upstream_id, "input": order.prompt, **order.options}
        answer = await self.api.buy("audio/speech", json=body, headers={"accept": "audio/*"})
        kind = answer.headers.get("content-type", "").lower()
        if not answer.body or "json" in kind:
            raise self.api.unknown("its answer holds no sound.")
        if is_raw(kind) or order.options.get("response_format") == "pcm":
            sound = await asyncio.to_thread(wav, answer.body, rate_of(kind))
            return await self.staging.keep(order.job_id, [(sound, "audio/wav")])
        return await self.staging.keep(order.job_id, [(answer.body, "audio/mpeg")])

    async def _buy_video(self, order: Order) -> Operation:
        body: Fields = {"model": order.upstream_id, "prompt": order.prompt, **order.options}
        frames: list[Fields] = []
        references: list[Fields] = []
        for file in order.inputs:
            part = await _part(file)
            asked = file.slot.startswith("input_references") or file.role == "reference"
            if asked or part["type"] != "image_url":
                references.append(part)
            else:
                frame = "last_frame" if file.role == "last_frame" else "first_frame"
                frames.append({**part, "frame_type": frame})
        body |= {"frame_images": frames} if frames else {}
        body |= {"input_references": references} if references else {}
        video = fields(self.api.bought(await self.api.buy("videos", json=body))).get("id")
        if not video or not isinstance(video, str):
            raise self.api.unknown("its answer names no video.")
        return {"video": video}


def _state(body: Fields, path: str) -> Pending | Done | Failed:
    status = str(body.get("status", "")).lower()
    match status:
        case "completed":
            files = max(1, len(texts(body.get("unsigned_urls"))))
            outputs = [Output("video/mp4", url=f"{path}/content?index={i}") for i in range(files)]
            return Done(tuple(outputs), cost=_cost(body))
        case "failed":
            said = words_of(body.get("error"))
            if is_moderation(said):
                refused = refused_content(_LABEL, said)
                return Failed(refused.code, refused.message, refused.next_step)
            told = f"{_LABEL} could not make it. {said}".strip()
            return Failed("provider_error", told, "Try again, or use another model.")
        case "cancelled" | "canceled":
            return Failed("canceled", f"{_LABEL} says that it was canceled.")
        case "expired":
            return Failed("result_expired", f"{_LABEL} no longer has this video.")
        case _:
            return Pending(5.0, note=tidy(status)[:60])


def _explain(answer: Answer) -> FlexuraError | None:
    """Its own moderation (403 with reasons), and errors that come with status 200; else None."""
    if len(answer.body) > _SMALL or answer.body.lstrip()[:1] != b"{":
        return None
    try:
        body = fields(answer.json())
    except ProviderError:
        return None
    error = fields(body.get("error"))
    if not error:
        return None
    reasons = fields(error.get("metadata")).get("reasons")
    if reasons and (answer.status == 403 or error.get("code") == 403):
        said = f"{words_of(error)} ({', '.join(texts(reasons))})"
        return refused_content(_LABEL, tidy(said))
    code = error.get("code")
    if answer.status == 200 and isinstance(code, int) and code >= 400:
        return refusal(_LABEL, "OPENROUTER_API_KEY", replace(answer, status=code), paid=True)
    return None


def _cost(body: Fields) -> Fields | None:
    amount = fields(body.get("usage")).get("cost")
    if not isinstance(amount, int | float) or isinstance(amount, bool):
        return None
    return {"amount": float(amount), "currency": "USD", "source": f"reported by {_LABEL}"}


async def _part(file: InputFile) -> Fields:
    """The file as a content part: an image, a video or a sound."""
    kind = file.mime.partition("/")[0]
    name = f"{kind if kind in ('video', 'audio') else 'image'}_url"
    return {"type": name, name: {"url": await data_uri(file)}}


def _quoted(model_id: str) -> str:
    """The author and the slug as two parts of a path."""
    return "/".join(urllib.parse.quote(part, safe="") for part in model_id.split("/"))
