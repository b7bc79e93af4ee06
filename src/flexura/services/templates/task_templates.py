"""A template for each task that live models can do (`text-to-video`), made from the task's own name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, cast

from flexura.domain.model import Model, Order
from flexura.domain.template import InputType, Step, Template, TemplateInput, Use
from flexura.services.catalog import POLICY

_TASK = re.compile(r"(text|image|video|audio)-to-(image|video|audio|music|speech|sound)")
_SOUND_KINDS = {"music": "music", "speech": "speech", "sound": "sfx"}
_PROMPT = TemplateInput("prompt", "TEXT", description="What to make, in words.")


def tasks_of(models: Iterable[Model]) -> list[str]:
    """The tasks that some live model does, sorted; names that are not built as ours are left out."""
    found = {task for m in models if m.status != "deprecated" for task in m.tasks}
    return sorted(task for task in found if _TASK.fullmatch(task))


def task_template(task: str, order: Order) -> Template | None:
    """The template of a task; None if its name cannot be read. `order` is what counts among its models."""
    named = _TASK.fullmatch(task)
    if named is None:
        return None
    source, result = named[1], named[2]
    uses = cast("Use", result if result in ("image", "video") else "audio")
    inputs: list[TemplateInput] = [_PROMPT]
    if source != "text":
        medium = cast("InputType", f"{source.upper()}_URL")
        inputs.insert(0, TemplateInput(source, medium, description=f"The {source} to start from."))
    options: dict[str, Any] = {"kind": _SOUND_KINDS[result]} if result in _SOUND_KINDS else {}
    step = Step(
        id="make",
        uses=uses,
        prompt="{{ inputs.prompt }}",
        inputs=() if source == "text" else (f"{{{{ inputs.{source} }}}}",),
        options=options,
        model=f"{POLICY}{order},task={task}",
    )
    return Template(
        id=f"tpl_{task}",
        workspace_id="",
        slug=task,
        version=1,
        name=task.replace("-", " ").capitalize(),
        created_at=0,
        description=f"One {result} from {source}, by a live model that the workspace's policy picks.",
        views=("pipeline",),
        inputs=tuple(inputs),
        steps=(step,),
    )
