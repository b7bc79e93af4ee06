"""The form of a template: a control for each input that it declares, and what somebody put into it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from flexura.domain.errors import FlexuraError
from flexura.domain.template import MAX_ITEMS, Template, TemplateInput
from flexura.gateway.dashboard.visit import Form
from flexura.services.templates.values import item_fields

Widget = Literal["area", "number", "choice", "several", "file", "lines", "rows"]
_ROWS = 3
_OTHERS = {"count": "n", "publish_at": "at"}
"""Fields of an order that the form calls otherwise."""
_PLACE = re.compile(r"inputs\.([\w-]+)")
_MOST_RADIO = 4


@dataclass(frozen=True)
class Control:
    """One input as a control."""

    declared: TemplateInput
    widget: Widget
    value: str
    """What is in it, as text."""
    chosen: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    """The fields of an item, where the items of a list are objects."""
    rows: tuple[Mapping[str, str], ...] = ()

    @property
    def name(self) -> str:
        """Its name in the form."""
        return f"v.{self.declared.id}"

    @property
    def id(self) -> str:
        """For `id` and `for`."""
        return f"v-{self.declared.id}"

    @property
    def title(self) -> str:
        """Its label."""
        return self.declared.id.replace("_", " ").replace("-", " ").capitalize()

    @property
    def medium(self) -> str:
        """image, video, or audio, of a file."""
        return self.declared.type.partition("_")[0].lower()

    @property
    def needed(self) -> bool:
        """Whether it has to be filled in."""
        return self.declared.required and self.declared.default is None

    @property
    def most(self) -> int:
        """So many of them at most."""
        return (self.declared.most or MAX_ITEMS) if self.declared.many else 1

    @property
    def radio(self) -> bool:
        """Whether the choices are few enough to be seen at once."""
        return len(self.declared.choices) <= _MOST_RADIO


def controls_of(template: Template, form: Form) -> list[Control]:
    """The controls, with what was typed or else the defaults."""
    return [_control(template, declared, form) for declared in template.inputs]


def _control(template: Template, declared: TemplateInput, form: Form) -> Control:
    name = f"v.{declared.id}"
    parts = tuple(sorted(item_fields(template, declared.id))) if declared.many else ()
    if parts:
        return Control(declared, "rows", "", parts=parts, rows=_rows(declared, parts, form))
    typed = form.getlist(name) if name in form else _defaults(declared)
    return Control(declared, _widget(declared), "\n".join(typed), chosen=tuple(typed))


def _widget(declared: TemplateInput) -> Widget:
    if declared.type.endswith("_URL"):
        return "file"
    if declared.type == "CHOICE":
        return "several" if declared.many else "choice"
    if declared.many:
        return "lines"
    return "number" if declared.type == "NUMBER" else "area"


def _defaults(declared: TemplateInput) -> list[str]:
    default: Any = declared.default
    many = cast("list[Any]", default) if isinstance(default, list | tuple) else [default]
    return [_shown(one) for one in many if one is not None]


def _shown(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _rows(
    declared: TemplateInput, parts: tuple[str, ...], form: Form
) -> tuple[Mapping[str, str], ...]:
    """The lines of a list of objects: what was typed, what is the default, and some empty ones."""
    found: list[dict[str, str]] = []
    for row in range(min(declared.most or MAX_ITEMS, MAX_ITEMS)):
        typed = {part: form.get(f"v.{declared.id}.{row}.{part}", "") for part in parts}
        if any(typed.values()):
            found.append(typed)
    default: Any = declared.default
    if not found and isinstance(default, list):
        for item in cast("list[Any]", default):
            if isinstance(item, Mapping):
                given = cast("Mapping[str, Any]", item)
                found.append({part: _shown(given.get(part, "")) for part in parts})
    most = declared.most or MAX_ITEMS
    wanted = min(most, max(_ROWS, len(found) + 1))
    return tuple(found[:most] + [dict.fromkeys(parts, "")] * (wanted - len(found)))


def values_in(template: Template, form: Form) -> tuple[dict[str, Any], dict[str, str]]:
    """The values in a form by input, and what is wrong with them by control. What is empty is left out."""
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for control in controls_of(template, form):
        declared = control.declared
        if control.widget == "rows":
            rows = [{n: v for n, v in row.items() if v.strip()} for row in control.rows]
            found: list[Any] = [row for row in rows if row]
        else:
            found = _typed(control, form, problems)
        if found:
            values[declared.id] = found if declared.many else found[0]
    return values, problems


def _typed(control: Control, form: Form, problems: dict[str, str]) -> list[Any]:
    typed = [text.replace("\r\n", "\n") for text in form.getlist(control.name)]
    if control.widget in ("lines", "file"):
        typed = [line.strip() for text in typed for line in text.splitlines()]
    given = [text for text in typed if text.strip()]
    if control.declared.type != "NUMBER":
        return given
    try:
        return [float(text) for text in given]
    except ValueError:
        problems[control.name] = "That is not a number."
        return []


def control_at(error: FlexuraError) -> str:
    """The control that an error is about; empty if it is about none."""
    found = _PLACE.match(error.field)
    return f"v.{found[1]}" if found else _OTHERS.get(error.field, error.field)
