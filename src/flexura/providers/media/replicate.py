"""Replicate: predictions of hosted models, each with a live schema.

The catalog is what Replicate's own collections hold and the newest of the plain list, which is endless. Every
other `owner/name` or `owner/name:version` is found by asking for it. Replicate tells no prices and deletes
finished files after an hour. Sources: api.replicate.com/openapi.json 1.0.0-a1, replicate 1.0.7 (Python).
"""

from __future__ import annotations

import asyncio
import logging
import mimetypes
import re
import urllib.parse
from collections.abc import Mapping, Sequence
from typing import Any

from flexura.domain.errors import (
    FlexuraError,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
)
from flexura.domain.model import Model
from flexura.outbound.answer import Answer
from flexura.ports.provider import (
    Done,
    Failed,
    InputFile,
    Operation,
    Order,
    Pending,
    Provider,
)
from flexura.providers.api import Api
from flexura.providers.found_media import finished, found_media
from flexura.providers.http_vendor import HttpVendor
from flexura.providers.media import Setup
from flexura.providers.media_tasks import is_elsewhere
from flexura.providers.payload import data_uri, filled
from flexura.providers.staging import Staging
from flexura.providers.vendor_errors import is_moderation, said, tidy
from flexura.providers.vendor_json import fields, objects, rows, words
from flexura.providers.vendors.replicate_models import (
    Listed,
    Offer,
    collected,
    described,
    name_of,
    offer_of,
)

log = logging.getLogger(__name__)
NAME = "replicate"
LABEL = "Replicate"
_KEY, _BASE = "REPLICATE_API_TOKEN", "REPLICATE_BASE_URL"
VARIABLES = {_KEY: "an API token of replicate.com", _BASE: "another address of its API"}
DOCS = "https://replicate.com/docs/reference/http"
PROVEN = ("Prism 5.14.2 on Replicate's OpenAPI description",)
_DEFAULT = "https://api.replicate.com/v1"
_ID = re.compile(r"([\w-][\w.-]*/[\w-][\w.-]*)(?::([\w.-]{1,100}))?\Z", re.ASCII)
_LIST_PAGES = 20
_NEWEST_PAGES = 2
_MODELS = 5000
_AT_ONCE = 6
_INLINE_BYTES = 256 * 1024
"""Replicate wants files above this size as an address."""
_SENSITIVE = re.compile(r"(?i)flagged as sensitive|\bE005\b|nsfw|safety|content polic|moderat")
_PERCENT = re.compile(r"(\d{1,3})%\|")
_WAIT = re.compile(r"available in (\d{1,4}) second")

Json = dict[str, Any]


def configured(env: Mapping[str, str]) -> bool:
    """Whether there is a token."""
    return bool(env.get(_KEY, "").strip())


def origins(env: Mapping[str, str]) -> list[str]:
    """The address that the operator set himself."""
    return [url] if (url := env.get(_BASE, "").strip()) else []


def make(setup: Setup) -> Sequence[Provider]:
    """One provider."""
    base = setup.env.get(_BASE, "").strip() or _DEFAULT
    access = {"authorization": f"Bearer {setup.env[_KEY].strip()}"}
    api = Api(LABEL, base, setup.guard, access, _KEY, explain=_explain)
    return [Replicate(NAME, api, Staging(setup.staging))]


