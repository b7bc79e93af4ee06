"""What a refusal in OpenAI's manner means where its status alone does not tell."""

from __future__ import annotations

import re
from typing import Any

from flexura.domain.errors import FlexuraError, ProviderError, RateLimited
from flexura.outbound.answer import Answer
from flexura.providers.vendor_errors import is_moderation, refusal, refused_content, words_of
from flexura.providers.vendor_json import fields
from flexura.providers.vendors.openai_servers import SERVERS, Server

_MODERATED = frozenset({"content_policy_violation", "moderation_blocked", "content_filter"})
_NO_CREDIT = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
_UNKNOWN = re.compile(
    r"(?i)unknown|unrecogni[sz]ed|unsupported|unexpected|not (supported|permitted|allowed)|extra"
)
_FLAG_OF = {
    "response_format": "response_format=none",
    "seed": "extensions=no",
    "negative_prompt": "extensions=no",
    "num_inference_steps": "extensions=no",
    "guidance_scale": "extensions=no",
    "true_cfg_scale": "extensions=no",
}
_SMALL = 100_000
"""Error bodies are smaller; larger JSON is media and not looked through."""


def explain(server: Server, answer: Answer) -> FlexuraError | None:
    """Moderation, an empty account, a field that this server lacks, an error with status 200; else None."""
    error = _error(answer)
    if error is None:
        return None
    said, code = words_of(error), str(error.get("code") or "")
    if is_moderated(error):
        return refused_content(server.title, said)
    if code in _NO_CREDIT:
        # Comes with status 429, and waiting does not help.
        return ProviderError(
            f"The account at {server.title} is out of credit. It says: {said}",
            next_step="Add credit there, or use another model.",
            upstream_status=answer.status,
        )
    if answer.status == 429 and (wait := _milliseconds(answer)) is not None:
        busy = refusal(server.title, server.variable, answer, paid=False)
        return RateLimited(busy.message, next_step=busy.next_step, retry_after=wait)
    if answer.status in (400, 422) and _UNKNOWN.search(f"{said} {code}"):
        return _lacks(server, str(error.get("param") or ""), said, answer.status)
    if answer.status == 200:
        return ProviderError(
            f"{server.title} refused the request. It says: {said}",
            next_step="Try again later, or use another model.",
        )
    return None


def is_moderated(error: Any) -> bool:
    """Whether an error object of theirs speaks of refused content."""
    about = fields(error)
    told = {str(about.get("code")), str(about.get("type"))}
    return bool(told & _MODERATED) or is_moderation(words_of(error))


def _lacks(server: Server, param: str, said: str, status: int) -> FlexuraError | None:
    """A field that we send to its kind of server: a flag of the operator's turns it off."""
    words = (param, *re.findall(r"[a-z_]+", said))
    named = next((field for field in _FLAG_OF if field in words), "")
    if not named or not server.own:
        return None
    return ProviderError(
        f"{server.title} does not take {named}. It says: {said}",
        next_step=f"Write ;{_FLAG_OF[named]} behind its URL in {SERVERS}.",
        upstream_status=status,
    )


def _error(answer: Answer) -> dict[str, Any] | None:
    """The error object of a small JSON answer that holds nothing else."""
    if len(answer.body) > _SMALL or answer.body.lstrip()[:1] != b"{":
        return None
    try:
        told = fields(answer.json())
    except ProviderError:
        return None
    error: Any = told.get("error")
    if not error or "id" in told or "data" in told:
        return None  # Work that is described with its own error is no refusal of the request.
    return fields(error) or {"message": str(error)}


def _milliseconds(answer: Answer) -> float | None:
    header = answer.headers.get("retry-after-ms", "").strip()
    return float(header[:9]) / 1000 if header.isascii() and header.isdigit() else None
