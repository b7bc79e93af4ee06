"""What a ComfyUI server says of its nodes (`GET /object_info`), as the schema and kinds of a workflow.

The description of an input is `[type, {…}]`: "INT" and "FLOAT" with default, min, max, step, "STRING",
"BOOLEAN", and combos, which are a list in place of the type or "COMBO" with `options`: there the server names
the checkpoints, samplers and so on that it has at this moment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

from flexura.domain.model import KINDS, Kind
from flexura.providers.vendor_errors import tidy
from flexura.providers.vendor_json import fields, rows
from flexura.providers.vendors.comfyui_workflow import Slot, Workflow, is_link

_UPLOADS: Mapping[str, Kind] = {
    "image_upload": "image",
    "animated_image_upload": "image",
    "video_upload": "video",
    "audio_upload": "audio",
}
_MADE_BY: Mapping[Kind, re.Pattern[str]] = {
    "video": re.compile(r"video|webm|mp4", re.I),
    "audio": re.compile(r"audio|mp3|flac|opus|sound", re.I),
    "image": re.compile(r"image|png|webp|jpe?g|svg", re.I),
}
_SPEECH = re.compile(r"tts|speech|voice|narrat", re.I)
_MUSIC = re.compile(r"music|song|lyrics|melody", re.I)
_SOURCES: Mapping[Kind, tuple[Kind, ...]] = {
    "image": ("image",),
    "video": ("image", "video", "audio"),
    "audio": ("video", "audio"),
}
_JSON_TYPES = {"INT": "integer", "FLOAT": "number", "STRING": "string", "BOOLEAN": "boolean"}
_PYTHON_TYPES: Mapping[str, tuple[type, ...]] = {
    "integer": (int,), "number": (int, float), "string": (str,), "boolean": (bool,),
    "array": (list,),
}  # fmt: skip
_OWN_VALUE = frozenset(
    {"prompt", "seed"}
)  # an order always has one, so a default would say nothing


def described(nodes: Mapping[str, Any], kind: str, name: str) -> tuple[Any, dict[str, Any]]:
    """Type and settings of one input of a kind of node; (None, {}) where the server has no such input."""
    inputs = fields(fields(nodes.get(kind)).get("input"))
    for part in ("required", "optional"):
        told = rows(fields(inputs.get(part)).get(name))
        if told:
            return told[0], fields(told[1]) if len(told) > 1 else {}
    return None, {}


def choices(told: Any, settings: Mapping[str, Any]) -> list[Any] | None:
    """What a combo offers; None for an input that is none."""
    if isinstance(told, list):
        return cast("list[Any]", told)
    if told == "COMBO" and isinstance(settings.get("options"), list):
        return rows(settings["options"])
    return None


def upload_of(settings: Mapping[str, Any]) -> Kind | None:
    """The kind of file that an input takes; None where it takes none."""
    return next((kind for flag, kind in _UPLOADS.items() if settings.get(flag)), None)


class Fit:
    """One workflow on one server: its schema, what it makes, and what is missing for it."""

    def __init__(self, workflow: Workflow, nodes: Mapping[str, Any]) -> None:
        self._workflow, self._nodes = workflow, nodes
        self.problems = [*workflow.problems, *self._lacking_nodes(), *self._lacking_choices()]
        self._properties: dict[str, dict[str, Any]] = {}
        self._required: list[str] = []
        self._uploads: set[Kind] = set()
        for slot in workflow.slots:
            self._add(slot)
        self.kinds = self._kinds()

    @property
    def schema(self) -> dict[str, Any]:
        """JSON Schema of what an order may say; the prompt first."""
        names = sorted(self._properties, key=lambda name: name != "prompt")
        return {
            "type": "object",
            "properties": {name: self._properties[name] for name in names},
            "required": [name for name in names if name in self._required],
            "additionalProperties": False,
        }

    @property
    def tasks(self) -> tuple[str, ...]:
        """In the catalog's words, from what goes in and what comes out."""
        found: list[str] = []
        for kind in self.kinds:
            sources = [source for source in _SOURCES[kind] if source in self._uploads]
            found += [f"{source}-to-{kind}" for source in sources] or [self._from_words(kind)]
        return tuple(found)

    def _from_words(self, kind: Kind) -> str:
        if kind != "audio":
            return f"text-to-{kind}"
        words = " ".join((self._workflow.name, *self._properties, *self._classes()))
        if _SPEECH.search(words):
            return "text-to-speech"
        return "text-to-music" if _MUSIC.search(words) else "text-to-sound"

    def _classes(self) -> list[str]:
        return [node["class_type"] for node in self._workflow.graph.values()]

    def _lacking_nodes(self) -> list[str]:
        lacking = sorted({kind for kind in self._classes() if kind not in self._nodes})
        return [f"The server lacks the nodes {', '.join(lacking)}."] if lacking else []

    def _lacking_choices(self) -> Iterable[str]:
        slots = {(slot.node, slot.input) for slot in self._workflow.slots}
        for key, node in self._workflow.graph.items():
            for name, value in node["inputs"].items():
                told, settings = described(self._nodes, node["class_type"], name)
                offered = choices(told, settings)
                if offered is None or upload_of(settings) or (key, name) in slots or rows(value):
                    continue  # no combo, a file of the server's own, filled by the order, a link
                if value not in offered:
                    kind = f"node {key}, {node['class_type']}"
                    yield f"The server has no {name} {str(value)[:100]!r} ({kind})."

    def _add(self, slot: Slot) -> None:
        told, settings = described(
            self._nodes, self._workflow.graph[slot.node]["class_type"], slot.input
        )
        if slot.name in self._properties:
            return  # one value for several nodes: the first describes it
        if source := upload_of(settings):
            self._uploads.add(source)
            made: dict[str, Any] = {"type": "string", "contentMediaType": f"{source}/*"}
        else:
            made = _property(told, settings)
            default = self._workflow.literal(slot)
            if slot.name not in _OWN_VALUE and _fits(default, made):
                made["default"] = default
        if settings.get("tooltip"):
            made["description"] = tidy(str(settings["tooltip"]))
        if "enum" in made and not made["enum"]:
            self.problems.append(f"The server offers nothing for {slot.name} ({slot.input}).")
        self._properties[slot.name] = made
        if slot.name == "prompt" or ("default" not in made and slot.name not in _OWN_VALUE):
            self._required.append(slot.name)

    def _kinds(self) -> tuple[Kind, ...]:
        """From the nodes that save; those that only preview count where nothing is saved."""
        makers = [k for k in self._classes() if self._is_output(k)]
        saving = [k for k in makers if not k.lower().startswith("preview")]
        found = {kind for k in saving or makers if (kind := self._made_by(k))}
        if not found:
            self.problems.append("It has no node that saves an image, a video or a sound.")
        return tuple(kind for kind in KINDS if kind in found) or ("image",)

    def _is_output(self, kind: str) -> bool:
        known = fields(self._nodes.get(kind))
        return bool(known.get("output_node")) if known else kind.startswith("Save")

    def _made_by(self, kind: str) -> Kind | None:
        for made, words in _MADE_BY.items():
            if words.search(kind):
                return made
        inputs = fields(fields(self._nodes.get(kind)).get("input"))
        told = (rows(spec)[:1] for part in inputs.values() for spec in fields(part).values())
        taken = {first[0] for first in told if first and isinstance(first[0], str)}
        return next((k for k in reversed(KINDS) if k.upper() in taken), None)


def _property(told: Any, settings: Mapping[str, Any]) -> dict[str, Any]:
    offered = choices(told, settings)
    if offered is not None:
        options = [o for o in offered if isinstance(o, str | int | float)]
        if settings.get("multiselect"):
            return {"type": "array", "items": {"enum": options}}
        return {"enum": options}
    made: dict[str, Any] = {}
    if kind := _JSON_TYPES.get(str(told), "string" if told == "COMBO" else ""):
        made["type"] = kind
    if kind in ("integer", "number"):
        for ours, theirs in (("minimum", "min"), ("maximum", "max")):
            if isinstance(settings.get(theirs), int | float):
                made[ours] = settings[theirs]
    return made


def _fits(value: Any, schema: Mapping[str, Any]) -> bool:
    """Whether the file's own value is a good default on this server."""
    if "enum" in schema:
        return value in schema["enum"]
    if is_link(value) or value is None:
        return False
    types = _PYTHON_TYPES.get(schema.get("type", ""))
    if types is None:
        return True
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        return False
    return schema.get("minimum", value) <= value <= schema.get("maximum", value)
