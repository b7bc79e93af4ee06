"""Brings a made file to its place in the project: whole, in the form that its path asks for, in one step."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from flexura.bridge import folder, media_types
from flexura.cli.build import digest, places
from flexura.cli.build.declared import Asset, Project
from flexura.cli.build.lockfile import put
from flexura.local.errors import LocalError

if TYPE_CHECKING:
    from flexura.client import Asset as Made
    from flexura.client import GatewayClient

CONVERTED = ("png", "webp")
"""Forms that a gateway makes of any stored picture, at no cost."""
_VECTOR = "image/svg+xml"


class Misfit(LocalError):
    """What was made has a form that the path cannot hold. The job is kept: another path costs nothing."""

    def __init__(self, asset: Asset, mime: str) -> None:
        made = (media_types.endings_of(mime) or (mime,))[0]
        others = [made, *(f".{form}" for form in CONVERTED if is_raster(mime))]
        super().__init__(
            "provider_error",
            f"The model gave {mime}, and of that no {PurePosixPath(asset.path).suffix} can be made here.",
            next_step=f"Let the path of {asset.name} end with {' or '.join(dict.fromkeys(others))}: what was"
            " made is taken then, at no cost. Or choose a model that makes this form.",
        )


def is_raster(mime: str) -> bool:
    """Whether a gateway can make other forms of that picture."""
    return mime.startswith("image/") and mime != _VECTOR


def form_for(asset: Asset, mime: str) -> str | None:
    """The form to ask for: empty = as it is; None = the path cannot hold what that can become."""
    if PurePosixPath(asset.path).suffix.lower() in media_types.endings_of(mime):
        return ""
    return asset.format if asset.format in CONVERTED and is_raster(mime) else None


async def bring(
    client: GatewayClient,
    project: Project,
    asset: Asset,
    made: Made,
    on_disk: str | None,
    placing: Callable[[str], None],
) -> tuple[str, int]:
    """SHA-256 and size of the file at its place. `on_disk`: what may be replaced; something else is not.

    `placing` is told the SHA-256 before the file is put there.

    Raises Misfit, LocalError, OSError and what the client raises.
    """
    form = form_for(asset, made.mime)
    if form is None:
        raise Misfit(asset, made.mime)
    with folder.opened(place_of(project, asset)) as here:
        here.sweep()
        with here.new_part() as (part, file):
            await client.download(made, file, form)
            file.flush()
            await asyncio.to_thread(os.fsync, file.fileno())
            written = await asyncio.to_thread(_hashed, here, part)
            await asyncio.to_thread(_check, project, asset, on_disk)
            await asyncio.to_thread(placing, written[0])
            name = PurePosixPath(asset.path).name
            os.replace(here.name(part), here.name(name), src_dir_fd=here.fd, dst_dir_fd=here.fd)
    return written


def _hashed(here: folder.Folder, part: str) -> tuple[str, int]:
    with open(os.open(here.name(part), os.O_RDONLY, dir_fd=here.fd), "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), file.tell()


def copy(project: Project, asset: Asset, path: str, on_disk: str | None) -> None:
    """Put a file of the project to the place of an asset too. Raises OSError, LocalError."""
    content = (project.root / path).read_bytes()
    _check(project, asset, on_disk)
    put(place_of(project, asset), PurePosixPath(asset.path).name, content)


def place_of(project: Project, asset: Asset) -> folder.Place:
    """The folder of an asset. Raises LocalError when a symbolic link leads out of the project by now."""
    if why := places.fault(project.root, asset.path):
        raise LocalError(
            "invalid_request",
            f"The path {asset.path!r} is refused: {why}.",
            next_step="Put the folder back, or give the asset another path.",
        )
    return folder.resolve(project.root, PurePosixPath(asset.path).parts[:-1], asset.path)


def _check(project: Project, asset: Asset, on_disk: str | None) -> None:
    """Whoever worked on the file while it was being made keeps their work."""
    file = digest.file_hash(project.root / asset.path)
    now = None if file is None else file[0]
    if now not in (None, on_disk):
        raise LocalError(
            "conflict",
            f"{asset.path} was changed while it was being made; it was left as it is.",
            next_step="`flexura build --force` puts what was made in its place, at no cost.",
        )
