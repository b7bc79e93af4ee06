"""Files that only this user may read, replaced in one step."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def replace(path: Path, content: str) -> None:
    """Put `content` into `path` (mode 0600): a reader sees the old text or the new one, never half of it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise


def create(path: Path, content: str) -> str:
    """Write `content` into a new file (mode 0600), or return what an earlier writer put there."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    replace(fresh, content)
    try:
        # A link is created only if the name is free, and with all of its content.
        os.link(fresh, path)
        return content
    except FileExistsError:
        return path.read_text(encoding="utf-8")
    finally:
        fresh.unlink()
