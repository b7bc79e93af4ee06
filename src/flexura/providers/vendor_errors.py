"""What a vendor's refusal means: from its status and its words to our error tree."""

from __future__ import annotations

import re
from typing import Any, cast

from flexura.domain.errors import (
    ContentPolicy,
    FlexuraError,
    OutcomeUnknown,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
)
from flexura.outbound.answer import Answer

_SAID = 300
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+")
_KEY = re.compile(r"(?i)\b(?:sk|pk|fal|key|bearer|token|r8|hf|nvapi|xai)[-_ :=][\w\-.*]{6,}")
_MODERATION = re.compile(
    r"(?i)\b(?:content[_ -]?(?:policy|filter|moderat|violation)\w*|moderat(?:ed|ion)\w*"
    r"|safety[_ ]?(?:system|filter|check)\w*|nsfw|prohibited[_ ]content|image_safety|responsible ai)\b"
)
# The proxy in front of the vendor gave up: whether the vendor went on, nobody knows.
_AMBIGUOUS = frozenset({408, 502, 504, 520, 521, 522, 523, 524})
_CODE_FIELDS = ("code", "type", "status", "error_type", "reason")
_WORD_FIELDS = ("message", "detail", "error", "title", "msg", "reason", "failure_reason", "name")


def words_of(body: Any, depth: int = 0) -> str:
    """The vendor's own words in an error body of whatever shape; empty where there are none."""
    if isinstance(body, str):
        return tidy(body)
    if depth > 4:
        return ""
    if isinstance(body, list):
        told = (words_of(item, depth + 1) for item in cast("list[Any]", body)[:3])
        return "; ".join(dict.fromkeys(filter(None, told)))
    if isinstance(body, dict):
        fields = cast("dict[str, Any]", body)
        return next(filter(None, (words_of(fields.get(n), depth + 1) for n in _WORD_FIELDS)), "")
    return ""


def codes_of(body: Any, depth: int = 0) -> str:
    """The machine-readable codes of an error body, in one line."""
    if depth > 3:
        return ""
    if isinstance(body, list):
        return " ".join(codes_of(item, depth + 1) for item in cast("list[Any]", body)[:3])
    if not isinstance(body, dict):
        return ""
    fields = cast("dict[str, Any]", body)
    own = [str(fields[n])[:80] for n in _CODE_FIELDS if isinstance(fields.get(n), str)]
    return " ".join([*own, *(codes_of(fields.get(n), depth + 1) for n in _WORD_FIELDS)]).strip()


def tidy(text: str) -> str:
    """A stranger's words in one line, bounded, without anything that looks like a key."""
    return _KEY.sub("(a key)", _CONTROLS.sub(" ", text[: 4 * _SAID])).strip()[:_SAID]


def said(answer: Answer) -> str:
    """What an answer says about an error."""
    try:
        return words_of(answer.json())
    except ProviderError:
        return (
            ""
            if b"<html" in answer.body[:500].lower()
            else tidy(answer.body[:600].decode("utf-8", "replace"))
        )


def _codes(answer: Answer) -> str:
    try:
        return codes_of(answer.json())
    except ProviderError:
        return ""


def is_moderation(text: str) -> bool:
    """Whether the vendor speaks of refused content."""
    return bool(_MODERATION.search(text))


def refused_content(label: str, text: str, field: str = "prompt") -> ContentPolicy:
    """The vendor refuses what was asked, in its own words."""
    return ContentPolicy(
        f"{label} refused this content: {text or 'no reason given'}",
        field=field,
        next_step="Change the prompt or the input images; the same order will be refused again.",
    )


def refusal(label: str, variable: str, answer: Answer, *, paid: bool) -> FlexuraError:
    """The error behind a status that is no success. `paid`: the request was one that may cost money."""
    words = said(answer)
    tail = f" It says: {words}" if words else ""
    status = answer.status
    known: dict[str, Any] = {"upstream_status": status}
    if status == 429:
        wait = answer.retry_after()
        return RateLimited(
            f"{label} was asked too often.{tail}",
            next_step="Wait a moment, or raise the limit in your account there.",
            retry_after=wait,
        )
    if status in (400, 403, 422, 451) and is_moderation(f"{words} {_codes(answer)}"):
        return refused_content(label, words)
    if status in (401, 403):
        step = (
            f"Set {variable} to a valid key (`flexura providers add {variable}`)."
            if variable
            else ""
        )
        return ProviderError(
            f"{label} refused the key in {variable}.{tail}", next_step=step, **known
        )
    if status == 402:
        return ProviderError(
            f"The account at {label} is out of credit.{tail}",
            next_step="Add credit there, or use another model.",
            **known,
        )
    if status in (404, 410):
        return ProviderError(
            f"{label} does not have that.{tail}",
            next_step="Look in model_catalog for what is live now.",
            **known,
        )
    if status >= 500 or status == 408:
        return _broken(label, status, tail, paid=paid)
    return ProviderError(
        f"{label} refused the request ({status}).{tail}",
        next_step="Correct the options; model_catalog(id=…) shows what the model takes.",
        **known,
    )


def _broken(label: str, status: int, tail: str, *, paid: bool) -> FlexuraError:
    """The vendor, or a proxy in front of it, failed."""
    if not paid:
        return ProviderUnavailable(
            f"{label} answers with status {status}.{tail}", upstream_status=status
        )
    if status in _AMBIGUOUS:
        return OutcomeUnknown(
            f"{label} answered with status {status} while it was being asked: it may have charged.{tail}",
            next_step=f"Look at your account at {label} before ordering again.",
        )
    return ProviderError(
        f"{label} failed with status {status}.{tail}",
        next_step="Try again later.",
        upstream_status=status,
    )
