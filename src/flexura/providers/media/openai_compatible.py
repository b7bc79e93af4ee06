"""OpenAI, and every server that speaks its API: pictures, speech and videos, one provider per server.

OpenAI, Together, xAI and Pollinations by their key; vLLM-Omni, SGLang, LocalAI, NIM containers, LiteLLM and
the like by OPENAI_COMPATIBLE_SERVERS. Videos of xAI have a shape of their own and are left out.
"""

from __future__ import annotations

import asyncio
import urllib.parse
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from flexura.domain.errors import FlexuraError, ProviderError, ProviderUnavailable
from flexura.domain.model import Model
from flexura.ports.provider import Done, Failed, Operation, Order, Output, Pending
from flexura.providers.api import Api
from flexura.providers.http_vendor import HttpVendor
from flexura.providers.media import Setup, adapters
from flexura.providers.payload import data_uri
from flexura.providers.staging import Staging, from_base64
from flexura.providers.vendor_errors import refused_content, tidy, words_of
from flexura.providers.vendor_json import fields, objects
from flexura.providers.vendors.openai_listing import Listed, entries, input_schema, listed, names_of
from flexura.providers.vendors.openai_refusals import explain, is_moderated
from flexura.providers.vendors.openai_requests import form, together_media, together_sources
from flexura.providers.vendors.openai_servers import (
    FLAGS,
    KNOWN,
    SERVERS,
    Server,
    key_variable,
    servers,
    url_variable_of,
)

NAME = "openai_compatible"
VARIABLES = {
    **{key_variable(known.name): f"a key of {known.label}" for known in KNOWN},
    **{url_variable_of(known.name): f"another address of {known.label}" for known in KNOWN},
    SERVERS: "more servers with OpenAI's API, as `name=url, name2=url2`, the key of each in <NAME>_API_KEY; "
    "behind a URL may stand " + ", ".join(f"`;{flag}=` ({what})" for flag, what in FLAGS.items()),
}
DOCS = "https://platform.openai.com/docs/api-reference/images"
PROVEN = (
    "aimock 1.43.0: list of models, images, image edits, speech, videos",
    "Prism 5.14.2 on OpenAI's API description 2.3.0: list of models, images, speech, videos, cancel",
)

_TICKS_OF_A_DOLLAR = 1e10


def configured(env: Mapping[str, str]) -> bool:
    """Whether a key or a list of servers is set."""
    variables = (*(key_variable(known.name) for known in KNOWN), SERVERS)
    return any(env.get(variable, "").strip() for variable in variables)


def origins(env: Mapping[str, str]) -> list[str]:
    """The addresses that the operator wrote."""
    return [server.base for server in servers(env) if server.own and not server.trouble]


def make(setup: Setup) -> Sequence[OpenAICompatible]:
    """One provider per server."""
    reserved = {"embedded", *(adapter.NAME for adapter in adapters())}
    return [OpenAICompatible(server, setup) for server in servers(setup.env, reserved)]


