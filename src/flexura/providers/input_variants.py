"""Ways to ask one model: a vendor describes several bodies (by mode, by endpoint); callers see one schema.

The published schema holds every property of every way and promises only what all of them accept, in the
vendor's names. Where the vendor wants a value wrapped (`{"uri": …}`), the plain value is published, and it is
wrapped on the way out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import jsonschema

from flexura.ports.provider import InputFile

Schema = dict[str, Any]
_WORDS = re.compile(r"[A-Z]?[a-z]+|\d+")
_MEDIA = {
    "image": {"image", "images", "frame", "frames", "keyframes", "mask", "person", "garment"},
    "video": {"video", "videos"},
    "audio": {"audio", "audios"},
}
_ABOUT = ("title", "description", "default")


@dataclass(frozen=True)
class Variant:
    """One way to ask a model: its path, and the vendor's schema of the body, references resolved."""

    path: str
    schema: Mapping[str, Any]

    @property
    def properties(self) -> dict[str, Schema]:
        """The vendor's properties, untouched."""
        return cast("dict[str, Schema]", self.schema.get("properties", {}))

    @property
    def fixed(self) -> Schema:
        """What this way says by itself, such as its mode: required, with one allowed value."""
        required = cast("list[str]", self.schema.get("required", []))
        known = self.properties
        return {n: known[n]["const"] for n in required if "const" in known.get(n, {})}

    @property
    def needs(self) -> set[str]:
        """What the caller has to give."""
        return set(cast("list[str]", self.schema.get("required", []))) - set(self.fixed)

    def body(self, values: Mapping[str, Any]) -> Schema:
        """The body for these values; those that this way does not take are left out."""
        known = self.properties
        taken = {n: _wrapped(known[n], v) for n, v in values.items() if n in known}
        return taken | self.fixed


def alternatives(schema: Mapping[str, Any]) -> list[Schema]:
    """The object schemas among which a body's schema leaves the choice."""
    found: list[Schema] = []
    for branch in _branches(schema):
        if branch.get("type") == "object" or "properties" in branch:
            found.append(branch)
    return found


def merged(variants: Sequence[Variant], hidden: Collection[str] = ()) -> Schema:
    """One schema for all: what it accepts, every variant that has the property accepts.

    A required property without a default gets the first of its values, or its least one, so that words alone
    are enough to ask.
    """
    properties: dict[str, Schema] = {}
    fixed = {name for variant in variants for name in variant.fixed}
    for variant in variants:
        for name, schema in variant.properties.items():
            if name in fixed or name in hidden:
                continue
            ours = plain(schema)
            properties[name] = _both(properties[name], ours) if name in properties else ours
    required = {n for n in properties if all(n in variant.needs for variant in variants)}
    for name, schema in properties.items():
        _default(schema, needed=name in required)
    kept = [name for name in properties if name in required and "default" not in properties[name]]
    return {"type": "object", "properties": properties, "required": kept}


def chosen(variants: Sequence[Variant], given: Collection[str], files: Collection[str]) -> Variant:
    """The variant for what is given: it takes every file, lacks nothing, and ignores the least."""

    def fit(variant: Variant) -> tuple[int, int, int]:
        known = variant.properties
        lost = sum(name not in known for name in files)
        missing = len(variant.needs - set(given) - set(files))
        return lost, missing, sum(name not in known for name in given)

    return min(variants, key=fit)


def placed(
    inputs: Iterable[InputFile], properties: Mapping[str, Schema], lists: Collection[str] = ()
) -> list[tuple[str, InputFile]]:
    """Each input with the property it goes to: its slot, else the first free one for its kind of media.

    Properties among `lists` also take several. A last frame comes after what it ends.
    """
    files = sorted(inputs, key=lambda file: file.role == "last_frame")
    used = {file.slot.removesuffix("[]") for file in files if file.slot}
    found: list[tuple[str, InputFile]] = []
    for file in files:
        slot = file.slot.removesuffix("[]") or _free(file, properties, used, lists)
        if slot:
            used.add(slot)
            found.append((slot, file))
    return found


def list_names(variants: Iterable[Variant]) -> set[str]:
    """The properties that take several values in at least one variant."""
    return {
        n for v in variants for n, schema in v.properties.items() if takes_list(schema) is not None
    }


def media_of(name: str, schema: Mapping[str, Any]) -> str:
    """`image`, `video` or `audio` for a property that takes such a file; empty for any other."""
    kind = schema.get("type")
    items = cast("Schema", schema.get("items") or {})
    takes_text = kind == "string" or (kind == "array" and items.get("type") == "string")
    if not takes_text or "enum" in schema or "const" in schema:
        return ""
    words = {word.lower() for word in _WORDS.findall(name)}
    return next((media for media, names in _MEDIA.items() if words & names), "")


def takes_list(schema: Mapping[str, Any]) -> Schema | None:
    """The items of a list that the vendor's property also takes; None where it takes none."""
    lists = [b for b in _branches(schema) if b.get("type") == "array" and "prefixItems" not in b]
    plains = [b for b in lists if "prefixItems" not in cast("Schema", b.get("items", {}))]
    return cast("Schema", plains[0].get("items", {})) if plains else None


