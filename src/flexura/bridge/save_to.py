"""Reads `save_to`: which folder, and which name, before anything is bought."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from flexura.bridge import folder, media_types, names
from flexura.bridge.folder import Place
from flexura.bridge.project import Project, path_of


@dataclass(frozen=True)
class Target:
    """Where the files of a call go."""

    place: Place
    # The name without its ending; empty when only a folder was named.
    stem: str = ""
    # The ending that the agent wrote; kept when it fits what was made.
    ending: str = ""
    # As the agent wrote it; empty when it wrote nothing.
    asked: str = ""

    def file_name(self, mime: str, fallback: str) -> tuple[str, str]:
        """Stem and ending for a file of this type; the type decides about the ending, not the wish."""
        fitting = media_types.endings_of(mime)
        wished = self.ending.lower()
        if wished in fitting:
            return self.stem, self.ending
        known = media_types.type_of(f"x{wished}") is not None
        # `logo.v2` has no ending that we know: it is all name.
        stem = self.stem if known or not self.stem else self.stem + self.ending
        return stem or fallback, fitting[0] if fitting else ".bin"


def read(save_to: object, project: Project) -> Target:
    """The target of a call. Raises LocalError when the agent's wish cannot be met; nothing is created."""
    if save_to is None or save_to == "":
        parts = [project.folder] if project.folder else []
        return Target(folder.resolve(project.root, parts, project.folder))
    if not isinstance(save_to, str):
        raise names.refused(str(save_to), "it is not a string")
    target = _wished(save_to, project)
    _check_writable(target.place.path, save_to)
    return target


def _wished(save_to: str, project: Project) -> Target:
    parts = _below_project(save_to, project.root)
    for part in parts:
        names.check(part, save_to)
    is_folder = save_to.endswith(("/", os.sep)) or os.path.isdir(project.root.joinpath(*parts))
    stem, dot, ending = parts[-1].rpartition(".") if parts else ("", "", "")
    if is_folder or not dot:
        return Target(folder.resolve(project.root, parts, save_to), asked=save_to)
    place = folder.resolve(project.root, parts[:-1], save_to)
    return Target(place, stem, f".{ending}", save_to)


def _below_project(save_to: str, root: Path) -> list[str]:
    if "\0" in save_to:
        raise names.refused(save_to.replace("\0", "\\0"), "it contains a NUL")
    text = (path_of(save_to) or "") if save_to.lower().startswith("file:") else save_to
    text = os.path.expanduser(text) if text.startswith("~") else text
    if text.startswith(("\\\\", "//")):
        raise names.refused(save_to, "it names a network share")
    if os.path.isabs(text):
        text = _relative(text, root, save_to)
    if sys_uses_backslashes():  # pragma: no cover
        text = text.replace("\\", "/")
    return [part for part in text.split("/") if part not in ("", ".")]


def _relative(text: str, root: Path, save_to: str) -> str:
    if ".." in text.replace("\\", "/").split("/"):
        raise names.refused(save_to, "it leads out of the project")
    # The agent may know the project under another name, through a symbolic link.
    head, tail = text, ""
    while not os.path.exists(head) and os.path.dirname(head) != head:
        tail = os.path.join(os.path.basename(head), tail) if tail else os.path.basename(head)
        head = os.path.dirname(head)
    real = os.path.normpath(os.path.join(os.path.realpath(head), tail))
    if not folder.is_below(root, real):
        raise names.refused(save_to, f"it lies outside the project {root}")
    return os.path.relpath(real, root)


def _check_writable(path: Path, save_to: str) -> None:
    """Refuse what could not be written later, when the money is spent."""
    existing = path
    while not existing.exists() and existing.parent != existing:
        existing = existing.parent
    if not existing.is_dir():
        raise names.refused(save_to, f"{existing} is not a folder")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise names.refused(save_to, f"{existing} cannot be written")


def sys_uses_backslashes() -> bool:
    """Whether `\\` separates folders here."""
    return os.sep == "\\"
