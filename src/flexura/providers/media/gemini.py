"""Google's Gemini API: pictures, speech, music and video.

Pictures and speech come at once from `:generateContent`; music, video and models that only take interactions
run in the background; `:predict` and `:predictLongRunning` are used where a listed model advertises them.
"""

from __future__ import annotations

import asyncio
import re
import urllib.parse
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, cast

from flexura.domain.errors import FlexuraError, ProviderError, ProviderUnavailable
from flexura.domain.job import JobWarning
from flexura.domain.model import Model
from flexura.outbound.answer import Answer
from flexura.ports.provider import Done, Failed, Operation, Order, Output, Pending, Provider
from flexura.providers.api import MEDIA_BYTES, Api
from flexura.providers.http_vendor import HttpVendor
from flexura.providers.media import Setup
from flexura.providers.staging import Staging
from flexura.providers.vendor_errors import refused_content, tidy
from flexura.providers.vendors import gemini_wire as wire
from flexura.providers.vendors.gemini_errors import explain, is_refusal
from flexura.providers.vendors.gemini_models import KIND, Offer, Rule, offer_of, rules

NAME = "gemini"
VARIABLES = {
    "GEMINI_API_KEY": "a key of the Gemini API",
    "GOOGLE_API_KEY": "the same; it wins where both are set",
    "GEMINI_BASE_URL": "another address of its API, with the version in it",
    "GEMINI_MODEL_WORDS": "more words in ids that tell what a model makes, as word=image,other=music",
}
DOCS = "https://ai.google.dev/api"
PROVEN = ("aimock 1.43.0: predict; predictLongRunning, its operation and its failure",)
LABEL = "Gemini"
_BASE = "https://generativelanguage.googleapis.com/v1"
_PAGES, _MODELS = 50, 5000
_FILE = re.compile(r"^(.*/)?files/[\w-]+")
_OPERATION = re.compile(r"^(?:models/[\w.-]+/)?operations/[\w-]+$")
_ENDED = {
    "cancelled": ("canceled", "The work was canceled at Gemini."),
    "failed": ("provider_error", "Gemini failed to make this."),
    "incomplete": ("provider_error", "Gemini stopped before anything was made."),
    "budget_exceeded": (
        "provider_error",
        "Gemini stopped: the budget of the interaction is used up.",
    ),
    "requires_action": ("provider_error", "Gemini asks for a tool in place of making this."),
    "requires_continuation": (
        "provider_error",
        "Gemini wants to be asked, and paid, a second time.",
    ),
    "completed": ("provider_error", "Gemini answered without any file."),
}


def configured(env: Mapping[str, str]) -> bool:
    """With either key."""
    return bool(_key(env)[1])


def origins(env: Mapping[str, str]) -> list[str]:
    """Another address of the API, where the operator names one."""
    return [url] if (url := env.get("GEMINI_BASE_URL", "").strip()) else []


def make(setup: Setup) -> Sequence[Provider]:
    """The one provider."""
    variable, key = _key(setup.env)
    api = Api(
        LABEL,
        setup.env.get("GEMINI_BASE_URL", "").strip() or _BASE,
        setup.guard,
        {"x-goog-api-key": key},
        variable=variable,
        explain=partial(explain, LABEL, variable),
    )
    words = rules(setup.env.get("GEMINI_MODEL_WORDS", ""))
    return [Gemini(api, Staging(setup.staging), words)]


def _key(env: Mapping[str, str]) -> tuple[str, str]:
    for name in ("GOOGLE_API_KEY", "GEMINI_API_KEY"):
        if key := env.get(name, "").strip():
            return name, key
    return "GEMINI_API_KEY", ""


