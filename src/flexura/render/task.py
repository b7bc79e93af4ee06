"""What the render child is asked to make, and what it answers with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Input:
    """One local file that the task starts from; `role` is image, video, audio or mask."""

    path: Path
    mime: str
    role: str
    sha256: str = ""


@dataclass(frozen=True)
class Warning:
    """Something that was asked for and not done; the file is usable all the same."""

    code: str
    message: str


@dataclass(frozen=True)
class File:
    """One finished file. Sizes are in pixels, `seconds` is the duration of video and audio."""

    path: Path
    mime: str
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    role: str = "main"  # main | thumbnail


@dataclass(frozen=True)
class Task:
    """One file to make. `options` fit the model's JSON Schema, with its defaults filled in."""

    model: str
    prompt: str
    options: Mapping[str, Any]
    seed: int
    out: Path
    """Path without extension; the maker adds `.png`, `.mp4` … by the format that it writes."""
    inputs: tuple[Input, ...] = ()
    progress: Callable[[float, str], None] = field(default=lambda done, note: None)
    """Tells how much is done (0..1) and, in two or three words, what is going on."""
    marked: bool = True
    """Whether the files say what they were made from."""


@dataclass(frozen=True)
class Made:
    """The files of one task, main file first."""

    files: tuple[File, ...]
    warnings: tuple[Warning, ...] = ()


class TaskError(Exception):
    """The task cannot be done as asked; `code` is a wire name of the error tree."""

    def __init__(self, code: str, message: str, next_step: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.next_step = next_step
