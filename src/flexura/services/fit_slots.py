"""Which property of a model's schema takes which input: by what it is for, and by its medium."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flexura.domain.errors import InvalidRequest
from flexura.services.fit_draft import Draft
from flexura.services.fit_schema import Property
from flexura.services.mapping import ROLE_OF, SLOTS

_PLAIN_ROLES = ("image", "video", "audio", "reference", "first_frame")
"""Roles that a model without any slots may know the place for by itself, if its tasks say so."""
_MEDIA = ("image", "video", "audio")
_NAMED_NUMBER = re.compile(r"^(.*?)_?(\d{1,2})$")
_PLACEHOLDER = "https://input.invalid/file"


@dataclass(frozen=True)
class Given:
    """One input of an order: what it is for, and its media type."""

    role: str
    mime: str

    @property
    def medium(self) -> str:
        """image, video or audio."""
        return self.mime.partition("/")[0]


@dataclass
class _Slot:
    taker: Property
    is_list: bool
    taken: int = 0

    @property
    def name(self) -> str:
        return f"{self.taker.name}[]" if self.is_list else self.taker.name

    @property
    def room(self) -> int:
        most = (self.taker.most_items or 99) if self.is_list else 1
        return most - self.taken


def fit_slots(draft: Draft, inputs: Sequence[Given]) -> tuple[str, ...]:
    """The slot of each input; empty where the model takes it without one.

    Fills placeholders into the draft, so that it can be checked. Raises InvalidRequest for an input that the
    model has no place for.
    """
    slots: list[str] = [""] * len(inputs)
    taken: dict[str, _Slot] = {}
    groups: dict[tuple[str, str], list[int]] = {}
    for index, given in enumerate(inputs):
        groups.setdefault((given.role, given.medium), []).append(index)
    # Whoever has a place of its own goes first: an image without a role takes what is left.
    for (role, medium), members in sorted(groups.items(), key=lambda g: g[0][0] == g[0][1]):
        offers = _offers(draft, role, medium, taken)
        for position, index in enumerate(members):
            slot = _best(draft, offers, len(members) - position)
            if slot is None:
                _without_slot(draft, inputs[index], index, bool(offers))
                continue
            slot.taken += 1
            taken[slot.taker.name] = slot
            slots[index] = slot.name
    for slot in taken.values():
        draft.put(slot.taker.name, _placeholder(slot), "inputs")
    return tuple(slots)


def _offers(draft: Draft, role: str, medium: str, taken: dict[str, _Slot]) -> list[_Slot]:
    """The properties that may take such an input, the most fitting first."""
    names = SLOTS.get((role, medium), ())
    known = draft.schema.properties
    numbered: dict[str, list[str]] = {}
    for name in known:
        if (found := _NAMED_NUMBER.match(name)) and found[1] in names and name not in names:
            numbered.setdefault(found[1], []).append(name)
    wanted: list[str] = []
    for name in names:
        wanted += [name, *sorted(numbered.get(name, []), key=lambda n: (len(n), n))]
    offers: list[_Slot] = []
    for taker in draft.free(wanted):
        slot = taken.get(taker.name) or _slot(taker)
        if slot is not None:
            offers.append(slot)
    return offers


def _slot(taker: Property) -> _Slot | None:
    if taker.closed or (taker.types and not taker.types & {"string", "array", "object"}):
        return None
    if "array" in taker.types:
        items = taker.items
        fits = items is None or (not items.closed and items.takes("string", "object"))
        return _Slot(taker, is_list=True) if fits else None
    return _Slot(taker, is_list=False)


def _best(draft: Draft, offers: list[_Slot], left: int) -> _Slot | None:
    """The slot for the next input when so many of its kind are left: for several, a list that holds all."""
    free = [slot for slot in offers if slot.room > 0]
    if not free:
        return None
    if left > 1:
        roomy = [slot for slot in free if slot.is_list and slot.room >= left]
        if roomy:
            return roomy[0]
    begun = [slot for slot in free if slot.is_list and slot.taken]
    needed = [slot for slot in free if slot.taker.name in draft.schema.required]
    return next(iter([*begun, *needed, *free]))


def _without_slot(draft: Draft, given: Given, index: int, had_offers: bool) -> None:
    """Raises InvalidRequest unless the model takes such an input without a property for it."""
    tasks = draft.model.tasks
    by_task = any(task.startswith(f"{given.medium}-to-") for task in tasks)
    if not had_offers and (draft.model.takes_inputs or (by_task and given.role in _PLAIN_ROLES)):
        return
    places = _places(draft)
    raise InvalidRequest(
        f"{draft.model.id} takes no {'further ' if had_offers else ''}input of the role {given.role}.",
        field=f"inputs[{index}]",
        next_step=f"It takes: {places}."
        if places
        else "Leave it out, or use a model that takes it.",
    )


def _places(draft: Draft) -> str:
    """The inputs that the model has places for, as a caller writes them."""
    told: list[str] = []
    for name, taker in draft.schema.properties.items():
        role = ROLE_OF.get(name)
        if role and _slot(taker) is not None:
            told.append(f"{role if role in _MEDIA else f'{role}=…'} ({name})")
    return ", ".join(told)


def _placeholder(slot: _Slot) -> Any:
    taker = slot.taker
    if slot.is_list:
        item: Any = _PLACEHOLDER
        if taker.items is not None and not taker.items.takes("string"):
            item = {}
        return [item] * slot.taken
    return _PLACEHOLDER if taker.takes("string") else {}
