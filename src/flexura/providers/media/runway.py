"""Runway: pictures, video, speech and sound effects, as tasks that are polled.

Which models a key may use is live (`GET /v1/organization`); what each of them takes stands in the vendor's
OpenAPI document, in the repository from which its SDKs are made. Where that cannot be fetched, the words of
an id decide, with the parameters that every endpoint has. Sources: runwayml/openapi (`openapi.json` of
2024-11-06; "$0.01 per credit"), runwayml 5.24.0 (Python SDK), docs.dev.runwayml.com/errors/task-failures.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any, cast

from flexura.domain.errors import (
    FlexuraError,
    PayloadTooLarge,
    ProviderError,
    ProviderUnavailable,
)
from flexura.domain.model import Model
from flexura.ports.provider import (
    Done,
    Failed,
    InputFile,
    Operation,
    Order,
    Output,
    Pending,
    Provider,
)
from flexura.providers.api import Api
from flexura.providers.http_vendor import HttpVendor
from flexura.providers.input_variants import Variant, chosen, list_names, merged, placed
from flexura.providers.media import Setup
from flexura.providers.payload import data_uri
from flexura.providers.staging import Staging
from flexura.providers.vendor_errors import tidy
from flexura.providers.vendor_json import fields
from flexura.providers.vendors import runway_contract as contract

log = logging.getLogger(__name__)

NAME = "runway"
LABEL = "Runway"
VARIABLES = {
    "RUNWAYML_API_SECRET": "a key of the Runway API",
    "RUNWAYML_BASE_URL": "another address of its API",
    "RUNWAYML_OPENAPI_URL": "another address of its OpenAPI document",
}
DOCS = "https://docs.dev.runwayml.com/api/"
PROVEN = ("Prism 5.14.2 on the vendor's OpenAPI: organization, orders, task, cancel",)

_BASE = "https://api.dev.runwayml.com"
_OPENAPI = "https://raw.githubusercontent.com/runwayml/openapi/next/openapi.json"
_VERSION = "2024-11-06"
_USD_PER_CREDIT = 0.01
# Characters of a data URI, as the OpenAPI document says.
_LONGEST_URI = 5_242_880
_SOURCES = {
    "TEXT": "the prompt",
    "IMAGE": "an input image",
    "VIDEO": "an input video",
    "AUDIO": "an input sound",
}


def configured(env: Mapping[str, str]) -> bool:
    """With a key."""
    return bool(env.get("RUNWAYML_API_SECRET", "").strip())


def origins(env: Mapping[str, str]) -> list[str]:
    """The operator's own addresses."""
    named = (env.get(n, "").strip() for n in ("RUNWAYML_BASE_URL", "RUNWAYML_OPENAPI_URL"))
    return [url for url in named if url]


def make(setup: Setup) -> Sequence[Provider]:
    """The one provider."""
    env = setup.env
    access = {
        "authorization": f"Bearer {env.get('RUNWAYML_API_SECRET', '').strip()}",
        "x-runway-version": _VERSION,
    }
    base = env.get("RUNWAYML_BASE_URL", "").strip() or _BASE
    api = Api(LABEL, base, setup.guard, access, "RUNWAYML_API_SECRET")
    # No key goes along to where the document lies.
    openapi = env.get("RUNWAYML_OPENAPI_URL", "").strip() or _OPENAPI
    documents = Api(f"{LABEL}'s OpenAPI document", openapi, setup.guard)
    return [Runway(NAME, api, Staging(setup.staging), documents)]


