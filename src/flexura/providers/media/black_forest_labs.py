"""Black Forest Labs: pictures and video by its own API. Its OpenAPI document is the catalog.

Every path that takes a prompt is a model, with the vendor's own schema. An order answers with an id and a
polling URL, which may lead to a regional host. Sources: api.bfl.ai/openapi.json; the vendor's repository
`black-forest-labs/skills` (regions, limits, "1 credit = $0.01 USD", results that expire).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from flexura.domain.errors import ProviderError, ProviderUnavailable
from flexura.domain.model import Kind, Model
from flexura.ports.provider import Done, Failed, Operation, Order, Output, Pending, Provider
from flexura.providers import live_schema, vendor_json
from flexura.providers.api import Api
from flexura.providers.http_vendor import HttpVendor
from flexura.providers.input_variants import (
    Variant,
    alternatives,
    chosen,
    list_names,
    media_of,
    merged,
    placed,
    plain,
    takes_list,
)
from flexura.providers.media import Setup
from flexura.providers.payload import data_uri
from flexura.providers.staging import Staging
from flexura.providers.vendor_errors import words_of

NAME = "black_forest_labs"
LABEL = "Black Forest Labs"
VARIABLES = {
    "BFL_API_KEY": "a key of Black Forest Labs",
    "BFL_BASE_URL": "another address of its API, such as a regional one",
}
DOCS = "https://docs.bfl.ai"
PROVEN = ("Prism 5.14.2 on the vendor's OpenAPI: order, result",)

_BASE = "https://api.bfl.ai"
_USD_PER_CREDIT = 0.01
# An order with a webhook answers without a polling URL; the others are names inside of the vendor's storage.
_HIDDEN = ("webhook_url", "webhook_secret", "input_image_blob_path", "user")
_MODERATED = {"Request Moderated": "the prompt or an input", "Content Moderated": "the result"}


def configured(env: Mapping[str, str]) -> bool:
    """With a key."""
    return bool(env.get("BFL_API_KEY", "").strip())


def origins(env: Mapping[str, str]) -> list[str]:
    """The operator's own address."""
    return [url] if (url := env.get("BFL_BASE_URL", "").strip()) else []


def make(setup: Setup) -> Sequence[Provider]:
    """The one provider."""
    base = setup.env.get("BFL_BASE_URL", "").strip() or _BASE
    access = {"x-key": setup.env.get("BFL_API_KEY", "").strip()}
    api = Api(LABEL, base, setup.guard, access, "BFL_API_KEY", trusted=(".bfl.ai",))
    return [BlackForestLabs(NAME, api, Staging(setup.staging))]


class BlackForestLabs(HttpVendor):
    """One organization's account."""

    # The lowest of the limits that the vendor tells: five generations of video at once.
    concurrency = 5

    def __init__(self, name: str, api: Api, staging: Staging) -> None:
        super().__init__(name, api, staging)
        self._variants: dict[str, list[Variant]] = {}

    async def models(self) -> Sequence[Model]:
        """Every path of its OpenAPI document that takes a prompt."""
        document = await self.api.get("/openapi.json")
        paths = (
            cast("dict[str, Any]", document).get("paths") if isinstance(document, dict) else None
        )
        if not isinstance(paths, dict) or not paths:
            raise ProviderUnavailable(f"{LABEL}'s list of models cannot be read.")
        found: list[Model] = []
        known: dict[str, list[Variant]] = {}
        for path, item in cast("dict[str, Any]", paths).items():
            operation = cast("dict[str, Any]", item).get("post") if isinstance(item, dict) else None
            variants = _variants(path, operation, document)
            if variants:
                upstream_id = path.removeprefix("/v1/")
                known[upstream_id] = variants
                found.append(self._entry(upstream_id, cast("dict[str, Any]", operation), variants))
        self._variants = known
        return found

    def _entry(
        self, upstream_id: str, operation: dict[str, Any], variants: Sequence[Variant]
    ) -> Model:
        summary = str(operation.get("summary") or upstream_id)
        kind: Kind = "video" if "video" in f"{upstream_id} {summary}".lower() else "image"
        return self.entry(
            upstream_id,
            name=summary[:120],
            description=str(operation.get("description") or "")[:500],
            kinds=(kind,),
            tasks=_tasks(kind, variants),
            input_schema=merged(variants, _HIDDEN),
            schema_source="live",
        )

    async def submit(self, order: Order) -> Operation:
        """See the port."""
        variants = await self._known(order.upstream_id)
        schema = merged(variants, _HIDDEN)
        properties = cast("dict[str, Any]", schema["properties"])
        files = placed(order.inputs, properties, list_names(variants))
        way = chosen(variants, set(order.options), {slot for slot, _ in files})
        values = dict(order.options)
        for slot, file in files:
            # Plain base64 or a URL; a data URI is neither.
            data = (await data_uri(file)).partition(",")[2]
            many = slot in values and takes_list(way.properties.get(slot, {})) is not None
            values[slot] = [*_listed(values[slot]), data] if many else data
        answer = self.api.bought(await self.api.buy(way.path, json=way.body(values)))
        return self._operation(answer)

    async def _known(self, upstream_id: str) -> list[Variant]:
        if upstream_id not in self._variants:
            await self.models()
        if found := self._variants.get(upstream_id):
            return found
        raise ProviderError(
            f"{LABEL} no longer has {upstream_id}.",
            next_step="Look in model_catalog for what is live now.",
        )

    def _operation(self, answer: Any) -> Operation:
        told = vendor_json.fields(answer)
        task, url, cost = told.get("id"), told.get("polling_url"), told.get("cost")
        if isinstance(url, str) and url and self.api.is_ours(url):
            operation: Operation = {"url": url}
        elif isinstance(task, str) and task:
            operation = {"url": self.api.url("/v1/get_result", {"id": task})}
        else:
            raise self.api.unknown("Its answer has no polling URL.")
        if isinstance(cost, int | float):
            operation["credits"] = cost
        return operation

    async def poll(self, operation: Operation, order: Order) -> Pending | Done | Failed:
        """See the port."""
        try:
            found = await self.api.get(operation["url"])
        except ProviderError as gone:
            return self.api.forgotten(gone)
        told = vendor_json.fields(found)
        status = str(told.get("status") or "")
        if status == "Ready":
            return self._done(told, operation, order)
        if status in _MODERATED:
            return _moderated(_MODERATED[status], told)
        if status == "Task not found":
            return Failed("result_expired", f"{LABEL} no longer knows this order.")
        if status in ("Error", "Failed"):
            words = (
                words_of(told.get("details")) or words_of(told.get("result")) or "no reason given"
            )
            return Failed(
                "provider_error", f"{LABEL} failed: {words}", "Try again.", retryable=True
            )
        progress = told.get("progress")
        done = min(max(float(progress), 0.0), 1.0) if isinstance(progress, int | float) else None
        return Pending(2.0, done, status[:60])

    def _done(self, told: dict[str, Any], operation: Operation, order: Order) -> Done | Failed:
        result: Any = told.get("result")
        fields = vendor_json.fields(result)
        urls = [u for u in _listed(fields.get("sample")) if isinstance(u, str) and u]
        if not urls:
            return Failed("provider_error", f"{LABEL} finished without a file.", "Try again.")
        mime = "video/mp4" if order.kind == "video" else "image/jpeg"
        credits_spent = told.get("cost", operation.get("credits"))
        cost = None
        if isinstance(credits_spent, int | float):
            amount = round(credits_spent * _USD_PER_CREDIT, 6)
            source = f"reported by {LABEL} in credits of 0.01 USD"
            cost = {"amount": amount, "currency": "USD", "source": source}
        return Done(tuple(Output(mime, url=url) for url in urls), cost=cost)


def _variants(path: str, operation: Any, document: Any) -> list[Variant]:
    """The ways to ask what lies behind a path; none where it makes nothing from words."""
    if not path.startswith("/v1/") or not isinstance(operation, dict):
        return []
    fields = cast("dict[str, Any]", operation)
    tags: Any = fields.get("tags")
    body = live_schema.request_body({"paths": {path: {"post": operation}}})
    schema = live_schema.schema(body, document)
    if not schema or (isinstance(tags, list) and "Utility" in tags):
        return []
    found = [Variant(path, branch) for branch in alternatives(schema)]
    # A fine-tune is somebody's own: its id is no option that a caller of ours could fill.
    return [v for v in found if "prompt" in v.properties and "finetune_id" not in v.needs]


def _tasks(kind: Kind, variants: Sequence[Variant]) -> tuple[str, ...]:
    tasks: list[str] = []
    for way in variants:
        takes = {name: media_of(name, plain(schema)) for name, schema in way.properties.items()}
        needed = {takes[name] for name in way.needs} - {""}
        offered = {media for name, media in takes.items() if name not in _HIDDEN} - {""}
        if not needed:
            tasks.append(f"text-to-{kind}")
        sources = needed if kind == "video" else offered
        tasks += [f"{media}-to-{kind}" for media in sorted(sources) if media != "audio"]
    return tuple(dict.fromkeys(tasks))


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def _moderated(what: str, told: dict[str, Any]) -> Failed:
    details: Any = told.get("details")
    reasons: Any = (
        cast("dict[str, Any]", details).get("Moderation Reasons")
        if isinstance(details, dict)
        else None
    )
    words = words_of(reasons) or words_of(details)
    return Failed(
        "content_policy",
        f"{LABEL} refused {what}{f': {words}' if words else ''}.",
        "Change the prompt or the input images; the same order will be refused again.",
    )