class Gemini(HttpVendor):
    """One account at Google."""

    def __init__(self, api: Api, staging: Staging, words: Sequence[Rule]) -> None:
        super().__init__(NAME, api, staging)
        self._words = words
        self._offers: dict[str, Offer] = {}

    async def models(self) -> Sequence[Model]:
        """See the port. What makes text only is left out."""
        found: dict[str, Model] = {}
        offers: dict[str, Offer] = {}
        token: str | None = None
        for _ in range(_PAGES):
            page: Any = await self.api.get("models", {"pageSize": 1000, "pageToken": token})
            entries: Any = (
                cast("dict[str, Any]", page).get("models") if isinstance(page, dict) else None
            )
            if not isinstance(entries, list):
                if isinstance(page, dict) and entries is None:
                    break  # an empty page leaves the field out
                raise ProviderUnavailable(f"{LABEL}'s list of models cannot be read.")
            for entry in cast("list[Any]", entries):
                offer = (
                    offer_of(cast("dict[str, Any]", entry), self._words)
                    if isinstance(entry, dict)
                    else None
                )
                if offer and len(found) < _MODELS:
                    offers[offer.upstream_id] = offer
                    found[offer.upstream_id] = self._listed(offer, cast("dict[str, Any]", entry))
            following: Any = cast("dict[str, Any]", page).get("nextPageToken")
            if not isinstance(following, str) or not following or following == token:
                break
            token = following
        self._offers = offers
        return list(found.values())

    def _listed(self, offer: Offer, entry: Mapping[str, Any]) -> Model:
        def text(name: str) -> str:
            told = entry.get(name)
            return tidy(told) if isinstance(told, str) else ""

        return self.entry(
            offer.upstream_id,
            name=text("displayName") or offer.upstream_id,
            description=text("description"),
            kinds=(KIND[offer.makes],),
            tasks=offer.tasks,
            input_schema=offer.schema,
            schema_source="endpoint",
        )

    async def _offer(self, upstream_id: str) -> Offer:
        """How a model is asked. Raises ProviderUnavailable (nothing was bought) or ProviderError."""
        if upstream_id not in self._offers:
            await self.models()
        if upstream_id not in self._offers:
            raise ProviderError(
                f"{LABEL} no longer lists this model.",
                next_step="Look in model_catalog for what is live now.",
            )
        return self._offers[upstream_id]

    async def submit(self, order: Order) -> Operation:
        """See the port."""
        offer = await self._offer(order.upstream_id)
        path, body = wire.request(order, offer.makes, offer.way, await wire.inline(order.inputs))
        answer = await self.api.buy(path, json=body)
        taken: Any = await asyncio.to_thread(self.api.bought, answer)
        match offer.way:
            case "content":
                return await self._kept(order, await asyncio.to_thread(wire.in_content, taken))
            case "predict":
                return await self._kept(order, await asyncio.to_thread(wire.in_predictions, taken))
            case "interaction":
                return {"interaction": self._handle(taken, "id", r"[\w.=-]+")}
            case "operation":
                return {"operation": self._handle(taken, "name", _OPERATION.pattern)}

    def _handle(self, taken: Any, name: str, pattern: str) -> str:
        handle: Any = cast("dict[str, Any]", taken).get(name) if isinstance(taken, dict) else None
        if not isinstance(handle, str) or not re.fullmatch(pattern, handle):
            raise self.api.unknown(f"its answer has no usable {name}.")
        return handle

    async def _kept(self, order: Order, found: wire.Found) -> Operation:
        if found.files:
            return await self.staging.keep(order.job_id, found.files)
        if found.blocked or is_refusal(found.words):
            raise refused_content(LABEL, _why(found))
        if found.words:
            raise ProviderError(
                f"{LABEL} answered without any file. It says: {found.words}",
                next_step="Say in the prompt what is wanted, or use another model.",
            )
        raise self.api.unknown("its answer holds no file.")

    async def poll(self, operation: Operation, order: Order) -> Pending | Done | Failed:
        """See the port."""
        if "files" in operation:
            return await self.staging.outputs(operation, LABEL)
        interaction = operation.get("interaction")
        path = f"interactions/{_quoted(interaction)}" if interaction else operation["operation"]
        try:
            answer = await self.api.ask("GET", path, max_bytes=MEDIA_BYTES)
        except ProviderError as refused:
            return _gone(refused)
        body = await asyncio.to_thread(_json, answer)
        if interaction:
            return await self._interaction(body, order)
        return await self._operation(body, order)

    async def _interaction(self, body: dict[str, Any], order: Order) -> Pending | Done | Failed:
        status = str(body.get("status") or "")
        if status not in _ENDED:
            return Pending(3.0, note=tidy(status))
        found = await asyncio.to_thread(wire.in_interaction, body, order.kind)
        code, message = _ENDED[status]
        if status in ("completed", "incomplete") and (found.files or found.addresses):
            cut = JobWarning("incomplete", f"{LABEL} stopped before it was through.")
            return await self._outputs(found, order, (cut,) if status == "incomplete" else ())
        return _failed(found, code, message)

    async def _operation(self, body: dict[str, Any], order: Order) -> Pending | Done | Failed:
        if not body.get("done"):
            return Pending(5.0)
        found = await asyncio.to_thread(wire.in_operation, body)
        if found.files or found.addresses:
            return await self._outputs(found, order, ())
        error: Any = body.get("error")
        if isinstance(error, dict):
            found.words = tidy(str(cast("dict[str, Any]", error).get("message") or ""))
        return _failed(found, "provider_error", f"{LABEL} failed to make this.")

    async def _outputs(
        self, found: wire.Found, order: Order, warnings: tuple[JobWarning, ...]
    ) -> Pending | Done | Failed:
        outputs: list[Output] = []
        for address, mime in found.addresses:
            waiting = await self._file(address)
            if waiting is not None:
                return waiting
            outputs.append(Output(mime, url=_download(address)))
        if found.files:
            kept = await self.staging.keep(order.job_id, found.files)
            held = await self.staging.outputs(kept, LABEL)
            if isinstance(held, Failed):
                return held
            outputs += held.outputs
        return Done(tuple(outputs), warnings)

    async def _file(self, address: str) -> Pending | Failed | None:
        """None when a file of the vendor's store can be fetched; it may still be in the making."""
        where = _FILE.match(address)
        if not where or not self.api.is_ours(self.api.url(where[0])):
            return None
        try:
            told: Any = await self.api.get(where[0])
        except ProviderError:
            return None  # the download will tell
        state = (
            str(cast("dict[str, Any]", told).get("state") or "") if isinstance(told, dict) else ""
        )
        if state == "PROCESSING":
            return Pending(3.0, note="The file is being made ready.")
        if state == "FAILED":
            return Failed("provider_error", f"{LABEL} could not finish the file.", "Try again.")
        return None

    async def cancel(self, operation: Operation, order: Order) -> None:
        """See the port; only interactions can be stopped."""
        if interaction := operation.get("interaction"):
            try:
                await self.api.ask("POST", f"interactions/{_quoted(interaction)}/cancel")
            except ProviderError as refused:
                # Already over, or gone.
                if refused.details.get("upstream_status") not in (400, 404, 409, 410):
                    raise