class Runway(HttpVendor):
    """One organization's account."""

    def __init__(self, name: str, api: Api, staging: Staging, documents: Api) -> None:
        super().__init__(name, api, staging)
        self._documents = documents
        self._contract: contract.Contract | None = None

    async def models(self) -> Sequence[Model]:
        """The models of the organization's tier that make something from a prompt."""
        found = await self.api.get("/v1/organization")
        tier: Any = cast("dict[str, Any]", found).get("tier") if isinstance(found, dict) else None
        allowed: Any = (
            cast("dict[str, Any]", tier).get("models") if isinstance(tier, dict) else None
        )
        if not isinstance(allowed, dict):
            raise ProviderUnavailable(f"{LABEL}'s list of models cannot be read.")
        self._contract = await self._read_contract() or self._contract
        entries = (self._entry(str(name)) for name in cast("dict[str, Any]", allowed))
        return [entry for entry in entries if entry is not None]

    async def _read_contract(self) -> contract.Contract | None:
        try:
            document = await self._documents.get(self._documents.base)
            return await asyncio.to_thread(contract.read, document)
        except FlexuraError as problem:
            # The models are known without it; only what each of them takes is not.
            log.warning("%s %s", problem.message, "The words of each model's name decide.")
            return None

    def _ways(self, upstream_id: str) -> tuple[list[Variant], str]:
        """How to ask a model, and how that is known."""
        if self._contract and (ways := self._contract.ways.get(upstream_id)):
            return ways, "live"
        if self._contract and upstream_id in self._contract.others:
            return [], "live"
        return contract.by_words(upstream_id), "endpoint"

    def _entry(self, upstream_id: str) -> Model | None:
        ways, source = self._ways(upstream_id)
        if not ways:
            return None
        paths = [way.path for way in ways]
        how = "its OpenAPI document" if source == "live" else "a word in the model's name"
        return self.entry(
            upstream_id,
            description=f"{', '.join(p.removeprefix('/v1/') for p in paths)}; by {how}.",
            kinds=contract.kinds(paths),
            tasks=contract.tasks(ways),
            input_schema=merged(ways),
            schema_source=source,
        )

    async def submit(self, order: Order) -> Operation:
        """See the port."""
        if self._contract is None:
            await self.models()
        offered, _ = self._ways(order.upstream_id)
        ways = contract.for_kind(offered, order.kind)
        if not ways:
            raise ProviderError(
                f"{LABEL} no longer has {order.upstream_id[:80]} for {order.kind}.",
                next_step="Look in model_catalog for what is live now.",
            )
        properties = cast("dict[str, Any]", merged(ways)["properties"])
        several = list_names(ways)
        several -= {n for n in several if any(contract.one_frame_only(w, n) for w in ways)}
        files = placed(order.inputs, properties, several)
        way = chosen(ways, set(order.options), {slot for slot, _ in files})
        values = dict(order.options)
        for slot, file in files:
            values[slot] = contract.added(way, values.get(slot), await _uri(file), file.role, slot)
        body = {**way.body(values), "model": order.upstream_id}
        answer = self.api.bought(await self.api.buy(way.path, json=body))
        task: Any = cast("dict[str, Any]", answer).get("id") if isinstance(answer, dict) else None
        if not isinstance(task, str) or not task:
            raise self.api.unknown("Its answer names no task.")
        return {"task": task}

    async def poll(self, operation: Operation, order: Order) -> Pending | Done | Failed:
        """See the port."""
        try:
            found = await self.api.get(f"/v1/tasks/{operation['task']}")
        except ProviderError as gone:
            return self.api.forgotten(gone, "task")
        told = fields(found)
        status = str(told.get("status") or "")
        if status == "SUCCEEDED":
            return _done(told, order)
        if status == "FAILED":
            return _failed(told)
        if status == "CANCELLED":
            return Failed("canceled", f"The task was canceled at {LABEL}.")
        progress = told.get("progress")
        done = min(max(float(progress), 0.0), 1.0) if isinstance(progress, int | float) else None
        # The vendor asks for at least five seconds between two looks.
        return Pending(5.0, done, status[:60])

    async def cancel(self, operation: Operation, order: Order) -> None:
        """Cancels a running task and deletes one that is over."""
        try:
            await self.api.ask("DELETE", f"/v1/tasks/{operation['task']}")
        except ProviderError:
            log.info("%s has nothing to cancel any more.", LABEL)


async def _uri(file: InputFile) -> str:
    uri = await data_uri(file)
    if len(uri) > _LONGEST_URI:
        raise PayloadTooLarge(
            f"The input of {len(uri) * 3 // 4 // 2**20} MiB is larger than {LABEL} takes (about 3.7 MiB).",
            next_step="Make the file smaller, or use another model.",
            field="inputs",
        )
    return uri


def _done(told: Mapping[str, Any], order: Order) -> Done | Failed:
    output: Any = told.get("output")
    rows = cast("list[Any]", output) if isinstance(output, list) else [output]
    urls = [url for url in rows if isinstance(url, str) and url]
    if not urls:
        return Failed("provider_error", f"{LABEL} finished without a file.", "Try again.")
    mime = {"image": "image/png", "video": "video/mp4", "audio": "audio/mpeg"}[order.kind]
    charged: Any = told.get("cost")
    spent: Any = (
        cast("dict[str, Any]", charged).get("credits") if isinstance(charged, dict) else None
    )
    cost = None
    if isinstance(spent, int | float):
        source = f"reported by {LABEL} in credits of 0.01 USD"
        cost = {"amount": round(spent * _USD_PER_CREDIT, 6), "currency": "USD", "source": source}
    return Done(tuple(Output(mime, url=url) for url in urls), cost=cost)


def _failed(told: Mapping[str, Any]) -> Failed:
    code = str(told.get("failureCode") or "")
    words = tidy(str(told.get("failure") or "no reason given"))
    if code.startswith("SAFETY"):
        what = next((s for part, s in _SOURCES.items() if part in code), "what was asked")
        what = "the result" if ".OUTPUT" in code else what
        step = "Change the prompt or the inputs; the same order will be refused again."
        return Failed("content_policy", f"{LABEL} refused {what} ({tidy(code)}).", step)
    told_code = f" ({tidy(code)})" if code else ""
    again = code.startswith("INTERNAL") or not code
    step = "Try again." if again else "Change the inputs or the options."
    return Failed("provider_error", f"{LABEL} failed{told_code}: {words}", step, retryable=again)
