"""The name under which a gateway knows a project: it says nothing about the path."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from flexura.local import paths, private_file


def project_id(project: Path) -> str:
    """The same 32 hexadecimal digits for the same directory of the same user, and nobody else's."""
    salt = private_file.create(paths.home() / "project.salt", os.urandom(32).hex())
    text = f"{salt.strip()}\n{os.path.realpath(project)}"
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]
