"""How the Gemini API says no: `{"error": {code, message, status, details}}`, in the words of google.rpc."""

from __future__ import annotations

import re
from typing import Any, cast

from flexura.domain.errors import FlexuraError, ProviderError, RateLimited
from flexura.outbound.answer import Answer
from flexura.providers.vendor_errors import is_moderation, refused_content, tidy
from flexura.providers.vendor_json import fields, rows

_SECONDS = re.compile(r"^(\d{1,6}(?:\.\d+)?)s$")
_NO_QUOTA = re.compile(r"(?i)\blimit: 0\b")
_CONTENT = re.compile(
    r"(?i)\bsafety (?:filter|setting|polic)|\busage (?:guideline|polic)|\bprohibited\b"
    r"|\bsensitive (?:word|content)|\bviolat\w+\b.{0,60}\b(?:polic|guideline|terms)"
)


def is_refusal(words: str) -> bool:
    """Whether the vendor speaks of content that it does not make."""
    return is_moderation(words) or bool(_CONTENT.search(words))


def explain(label: str, variable: str, answer: Answer) -> FlexuraError | None:
    """The error behind a refusal that the status alone would misread; None = judge by the status."""
    if answer.status < 400:
        return None
    error = _error(answer)
    words = tidy(str(error.get("message") or ""))
    tail = f" It says: {words}" if words else ""
    status = str(error.get("status") or "")
    known: dict[str, Any] = {"upstream_status": answer.status}
    if _reason(error) == "API_KEY_INVALID":
        return ProviderError(
            f"{label} refused the key in {variable}.{tail}",
            next_step=f"Set {variable} to a valid key (`flexura providers add {variable}`).",
            **known,
        )
    if answer.status == 429 and _NO_QUOTA.search(words):
        # A free plan has no share of this model at all: waiting would not help.
        return ProviderError(
            f"The account at {label} has no quota for this model.{tail}",
            next_step="Turn on billing for the key's project there, or use another model.",
            **known,
        )
    if answer.status == 429 or status == "RESOURCE_EXHAUSTED":
        return _busy(f"{label} was asked too often.{tail}", error, answer)
    if answer.status == 503 and status == "UNAVAILABLE":
        # Said before any work begins ("the model is overloaded"); nothing is charged.
        return _busy(f"{label} is overloaded.{tail}", error, answer)
    if answer.status == 400 and is_refusal(words):
        return refused_content(label, words)
    if status == "FAILED_PRECONDITION":
        return ProviderError(
            f"{label} does not do this for the account.{tail}",
            next_step="Look at billing and region of the key's project there, or use another model.",
            **known,
        )
    return None


def _busy(message: str, error: dict[str, Any], answer: Answer) -> RateLimited:
    wait = _retry_delay(error)
    wait = answer.retry_after() if wait is None else wait
    told: dict[str, Any] = {} if wait is None else {"retry_after": wait}
    return RateLimited(
        message,
        next_step="Wait a moment, or raise the limit in your account there.",
        **told,
    )


def _error(answer: Answer) -> dict[str, Any]:
    try:
        body: Any = answer.json()
    except ProviderError:
        return {}
    if isinstance(body, list) and body:  # how a streaming endpoint wraps it
        body = cast("list[Any]", body)[0]
    error: Any = cast("dict[str, Any]", body).get("error") if isinstance(body, dict) else None
    return fields(error)


def _details(error: dict[str, Any]) -> list[dict[str, Any]]:
    told: Any = error.get("details")
    found = rows(told)
    return [cast("dict[str, Any]", item) for item in found if isinstance(item, dict)]


def _reason(error: dict[str, Any]) -> str:
    return next((str(d["reason"]) for d in _details(error) if d.get("reason")), "")


def _retry_delay(error: dict[str, Any]) -> float | None:
    """Seconds of google.rpc.RetryInfo, which are written as `34.07s`."""
    for detail in _details(error):
        found = _SECONDS.match(str(detail.get("retryDelay") or ""))
        if found:
            return float(found[1])
    return None
