"""Reading a model's live JSON Schema: what each property takes. It is a stranger's: nothing is assumed."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from flexura.services.untrusted import clean

_DEEPEST = 8
_MOST_VARIANTS = 24
_MOST_PROPERTIES = 2000
_MOST_PARTS = 20_000
_MOST_WORDS = 500
_PLAIN_NAME = re.compile(r"^[\w.$:\-]{1,64}$")
_ABSENT: Any = object()


@dataclass(frozen=True)
class Property:
    """What one property of a schema takes, over all its alternatives."""

    name: str
    types: frozenset[str] = frozenset()
    """JSON types; empty = any."""
    words: tuple[Any, ...] = ()
    """The values that are listed (strings and numbers)."""
    closed: bool = False
    """Nothing but `words` is taken."""
    low: float | None = None
    high: float | None = None
    step: float | None = None
    longest: int | None = None
    default: Any = None
    has_default: bool = False
    fields: Mapping[str, Property] = field(default_factory=dict[str, "Property"])
    """The properties of its object form."""
    most_items: int | None = None
    items: Property | None = None

    def takes(self, *types: str) -> bool:
        """Whether one of these JSON types fits; "number" covers "integer"."""
        if not self.types:
            return True
        also = {"integer"} if "number" in types else set[str]()
        return bool(self.types & ({*types} | also))

    @property
    def whole(self) -> bool:
        """Whether its numbers are integers only."""
        return "integer" in self.types and "number" not in self.types

    def allowed(self) -> str:
        """What it takes, in words that may be shown."""
        if self.closed and self.words:
            return "one of " + ", ".join(shown(v) for v in self.words[:40])
        parts = [" or ".join(sorted(self.types - {"null"})) or "any value"]
        if self.low is not None:
            parts.append(f"from {self.low:.12g}")
        if self.high is not None:
            parts.append(f"to {self.high:.12g}")
        if self.step not in (None, 1):
            parts.append(f"in steps of {self.step:.12g}")
        if self.longest is not None:
            parts.append(f"at most {self.longest} characters")
        if self.words:
            parts.append("such as " + ", ".join(shown(v) for v in self.words[:20]))
        return " ".join(parts)


@dataclass(frozen=True)
class Schema:
    """A model's input schema as far as it can be read."""

    source: Mapping[str, Any]
    properties: Mapping[str, Property]
    required: frozenset[str]
    open: bool
    """The vendor says that it takes properties which it does not list."""


def shown(value: Any) -> str:
    """A value of a schema or of a caller, short and harmless enough for a message."""
    return clean(str(value)[:400], 60, markup=False)


def shown_names(schema: Schema, most: int = 60) -> str:
    """The names of the properties, for a message."""
    names = sorted(n for n in schema.properties if _PLAIN_NAME.match(n))
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more or "none"


_known: OrderedDict[int, tuple[Mapping[str, Any], Schema]] = OrderedDict()
_MOST_KNOWN = 256


def read_schema(source: Mapping[str, Any]) -> Schema:
    """The schema, read once for as long as the catalog keeps the same object."""
    found = _known.get(id(source))
    if found is not None and found[0] is source:
        return found[1]
    schema = _read(source)
    _known[id(source)] = (source, schema)
    if len(_known) > _MOST_KNOWN:
        _known.popitem(last=False)
    return schema


def _read(source: Mapping[str, Any]) -> Schema:
    reader = _Reader(source)
    properties: dict[str, Property] = {}
    required: set[str] = set()
    is_open = False
    for variant in reader.variants(source, alternatives=False):
        for name, part in _dict(variant.get("properties")).items():
            if len(properties) < _MOST_PROPERTIES:
                properties.setdefault(name, reader.property(name, part))
        required |= {n for n in _list(variant.get("required")) if isinstance(n, str)}
        more: Any = variant.get("additionalProperties")
        is_open = is_open or more is True or isinstance(more, dict)
    return Schema(source, properties, frozenset(required), is_open)


