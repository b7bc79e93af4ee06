"""Hugging Face Inference Providers: models of the hub, run by several providers behind one router.

The hub tells which models are live, at which provider and for which task; it tells neither parameters nor
prices. Sources: huggingface_hub 2.4.0 (`inference/_providers`), huggingface.co/docs/inference-providers.
"""

from __future__ import annotations

import asyncio
import re
import urllib.parse
from collections.abc import Mapping, Sequence
from typing import Any, cast

from flexura.domain.errors import (
    FlexuraError,
    InvalidRequest,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
)
from flexura.domain.model import Kind, Model
from flexura.outbound.answer import Answer
from flexura.ports.provider import Done, Failed, Operation, Order, Pending, Provider
from flexura.providers.api import Api
from flexura.providers.http_vendor import HttpVendor
from flexura.providers.media import Setup
from flexura.providers.payload import data_uri
from flexura.providers.staging import Staging, from_base64
from flexura.providers.vendor_json import fields
from flexura.providers.vendors import hf_routes, hf_work
from flexura.providers.vendors.hf_routes import Route

NAME = "huggingface"
LABEL = "Hugging Face"
VARIABLES = {
    "HF_TOKEN": "a token of Hugging Face that may call Inference Providers",
    "HF_BILL_TO": "the organization that pays, instead of the token's owner",
    "HF_ROUTER_URL": "another address of its router",
    "HF_HUB_URL": "another address of its hub",
}
DOCS = "https://huggingface.co/docs/inference-providers"
PROVEN: tuple[str, ...] = ()

_ROUTER = "https://router.huggingface.co"
_HUB = "https://huggingface.co"
_PAGE = 100
_PAGES = 10
"""Of each of the five tasks: 50 pages, 5,000 models."""
_ID = re.compile(r"[\w.-]+(?:/[\w.-]+)?")
_CURSOR = re.compile(r"<[^>]*[?&]cursor=([^&>]+)[^>]*>;\s*rel=\"?next")


def configured(env: Mapping[str, str]) -> bool:
    """With a token."""
    return bool(env.get("HF_TOKEN", "").strip())


def origins(env: Mapping[str, str]) -> list[str]:
    """The operator's own addresses."""
    named = (env.get(name, "").strip() for name in ("HF_ROUTER_URL", "HF_HUB_URL"))
    return [url for url in named if url]


def make(setup: Setup) -> Sequence[Provider]:
    """The one provider."""
    env = setup.env
    token = {"authorization": f"Bearer {env.get('HF_TOKEN', '').strip()}"}
    payer = env.get("HF_BILL_TO", "").strip()
    bill = {"x-hf-bill-to": payer} if payer else {}
    router = env.get("HF_ROUTER_URL", "").strip() or _ROUTER
    api = Api(LABEL, router, setup.guard, token | bill, "HF_TOKEN", explain=_explain)
    hub = Api(LABEL, env.get("HF_HUB_URL", "").strip() or _HUB, setup.guard, token, "HF_TOKEN")
    return [HuggingFace(NAME, api, Staging(setup.staging), hub)]


def _explain(answer: Answer) -> FlexuraError | None:
    """A model that is being loaded says so with 503 and the seconds it needs: nothing was bought."""
    if answer.status != 503:
        return None
    try:
        told = answer.json()
    except ProviderError:
        return None
    wait = cast("dict[str, Any]", told).get("estimated_time") if isinstance(told, dict) else None
    if not isinstance(wait, int | float):
        return None
    return RateLimited(
        f"{LABEL} is loading the model.", retry_after=min(max(float(wait), 1.0), 60.0)
    )


