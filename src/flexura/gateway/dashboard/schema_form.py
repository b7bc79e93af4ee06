"""A form made from a model's own live JSON Schema: which controls there are, and what each one takes.

The schema is a stranger's, cleaned and bounded by the catalog. What nobody can draw a control for is asked
for as JSON, so that nothing a model takes is out of reach.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

Widget = Literal[
    "text",
    "area",
    "number",
    "choice",
    "radio",
    "several",
    "flag",
    "list",
    "group",
    "either",
    "json",
]
_DEEPEST = 3
_MOST = 200
_FEW = 4
"""So many short choices are seen at once, as radio buttons."""
_SHORT = 14
_LONG = 200
"""Text that may be longer gets room for several lines."""
_WORDY = ("prompt", "text", "lyrics", "script", "instruction", "description", "caption")
_SCALARS = frozenset({"string", "number", "integer", "boolean"})
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a list; `token` is its JSON, which is what the form sends."""

    token: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """One control. `name` is unique in the form; `key` is the property."""

    name: str
    key: str
    title: str
    widget: Widget
    hint: str = ""
    required: bool = False
    default: str = ""
    """As the form sends it; empty for none."""
    choices: tuple[Choice, ...] = ()
    low: float | None = None
    high: float | None = None
    step: float | None = None
    whole: bool = False
    longest: int | None = None
    most: int | None = None
    """How many of them a list holds at most."""
    kind: str = "string"
    """The JSON type of a text, or of the items of a list."""
    parts: tuple[Field, ...] = ()
    """The controls of a group; the alternatives, of which one is filled in."""

    @property
    def id(self) -> str:
        """For `id` and `for`: letters and digits alone."""
        return "f-" + "".join(
            c if c.isalnum() and c.isascii() else f"-{ord(c):x}-" for c in self.name
        )

    @property
    def slides(self) -> bool:
        """Whether a slider stands beside the number."""
        if self.low is None or self.high is None:
            return False
        return 0 < self.high - self.low <= 100_000

    @property
    def slide_step(self) -> float:
        """How far a slider moves at once."""
        if self.step:
            return self.step
        if self.low is None or self.high is None:
            return 1
        return round((self.high - self.low) / 100, 6) or 0.01


def fields_of(
    schema: Mapping[str, Any], left_out: frozenset[str] = frozenset()
) -> tuple[Field, ...]:
    """The controls for an object's properties, in the schema's order, without those that are `left_out`."""
    return _properties(_plain(schema), "o", 0, left_out)


def _properties(
    schema: Json, path: str, depth: int, left_out: frozenset[str] = frozenset()
) -> tuple[Field, ...]:
    required = {n for n in _list(schema.get("required")) if isinstance(n, str)}
    found = [(key, part) for key, part in _dict(schema.get("properties")).items()]
    return tuple(
        _field(f"{path}.{_escaped(key)}", key, _dict(part), key in required, depth)
        for key, part in found[:_MOST]
        if key not in left_out
    )


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace(".", "~1")


def _field(name: str, key: str, told: Json, required: bool, depth: int) -> Field:
    schema = _plain(told)
    made = Field(
        name=name,
        key=key,
        title=str(schema.get("title") or _title(key)),
        widget="json",
        hint=str(schema.get("description") or ""),
        required=required,
    )
    choices = _choices(schema)
    kinds = _types(schema)
    if choices:
        return _chosen(made, schema, choices)
    if "anyOf" in schema or "oneOf" in schema:
        return _alternatives(made, schema, depth)
    if len(kinds) == 1:
        return _of_one_type(made, schema, kinds[0], depth)
    if kinds and set(kinds) <= {"string", "number", "integer"}:
        # A number or a word: what reads as a number is one.
        return replace(made, widget="text", kind="any", default=_shown(schema.get("default")))
    return replace(made, default=_as_json(schema))


def _of_one_type(made: Field, schema: Json, kind: str, depth: int) -> Field:
    default = schema.get("default")
    if kind == "boolean":
        return _flag(made, default)
    if kind in ("number", "integer"):
        return _number(made, schema, kind == "integer")
    if kind == "string":
        longest = _count(schema.get("maxLength"))
        wordy = any(word in made.key.lower() for word in _WORDY) and not made.key.endswith("_id")
        area = wordy if longest is None else longest > _LONG and (wordy or longest > 1000)
        text = default if isinstance(default, str) else ""
        return replace(made, widget="area" if area else "text", default=text, longest=longest)
    if kind == "array":
        return _array(made, schema)
    if kind == "object" and depth < _DEEPEST and _dict(schema.get("properties")):
        return replace(made, widget="group", parts=_properties(schema, made.name, depth + 1))
    return replace(made, default=_as_json(schema))


def _flag(made: Field, default: Any) -> Field:
    if isinstance(default, bool):
        return replace(made, widget="flag", default="true" if default else "false")
    return replace(made, widget="radio", choices=(Choice("true", "Yes"), Choice("false", "No")))


