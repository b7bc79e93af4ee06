"""The payload as a whole: defaults filled in, checked against the schema, errors in the caller's words."""

from __future__ import annotations

from typing import Any

from flexura.domain.errors import InvalidRequest
from flexura.services.fit_check import Problem, problems
from flexura.services.fit_draft import Draft
from flexura.services.fit_schema import shown
from flexura.services.mapping import ROLE_OF

_MOST_TRIES = 20


def completed(draft: Draft) -> dict[str, Any]:
    """The draft's payload with the schema's defaults, without the inputs' placeholders.

    Raises InvalidRequest naming the caller's word for what does not fit.
    """
    slots = {name for name, word in draft.words.items() if word == "inputs"}
    defaults = _defaults(draft)
    payload = defaults | draft.payload
    for _ in range(_MOST_TRIES):
        found = [p for p in problems(draft.schema.source, payload) if not _is_slots(p, slots)]
        if not found:
            break
        # A default that does not fit, by itself or beside what was asked for, is the vendor's affair.
        faulty = {str(p.path[0]) for p in found if p.path} & set(defaults)
        faulty = faulty or (
            set(defaults) - draft.schema.required if not _is_about(found, draft) else set()
        )
        if not faulty:
            raise _refusal(draft, found[0])
        defaults = {n: v for n, v in defaults.items() if n not in faulty}
        payload = defaults | draft.payload
    return {name: value for name, value in payload.items() if name not in slots}


def _defaults(draft: Draft) -> dict[str, Any]:
    known = draft.schema.properties
    return {
        name: taker.default
        for name, taker in known.items()
        if taker.has_default
        and name not in draft.payload
        and (name not in draft.silent or name in draft.schema.required)
    }


def _is_slots(problem: Problem, slots: set[str]) -> bool:
    """Whether it is about an input's placeholder, which says nothing about the input."""
    return bool(problem.path) and str(problem.path[0]) in slots


def _is_about(found: list[Problem], draft: Draft) -> bool:
    """Whether one of the problems is about something that the caller gave, or did not give."""
    return any(p.path or p.missing for p in found) or not draft.schema.properties


def _refusal(draft: Draft, problem: Problem) -> InvalidRequest:
    if problem.missing and not problem.path:
        return _missing(draft, problem.missing[0])
    if not problem.path:
        return InvalidRequest(
            f"These options of {draft.model.id} do not go together.",
            field="options",
            next_step="Leave some out; model_catalog with its id tells the schema.",
        )
    name = str(problem.path[0])
    word, inside = draft.word_for(name), "".join(f".{shown(p)}" for p in problem.path[1:])
    if problem.missing:
        inside += f".{shown(problem.missing[0])}"
    value = draft.payload.get(name)
    taker = draft.schema.properties.get(name)
    allowed = taker.allowed() if taker and not inside else "what its schema says (model_catalog)"
    said = word.removeprefix("options.") + inside
    what = f"The {said}" if word in ("prompt", "n") else f"The option {said}"
    told = "this" if word == "prompt" else repr(shown(value))
    if problem.missing:
        return InvalidRequest(
            f"{what} of {draft.model.id} is needed.",
            field=word + inside,
            next_step=f"Give {shown(problem.missing[0])} too.",
        )
    return InvalidRequest(
        f"{what} of {draft.model.id} does not take {told}.",
        field=word + inside,
        next_step=f"Allowed: {allowed}.",
    )


def _missing(draft: Draft, name: str) -> InvalidRequest:
    taker = draft.schema.properties.get(name)
    allowed = taker.allowed() if taker else "any value"
    role = ROLE_OF.get(name)
    if role and (taker is None or taker.takes("string", "array", "object")):
        prefix = "" if role in ("image", "video", "audio") else f", written as {role}=…"
        return InvalidRequest(
            f"{draft.model.id} needs an input of the role {role}.",
            field="inputs",
            next_step=f"Give one as input{prefix}: a file, an artifact id, a job id or an https URL.",
        )
    word = draft.word_for(name)
    said = word.removeprefix("options.")
    return InvalidRequest(
        f"{draft.model.id} needs {'the option ' if word != said else ''}{said}.",
        field=word,
        next_step=f"Allowed: {allowed}.",
    )
