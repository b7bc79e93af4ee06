"""A template in words: what it needs, what it does step by step, what it gives."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import yaml

from flexura.domain.template import MAKING, Step, Template
from flexura.services.production import saved_in
from flexura.services.runs.steps import Flow, flow_of
from flexura.services.templates.reading import document_of

_MEDIA = {"image": "picture", "video": "video", "audio": "sound"}
_FILMS = ("video", "upload")
_HOLE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
ICONS: Mapping[str, str] = {
    "search": "search",
    "image": "gallery",
    "video": "video",
    "audio": "sound",
    "transform": "spark",
    "upload": "plus",
    "approve": "check",
    "publish": "send",
}
"""The icon of a step, by what it uses."""


@dataclass(frozen=True)
class StepLine:
    """One step as a sentence."""

    id: str
    icon: str
    words: str
    prompt: str
    more: Sequence[str]


def run_line(template: Template) -> str:
    """The command that runs it."""
    needed = [i.id for i in template.inputs if i.required and i.default is None]
    words = [word for name in needed for word in ("--input", f"{name}=…")]
    return " ".join(("flexura", "run", template.pinned, *words))


def views_of(template: Template) -> list[str]:
    """The views that a template has, in the words of the pages."""
    made = saved_in(template)
    films = any(step.uses in _FILMS for step in template.steps)
    production = ["production"] if made is not None and films else []
    return [view for view in template.views if view != "template"] + production


def gives(template: Template) -> list[str]:
    """The media of its result."""
    flow = flow_of(template, staging=False, publishes=False)
    found = [flow.kind(flow.step(one), template) for one in flow.outputs if one in flow.ids]
    return list(dict.fromkeys(_MEDIA[kind] for kind in found if kind))


def step_lines(template: Template) -> list[StepLine]:
    """Its steps in their order."""
    flow = flow_of(template, staging=False, publishes=False)
    return [_line(template, flow, step) for step in flow.steps]


def readable(text: str) -> str:
    """A text with what its expressions name: `[subject]`, `[result of draw]`."""
    return _HOLE.sub(_named, text)


def _named(hole: re.Match[str]) -> str:
    root, *path = hole[1].partition("|")[0].strip().split(".")
    if root == "steps" and path:
        return f"[result of {path[0]}]"
    return f"[{' '.join(path) or root}]"


def _line(template: Template, flow: Flow, step: Step) -> StepLine:
    medium = _MEDIA.get(flow.kind(step, template) or "", "file")
    many = isinstance(step.n, int) and step.n > 1
    words = {
        "search": "Searches the internet",
        "upload": "Takes the files that were given",
        "approve": "Waits until somebody approves",
        "publish": "Publishes to the destinations of the run",
        "transform": f"Makes a {medium} out of what it is given",
    }.get(step.uses, f"Makes {step.n} {medium}s" if many else f"Makes a {medium}")
    sources = flow.sources(step) if step.uses in MAKING | {"upload"} else step.inputs
    told = [
        ("for each of", step.each),
        ("starts from", ", ".join(sources)),
        ("variants", step.n if isinstance(step.n, str) else ""),
        ("model", step.model),
        *((name, value) for name, value in step.options.items()),
    ]
    more = [f"{name}: {readable(str(value))}" for name, value in told if value not in ("", None)]
    return StepLine(step.id, ICONS.get(step.uses, "spark"), words, readable(step.prompt), more)


def yaml_of(template: Template) -> str:
    """The template as it is written in a file."""
    dump = partial(yaml.safe_dump, sort_keys=False, allow_unicode=True, width=100)
    return dump(short_document(template))


def short_document(template: Template) -> dict[str, Any]:
    """Its document, without what says nothing."""
    return cast("dict[str, Any]", _without_nothing(document_of(template)))


def _without_nothing(value: Any) -> Any:
    if isinstance(value, Mapping):
        parts = cast("Mapping[str, Any]", value)
        kept = {n: _without_nothing(v) for n, v in parts.items()}
        return {n: v for n, v in kept.items() if v not in (None, "", [], {})}
    if isinstance(value, list | tuple):
        return [_without_nothing(one) for one in cast("Sequence[Any]", value)]
    return value
