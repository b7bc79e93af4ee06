"""Reads `-o`: where the files of a command go, before anything is ordered."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from flexura.bridge import media_types, names, save_to
from flexura.bridge.folder import Place
from flexura.bridge.project import Project
from flexura.bridge.save_to import Target
from flexura.client import Asset, JobAnswer
from flexura.domain.model import Kind

STDOUT = "-"
PLACEHOLDERS = ("job", "index", "slug", "model", "ext", "seed")
# Endings that are not called like the format itself.
_FORMATS = {".jpg": "jpeg", ".jpe": "jpeg", ".opus": "ogg", ".oga": "ogg"}
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Destination:
    """Where files go: `text` as it was written, empty for the usual folder of the project."""

    text: str
    project: Project
    force: bool = False
    sidecar: bool = False
    """Whether a JSON file beside each tells what it was made from."""

    @property
    def is_stdout(self) -> bool:
        """Whether the one file is piped on."""
        return self.text == STDOUT

    @property
    def key(self) -> str:
        """The same for the same wish, from whatever directory it is made; empty for the usual folder."""
        return os.path.abspath(os.path.expanduser(self.text)) if self.text else ""

    def format(self, kind: Kind) -> str:
        """The file format that the name asks for, if it is one of that kind of media; else empty."""
        ending = os.path.splitext(self.text)[1].lower()
        mime = media_types.type_of(ending) or ""
        # A GIF is a moving picture where a video is asked for.
        if not mime.startswith(f"{kind}/") and (kind, mime) != ("video", "image/gif"):
            return ""
        return _FORMATS.get(ending, ending[1:])

    def target(self, job: JobAnswer, index: int, asset: Asset) -> tuple[Place, str, str]:
        """Folder, stem and ending for one file of a job."""
        slug = names.stem_from(job.prompt) or job.job_id
        if not self.text:
            target = save_to.read("", self.project)
            return target.place, *target.file_name(asset.mime, slug)
        values = {
            "job": job.job_id,
            "index": str(index + 1),
            "slug": slug,
            "model": names.stem_from(asset.model or job.model),
            "ext": (media_types.endings_of(asset.mime) or (".bin",))[0][1:],
            "seed": str(job.seed + index if asset.seed is None else asset.seed),
        }
        folder, stem, ending = _parts(_filled(self.text, values))
        target = Target(Place(folder, ()), stem, ending)
        return target.place, *target.file_name(asset.mime, slug)


def read(text: str, project: Project, *, force: bool = False, sidecar: bool = False) -> Destination:
    """The destination that `-o` names. Raises click.UsageError when nothing could be written there."""
    for name in _PLACEHOLDER.findall(text):
        if name not in PLACEHOLDERS:
            known = ", ".join(f"{{{known}}}" for known in PLACEHOLDERS)
            raise click.UsageError(f"-o has no placeholder {{{name}}}. There are {known}.")
    destination = Destination(text, project, force, sidecar)
    if text and not destination.is_stdout:
        # Placeholders may stand for folders; what comes before the first one exists or is created.
        folder, *_ = _parts(text.partition("{")[0] or ".")
        _check_writable(folder, text)
    return destination


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values[found[1]], text)


def _parts(text: str) -> tuple[Path, str, str]:
    """Folder, stem and ending; no stem when the text names a folder."""
    path = Path(os.path.abspath(os.path.expanduser(text)))
    if text.endswith(("/", os.sep)) or path.is_dir():
        return path, "", ""
    return path.parent, path.stem, path.suffix


def _check_writable(folder: Path, text: str) -> None:
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    if not existing.is_dir():
        raise click.UsageError(f"-o {text}: {existing} is not a folder.")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise click.UsageError(f"-o {text}: {existing} cannot be written.")
