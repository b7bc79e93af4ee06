"""What people look at: files in the order in which they came, filtered, searched, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from flexura.domain.artifact import Artifact

Shelf = Literal["shown", "trash"]
FileKind = Literal["image", "video", "audio", "other"]
Origin = Literal["made", "template", "upload"]


@dataclass(frozen=True, slots=True)
class GalleryFilter:
    """Which files; empty = any. The newest come first.

    `text` finds prompts, model ids, file names, steps and templates: every word of it, each also as the
    beginning of a longer one, without regard to case and diacritics. A text without a letter or digit finds
    nothing. `before` and `after` are places (`Shown.place`): only what is older, or only what is newer; with
    `after` those that are next to it.
    """

    workspace_id: str
    text: str = ""
    shelf: Shelf = "shown"
    kind: FileKind | Literal[""] = ""
    origin: Origin | Literal[""] = ""
    model: str = ""
    project: str = ""
    review: str | None = None
    since: int | None = None
    """Made at that time (milliseconds since 1970) or later."""
    until: int | None = None
    """Made before that time."""
    before: int | None = None
    after: int | None = None
    limit: int = 48


@dataclass(frozen=True, slots=True)
class Shown:
    """A file as the gallery shows it."""

    place: int
    """Its place in the order of the gallery; higher is newer. No other file has it."""
    artifact: Artifact
    kind: FileKind
    origin: Origin
    model: str
    project: str
    prompt: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What the files of a workspace can be filtered by."""

    models: tuple[str, ...]
    projects: tuple[str, ...]
