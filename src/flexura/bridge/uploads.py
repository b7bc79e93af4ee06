"""Local files in a call go to the gateway first and are replaced by the ids it gives: it sees no path."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import threading
from collections.abc import Callable
from io import BufferedReader
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flexura.bridge import folder, media_types, refusals
from flexura.bridge.errand import Errand
from flexura.bridge.project import Project, path_of
from flexura.bridge.seam import Reply, read_all
from flexura.local.errors import LocalError
from flexura.local.json_shape import is_list, is_object

LARGEST = 100 * 1024 * 1024
# What the gateway understands by itself; everything else may be a file here.
PASSED_ON = ("http://", "https://", "data:", "art_", "job_", "run_")
ROLES = ("mask", "first_frame", "last_frame", "reference", "image", "video", "audio")
"""What may stand before an input and a `=`: the gateway's list (`domain/generation.py`); tests compare."""


class Uploads:
    """Remembers what this process has uploaded, by content."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], str] = {}
        self._remembering = threading.Lock()

    def replace(
        self, arguments: dict[str, Any], project: Project, errand: Errand
    ) -> dict[str, Any]:
        """The arguments with the media in `images` and `options.inputs` as the gateway can read them.

        Raises LocalError when a file is missing, outside the project, too large or no media file.
        """

        def sent(path: str) -> str:
            with _open(path, project) as file:
                return self._send(file, path, errand)

        arguments = dict(arguments)
        images, options = arguments.get("images"), arguments.get("options")
        if is_list(images):
            arguments["images"] = [_replaced(item, project, sent) for item in images]
        if is_object(options) and is_list(options.get("inputs")):
            inputs = [_replaced_input(item, project, sent) for item in options["inputs"]]
            arguments["options"] = {**options, "inputs": inputs}
        elif is_object(options) and is_object(options.get("inputs")):
            values = {n: _replaced_value(v, project, sent) for n, v in options["inputs"].items()}
            arguments["options"] = {**options, "inputs": values}
        return arguments

    def forget(self) -> None:
        """The gateway refused a call: an id that we remember may be gone."""
        with self._remembering:
            self._known.clear()

    def _send(self, file: BufferedReader, path: str, errand: Errand) -> str:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = file.tell()
        file.seek(0)
        with self._remembering:
            if (artifact_id := self._known.get((digest, size))) is not None:
                return artifact_id
        headers = {
            "Content-Type": media_types.type_of(path) or "application/octet-stream",
            "X-Filename": quote(os.path.basename(path)),
        }
        artifact_id = _artifact_id(errand.post("/api/v1/uploads", file, headers, size))
        with self._remembering:
            self._known[digest, size] = artifact_id
        return artifact_id


def _artifact_id(reply: Reply) -> str:
    try:
        body = read_all(reply)
    finally:
        reply.close()
    if reply.status == 201:
        found: Any = json.loads(body)
        return str(found["artifact_id"])
    raise refusals.from_body(reply, body)


def _replaced(item: object, project: Project, sent: Callable[[str], str]) -> object:
    """An input that names a file here becomes an artifact id; anything else is the gateway's to judge."""
    if not isinstance(item, str):
        return item
    role, item = split_role(item)
    return f"{role}{_found(item, project, sent)}"


def split_role(item: str) -> tuple[str, str]:
    """`mask=photo.png` → `mask=` and `photo.png`; any other `=` belongs to the name of a file."""
    role, equals, rest = item.partition("=")
    return (f"{role}=", rest) if equals and role in ROLES else ("", item)


def _found(item: str, project: Project, sent: Callable[[str], str]) -> str:
    if item.lower().startswith(PASSED_ON):
        return item
    path = path_of(item) if item.lower().startswith("file:") else item
    if path is None:
        raise _refused(item, "it is not a file of this machine")
    looks_like_a_path = path != item or "/" in path or os.sep in path or media_types.type_of(path)
    return sent(path) if looks_like_a_path or _in_project(path, project).is_file() else item


def _replaced_input(item: object, project: Project, sent: Callable[[str], str]) -> object:
    """An input of a template: `file://…`, or an object whose type is a medium. Plain text stays text."""
    if isinstance(item, str):
        _, source = split_role(item)
        return _replaced(item, project, sent) if source.lower().startswith("file:") else item
    if is_object(item) and item.get("type") in ("image", "video", "audio", "file"):
        named = {
            k: _replaced(item[k], project, sent) for k in ("value", "url", "path") if k in item
        }
        return {**item, **named}
    return item


def _replaced_value(value: object, project: Project, sent: Callable[[str], str]) -> object:
    """A value of a template's input: what names a media file that is there; every other text stays text."""
    if is_list(value):
        return [_replaced_value(item, project, sent) for item in value]
    if not isinstance(value, str):
        return value
    _, source = split_role(value)
    if not source.lower().startswith("file:") and not _is_media_file(source, project):
        return value
    return _replaced(value, project, sent)


def _is_media_file(named: str, project: Project) -> bool:
    if not media_types.is_input(media_types.type_of(named)):
        return False
    try:
        return _in_project(named, project).is_file()
    except (OSError, ValueError):
        # A text that is too long, or of another kind than names are.
        return False


def _in_project(path: str, project: Project) -> Path:
    return project.root / os.path.expanduser(path)


def _open(named: str, project: Project) -> BufferedReader:
    """A media file of the project, opened so that it stays the one that was checked."""
    if "\0" in named:
        raise _refused(named.replace("\0", "\\0"), "it contains a NUL")
    real = os.path.realpath(_in_project(named, project))
    if not folder.is_below(project.root, real):
        raise _refused(named, f"it lies outside the project {project.root}")
    if not media_types.is_input(media_types.type_of(real)):
        raise _refused(named, "its name does not end like that of an image, a video or a sound")
    try:
        file = folder.open_to_read(project.root, Path(real).relative_to(project.root).parts)
    except OSError as error:
        missing = error.errno == errno.ENOENT
        why = f"there is no such file in {project.root}" if missing else str(error.strerror)
        raise _refused(named, why) from error
    size = os.fstat(file.fileno()).st_size
    if 0 < size <= LARGEST:
        return file
    file.close()
    raise _refused(named, "it is empty" if size == 0 else f"it is larger than {LARGEST >> 20} MB")


def _refused(named: str, why: str) -> LocalError:
    return LocalError(
        "invalid_request",
        f"The input {named!r} is refused: {why}. Nothing was made.",
        next_step="Name a media file inside the project, an https URL, or an artifact id.",
    )
