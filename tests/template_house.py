"""Documents of templates for tests."""

from __future__ import annotations

import copy
from typing import Any

DOCUMENT: dict[str, Any] = {
    "slug": "hero",
    "name": "Hero",
    "inputs": [
        {"id": "subject", "type": "TEXT"},
        {"id": "count", "type": "NUMBER", "default": 4, "minimum": 1, "maximum": 8},
        {"id": "mood", "type": "CHOICE", "choices": ["calm", "wild"], "required": False},
        {"id": "items", "type": "TEXT", "many": True, "required": False},
    ],
    "steps": [
        {
            "id": "draw",
            "uses": "image",
            "prompt": "a {{ inputs.subject }}",
            "n": "{{ inputs.count }}",
        },
        {"id": "pick", "uses": "approve"},
        {
            "id": "enlarge",
            "uses": "transform",
            "prompt": "upscale 2x",
            "inputs": ["{{ steps.pick.outputs }}"],
        },
        {"id": "send", "uses": "publish"},
    ],
}


def document(**changes: Any) -> dict[str, Any]:
    """The document with changes; `steps__0__prompt` reaches into it."""
    made = copy.deepcopy(DOCUMENT)
    for path, value in changes.items():
        *way, last = (int(part) if part.isdecimal() else part for part in path.split("__"))
        place: Any = made
        for part in way:
            place = place[part]
        place[last] = value
    return made