def _number(made: Field, schema: Json, whole: bool) -> Field:
    low, high = _amount(schema.get("minimum")), _amount(schema.get("maximum"))
    above, below = _amount(schema.get("exclusiveMinimum")), _amount(schema.get("exclusiveMaximum"))
    if low is None and above is not None:
        low = above + 1 if whole else above
    if high is None and below is not None:
        high = below - 1 if whole else below
    step = _amount(schema.get("multipleOf")) or (1 if whole else None)
    return replace(
        made,
        widget="number",
        default=_shown(schema.get("default")),
        low=low,
        high=high,
        step=step,
        whole=whole,
    )


def _array(made: Field, schema: Json) -> Field:
    items = _plain(_dict(schema.get("items")))
    most, kinds, choices = _count(schema.get("maxItems")), _types(items), _choices(items)
    default = schema.get("default")
    if choices:
        chosen = [json.dumps(v) for v in _list(default)]
        return replace(
            made, widget="several", choices=choices, most=most, default="\n".join(chosen)
        )
    if len(kinds) == 1 and kinds[0] in _SCALARS - {"boolean"}:
        lines = "\n".join(_shown(v) for v in _list(default))
        return replace(made, widget="list", kind=kinds[0], most=most, default=lines)
    return replace(made, default=_as_json(schema))


def _alternatives(made: Field, schema: Json, depth: int) -> Field:
    """One of several shapes: words that may also be free, or a shape to choose first."""
    rest = {k: v for k, v in schema.items() if k not in ("anyOf", "oneOf")}
    told = [*_list(schema.get("anyOf")), *_list(schema.get("oneOf"))]
    shapes = [_plain({**_dict(one)}) for one in told]
    shapes = [one for one in shapes if _types(one) != ["null"]][:12]
    if len(shapes) == 1:
        merged = {**shapes[0], **rest}
        return _field(made.name, made.key, merged, made.required, depth)
    listed = [_choices(one) for one in shapes]
    if shapes and all(listed):
        return _chosen(made, rest, tuple(c for some in listed for c in some))
    free = [one for one, some in zip(shapes, listed, strict=True) if not some]
    texts = all(set(_types(one)) <= {"string", "number", "integer"} and _types(one) for one in free)
    if texts and all(json.loads(c.token).__class__ is str for some in listed for c in some):
        kind = "string" if all(_types(one) == ["string"] for one in free) else "any"
        choices = tuple(c for some in listed for c in some)
        default = _shown(schema.get("default"))
        return replace(made, widget="text", kind=kind, choices=choices, default=default)
    if depth >= _DEEPEST or not shapes:
        return replace(made, default=_as_json(schema))
    parts = tuple(
        replace(part, title=str(one.get("title") or _shape_name(part)))
        for i, one in enumerate(shapes)
        for part in (_field(f"{made.name}.{i}", made.key, one, False, depth + 1),)
    )
    return replace(made, widget="either", parts=parts)


def _shape_name(part: Field) -> str:
    names = {
        "choice": "One of a list",
        "radio": "One of a list",
        "number": "A number",
        "text": "Text",
        "area": "Text",
        "group": "Own values",
        "list": "A list",
        "several": "A list",
        "flag": "Yes or no",
    }
    return names.get(part.widget, "JSON")


def _chosen(made: Field, schema: Json, choices: tuple[Choice, ...]) -> Field:
    default = json.dumps(schema["default"]) if "default" in schema else ""
    default = default if any(c.token == default for c in choices) else ""
    few = len(choices) <= _FEW and all(len(c.label) <= _SHORT for c in choices)
    return replace(made, widget="radio" if few else "choice", choices=choices, default=default)


def _choices(schema: Json) -> tuple[Choice, ...]:
    values = [schema["const"]] if "const" in schema else _list(schema.get("enum"))
    return tuple(Choice(json.dumps(v), _shown(v)) for v in values if v is not None)


def _plain(schema: Mapping[str, Any]) -> Json:
    """The schema with `allOf` merged into it, and without the types that only say "or nothing"."""
    made = dict(schema)
    for piece in _list(made.pop("allOf", None)):
        inner = _plain(_dict(piece))
        both = {**inner, **made}
        if "properties" in inner and "properties" in made:
            both["properties"] = {**_dict(inner["properties"]), **_dict(made["properties"])}
        if "required" in inner and "required" in made:
            both["required"] = [*_list(inner["required"]), *_list(made["required"])]
        made = both
    if "type" not in made and "properties" in made:
        made["type"] = "object"
    return made


def _types(schema: Json) -> list[str]:
    told: Any = schema.get("type")
    found = [str(t) for t in (_list(told) if isinstance(told, list) else [told]) if t]
    return [t for t in found if t != "null"] if len(found) > 1 else found


def _title(key: str) -> str:
    words = key.replace("_", " ").replace("-", " ").strip()
    spaced = "".join(
        f" {c}" if c.isupper() and i and words[i - 1].islower() else c for i, c in enumerate(words)
    )
    return spaced[:1].upper() + spaced[1:].lower() if spaced else key


def _shown(value: Any) -> str:
    """A value as a person writes it; JSON where it is neither text nor number."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _as_json(schema: Json) -> str:
    default = schema.get("default")
    return "" if default is None else json.dumps(default, ensure_ascii=False, indent=1)


def _amount(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if abs(value) < 1e15 else None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _dict(value: Any) -> Json:
    return cast("Json", value) if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []
