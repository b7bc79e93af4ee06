"""Everything that flexura keeps for its user on this machine, to be measured and deleted.

By name: FLEXURA_HOME may be any directory, and what others put into it stays.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from flexura.cli import provider_store
from flexura.domain.errors import InvalidRequest
from flexura.local import keys, paths, provider_secrets
from flexura.local.provider_secrets import NoKeyring

# In the state directory. Nobody's workflows for ComfyUI, and no venv of ours.
NAMES = (
    "flexura.db*",
    "flexura.migrate.lock",
    "artifacts",
    "staging",
    "saved",
    "builds",
    "credentials.json",
    "project.salt",
    "gateway.*",
    # What was being written when a process was killed.
    ".credentials.json.*",
    ".gateway.*.*",
    ".project.salt.*",
)


def found() -> list[Path]:
    """The files and directories that are there; the configuration last."""
    home = paths.default_home()
    inside = [path for name in NAMES for path in sorted(home.glob(name))]
    configuration = paths.config_file()
    # Whoever keeps it in their dotfiles owns it.
    is_file = configuration.is_file() and not configuration.is_symlink()
    return [*dict.fromkeys(inside), *([configuration] if is_file else [])]


def places(things: Iterable[Path]) -> list[Path]:
    """Where they are, for people: the directory, and the configuration by its own name."""
    return [path if path == paths.config_file() else path.parent for path in things]


def size(things: Iterable[Path]) -> int:
    """Bytes of all files in them."""
    return sum(_size(path) for thing in things for path in _files(thing))


def delete() -> list[str]:
    """Delete them, and the keys in the keyring that they speak of; what could not be, in words."""
    left = _forget_keys()
    for path in found():
        try:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        except OSError as error:
            left.append(f"{path} ({error.strerror})")
    for directory in (paths.default_home(), paths.config_file().parent):
        # Only when nothing else lies there.
        with suppress(OSError):
            directory.rmdir()
    return left


def _forget_keys() -> list[str]:
    """Before the files go that say which names lie in the keyring."""
    left: list[str] = []
    try:
        named = [name for name, place in provider_store.places().items() if place == "keyring"]
    except InvalidRequest:
        named = []
        left.append(f"keys in the keyring that {paths.config_file()} may name; it cannot be read")
    try:
        for name in named:
            provider_secrets.forget(name)
        keys.forget_in_keyring()
    except NoKeyring as error:
        left.append(f"keys in the keyring, under `flexura`: {error}")
    return left


def _files(thing: Path) -> Iterator[Path]:
    if not thing.is_dir() or thing.is_symlink():
        yield thing
        return
    for folder, _, names in os.walk(thing):
        yield from (Path(folder, name) for name in names)


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0
