"""Work behind Hugging Face's router: what its first answer says, and how it is doing.

Every look goes through the router: only the path of an address in an answer is used, as huggingface_hub
2.4.0 does. A prediction of replicate that takes longer than its first answer waits is asked about under the
same route; that client gives up there.
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Callable, Mapping
from typing import Any, cast

from flexura.domain.errors import ProviderError, ProviderUnavailable
from flexura.domain.model import Kind
from flexura.ports.provider import Done, Failed, Operation, Output, Pending
from flexura.providers import vendor_json
from flexura.providers.api import Api
from flexura.providers.vendor_errors import is_moderation, words_of
from flexura.providers.vendors.hf_routes import Reply

_MIME: Mapping[Kind, str] = {"image": "image/png", "video": "video/mp4", "audio": "audio/mpeg"}
_PLACES = (
    "images",
    "image",
    "video",
    "videos",
    "audio",
    "audio_file",
    "audio_url",
    "outputs",
    "output",
)
_ID = re.compile(r"[\w-]{1,200}")
_QUEUE = {"_subdomain": "queue"}

Seen = Pending | Done | Failed


def base64_texts(told: Any) -> list[str]:
    """The files of an answer in the OpenAI shape."""
    rows: Any = _dict(told).get("data")
    found = (
        [_dict(row).get("b64_json") for row in cast("list[Any]", rows)]
        if isinstance(rows, list)
        else []
    )
    return [text for text in found if isinstance(text, str) and text]


def started(reply: Reply, told: Any) -> Operation | None:
    """The handle of work in progress; None where the answer has none."""
    fields = _dict(told)
    if reply == "fal":
        path = _path(fields.get("response_url"))
        return {"reply": reply, "path": f"/fal-ai{path}"} if path else None
    if reply == "wavespeed":
        path = _path(_dict(_dict(fields.get("data")).get("urls")).get("get"))
        return {"reply": reply, "path": f"/wavespeed{path}"} if path else None
    work = fields.get("id")
    if not isinstance(work, str) or not _ID.fullmatch(work):
        return None
    if reply == "together":
        return {"reply": reply, "path": f"/together/v2/videos/{work}"}
    # It waited up to a minute: often everything is there already.
    urls = _urls(fields.get("output")) if fields.get("status") == "succeeded" else []
    return {"reply": reply, "path": f"/replicate/v1/predictions/{work}", "urls": urls}


async def look(api: Api, operation: Operation, kind: Kind) -> Seen:
    """How the work is doing. Raises ProviderUnavailable or RateLimited (ask again)."""
    if operation.get("urls"):
        return _done(operation["urls"], kind, api.label)
    query = _QUEUE if operation["reply"] == "fal" else {}
    path = operation["path"] + ("/status" if query else "")
    try:
        told = _dict(await api.get(path, query))
    except ProviderError as gone:
        return api.forgotten(gone, "work", (404, 405))
    if operation["reply"] == "fal":
        return await _fal(api, operation["path"], told, kind)
    return _LOOKS[operation["reply"]](told, kind, api.label)


async def _fal(api: Api, path: str, told: Mapping[str, Any], kind: Kind) -> Seen:
    status = str(told.get("status") or "")
    if status != "COMPLETED":
        return Pending(2.0, None, status[:60])
    if words := words_of(told.get("error")):
        return _failed(api.label, words)
    try:
        result = await api.get(path, _QUEUE)
    except ProviderUnavailable as broken:
        # 500 is how a run that failed answers; the others are the way there.
        if broken.details.get("upstream_status") != 500:
            raise
        return _failed(api.label, broken.message)
    except ProviderError as refused:
        return _failed(api.label, refused.message)
    return _done(_media(result), kind, api.label)


def _replicate(told: Mapping[str, Any], kind: Kind, label: str) -> Seen:
    status = str(told.get("status") or "")
    if status == "succeeded":
        return _done(_urls(told.get("output")), kind, label)
    if status in ("failed", "aborted"):
        return _failed(label, words_of(told.get("error")))
    if status == "canceled":
        return Failed("canceled", f"The work was canceled at {label}.")
    return Pending(2.0, None, status[:60])


def _together(told: Mapping[str, Any], kind: Kind, label: str) -> Seen:
    status = str(told.get("status") or "")
    if status == "completed":
        return _done(_urls(_dict(told.get("outputs")).get("video_url")), kind, label)
    if status in ("failed", "cancelled"):
        return _failed(label, words_of(told.get("error")))
    return Pending(3.0, None, status[:60])


def _wavespeed(told: Mapping[str, Any], kind: Kind, label: str) -> Seen:
    data = _dict(told.get("data"))
    status = str(data.get("status") or "")
    if status == "completed":
        return _done(_urls(data.get("outputs")), kind, label)
    if status == "failed":
        return _failed(label, words_of(data.get("error")))
    return Pending(2.0, None, status[:60])


_LOOKS: Mapping[str, Callable[[Mapping[str, Any], Kind, str], Seen]] = {
    "replicate": _replicate,
    "together": _together,
    "wavespeed": _wavespeed,
}


def _done(urls: list[str], kind: Kind, label: str) -> Done | Failed:
    if not urls:
        return Failed("provider_error", f"{label} finished without a file.", "Try again.")
    return Done(tuple(Output(_MIME[kind], url=url) for url in urls))


def _failed(label: str, words: str) -> Failed:
    if is_moderation(words):
        step = "Change the prompt or the input images; the same order will be refused again."
        return Failed("content_policy", f"{label} refused this content: {words}", step)
    message = f"{label} failed: {words or 'no reason given'}"
    return Failed(
        "provider_error", message, "Try again, or ask another `provider`.", retryable=True
    )


def _media(told: Any) -> list[str]:
    fields = _dict(told)
    found = (_urls(fields.get(place)) for place in _PLACES)
    return next((urls for urls in found if urls), list[str]())


def _urls(value: Any) -> list[str]:
    """The addresses in a text, an object with `url`, or a list of these."""
    if isinstance(value, str):
        return [value] if "://" in value else []
    if isinstance(value, dict):
        return _urls(cast("dict[str, Any]", value).get("url"))
    rows = vendor_json.rows(value)
    return [url for row in rows[:50] if not isinstance(row, list) for url in _urls(row)]


def _path(url: Any) -> str:
    """The path of an address; empty where it is none, or climbs."""
    path = urllib.parse.urlsplit(url).path if isinstance(url, str) else ""
    return path if path.startswith("/") and ".." not in path else ""


def _dict(value: Any) -> dict[str, Any]:
    return vendor_json.fields(value)
