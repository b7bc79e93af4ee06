"""Brings the finished files of jobs into the project."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO
from urllib.parse import quote, unquote, urlsplit

from flexura.bridge import elsewhere, folder, refusals, save_to
from flexura.bridge.errand import Errand
from flexura.bridge.names import stem_from
from flexura.bridge.project import Project
from flexura.bridge.save_to import Target
from flexura.bridge.saved import SavedFile, SavedFiles, Wish, is_there, order_name
from flexura.bridge.seam import Reply, read_all
from flexura.local.errors import LocalError
from flexura.local.json_shape import is_list, is_object

# Only the gateway's own files are fetched, from the gateway itself, wherever a URL may point.
ROUTES = ("/api/assets/", "/api/v1/artifacts/")
DISK_TROUBLE = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "the folder cannot be written",
    errno.EPERM: "the folder cannot be written",
}


@dataclass(frozen=True)
class Wanted:
    """Where a call wants its files."""

    target: Target
    # The file name when the call named none: the words of its prompt.
    stem: str = ""
    # How the job can be recognised that this call makes; empty when it makes none.
    order: str = ""
    # Whether the agent asked for these very jobs: then a file that somebody moved is fetched again.
    by_name: bool = True


@dataclass
class Homecoming:
    """The files of one tool result on their way into the project."""

    project: Project
    saved: SavedFiles
    wanted: Wanted
    errand: Errand
    # What went wrong, for `next`.
    notes: list[str] = field(default_factory=list[str])
    # Where the files are, by URL.
    paths: dict[str, str] = field(default_factory=dict[str, str])
    # Jobs with files that should have come home and did not.
    unsaved: set[str] = field(default_factory=set[str])
    # Whether the files are candidates of which somebody picks: the place that was wished is the result's.
    aside: bool = False

    def bring(self, job: dict[str, Any]) -> dict[str, Any]:
        """The record of a job with the `path` of every file that is in the project. Raises Cancelled."""
        files = job.get("files")
        if not is_list(files):
            return job
        if job.get("phase") == "awaiting_approval":
            usual = replace(self.wanted, target=save_to.read(None, self.project))
            return replace(self, wanted=usual, aside=True)._all(job, files)
        return self._all(job, files) if job.get("status") == "completed" else job

    def _all(self, job: dict[str, Any], files: list[Any]) -> dict[str, Any]:
        return {**job, "files": [self._with_path(file, job) for file in files]}

    def _with_path(self, file: object, job: dict[str, Any]) -> object:
        if not is_object(file) or not (asset := asset_of(str(file.get("url", "")))):
            return file
        job_id = str(job.get("job_id", ""))
        try:
            path = self._path(asset, file, job_id)
        except TimeoutError:
            later = "job_status with its job_id saves it."
            return self._left(file, job_id, f"No time was left to save {job_id}: {later}")
        except LocalError as error:
            return self._left(file, job_id, f"Not saved: {error.message}")
        except OSError as error:
            why = DISK_TROUBLE.get(error.errno or 0, error.strerror or type(error).__name__)
            place = self.wanted.target.place.path
            return self._left(file, job_id, f"Not saved in {place}: {why}. Get it from its url.")
        if path is None:
            return file
        self.paths[str(file["url"])] = path
        return {"path": path, **file}

    def _left(self, file: dict[str, Any], job_id: str, why: str) -> dict[str, Any]:
        self.unsaved.add(job_id)
        if why not in self.notes:
            self.notes.append(why)
        return file

    def _path(self, asset: str, file: dict[str, Any], job_id: str) -> str | None:
        """Where the file is, after fetching it if need be; None when it was here and somebody moved it."""
        known = self.saved.find(asset, self._place_of(job_id))
        if known is not None and is_there(known):
            return known.path
        if known is not None and not self.wanted.by_name:
            return None
        if self.errand.deadline.over:
            raise TimeoutError
        return self._fetch(asset, file, *self._target(job_id))

    def _place_of(self, job_id: str) -> str:
        """The place that was wished for the files of a job; empty for the usual one."""
        wish = None if self.aside else self.saved.wish(job_id)
        return self.wanted.target.asked or (wish.save_to if wish else "")

    def _target(self, job_id: str) -> tuple[Target, str]:
        """Target and name: this call's wish, else that of the call that made the job."""
        wish = self.saved.wish(job_id) or self._wish_of(job_id)
        stem = self.wanted.stem or wish.stem or job_id or "file"
        if self.aside or not wish.save_to or self.wanted.target.asked:
            return self.wanted.target, stem
        return save_to.read(wish.save_to, self.project), stem

    def _wish_of(self, job_id: str) -> Wish:
        """The wish of a call that never learned its job's id: cancelled, killed, or made elsewhere."""
        reply = self.errand.get(f"/api/jobs/{quote(job_id, safe='')}")
        try:
            found: Any = json.loads(read_all(reply)) if reply.status == 200 else {}
        finally:
            reply.close()
        if "prompt" not in found:
            return Wish(job_id, "", "")
        prompt, kind = str(found["prompt"] or ""), str(found.get("type") or "")
        order = self.saved.order(order_name(kind, prompt))
        wish = Wish(job_id, order.save_to if order else "", stem_from(prompt))
        self.saved.add(wish)
        return wish

    def _fetch(self, asset: str, file: dict[str, Any], target: Target, stem: str) -> str:
        stem, ending = target.file_name(str(file.get("mime", "")), stem)
        with folder.opened(target.place) as place:
            place.sweep()
            with place.new_part() as (part, local):
                asked = self.errand.get(_path_and_query(str(file["url"])))
                reply, wanted = elsewhere.followed(asked, self.errand)
                try:
                    size, digest = _copy(reply, local)
                finally:
                    reply.close()
                elsewhere.check(digest, wanted)
                with self.saved.turn():
                    other = self.saved.find(asset, target.asked)
                    if other is not None and is_there(other):
                        # Another agent of this project was quicker.
                        return other.path
                    path = str(place.keep(part, stem, ending))
                    self.saved.add(SavedFile(asset, path, size, digest, target.asked))
        return path


def asset_of(url: str) -> str:
    """The gateway's name for the file behind a URL; empty when the gateway does not serve it."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    for route in ROUTES:
        before, found, name = path.rpartition(route)
        # The gateway may live below a path of its own, as in https://host/flexura/api/assets/…
        if found and name and "/" not in name and ".." not in before:
            return unquote(name)
    return ""


def _path_and_query(url: str) -> str:
    parts = urlsplit(url)
    route = next(route for route in ROUTES if route in parts.path)
    path = route + parts.path.rpartition(route)[2]
    return f"{path}?{parts.query}" if parts.query else path


def _copy(reply: Reply, local: BinaryIO) -> tuple[int, str]:
    """Write the body so that it survives a power cut; returns its size and SHA-256."""
    if reply.status != 200:
        raise refusals.from_body(reply, read_all(reply, limit=1 << 16))
    digest = hashlib.sha256()
    size = 0
    for chunk in reply.chunks():
        local.write(chunk)
        digest.update(chunk)
        size += len(chunk)
    local.flush()
    os.fsync(local.fileno())
    return size, digest.hexdigest()
