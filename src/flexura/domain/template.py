"""A template: a saved, versioned piece of work. Pipelines, presets and techniques are views of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from flexura.domain.model import Kind

InputType = Literal["TEXT", "NUMBER", "CHOICE", "IMAGE_URL", "VIDEO_URL", "AUDIO_URL"]
INPUT_TYPES: tuple[InputType, ...] = (
    "TEXT",
    "NUMBER",
    "CHOICE",
    "IMAGE_URL",
    "VIDEO_URL",
    "AUDIO_URL",
)
Use = Literal["search", "image", "video", "audio", "transform", "upload", "approve", "publish"]
USES: tuple[Use, ...] = (
    "search",
    "image",
    "video",
    "audio",
    "transform",
    "upload",
    "approve",
    "publish",
)
MAKING: frozenset[str] = frozenset({"image", "video", "audio", "transform"})
"""Steps that order something from a model; each becomes one job, or one for each item."""
View = Literal["template", "technique", "pipeline", "preset"]
VIEWS: tuple[View, ...] = ("template", "technique", "pipeline", "preset")
MAX_STEPS = 24
MAX_ITEMS = 50
"""So many times a step may run, once for each item."""


@dataclass(frozen=True, slots=True)
class TemplateInput:
    """One declared input. A `many` input is a list, for a step that runs `each` of its items."""

    id: str
    type: InputType
    required: bool = True
    default: Any = None
    description: str = ""
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    many: bool = False
    most: int = 0
    """So many items a `many` input takes; 0 = MAX_ITEMS."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. Texts may hold expressions: `{{inputs.subject}}`, `{{steps.draw.outputs}}`, `{{item}}`."""

    id: str
    uses: Use
    prompt: str = ""
    kind: Kind | None = None
    """What a `transform` makes; None = the medium of its first input."""
    inputs: tuple[str, ...] = ()
    """What it starts from: expressions, or `role=expression` (`mask={{inputs.mask}}`)."""
    options: dict[str, Any] = field(default_factory=dict[str, Any])
    n: int | str = 1
    model: str = ""
    """A policy (`policy:fastest`, `policy:cheapest,provider=NAME`) or an alias, never an id; empty = the
    workspace's policy picks."""
    each: str = ""
    """An expression that gives a list: the step runs once for each item, with `{{item}}`."""
    needs: tuple[str, ...] = ()
    """Steps that have to end first, beyond those that its expressions name."""


@dataclass(frozen=True, slots=True)
class Template:
    """One version. A change makes the next version; jobs stay with the one that they were made from."""

    id: str
    workspace_id: str
    """Empty = ships with flexura, for every workspace."""
    slug: str
    version: int
    name: str
    created_at: int
    description: str = ""
    views: tuple[View, ...] = ("template",)
    inputs: tuple[TemplateInput, ...] = ()
    steps: tuple[Step, ...] = ()
    outputs: tuple[str, ...] = ()
    """Steps whose files are the result; empty = the last step that makes files."""
    deleted_at: int | None = None

    @property
    def pinned(self) -> str:
        """`slug@version`, as a job names it."""
        return f"{self.slug}@{self.version}"

    def step(self, step_id: str) -> Step:
        """The step of that id. Raises KeyError."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)