class _Reader:
    """Reads the parts of one schema. What it may look at is bounded: references can multiply without end."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._left = _MOST_PARTS

    def variants(
        self, part: Any, depth: int = 0, *, alternatives: bool = True
    ) -> list[dict[str, Any]]:
        """The flat schemas that `part` stands for.

        Local references are followed, `allOf` is merged, alternatives come apart.
        """
        self._left -= 1
        if not isinstance(part, dict) or depth > _DEEPEST or self._left < 0:
            return []
        flat = dict(cast("dict[str, Any]", part))
        reference = flat.pop("$ref", None)
        pieces = [self._pointed(reference)] if isinstance(reference, str) else []
        pieces += _list(flat.pop("allOf", None))[:_MOST_VARIANTS]
        choices = [*_list(flat.pop("anyOf", None)), *_list(flat.pop("oneOf", None))]
        found = [flat]
        for piece in pieces:
            under = self.variants(piece, depth + 1, alternatives=alternatives)
            found = [_merged(u, over) for over in found for u in under][:_MOST_VARIANTS] or found
        if not choices or not alternatives:
            return found
        chosen: list[dict[str, Any]] = []
        for choice in choices[:_MOST_VARIANTS]:
            for variant in self.variants(choice, depth + 1):
                chosen += [_merged(variant, over) for over in found]
        return chosen[:_MOST_VARIANTS]

    def _pointed(self, reference: str) -> Any:
        """What a local `#/…` reference points to; None for any other."""
        if not reference.startswith("#"):
            return None
        found: Any = self._root
        for step in reference[1:].split("/")[1:20]:
            found = _dict(found).get(step.replace("~1", "/").replace("~0", "~"))
        return found

    def property(self, name: str, part: Any, depth: int = 0) -> Property:
        """What a property takes, its alternatives taken together."""
        variants = self.variants(part)
        real = [v for v in variants if _types(v) != frozenset(("null",))]
        words, closed = _words(real)
        numeric = [v for v in real if not _types(v) or _types(v) & {"integer", "number"}]
        default = next((v["default"] for v in variants if v.get("default") is not None), None)
        known = [_types(v) for v in real]
        fields, items = self._inside(name, real, depth)
        return Property(
            name=name,
            types=frozenset[str]().union(*known) if known and all(known) else frozenset(),
            words=words,
            closed=closed,
            low=_bound(numeric, "minimum", "exclusiveMinimum", 1),
            high=_bound(numeric, "maximum", "exclusiveMaximum", -1),
            step=_step(numeric),
            longest=_whole(_common(real, "maxLength")),
            default=default,
            has_default=default is not None,
            fields=fields,
            most_items=_whole(_common(real, "maxItems")),
            items=items,
        )

    def _inside(
        self, name: str, variants: list[dict[str, Any]], depth: int
    ) -> tuple[dict[str, Property], Property | None]:
        fields: dict[str, Property] = {}
        items: Property | None = None
        for variant in variants if depth < 2 else ():
            for key, nested in list(_dict(variant.get("properties")).items())[:100]:
                if key not in fields:
                    fields[key] = self.property(key, nested, depth + 1)
            if items is None and isinstance(variant.get("items"), dict):
                items = self.property(f"{name}[]", variant["items"], depth + 1)
        return fields, items


def _merged(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    both = under | over
    if "properties" in under and "properties" in over:
        both["properties"] = _dict(under["properties"]) | _dict(over["properties"])
    if "required" in under and "required" in over:
        both["required"] = [*_list(under["required"]), *_list(over["required"])]
    return both


def _types(variant: Mapping[str, Any]) -> frozenset[str]:
    told: Any = variant.get("type")
    found = frozenset(t for t in (_list(told) if isinstance(told, list) else [told]) if t)
    if found or ("enum" not in variant and "const" not in variant):
        return frozenset(t for t in found if isinstance(t, str))
    return frozenset(_type_of(v) for v in _listed(variant))


def _type_of(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "integer" if isinstance(value, int) else "number"
    if isinstance(value, str):
        return "string"
    return "null" if value is None else "object"


def _listed(variant: Mapping[str, Any]) -> list[Any]:
    if "const" in variant:
        return [variant["const"]]
    return _list(variant.get("enum"))[:_MOST_WORDS]


def _words(variants: list[dict[str, Any]]) -> tuple[tuple[Any, ...], bool]:
    listed = [_listed(v) for v in variants]
    words = [w for some in listed for w in some if isinstance(w, str | int | float)]
    return tuple(words[:_MOST_WORDS]), bool(listed) and all(listed)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if -1e300 < value < 1e300 else None  # neither infinite nor NaN


def _whole(value: float | None) -> int | None:
    return int(value) if value is not None and 0 <= value < 1e12 else None


def _bound(variants: list[dict[str, Any]], closed: str, exclusive: str, sign: int) -> float | None:
    """The loosest bound over the alternatives; None as soon as one has none."""
    bounds: list[float] = []
    for variant in variants:
        bound = _number(variant.get(closed))
        beyond = _number(variant.get(exclusive))
        if beyond is not None and "integer" in _types(variant):
            beyond += sign
        told = [b for b in (bound, beyond) if b is not None]
        if not told:
            return None
        bounds.append(max(told) if sign > 0 else min(told))
    if not bounds:
        return None
    return min(bounds) if sign > 0 else max(bounds)


def _step(variants: list[dict[str, Any]]) -> float | None:
    step = _common(variants, "multipleOf")
    if step is not None and step > 1e-9:
        return step
    return 1 if variants and all(_types(v) == frozenset(("integer",)) for v in variants) else None


def _common(variants: list[dict[str, Any]], key: str) -> float | None:
    found = [_number(v.get(key)) for v in variants]
    numbers = [n for n in found if n is not None]
    return max(numbers) if numbers and len(numbers) == len(found) else None


def _dict(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []
