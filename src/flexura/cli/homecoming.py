"""Brings the finished files of a job to where the command wants them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from flexura.bridge import folder
from flexura.bridge.folder import Folder, Place
from flexura.bridge.saved import SavedFile, SavedFiles, is_there
from flexura.cli import sidecar
from flexura.cli.connection import Connection
from flexura.cli.destination import Destination
from flexura.client import Asset, JobAnswer
from flexura.domain.errors import FlexuraError
from flexura.local.errors import LocalError


@dataclass(frozen=True)
class Brought:
    """A job whose files are here: their paths in order, none where a file went to stdout."""

    job: JobAnswer
    paths: tuple[str, ...] = ()


async def bring(job: JobAnswer, destination: Destination, connection: Connection) -> Brought:
    """Fetch what is not here yet, and tell the gateway that it arrived. Raises OSError, FlexuraError."""
    candidates = job.phase == "awaiting_approval"
    if job.status != "completed" and not candidates:
        return Brought(job)
    if candidates:
        # The place that was named is the result's.
        destination = Destination("", connection.project, sidecar=destination.sidecar)
    paths: list[str] = []
    if destination.is_stdout:
        await _pipe(job, connection)
    else:
        courier = _Courier(connection, destination, SavedFiles(connection.project_id))
        for index, asset in enumerate(job.files):
            paths.append(await courier.path(job, index, asset))
            if destination.sidecar:
                await sidecar.write(connection.client, asset.artifact_id, paths[-1])
    if candidates:
        # Somebody may look at them; the result is still to come.
        return Brought(job, tuple(paths))
    with contextlib.suppress(FlexuraError, LocalError):
        # The files are here; whether the gateway knows it changes nothing for the user.
        await connection.client.delivered(job.job_id, connection.session, saved=True)
    return Brought(job, tuple(paths))


async def _pipe(job: JobAnswer, connection: Connection) -> None:
    if len(job.files) != 1:
        raise click.UsageError(
            f"-o - takes one file and job {job.job_id} has {len(job.files)}; name a folder instead."
        )
    await connection.client.download(job.files[0], sys.stdout.buffer)
    sys.stdout.buffer.flush()


@dataclass(frozen=True)
class _Courier:
    connection: Connection
    destination: Destination
    saved: SavedFiles

    async def path(self, job: JobAnswer, index: int, asset: Asset) -> str:
        """Where the file is, after fetching it if need be."""
        key = self.destination.key
        known = self.saved.find(asset.name, key)
        if known is not None and is_there(known) and not self.destination.force:
            return known.path
        place, stem, ending = self.destination.target(job, index, asset)
        # The user named this folder: a symbolic link on the way to it is theirs.
        place = Place(Path(os.path.realpath(place.root)), place.parts)
        with folder.opened(place) as here:
            here.sweep()
            with here.new_part() as (part, file):
                await self.connection.client.download(asset, file)
                file.flush()
                await asyncio.to_thread(os.fsync, file.fileno())
                if self.destination.force:
                    # The second file must not replace the first one of the same job.
                    name = f"{stem}-{index + 1}{ending}" if index else f"{stem}{ending}"
                    path = str(_replace(here, part, place.path / name))
                else:
                    path = str(here.keep(part, stem, ending))
        self.saved.add(SavedFile(asset.name, path, asset.bytes, asset.sha256, key))
        return path


def _replace(here: Folder, part: str, path: Path) -> Path:
    os.replace(here.name(part), here.name(path.name), src_dir_fd=here.fd, dst_dir_fd=here.fd)
    return path
