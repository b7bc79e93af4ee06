"""What is asked of everybody who tries a model, and which of its own options stand for that.

The gateway asks in its own words for prompt, count, seed and inputs, and puts them where the model's schema
wants them; the properties that stand for these are not asked for a second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flexura.domain.generation import MAX_OUTPUTS, MAX_PROMPT
from flexura.domain.model import Model
from flexura.gateway.dashboard.schema_form import Field, fields_of
from flexura.services import mapping
from flexura.services.fit_schema import Property, Schema, read_schema

_FIRST = (*mapping.SIZED, *mapping.WIDTH, *mapping.HEIGHT, *mapping.SECONDS, *mapping.MILLISECONDS)
_SECOND = (*mapping.PLAIN["voice"], *mapping.LANGUAGE, *mapping.PLAIN["quality"], *mapping.FORMAT)
_ROLES = {
    "image": "Image to start from",
    "mask": "Mask",
    "first_frame": "First frame",
    "last_frame": "Last frame",
    "reference": "Reference",
    "video": "Video to start from",
    "audio": "Audio to start from",
}
_ROLE_HINTS = {
    "mask": "What is white is made anew.",
    "reference": "What the result should look or sound like.",
}


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for inputs: what they are for, and which media fit."""

    role: str
    title: str
    media: str
    hint: str = ""
    required: bool = False
    most: int = 1


@dataclass(frozen=True)
class ModelForm:
    """The whole form of a model."""

    own: tuple[Field, ...]
    """Its options that people look for first, and those that it needs."""
    more: tuple[Field, ...]
    slots: tuple[Slot, ...]
    variants: int
    """So many can be made at once."""
    seeded: bool
    longest: int = MAX_PROMPT

    @property
    def fields(self) -> tuple[Field, ...]:
        """Every option of its own."""
        return self.own + self.more


def form_of(model: Model) -> ModelForm:
    """The form of a model, from its live schema."""
    schema = read_schema(model.input_schema)
    prompt = _prompt(schema)
    slots = _slots(schema)
    count = {n for n in mapping.COUNT if n in schema.properties}
    seed = {n for n in mapping.SEED if n in schema.properties}
    spoken_for = frozenset({prompt, *count, *seed, *(name for name, _ in slots)})
    fields = sorted(fields_of(model.input_schema, spoken_for), key=_rank)
    own = [f for f in fields if f.required or _rank(f) < 2]
    many = bool(count) or model.max_n > 1
    return ModelForm(
        own=tuple(own),
        more=tuple(f for f in fields if f not in own),
        slots=_by_role(slots, schema, model),
        variants=MAX_OUTPUTS if "image" in model.kinds or many else 1,
        seeded=bool(seed) or model.max_n > 1,
    )


def _rank(field: Field) -> int:
    return 0 if field.key in _FIRST else 1 if field.key in _SECOND else 2


def _prompt(schema: Schema) -> str:
    """The property that the prompt goes to, as orders find it; empty for none."""
    names = [*mapping.PROMPT, *(n for n in mapping.PROMPT_IF_REQUIRED if n in schema.required)]
    takers = [
        schema.properties[n]
        for n in names
        if n in schema.properties
        and schema.properties[n].takes("string")
        and not schema.properties[n].closed
    ]
    sure = [p for p in takers if p.name in schema.required or not p.has_default]
    first = [p for p in sure if p.name in schema.required] or sure
    return first[0].name if first else ""


def _slots(schema: Schema) -> list[tuple[str, Property]]:
    """The properties that take files."""
    return [
        (name, taker)
        for name, taker in schema.properties.items()
        if name in mapping.ROLE_OF
        and taker.types & {"string", "array", "object"}
        and not taker.words
    ]


def _by_role(
    found: Sequence[tuple[str, Property]], schema: Schema, model: Model
) -> tuple[Slot, ...]:
    slots: dict[str, Slot] = {}
    for name, taker in found:
        role = mapping.ROLE_OF[name]
        most = (taker.most_items or 16) if "array" in taker.types else 1
        before = slots.get(role)
        most += before.most if before else 0
        needed = name in schema.required or (before is not None and before.required)
        slots[role] = Slot(
            role, _ROLES[role], _media(role, name), _ROLE_HINTS.get(role, ""), needed, min(most, 16)
        )
    if model.takes_inputs and not slots:
        for medium in ("image", "video", "audio"):
            if medium == "image" or any(t.startswith(f"{medium}-to") for t in model.tasks):
                slots[medium] = Slot(medium, _ROLES[medium], medium, most=16)
    order = list(_ROLES)
    return tuple(sorted(slots.values(), key=lambda slot: order.index(slot.role)))


def _media(role: str, name: str) -> str:
    if role in ("video", "audio"):
        return role
    return next(
        (m for m in ("video", "audio") if role == "reference" and m in name.lower()), "image"
    )
