"""The models that this child can run, read from `models/*.json`; makers are imported when they are needed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from flexura.render.task import Made, Task, TaskError

_MODELS = Path(__file__).parent / "models"
VARIANT = "variant"
"""The task of writing a stored file in another format or size; the gateway asks for it, no caller."""
PEAKS = "peaks"
"""The task of measuring the shape of a sound; the gateway asks for it, no caller."""
CONTACT_SHEET = "contact-sheet"
"""The task of drawing several files side by side, numbered; the gateway asks for it, no caller."""
FOR_TERMINAL = "for-terminal"
"""The task of writing a picture as a terminal shows it; the command line asks for it."""
_OWN_TASKS: dict[str, dict[str, Any]] = {
    FOR_TERMINAL: {
        "maker": "flexura.render.contact.terminal:make",
        "input_schema": {"properties": {}},
    },
    CONTACT_SHEET: {
        "maker": "flexura.render.contact.sheet:make",
        "input_schema": {"properties": {}},
    },
    PEAKS: {
        "maker": "flexura.render.transform.peaks:make",
        "input_schema": {"properties": {}},
    },
    VARIANT: {
        "maker": "flexura.render.transform.variant:make",
        "input_schema": {"properties": {}},
    },
}


def models() -> list[dict[str, Any]]:
    """Every model as its JSON file describes it, sorted by id; imports neither numpy nor a maker."""
    return [json.loads(text) for text in _texts()]


def with_defaults(model_id: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options, completed by the defaults of the model's schema. Raises TaskError for an unknown model."""
    properties: dict[str, dict[str, Any]] = _model(model_id)["input_schema"]["properties"]
    return {name: schema["default"] for name, schema in properties.items()} | dict(options)


def maker(model_id: str) -> Callable[[Task], Made]:
    """The function that does a task of this model; imports the libraries that it draws with.

    Raises TaskError when there is no such model.
    """
    module, _, name = cast(str, _model(model_id)["maker"]).partition(":")
    return cast("Callable[[Task], Made]", getattr(import_module(module), name))


def _model(model_id: str) -> dict[str, Any]:
    if model_id in _OWN_TASKS:
        return _OWN_TASKS[model_id]
    known = {model["id"]: model for model in models()}
    if model_id not in known:
        raise TaskError(
            "invalid_request",
            f"There is no embedded model {model_id!r}.",
            f"Use one of {', '.join(known)}.",
        )
    return known[model_id]


@cache
def _texts() -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8") for path in sorted(_MODELS.glob("*.json")))
