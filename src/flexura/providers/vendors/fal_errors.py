"""What fal.ai's refusals and failed runs mean.

Two shapes: a model's list of `{loc, msg, type}` in `detail`, and the platform's `{detail, error_type}` with
the same word in `x-fal-error-type`. Source: fal.ai/docs, "Model Errors" and "Request Error Types".
"""

from __future__ import annotations

from typing import Any

from flexura.domain.errors import ContentPolicy, FlexuraError, ProviderError
from flexura.outbound.answer import Answer
from flexura.ports.provider import Failed
from flexura.providers.vendor_errors import is_moderation, refused_content, tidy, words_of
from flexura.providers.vendor_json import fields, objects, rows, words

_LABEL = "fal.ai"
_REFUSED = frozenset({"content_policy_violation", "content_policy"})
_CANCELED = frozenset({"client_cancelled", "client_canceled"})
_CORRECT = "Correct the options; model_catalog(id=…) shows what the model takes."
_AGAIN = "Try again."
_WAY = {"body", "query", "path"}
"""How `loc` begins, before the names of the caller's own fields."""


def explain(answer: Answer) -> FlexuraError | None:
    """A refusal of the queue or of the model behind it; None = judge by the status."""
    if answer.status < 400:
        return None
    body = _body(answer)
    if refused := _moderated(body):
        return refused
    said = words_of(body)
    if answer.status in (402, 403) and "balance" in said.lower():
        return ProviderError(
            f"The account at {_LABEL} is out of credit. It says: {said}",
            next_step="Add credit there, or use another model.",
            upstream_status=answer.status,
        )
    if answer.status == 422 and (told := _each(body)):
        return ProviderError(
            f"{_LABEL} refused the input. {told}", next_step=_CORRECT, upstream_status=422
        )
    return None


def explain_run(answer: Answer) -> FlexuraError | None:
    """The same for the result of a run that is over: an error that the run itself left is final.

    Without the run's own words a 5xx is the platform's trouble of the moment.
    """
    if known := explain(answer):
        return known
    body = _body(answer)
    ours = answer.status >= 400 and answer.status not in (401, 403, 404, 410, 429)
    if not ours or not (said := words_of(body)):
        return None
    kind = _error_type(body) or answer.headers.get("x-fal-error-type", "")
    return ProviderError(
        f"The run at {_LABEL} failed: {said}",
        next_step=_AGAIN if answer.status >= 500 else _CORRECT,
        error_type=tidy(kind),
        upstream_status=answer.status,
    )


def failure(error: FlexuraError) -> Failed:
    """How a job ends whose status or result was answered with this error."""
    status = error.details.get("upstream_status", 0)
    if error.details.get("error_type") in _CANCELED:
        return Failed("canceled", f"{_LABEL} canceled the run.", _AGAIN)
    if status in (404, 410):
        return Failed("result_expired", f"{_LABEL} no longer knows this order.", "Order it again.")
    code = "content_policy" if isinstance(error, ContentPolicy) else "provider_error"
    return Failed(code, error.message, error.next_step, retryable=status >= 500)


def failure_of_status(state: dict[str, Any]) -> Failed | None:
    """The failure that a queue status tells; None while there is none."""
    word = str(state.get("status", "")).upper()
    kind = _error_type(state)
    said = words_of(state.get("error"))
    if kind in _CANCELED or word in ("CANCELLED", "CANCELED"):
        return Failed("canceled", f"{_LABEL} canceled the run.", _AGAIN)
    if not said and not kind:
        return None
    if kind in _REFUSED or is_moderation(said):
        return failure(refused_content(_LABEL, said or kind))
    return Failed(
        "provider_error", f"The run at {_LABEL} failed: {said or kind}", _AGAIN, retryable=True
    )


def _body(answer: Answer) -> Any:
    try:
        return answer.json()
    except ProviderError:
        return None


def _error_type(body: Any) -> str:
    return tidy(words(fields(body).get("error_type")))


def _details(body: Any) -> list[dict[str, Any]]:
    return objects(fields(body).get("detail"))[:5]


def _field(detail: dict[str, Any]) -> str:
    """The caller's own field that a detail is about: what `loc` says behind `body`."""
    steps = [str(step) for step in rows(detail.get("loc"))[:4]]
    return tidy(".".join(step for step in steps if step not in _WAY))[:80]


def _each(body: Any) -> str:
    """Every problem with the field that it is about."""
    told = ((_field(detail), words_of(detail.get("msg"))) for detail in _details(body))
    return "; ".join(f"{field}: {words}" if field else words for field, words in told if words)[
        :600
    ]


def _moderated(body: Any) -> ContentPolicy | None:
    for detail in _details(body):
        if detail.get("type") in _REFUSED:
            return refused_content(_LABEL, words_of(detail.get("msg")), _field(detail) or "prompt")
    return None
