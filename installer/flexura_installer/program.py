"""What the install script made before it started us, and the address of the gateway that served it.

It stands in the ledger like everything else, owned by `flexura` itself, so that the last uninstall can take
it away. The engine does not know these records: a venv of thousands of files is not hashed.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from flexura_installer import choices, engine
from flexura_installer.arguments import Arguments
from flexura_installer.formats.document import Slot
from flexura_installer.ledger import Ledger
from flexura_installer.machine import Machine
from flexura_installer.records import Record
from flexura_installer.wishes import EntryWish, Outcome
from flexura_installer.writing import now, remove_directories

OWNER = "flexura"
TITLE = "flexura itself"
_LAUNCHER, _VENV, _GATEWAY = "launcher", "venv", "gateway"


def is_own(record: Record) -> bool:
    """Whether no agent owns it."""
    return OWNER in record.owners


def has_made(ledger: Ledger) -> bool:
    """Whether the install script made the program, so that it goes with the last uninstall."""
    return any(_made(record) == _VENV for record in ledger.records)


def remember(arguments: Arguments, ledger: Ledger) -> None:
    """Record what install.sh made; nothing is written when it is recorded already."""
    directories = [os.path.abspath(path) for path in arguments.made_directories]
    if arguments.made_venv is not None:
        _record(ledger, "folder", arguments.made_venv, _VENV, directories)
    if arguments.made_launcher is not None:
        _record(ledger, "file", arguments.made_launcher, _LAUNCHER, [])


def _record(ledger: Ledger, kind: str, path: Path, made: str, directories: list[str]) -> None:
    where = os.path.abspath(path)
    old = next((r for r in ledger.records if _made(r) == made and r.path == where), None)
    fresh = Record(
        kind="folder" if kind == "folder" else "file",
        path=where,
        owners={OWNER: {"made": made}},
        root=str(path.parent),
        created=True,
        directories=old.directories if old else (),
    ).having_made(directories)
    if old is None:
        ledger.put(replace(fresh, time=now()))
    elif old.directories != fresh.directories:
        ledger.put(replace(old, directories=fresh.directories), instead_of=old)


def gateway(arguments: Arguments, machine: Machine) -> EntryWish | None:
    """The gateway that served install.sh as the default for the command line. Raises Wrong."""
    if not arguments.gateway_url:
        return None
    url = choices.checked(arguments.gateway_url, "--gateway-url", plain=True)
    path = _configuration(machine)
    roots = (machine.home, *path.parents)
    root = next(
        one for one in roots if path.is_relative_to(one) and (one.is_dir() or one == one.parent)
    )
    return EntryWish(OWNER, path, "toml", ((Slot((), "url"), url),), root)


def point(wish: EntryWish, ledger: Ledger, arguments: Arguments) -> Outcome:
    """Write that default; the user's own other one is a conflict like everywhere."""
    again = {"made": _GATEWAY}
    return engine.fulfil(
        wish, ledger, force=arguments.force, dry_run=arguments.dry_run, again=again
    )


def _configuration(machine: Machine) -> Path:
    """As in flexura.local.paths, which cannot be imported here; a test compares the two."""
    if machine.environment.get("FLEXURA_HOME"):
        return machine.path("${FLEXURA_HOME}") / "config.toml"
    if machine.system == "macos":
        return machine.path("~/Library/Application Support/flexura/config.toml")
    if machine.system == "windows":
        return machine.path("${LOCALAPPDATA:-~/AppData/Local}/flexura/flexura/config.toml")
    return machine.path("${XDG_CONFIG_HOME:-~/.config}/flexura/config.toml")


def remove(ledger: Ledger, *, dry_run: bool) -> list[tuple[str, Outcome]]:
    """Remove the launcher link and the venv that the script made; what is not what it made stays."""
    found = {_made(record): record for record in ledger.records if is_own(record)}
    venv, link = found.get(_VENV), found.get(_LAUNCHER)
    outcomes: list[tuple[str, Outcome]] = []
    if link is not None:
        outcomes.append(("command", _remove_link(link, venv, ledger, dry_run=dry_run)))
    if venv is not None:
        outcomes.append(("program", _remove_venv(venv, ledger, dry_run=dry_run)))
    return outcomes


def directories(records: Iterable[Record]) -> list[str]:
    """What the script had to make above its launcher and its venv."""
    return [path for record in records if is_own(record) for path in record.directories]


def _made(record: Record) -> str:
    return record.owners.get(OWNER, {}).get("made", "")


def _remove_link(link: Record, venv: Record | None, ledger: Ledger, *, dry_run: bool) -> Outcome:
    path = Path(link.path)
    if not os.path.lexists(path):
        return _forgotten(link, ledger, dry_run=dry_run)
    leads = os.path.join(path.parent, os.readlink(path)) if path.is_symlink() else ""
    if venv is None or not Path(os.path.normpath(leads)).is_relative_to(venv.path):
        why = (
            "It does not lead into the venv that the install script made, so it is somebody else's."
        )
        if not dry_run:
            ledger.drop(link)
        return Outcome(OWNER, path, "unchanged", why)
    return _removed(link, ledger, dry_run=dry_run)


def _remove_venv(venv: Record, ledger: Ledger, *, dry_run: bool) -> Outcome:
    path = Path(venv.path)
    if not os.path.lexists(path):
        return _forgotten(venv, ledger, dry_run=dry_run)
    parts = [path, *(one for one in path.iterdir())] if path.is_dir() else []
    if path.is_symlink() or not any((one / "pyvenv.cfg").is_file() for one in parts):
        if not dry_run:
            ledger.drop(venv)
        return Outcome(OWNER, path, "unchanged", "It holds no venv, so it is left alone.")
    return _removed(venv, ledger, dry_run=dry_run)


def _forgotten(record: Record, ledger: Ledger, *, dry_run: bool) -> Outcome:
    if not dry_run:
        remove_directories(record.directories)
        ledger.drop(record)
    return Outcome(OWNER, Path(record.path), "absent")


def _removed(record: Record, ledger: Ledger, *, dry_run: bool) -> Outcome:
    path = Path(record.path)
    if dry_run:
        return Outcome(OWNER, path, "restored")
    try:
        if path.is_symlink():
            path.unlink()
        else:
            # This program may run from there: whatever is needed from now on has to be imported.
            shutil.rmtree(path)
    except OSError as error:
        why = f"It cannot be removed ({error.strerror})."
        return Outcome(OWNER, path, "failed", why, f"Remove it yourself: rm -r '{path}'")
    remove_directories(record.directories)
    ledger.drop(record)
    return Outcome(OWNER, path, "restored")
