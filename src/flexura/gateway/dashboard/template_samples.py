"""What a usual run of a template costs, with values made up for its inputs; nothing is ordered."""

from __future__ import annotations

from typing import Any

from flexura.domain.errors import FlexuraError
from flexura.domain.job import Caller
from flexura.domain.template import Template, TemplateInput
from flexura.gateway.services import Services
from flexura.services.runs.start import Wishes
from flexura.services.shared import Shared
from flexura.services.templates.values import item_fields

_HOLDS = 60.0
_TEXT = "a red fox in the snow"


class Samples:
    """Prices of usual runs, kept for a minute."""

    def __init__(self) -> None:
        self._known = Shared[dict[str, Any] | None](_HOLDS)

    async def price(
        self, found: Services, template: Template, caller: Caller
    ) -> dict[str, Any] | None:
        """What it costs; None where nobody can tell before its files are there."""
        name = (found.instance, caller.workspace_id, template.pinned, template.id)
        return await self._known.get(name, lambda: _price(found, template, caller))


async def _price(found: Services, template: Template, caller: Caller) -> dict[str, Any] | None:
    if "preset" in template.views:
        return None
    values: dict[str, Any] = {}
    for declared in template.inputs:
        if declared.default is not None or not declared.required:
            continue
        if declared.type.endswith("_URL"):
            return None
        values[declared.id] = _value(template, declared)
    try:
        plan = await found.runs.plan(template, values, caller, Wishes(dry_run=True))
    except FlexuraError:
        return None
    return plan.estimate


def _value(template: Template, declared: TemplateInput) -> Any:
    value: Any = _TEXT
    if declared.type == "CHOICE":
        value = declared.choices[0]
    elif declared.type == "NUMBER":
        value = declared.minimum if declared.minimum is not None else declared.maximum or 1
    if not declared.many:
        return value
    fields = item_fields(template, declared.id)
    return [dict.fromkeys(fields, _TEXT) if fields else value]
