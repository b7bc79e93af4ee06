"""fal.ai: a queue for every endpoint, a live list with a JSON Schema and a price for each.

The queue takes and runs orders; the platform API has the list, the schemas and the prices; the site publishes
each endpoint's schema once more. Sources: fal.ai/docs (queue API, platform APIs, model errors, request error
types), fal-client 1.0.3.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flexura.domain.errors import FlexuraError, ProviderError, ProviderUnavailable
from flexura.domain.job import JobWarning
from flexura.domain.model import KINDS, Model, Price
from flexura.outbound.answer import Answer
from flexura.ports.provider import Done, Failed, Operation, Order, Pending, Provider
from flexura.providers.api import Api
from flexura.providers.found_media import finished, found_media
from flexura.providers.http_vendor import HttpVendor
from flexura.providers.live_schema import input_schema, request_body
from flexura.providers.media import Setup
from flexura.providers.media_tasks import is_from_to, kinds_of, target_of, task_of
from flexura.providers.payload import data_uri, filled
from flexura.providers.staging import Staging
from flexura.providers.vendor_errors import tidy
from flexura.providers.vendor_json import fields, objects, rows, words
from flexura.providers.vendors import fal_prices
from flexura.providers.vendors.fal_errors import explain, explain_run, failure, failure_of_status

log = logging.getLogger(__name__)
NAME = "fal"
LABEL = "fal.ai"
_KEY, _QUEUE, _API, _SITE = "FAL_KEY", "FAL_QUEUE_URL", "FAL_API_URL", "FAL_SCHEMA_URL"
VARIABLES = {
    _KEY: "a key of fal.ai",
    _QUEUE: "another address of its queue",
    _API: "another address of its platform API (models, prices)",
    _SITE: "another address of its published schemas",
}
DOCS = "https://fal.ai/docs/api-reference/inference-api"
PROVEN = ("aimock 1.43.0: queue submit, status, result, cancel",)
_DEFAULTS = {_QUEUE: "https://queue.fal.run", _API: "https://api.fal.ai", _SITE: "https://fal.ai"}
_ENDPOINT = re.compile(r"[\w-][\w.-]*(?:/[\w-][\w.-]*){1,7}\Z", re.ASCII)
_PAGES = 50
_A_PAGE = 100
_ON_REQUEST = "on request"
_DOCUMENT = "/api/openapi/queue/openapi.json"

Json = dict[str, Any]


def configured(env: Mapping[str, str]) -> bool:
    """Whether there is a key."""
    return bool(env.get(_KEY, "").strip())


def origins(env: Mapping[str, str]) -> list[str]:
    """The addresses that the operator set himself."""
    return [url for name in _DEFAULTS if (url := env.get(name, "").strip())]


def make(setup: Setup) -> Sequence[Provider]:
    """One provider over the three addresses."""
    env = setup.env
    url = {name: env.get(name, "").strip() or default for name, default in _DEFAULTS.items()}
    access = {"authorization": f"Key {env[_KEY].strip()}"}
    queue = Api(LABEL, url[_QUEUE], setup.guard, access, _KEY, (".fal.run",), explain)
    platform = Api(LABEL, url[_API], setup.guard, access, _KEY)
    site = Api(LABEL, url[_SITE], setup.guard)
    return [Fal(queue, platform, site, Staging(setup.staging))]


class Fal(HttpVendor):
    """The port `Provider` on fal's queue."""

    def __init__(self, queue: Api, platform: Api, site: Api, staging: Staging) -> None:
        super().__init__(NAME, queue, staging)
        self._runs = replace(queue, explain=explain_run)
        self._platform = platform
        self._site = site
        self._prices = fal_prices.PriceList(platform)

    async def models(self) -> Sequence[Model]:
        """Every active endpoint that makes media; one request per endpoint gives its schema."""
        listed = await self._listed()
        await self._prices.learn(list(listed))
        entries = (self._entry(row) for row in listed.values())
        return [self._priced(entry) for entry in entries if entry is not None]

    async def _listed(self) -> dict[str, Json]:
        listed: dict[str, Json] = {}
        cursor: str | None = None
        for _ in range(_PAGES):
            query = {"status": "active", "limit": _A_PAGE, "cursor": cursor}
            page = await self._platform.get("/v1/models", query)
            if not isinstance(fields(page).get("models"), list):
                raise ProviderUnavailable(f"{LABEL}'s list of models cannot be read.")
            for row in objects(page["models"]):
                if _is_endpoint(row.get("endpoint_id")):
                    listed.setdefault(row["endpoint_id"], row)
            following = words(page.get("next_cursor"))
            if following in ("", cursor):
                break
            cursor = following
        return listed

    def _entry(self, row: Json, category: str = "") -> Model | None:
        """A row of the list as a catalog entry; None where it makes no image, video or audio."""
        endpoint: str = row["endpoint_id"]
        metadata = fields(row.get("metadata"))
        if metadata.get("kind") == "training":
            return None
        told = {field: tidy(words(value)) for field, value in metadata.items()}
        name, description = told.get("display_name", ""), told.get("description", "")
        said = told.get("category") or category
        # Where nobody files it, the end of the endpoint's path says it in the same words.
        filed = said or next((p for p in reversed(endpoint.split("/")) if is_from_to(p)), "")
        tags = map(words, rows(metadata.get("tags")))
        task = task_of(filed, " ".join([name, *tags, description, endpoint]))
        kinds = kinds_of([task]) if task else tuple(filter(None, [target_of(filed)]))
        if not kinds:
            return None
        return self.entry(
            endpoint,
            name=name or endpoint,
            description=description,
            kinds=kinds,
            tasks=(task,) if task else (),
            schema_source=_ON_REQUEST,
            status="deprecated" if metadata.get("status") == "deprecated" else "active",
        )

    def _priced(self, entry: Model, price: Price | None = None) -> Model:
        known = price or self._prices.price(entry.upstream_id, entry.kinds)
        return entry.model_copy(update={"price": known})

    async def model(self, upstream_id: str, listed: Model | None) -> Model | None:
        """The endpoint with its schema and price; also one that the list does not have."""
        if not _is_endpoint(upstream_id):
            return None
        row = await self._row(upstream_id)
        document = await self._document(upstream_id, row)
        if row is None and document is None:
            return None
        entry = self._entry(row or {"endpoint_id": upstream_id}, _category(document)) or listed
        if entry is None:
            return None
        schema = await asyncio.to_thread(lambda: input_schema(request_body(document), document))
        if schema is not None:
            entry = entry.model_copy(update={"input_schema": schema, "schema_source": "live"})
        await self._prices.learn([upstream_id])
        price = self._prices.price(upstream_id, entry.kinds)
        if price is None or price.unit not in fal_prices.COMPUTABLE:
            price = await self._prices.estimate(upstream_id) or price
        return self._priced(entry, price)

    async def _row(self, endpoint: str) -> Json | None:
        """The endpoint's row with its document in it; None where the list has no such endpoint."""
        try:
            query = {"endpoint_id": endpoint, "expand": "openapi-3.0"}
            page = await self._platform.get("/v1/models", query)
        except ProviderError as refused:
            if refused.details.get("upstream_status") not in (400, 404):
                raise
            return None
        listed = objects(fields(page).get("models"))
        return next((row for row in listed if row.get("endpoint_id") == endpoint), None)

    async def _document(self, endpoint: str, row: Json | None) -> Json | None:
        """Its OpenAPI document: from the row, else from the site; None where neither has it."""
        inside: Any = (row or {}).get("openapi")
        if request_body(inside) is not None:
            return inside
        try:
            found = await self._site.get(_DOCUMENT, {"endpoint_id": endpoint})
        except FlexuraError as error:
            if row is None and error.details.get("upstream_status") not in (400, 404):
                raise
            log.info("fal.ai has no schema of %s: %s", endpoint, error.message)
            return None
        return found if request_body(found) is not None else None

    async def submit(self, order: Order) -> Operation:
        """Put the order into the queue."""
        placed = [(file, await data_uri(file)) for file in order.inputs if file.slot]
        answer = await self.api.buy(f"/{order.upstream_id}", json=filled(order.options, placed))
        ticket = fields(self.api.bought(answer))
        names = ("request_id", "status_url", "response_url", "cancel_url")
        told = {name: ticket[name] for name in names if isinstance(ticket.get(name), str)}
        for name in ("status_url", "response_url"):
            if name not in told:
                raise self.api.unknown(f"its answer has no {name}.")
            if not self.api.is_ours(told[name]):
                raise self.api.unknown(f"the {name} in its answer is not an address of its own.")
        return told

    async def poll(self, operation: Operation, order: Order) -> Pending | Done | Failed:
        """Look at the queue; once the run is over, at its result."""
        try:
            state = fields(await self.api.get(operation["status_url"]))
        except ProviderError as gone:
            return failure(gone)
        over = failure_of_status(state)
        if over is not None:
            return over
        if state.get("status") != "COMPLETED":
            return _pending(state, order)
        try:
            answer = await self._runs.ask("GET", operation["response_url"])
        except FlexuraError as failed:
            if isinstance(failed, ProviderUnavailable) or failed.code == "rate_limited":
                raise
            return failure(failed)
        return await self._result(answer, order)

    async def _result(self, answer: Answer, order: Order) -> Pending | Done | Failed:
        try:
            result = answer.json()
        except ProviderError as junk:
            raise ProviderUnavailable(f"{LABEL} gave a result that is not JSON.") from junk
        if answer.status == 202:
            return _pending(fields(result), order)
        told = {"cost": await self._cost(answer, order), "warnings": _hidden(fields(result))}
        return await finished(found_media(result, order.kind), order, self.staging, LABEL, **told)

    async def _cost(self, answer: Answer, order: Order) -> Json | None:
        """What the run cost: the units that fal billed, at its price of one."""
        units = fal_prices.number(answer.headers.get("x-fal-billable-units"))
        if units is None:
            return None
        await self._prices.learn([order.upstream_id])
        rate = self._prices.rate(order.upstream_id)
        if rate is None:
            return None
        amount = round(units * rate.amount, 6)
        source = f"reported by {LABEL}: {units:g} units at {rate.amount:g} per {rate.unit}"
        return {"amount": amount, "currency": rate.currency, "source": source}

    async def cancel(self, operation: Operation, order: Order) -> None:
        """Ask the queue to drop it; what is already over stays as it is."""
        address = operation.get("cancel_url")
        if not address:
            return
        try:
            await self.api.ask("PUT", address)
        except FlexuraError as error:
            log.info("fal.ai did not cancel: %s", error.message)


def _is_endpoint(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 200 and bool(_ENDPOINT.match(value))


def _category(document: Any) -> str:
    """What the endpoint's own document files it under, else what the names of its fields say."""
    info = fields(fields(document).get("info"))
    told = tidy(words(fields(info.get("x-fal-metadata")).get("category")))
    if told:
        return told
    known = fields(fields(fields(document).get("components")).get("schemas"))
    made = {name: " ".join(fields(fields(s).get("properties"))) for name, s in known.items()}
    outputs = " ".join(names for name, names in made.items() if name.endswith("Output"))
    inputs = " ".join(names for name, names in made.items() if name.endswith("Input"))
    target = next((kind for kind in KINDS if kind in outputs), "")
    source = next((kind for kind in KINDS if f"{kind}_url" in inputs), "text")
    return f"{source}-to-{target}" if target else ""


def _pending(state: Json, order: Order) -> Pending:
    place = state.get("queue_position")
    waits = state.get("status") == "IN_QUEUE" and type(place) is int and place > 0
    note = f"{place} orders before this one at {LABEL}" if waits else ""
    return Pending(1.0 if order.kind == "image" else 3.0, 0.0 if note else None, note)


def _hidden(result: Json) -> tuple[JobWarning, ...]:
    """Pictures that the safety checker painted black are delivered, and paid for; the caller has to know."""
    flags = rows(result.get("has_nsfw_concepts"))
    count = flags.count(True)
    if not count:
        return ()
    what = f"{LABEL}'s safety checker blacked out {count} of {len(flags)} images."
    return (JobWarning("content_policy", what),)