class OpenAICompatible(HttpVendor):
    """One server."""

    def __init__(self, server: Server, setup: Setup) -> None:
        access = {"authorization": f"Bearer {server.key}"} if server.key else {}
        api = Api(
            server.title,
            server.base,
            setup.guard,
            access,
            server.variable,
            explain=partial(explain, server),
        )
        super().__init__(server.name, api, Staging(setup.staging / server.name))
        self.concurrency = server.concurrency
        self._server = server

    async def models(self) -> Sequence[Model]:
        """The models of its list that make media. Raises ProviderUnavailable, also for wrong settings."""
        self._check()
        found = entries(await self._list())
        if found is None:
            raise ProviderUnavailable(f"{self.api.label}'s list of models cannot be read.")
        if self._server.speaks == "together":
            found = await self._with_voices(found)
        known = [model for entry in found if (model := listed(entry, self._server.kind))]
        shown = [m for model in known if (m := self._entry(model))]
        if found and not shown and self._server.own:
            raise ProviderUnavailable(
                f"None of the {len(found)} models of {self.api.label} tells that it makes images, videos "
                f"or audio. If they do, write ;kind=image (or video, audio) behind its URL in {SERVERS}."
            )
        return shown

    async def submit(self, order: Order) -> Operation:
        """Order it; pictures and speech come with the answer, videos are polled for."""
        self._check()
        match order.kind:
            case "image":
                return await self._buy_images(order)
            case "audio":
                return await self._buy_speech(order)
            case "video":
                return await self._buy_video(order)

    async def poll(self, operation: Operation, order: Order) -> Pending | Done | Failed:
        """How a video is doing; everything else is there already."""
        self._check()
        if "files" in operation:
            return await self.staging.outputs(operation, self.api.label)
        if urls := operation.get("urls"):
            outputs = tuple(Output(operation["mime"], url=url) for url in urls)
            return Done(outputs, cost=operation.get("cost"))
        try:
            body = fields(await self.api.get(self._video(operation)))
        except ProviderError as gone:
            return self.api.forgotten(gone, "video")
        return self._state(body, operation)

    async def cancel(self, operation: Operation, order: Order) -> None:
        """Delete the video."""
        if "video" not in operation or self._server.speaks == "together":
            return
        try:
            await self.api.ask("DELETE", self._video(operation))
        except ProviderError:
            return  # It is over, or this server cannot.

    def _check(self) -> None:
        """Raises ProviderUnavailable while its settings are wrong: correcting them is worth waiting for."""
        if self._server.trouble:
            raise ProviderUnavailable(
                self._server.trouble, next_step="Correct the setting and start the gateway again."
            )

    async def _list(self) -> Any:
        try:
            return await self.api.get(self._server.lists)
        except ProviderError as missing:
            root = self.api.base.removesuffix("/v1")
            if missing.details.get("upstream_status") != 404 or root == self.api.base:
                raise
            return await self.api.get(f"{root}/models")  # SGLang's older place

    async def _with_voices(self, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The entries with the voices of each speech model, which Together lists apart."""
        try:
            voices = entries(await self.api.get("voices")) or []
        except FlexuraError:
            return found
        known = {str(entry.get("model")): names_of(entry.get("voices")) for entry in voices}
        return [{**entry, "voices": known.get(str(entry.get("id")))} for entry in found]

    def _entry(self, model: Listed) -> Model | None:
        schema = input_schema(self._server.speaks, model)
        if schema is None:
            return None
        return self.entry(
            model.upstream_id,
            name=model.name,
            description=model.description,
            kinds=(model.kind,),
            tasks=model.tasks,
            input_schema=schema,
            schema_source="endpoint",
            takes_inputs="frame_images" in schema["properties"],  # a last frame, by its role
            status="deprecated" if model.shutdown_date else "active",
            shutdown_date=model.shutdown_date,
        )

    async def _buy_images(self, order: Order) -> Operation:
        body: dict[str, Any] = {"model": order.upstream_id, "prompt": order.prompt, **order.options}
        if self._server.response_format != "none":
            body["response_format"] = self._server.response_format
        if not order.inputs:
            answer = await self.api.buy("images/generations", json=body)
        elif self._server.speaks == "together":
            answer = await self.api.buy(
                "images/generations", json=body | await together_sources(order.inputs)
            )
        elif self._server.speaks == "xai":
            image = {"type": "image_url", "url": await data_uri(order.inputs[0])}
            answer = await self.api.buy("images/edits", json=body | {"image": image})
        else:
            body.pop("moderation", None)  # OpenAI takes it for new pictures only
            parts = await form(body, order.inputs, "image[]")
            answer = await self.api.buy("images/edits", form=parts)
        return await self._pictures(fields(self.api.bought(answer)), order)

    async def _pictures(self, body: dict[str, Any], order: Order) -> Operation:
        items = objects(body.get("data"))
        mime = f"image/{order.options.get('output_format') or 'png'}"
        cost = self._cost(fields(body.get("usage")).get("cost_in_usd_ticks"), _TICKS_OF_A_DOLLAR)
        packed = [item["b64_json"] for item in items if item.get("b64_json")]
        if packed:
            pictures = await asyncio.to_thread(
                lambda: [(from_base64(text, self.api.label), mime) for text in packed]
            )
            return await self.staging.keep(order.job_id, pictures, cost=cost)
        # A server that keeps files may answer with a path of its own.
        here = f"{self.api.base}/"
        urls = [
            urllib.parse.urljoin(here, u)
            for item in items
            if isinstance(u := item.get("url"), str) and u
        ]
        if not urls:
            raise self.api.unknown("its answer holds no picture.")
        return {"urls": urls, "mime": mime, "cost": cost}

    async def _buy_speech(self, order: Order) -> Operation:
        body = {"model": order.upstream_id, "input": order.prompt, **order.options}
        answer = await self.api.buy("audio/speech", json=body, headers={"accept": "*/*"})
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not answer.body or kind == "application/json":
            raise self.api.unknown("its answer holds no sound.")
        mime = kind if kind.startswith("audio/") else "audio/mpeg"
        return await self.staging.keep(order.job_id, [(answer.body, mime)])

    async def _buy_video(self, order: Order) -> Operation:
        body: dict[str, Any] = {"model": order.upstream_id, "prompt": order.prompt, **order.options}
        if self._server.speaks == "together":
            body |= await together_media(order.inputs)
            answer = await self.api.buy(self._videos, json=body)
        else:
            # A form, because vLLM-Omni takes nothing else and everybody takes forms.
            parts = await form(body, order.inputs, "input_reference")
            answer = await self.api.buy(self._videos, form=parts)
        video = fields(self.api.bought(answer)).get("id")
        if not video or not isinstance(video, str):
            raise self.api.unknown("its answer names no video.")
        return {"video": video}

    @property
    def _videos(self) -> str:
        if self._server.speaks == "together":
            return f"{self.api.base.removesuffix('/v1')}/v2/videos"
        return "videos"

    def _video(self, operation: Operation) -> str:
        return f"{self._videos}/{urllib.parse.quote(str(operation['video']), safe='')}"

    def _state(self, body: dict[str, Any], operation: Operation) -> Pending | Done | Failed:
        status = str(body.get("status", "")).lower()
        told = fields(body.get("outputs"))
        if status in ("completed", "succeeded"):
            content = f"{self._video(operation)}/content"
            url = str(told.get("video_url") or body.get("url") or "")
            output = Output("video/mp4", url=url if "://" in url else content)
            return Done((output,), cost=self._cost(told.get("cost")))
        if status in ("failed", "error"):
            said = words_of(body.get("error"))
            if is_moderated(body.get("error")):
                refused = refused_content(self.api.label, said)
                return Failed(refused.code, refused.message, refused.next_step)
            return Failed(
                "provider_error",
                f"{self.api.label} could not make it. {said}".strip(),
                "Try again.",
            )
        if status in ("cancelled", "canceled"):
            return Failed("canceled", f"{self.api.label} says that it was canceled.")
        if status in ("expired", "deleted"):
            return Failed("result_expired", f"{self.api.label} no longer has this video.")
        progress: Any = body.get("progress")
        known = isinstance(progress, int | float) and 0 < progress <= 100
        return Pending(3.0, progress / 100 if known else None, tidy(status)[:60])

    def _cost(self, amount: Any, units: float = 1.0) -> dict[str, Any] | None:
        if not isinstance(amount, int | float) or isinstance(amount, bool):
            return None
        return {
            "amount": amount / units,
            "currency": "USD",
            "source": f"reported by {self.api.label}",
        }