def _quoted(part: str) -> str:
    return urllib.parse.quote(part, safe="")


def _download(address: str) -> str:
    """A file of the vendor's store is read under `:download`; any other address as it stands."""
    where = _FILE.match(address)
    whole = where and where[0] == address
    return f"{address}:download?alt=media" if whole else address


def _json(answer: Answer) -> dict[str, Any]:
    try:
        body: Any = answer.json()
    except ProviderError as junk:
        raise ProviderUnavailable(f"{LABEL} answered with something that is not JSON.") from junk
    if not isinstance(body, dict):
        raise ProviderUnavailable(f"{LABEL} answered with something that cannot be read.")
    return cast("dict[str, Any]", body)


def _why(found: wire.Found) -> str:
    return ": ".join(filter(None, (found.blocked, found.words)))


def _gone(refused: FlexuraError) -> Failed:
    if refused.details.get("upstream_status") in (404, 410):
        return Failed("result_expired", f"{LABEL} no longer knows this work.", "Order it again.")
    raise refused


def _failed(found: wire.Found, code: str, message: str) -> Failed:
    words = _why(found)
    if found.blocked or is_refusal(words):
        refused = refused_content(LABEL, words)
        return Failed("content_policy", refused.message, refused.next_step)
    tail = f" It says: {words}" if words else ""
    step = "" if code == "canceled" else "Try again, or use another model."
    return Failed(code, message + tail, step)
