"""Fits what was asked to what a model takes: its own live JSON Schema decides, never its name."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jsonschema

from flexura.domain.errors import InvalidRequest
from flexura.domain.generation import CANONICAL_OPTIONS
from flexura.domain.job import JobWarning
from flexura.domain.model import Model
from flexura.services import mapping
from flexura.services.fit_count import fit_count, fit_seed
from flexura.services.fit_draft import Draft
from flexura.services.fit_payload import completed
from flexura.services.fit_schema import read_schema, shown, shown_names
from flexura.services.fit_size import fit_size
from flexura.services.fit_slots import Given, fit_slots
from flexura.services.fit_values import (
    ABSENT,
    coerced,
    fit_format,
    fit_language,
    fit_number,
    fit_plain,
    fit_seconds,
    fit_sound,
)

_CARRIED_ELSEWHERE = frozenset({"seed", "again", "kind", "confirm"})
_SIZES = frozenset({"size", "width", "height"})
_FITS: dict[str, Callable[[Draft, str, Any], bool]] = {
    **dict.fromkeys(
        mapping.NUMBERS, fit_number
    ),  # fps comes before the seconds that are counted in frames
    **dict.fromkeys(mapping.PLAIN, fit_plain),
    "seconds": fit_seconds,
    "sound": fit_sound,
    "format": fit_format,
    "language": fit_language,
}


@dataclass(frozen=True)
class Fitted:
    """An order in the words of one model's schema.

    `options` is the vendor's payload, defaults filled in, prompt, count and seed included where the schema
    has properties for them; inputs come into their `slots` (one for each, empty = none) when it is sent.
    `rounds` orders of `n` variants each are to be sent; the seed counts up, in `seed_property` if any.
    """

    options: dict[str, Any]
    warnings: tuple[JobWarning, ...] = ()
    slots: tuple[str, ...] = ()
    n: int = 1
    rounds: int = 1
    seed: int = 0
    seed_property: str = ""


def fit(
    model: Model,
    options: Mapping[str, Any],
    *,
    prompt: str = "",
    n: int = 1,
    inputs: Sequence[Given] = (),
    strict: bool = False,
) -> Fitted:
    """Map the caller's words onto the model's schema, pass its own ones through, fill defaults.

    A canonical option that the model lacks, and a value that it takes only nearly, become warnings (errors if
    `strict`). Raises InvalidRequest naming the option in the caller's word, and what is allowed.
    """
    draft = Draft(model, read_schema(model.input_schema), strict)
    asked = {k: v for k, v in options.items() if k not in _CARRIED_ELSEWHERE}
    _take_own(draft, {k: v for k, v in asked.items() if k not in CANONICAL_OPTIONS})
    _take_canonical(draft, {k: v for k, v in asked.items() if k in CANONICAL_OPTIONS})
    _take_prompt(draft, prompt)
    n, rounds = fit_count(draft, n)
    seed, seed_property = fit_seed(draft, options.get("seed"), n * rounds)
    slots = fit_slots(draft, inputs)
    payload = completed(draft)
    return Fitted(payload, tuple(draft.warnings), slots, n, rounds, seed, seed_property)


def _take_own(draft: Draft, asked: Mapping[str, Any]) -> None:
    """Options in the model's own words."""
    for name, value in asked.items():
        taker = draft.schema.properties.get(name)
        if taker is not None:
            if value is not None:
                fitted = coerced(value, taker)
                draft.put(name, value if fitted is ABSENT else fitted, f"options.{name}")
        elif draft.schema.open:
            if value is not None:
                draft.put(name, value, f"options.{name}")
                draft.warn(
                    "option_unchecked",
                    f"{draft.model.id} does not list the option {shown(name)}; it was passed on unchecked.",
                )
        else:
            raise _unknown(draft, name)


def _unknown(draft: Draft, name: str) -> InvalidRequest:
    known = [*CANONICAL_OPTIONS, *draft.schema.properties]
    near = difflib.get_close_matches(name[:60], known, n=3)
    meant = mapping.OWN_WORDS.get(name, "").removeprefix("options.")
    if meant and meant not in near:
        near.insert(0, meant)
    hint = f"Did you mean {' or '.join(shown(n) for n in near[:3])}? " if near else ""
    return InvalidRequest(
        f"The option {shown(name)!r} is unknown to {draft.model.id}.",
        field=f"options.{name[:60]}",
        next_step=f"{hint}Allowed options: {shown_names(draft.schema)}.",
    )


def _unset(name: str, value: Any) -> bool:
    """Canonical options say "not given" by the zero of their type: every face can send plain types."""
    if value is None or isinstance(value, bool):
        return value is None
    types: Any = CANONICAL_OPTIONS[name]["type"]  # one word or a list of them; "in" reads both
    if isinstance(value, str):
        return value == "" and "string" in types
    return value == 0 and ("number" in types or "integer" in types)


def _take_canonical(draft: Draft, asked: Mapping[str, Any]) -> None:
    given = {name: value for name, value in asked.items() if not _unset(name, value)}
    sizes = {name: value for name, value in given.items() if name in _SIZES}
    lacking = fit_size(draft, sizes)
    for name, place in _FITS.items():
        if name in given and not place(draft, name, given[name]):
            lacking.add(name)
    for name in (n for n in given if n in lacking):
        # Left out is only what would have been a good value elsewhere; nonsense is told.
        _check_canonical(name, given[name])
        draft.unsupported(name)
    for name, value in asked.items():
        if name not in given and value is not None:
            _check_canonical(name, value)


_EVERYWHERE = read_schema({"properties": CANONICAL_OPTIONS})
_CANONICAL: dict[str, Any] = {
    n: jsonschema.Draft202012Validator(s) for n, s in CANONICAL_OPTIONS.items()
}


def _check_canonical(name: str, value: Any) -> None:
    if not _CANONICAL[name].is_valid(value):
        raise InvalidRequest(
            f"The option {name} of every model does not take {shown(value)!r}.",
            field=f"options.{name}",
            next_step=f"Allowed: {_EVERYWHERE.properties[name].allowed()}.",
        )


def _take_prompt(draft: Draft, prompt: str) -> None:
    """Where the schema has a place for the words, they go there; else the provider takes them as they are."""
    if not prompt:
        return
    required = draft.schema.required
    takers = [p for p in draft.free(mapping.PROMPT) if p.takes("string") and not p.closed]
    # Optional text with a default of its own (a caption, a title) is something else than the prompt.
    takers = [
        p
        for p in takers
        if p.name.lower().endswith(_SURE) or p.name in required or not p.has_default
    ]
    takers = [p for p in takers if p.name in required] or takers
    if not takers:
        names = [n for n in mapping.PROMPT_IF_REQUIRED if n in required]
        takers = [p for p in draft.free(names) if p.takes("string") and not p.closed]
    if takers:
        draft.put(takers[0].name, prompt, "prompt")


_SURE = ("prompt", "prompttext", "prompt_text")