class HuggingFace(HttpVendor):
    """One token's account."""

    def __init__(self, name: str, api: Api, staging: Staging, hub: Api) -> None:
        super().__init__(name, api, staging)
        self._hub = hub
        self._routes: dict[str, list[Route]] = {}

    async def models(self) -> Sequence[Model]:
        """The models of the five tasks that are live somewhere, by what is trending."""
        lists = await asyncio.gather(*(self._of_task(task) for task in hf_routes.TASKS))
        found: dict[str, list[Route]] = {}
        for rows in lists:
            for row in rows:
                if ways := _ways(row):
                    found.setdefault(ways[0].model, ways)
        self._routes = found
        return [self._entry(model, ways) for model, ways in found.items()]

    async def _of_task(self, task: str) -> list[Any]:
        query: dict[str, Any] = {
            "inference_provider": "all",
            "pipeline_tag": task,
            "expand": "inferenceProviderMapping",
            "sort": "trendingScore",
            "limit": _PAGE,
        }
        rows: list[Any] = []
        for _ in range(_PAGES):
            answer = await self._hub.ask("GET", "/api/models", query=query)
            rows += _page(answer)
            following = _CURSOR.search(answer.headers.get("link", ""))
            if following is None:
                break
            query["cursor"] = urllib.parse.unquote(following[1])
        return rows

    def _entry(self, model: str, ways: list[Route]) -> Model:
        task = ways[0].task
        who = ", ".join(dict.fromkeys(way.provider for way in ways))
        kind = cast(
            "Kind", {"image": "image", "video": "video"}.get(task.rpartition("-")[2], "audio")
        )
        return self.entry(
            model,
            description=f"{task} by {who}.",
            kinds=(kind,),
            tasks=(task,),
            input_schema=hf_routes.schema(ways),
            schema_source="endpoint",
        )

    async def model(self, upstream_id: str, listed: Model | None) -> Model | None:
        """Any model of the hub that is live somewhere, trending or not."""
        if listed is not None or not _ID.fullmatch(upstream_id) or ".." in upstream_id:
            return listed
        ways = await self._look(upstream_id)
        return self._entry(upstream_id, ways) if ways else None

    async def _look(self, model: str) -> list[Route]:
        try:
            path = f"/api/models/{urllib.parse.quote(model)}"
            row = await self._hub.get(path, {"expand": "inferenceProviderMapping"})
        except ProviderError as refused:
            if refused.details.get("upstream_status") == 404:
                return []
            raise
        ways = _ways(cast("dict[str, Any]", row) | {"id": model}) if isinstance(row, dict) else []
        if ways:
            self._routes[model] = ways
        return ways

    async def submit(self, order: Order) -> Operation:
        """See the port."""
        values = dict(order.options)
        asked = str(values.pop("provider", ""))
        ways = self._routes.get(order.upstream_id) or await self._look(order.upstream_id)
        route = next((way for way in ways if asked in ("", way.provider)), None)
        if route is None:
            raise ProviderError(
                f"{LABEL} no longer has {order.upstream_id[:100]} at {asked[:40] or 'any provider'}.",
                next_step="Look in model_catalog for what is live now.",
            )
        image = str(values.pop("image", ""))
        for file in order.inputs:
            if file.mime.startswith("image/"):
                image = await data_uri(file)
        if route.task.startswith("image-") and not image.startswith("data:"):
            raise InvalidRequest(
                f"{order.upstream_id[:100]} starts from a picture.",
                next_step="Give one among `inputs`.",
                field="inputs",
            )
        call = hf_routes.call(route, values, image if route.task.startswith("image-") else "")
        answer = await self.api.buy(call.path, json=call.json, headers=call.headers)
        return await self._taken(call.reply, answer, order)

    async def _taken(self, reply: hf_routes.Reply, answer: Answer, order: Order) -> Operation:
        if reply == "bytes":
            mime = answer.headers.get("content-type", "").partition(";")[0].strip()
            if not answer.body or mime.startswith("text/") or mime == "application/json":
                raise self.api.unknown("Its answer is no media file.")
            return await self.staging.keep(order.job_id, [(answer.body, mime)])
        told = self.api.bought(answer)
        if reply == "base64":
            texts = hf_work.base64_texts(told)
            if not texts:
                raise self.api.unknown("Its answer has no file.")
            files = [(from_base64(text, LABEL), "image/png") for text in texts]
            return await self.staging.keep(order.job_id, files)
        operation = hf_work.started(reply, told)
        if operation is None:
            raise self.api.unknown("Its answer names no work to ask about.")
        return operation

    async def poll(self, operation: Operation, order: Order) -> Pending | Done | Failed:
        """See the port."""
        if "reply" not in operation:
            return await self.staging.outputs(operation, LABEL)
        return await hf_work.look(self.api, operation, order.kind)


def _page(answer: Answer) -> list[Any]:
    try:
        rows: Any = answer.json()
    except ProviderError:
        rows = None
    if not isinstance(rows, list):
        raise ProviderUnavailable(f"{LABEL}'s list of models cannot be read.")
    return cast("list[Any]", rows)


def _ways(row: Any) -> list[Route]:
    """The routes of one entry of the hub, those of its first task alone."""
    told = fields(row)
    model = told.get("id")
    if not isinstance(model, str) or not _ID.fullmatch(model) or ".." in model:
        return []
    found = hf_routes.routes(model, told.get("inferenceProviderMapping"))
    return [way for way in found if way.task == found[0].task]