def plain(schema: Mapping[str, Any]) -> Schema:
    """A property without null among its types and without the object around its only value."""
    branches = _branches(schema)
    about = {k: schema[k] for k in _ABOUT if k in schema}
    strings = [b for b in branches if b.get("type") == "string"]
    if len(branches) == 1:
        return about | _unwrapped(branches[0])
    if strings and len(strings) == len(branches):
        return about | _one_string(strings)
    free = [b for b in strings if "enum" not in b and "const" not in b]
    if free:
        return about | {"type": "string"}
    return about | {"anyOf": [_unwrapped(b) for b in branches]}


def _branches(schema: Mapping[str, Any]) -> list[Schema]:
    """What a schema leaves the choice among, null left out; itself where it leaves none."""
    some: Any = schema.get("oneOf") or schema.get("anyOf") or []
    inner = [cast("Schema", b) for b in some if isinstance(b, Mapping)]
    if not inner:
        kinds: Any = schema.get("type")
        if not isinstance(kinds, list):
            return [dict(schema)]
        rest = [kind for kind in cast("list[Any]", kinds) if kind != "null"]
        bare = {**schema, "type": rest[0] if len(rest) == 1 else rest}
        if isinstance(bare.get("enum"), list):
            bare["enum"] = [value for value in bare["enum"] if value is not None]
        return [bare]
    return [found for b in inner if b.get("type") != "null" for found in _branches(b)]


def _one_string(branches: Sequence[Schema]) -> Schema:
    allowed: list[Any] = []
    for branch in branches:
        values = branch.get("enum", [branch["const"]] if "const" in branch else None)
        if values is None:
            return {"type": "string"}
        allowed += values
    return {"type": "string", "enum": list(dict.fromkeys(allowed))}


def _unwrapped(schema: Schema) -> Schema:
    if schema.get("type") == "array" and isinstance(schema.get("items"), Mapping):
        items = plain(cast("Schema", schema["items"]))
        items.pop("default", None)
        return {**schema, "items": items}
    name = _only_value(schema)
    if not name:
        return dict(schema)
    inner = plain(cast("Schema", schema["properties"][name]))
    return inner | {k: schema[k] for k in _ABOUT if k in schema}


def _only_value(schema: Mapping[str, Any]) -> str:
    """The one property of an object that needs a value, where it is a text; else empty."""
    if schema.get("type") != "object":
        return ""
    properties = cast("dict[str, Schema]", schema.get("properties", {}))
    required = cast("list[str]", schema.get("required", []))
    open_ones = [n for n in required if "const" not in properties.get(n, {})]
    if len(open_ones) != 1 or plain(properties.get(open_ones[0], {})).get("type") != "string":
        return ""
    return open_ones[0]


def _wrapped(schema: Mapping[str, Any], value: Any) -> Any:
    """A plain value as the vendor's property wants it."""
    branches = _branches(schema)
    if isinstance(value, list):
        items = takes_list(schema)
        rows = cast("list[Any]", value)
        return [_wrapped(items, row) for row in rows] if items else rows
    if not isinstance(value, str) or any(b.get("type") == "string" for b in branches):
        return value
    for branch in branches:
        if name := _only_value(branch):
            properties = cast("dict[str, Schema]", branch["properties"])
            said = {n: p["const"] for n, p in properties.items() if "const" in p}
            return said | {name: value}
    return value


def _both(one: Schema, other: Schema) -> Schema:
    """What both accept; the first where they have nothing in common to compute."""
    both = dict(one)
    if "enum" in one and "enum" in other:
        both["enum"] = [v for v in one["enum"] if v in other["enum"]] or one["enum"]
    for bound, tighter in (("minimum", max), ("maximum", min), ("maxLength", min)):
        known = [s[bound] for s in (one, other) if bound in s]
        if known:
            both[bound] = tighter(known)
    return both


def _default(schema: Schema, *, needed: bool) -> None:
    """Keep a default only where it is allowed; add one where the vendor needs a value and names none."""
    bare = {k: v for k, v in schema.items() if k != "default"}
    allowed: Any = jsonschema.Draft202012Validator(bare)
    if "default" in schema and (schema["default"] == "" or not allowed.is_valid(schema["default"])):
        del schema["default"]
    if needed and "default" not in schema:
        if schema.get("enum"):
            schema["default"] = schema["enum"][0]
        elif "minimum" in schema and schema.get("type") in ("integer", "number"):
            schema["default"] = schema["minimum"]


def _free(
    file: InputFile, properties: Mapping[str, Schema], used: Collection[str], lists: Collection[str]
) -> str:
    wanted = file.mime.split("/")[0]
    fitting = [
        name
        for name, schema in properties.items()
        if media_of(name, schema) == wanted and (file.role == "mask") == ("mask" in name.lower())
    ]
    free = [name for name in fitting if name not in used]
    again = [name for name in fitting if name in lists]
    return next(iter(free or again), "")