class Replicate(HttpVendor):
    """The port `Provider` on Replicate's predictions."""

    def __init__(self, name: str, api: Api, staging: Staging) -> None:
        super().__init__(name, api, staging)
        self._versions: dict[str, str] = {}
        """The version to order of each model that is not official; official ones have an empty one."""

    async def models(self) -> Sequence[Model]:
        """The models of every collection that is about media, and the newest ones of all."""
        slugs = [words(row.get("slug")) for row in await self._pages("/collections", _LIST_PAGES)]
        about_media = [slug for slug in slugs if slug and not is_elsewhere(slug)]
        slots = asyncio.Semaphore(_AT_ONCE)
        newest, *shelves = await asyncio.gather(
            self._newest(), *(self._shelf(slug, slots) for slug in about_media)
        )
        found: dict[str, Listed] = {}
        for slug, shelf in zip(about_media, shelves, strict=True):
            collected(shelf, slug, found)
        collected(newest, "", found)
        return await asyncio.to_thread(self._entries, found)

    def _entries(self, found: Mapping[str, Listed]) -> list[Model]:
        entries: list[Model] = []
        for name, listed in list(found.items())[:_MODELS]:
            self._note_version(name, listed.row)
            offer = offer_of(listed.row, listed.filed)
            if offer is not None:
                entries.append(self._entry(name, listed.row, offer))
        return entries

    def _entry(self, upstream_id: str, row: Json, offer: Offer) -> Model:
        schema = offer.input_schema
        told = {} if schema is None else {"input_schema": schema}
        return self.entry(
            upstream_id,
            name=upstream_id,
            description=described(row),
            kinds=offer.kinds,
            tasks=offer.tasks,
            schema_source="on request" if schema is None else "live",
            **told,
        )

    def _note_version(self, name: str, row: Json) -> None:
        version = words(fields(row.get("latest_version")).get("id"))
        self._versions[name] = "" if row.get("is_official") is True else version

    async def _pages(self, path: str, most: int) -> list[Json]:
        """The rows of a list that tells the address of its next page. Raises ProviderUnavailable for junk."""
        found: list[Json] = []
        query = ""
        for _ in range(most):
            page = await self.api.get(f"{path}?{query}" if query else path)
            if not isinstance(fields(page).get("results"), list):
                raise ProviderUnavailable(f"{LABEL}'s list of models cannot be read.")
            found += objects(page["results"])
            # Only what it asks for is taken from the address: the host stays the configured one.
            following = words(page.get("next")).partition("?")[2].partition("#")[0]
            if following in ("", query):
                break
            query = following
        return found

    async def _shelf(self, slug: str, slots: asyncio.Semaphore) -> list[Json]:
        async with slots:
            try:
                shelf = await self.api.get(f"/collections/{urllib.parse.quote(slug, safe='')}")
            except FlexuraError as error:
                log.info("Replicate's collection %s cannot be read: %s", slug, error.message)
                return []
        return objects(fields(shelf).get("models"))

    async def _newest(self) -> list[Json]:
        try:
            return await self._pages("/models", _NEWEST_PAGES)
        except FlexuraError as error:
            log.info("Replicate's newest models cannot be read: %s", error.message)
            return []

    async def model(self, upstream_id: str, listed: Model | None) -> Model | None:
        """The model with the schema of its latest version, or of the version in its name."""
        parts = _ID.match(upstream_id)
        if parts is None:
            return None
        row = await self._row(f"/models/{parts[1]}")
        if row is None or name_of(row) == "":
            return None
        self._note_version(parts[1], row)
        if parts[2]:
            version = await self._row(f"/models/{parts[1]}/versions/{parts[2]}")
            if version is None:
                return None
            row = {**row, "latest_version": version}
        filed = list(listed.tasks) if listed else await self._tags(parts[1])
        offer = await asyncio.to_thread(offer_of, row, filed)
        return self._entry(upstream_id, row, offer) if offer else None

    async def _row(self, path: str) -> Json | None:
        """A model or a version; None where there is none. Raises ProviderUnavailable for junk."""
        try:
            row = fields(await self.api.get(path))
        except ProviderError as refused:
            if refused.details.get("upstream_status") not in (404, 410):
                raise
            return None
        if not row:
            raise ProviderUnavailable(f"{LABEL}'s description of a model cannot be read.")
        return row

    async def _tags(self, name: str) -> list[str]:
        """What the search files a model under; the model itself does not tell."""
        try:
            found = await self.api.get("/search", {"query": name, "limit": 10})
        except FlexuraError as error:
            log.info("Replicate's search does not answer: %s", error.message)
            return []
        for row in objects(fields(found).get("models")):
            if name_of(fields(row.get("model"))) == name:
                return [words(tag) for tag in rows(fields(row.get("metadata")).get("tags"))]
        return []

    async def submit(self, order: Order) -> Operation:
        """Create one prediction; it is not waited for."""
        parts = _ID.match(order.upstream_id)
        if parts is None:
            raise ProviderError(
                f"{order.upstream_id[:100]!r} is no model of {LABEL}.",
                next_step="Write it as owner/name or owner/name:version.",
            )
        version = parts[2] or await self._version(parts[1])
        placed = [(file, await self._placed(file)) for file in order.inputs if file.slot]
        body: Json = {"input": filled(order.options, placed)}
        if version:
            answer = await self.api.buy("/predictions", json={"version": version, **body})
        else:
            answer = await self.api.buy(f"/models/{parts[1]}/predictions", json=body)
        prediction = words(fields(self.api.bought(answer)).get("id"))
        if not re.fullmatch(r"[\w-]{1,200}", prediction, re.ASCII):
            raise self.api.unknown("its answer has no id.")
        return {"prediction": prediction}

    async def _version(self, name: str) -> str:
        """The version to order; empty for an official model, which has one interface for all versions."""
        if name not in self._versions:
            row = await self._row(f"/models/{name}")
            if row is None:
                raise ProviderError(
                    f"{LABEL} does not have {name}.",
                    next_step="Look in model_catalog for what is live now.",
                )
            self._note_version(name, row)
        return self._versions[name]

    async def _placed(self, file: InputFile) -> str:
        """An input as Replicate wants it: small ones inside of the order, others uploaded first."""
        content = await asyncio.to_thread(file.path.read_bytes)
        if len(content) <= _INLINE_BYTES:
            return await data_uri(file)
        name = f"{file.sha256[:16]}{mimetypes.guess_extension(file.mime) or ''}"
        answer = await self.api.ask("POST", "/files", form=[("content", name, file.mime, content)])
        try:
            address = words(fields(fields(answer.json()).get("urls")).get("get"))
        except ProviderError:
            address = ""
        if not address:
            raise ProviderUnavailable(f"{LABEL} took a file and did not say where it is.")
        return address

    async def poll(self, operation: Operation, order: Order) -> Pending | Done | Failed:
        """How the prediction is doing."""
        try:
            state = fields(await self.api.get(f"/predictions/{operation['prediction']}"))
        except ProviderError as gone:
            if gone.details.get("upstream_status") in (404, 410):
                return _expired()
            raise
        status = state.get("status")
        if status == "succeeded":
            if state.get("data_removed") is True:
                return _expired()
            files = found_media(state.get("output"), order.kind)
            return await finished(files, order, self.staging, LABEL)
        if status == "failed":
            return _failed(tidy(words(state.get("error"))))
        if status in ("canceled", "aborted"):
            return Failed("canceled", f"{LABEL} canceled the prediction ({status}).", "Try again.")
        percent = _PERCENT.findall(words(state.get("logs"))[-2000:])
        progress = min(int(percent[-1]) / 100, 1.0) if percent else None
        return Pending(1.0 if order.kind == "image" else 3.0, progress)

    async def cancel(self, operation: Operation, order: Order) -> None:
        """Ask for it to be stopped; what is already over stays as it is."""
        try:
            await self.api.ask("POST", f"/predictions/{operation['prediction']}/cancel")
        except FlexuraError as error:
            log.info("Replicate did not cancel: %s", error.message)


def _expired() -> Failed:
    what = f"{LABEL} has deleted the files of this prediction; it keeps them for an hour."
    return Failed("result_expired", what, "Order it again.")


def _failed(error: str) -> Failed:
    if _SENSITIVE.search(error) or is_moderation(error):
        return Failed(
            "content_policy",
            f"{LABEL} refused this content: {error}",
            "Change the prompt or the input images; the same order will be refused again.",
        )
    message = f"The prediction at {LABEL} failed: {error or 'no reason given'}"
    return Failed("provider_error", message, "Try again, or use another model.", retryable=True)


def _explain(answer: Answer) -> FlexuraError | None:
    """Replicate's problem documents (RFC 7807): which field is wrong, and how long to wait."""
    if answer.status == 429 and answer.retry_after() is None:
        wait = _WAIT.search(said(answer))
        if wait:
            return RateLimited(
                f"{LABEL} was asked too often. It says: {said(answer)}",
                next_step="Wait a moment, or raise the limit in your account there.",
                retry_after=float(wait[1]),
            )
    if answer.status != 422:
        return None
    try:
        wrong = objects(fields(answer.json()).get("invalid_fields"))[:5]
    except ProviderError:
        return None
    told = [f"{words(f.get('field'))}: {words(f.get('description'))}" for f in wrong]
    what = tidy("; ".join(told)) or said(answer)
    if is_moderation(what):
        return None
    return ProviderError(
        f"{LABEL} refused the input. {what}",
        next_step="Correct the options; model_catalog(id=…) shows what the model takes.",
        upstream_status=422,
    )
