"""The program and the files: version, home, configuration, credentials, disk, database."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import stat
import sys
from pathlib import Path

from flexura import __version__, settings
from flexura.cli import words
from flexura.cli.doctor.finding import Finding, failed, note, ok
from flexura.domain.errors import FlexuraError
from flexura.local import network_disk, paths, start
from flexura.local.errors import LocalError

_LITTLE, _TOO_LITTLE = 2_000_000_000, 100_000_000
_DATABASE_SECONDS = 2.0


def program() -> Finding:
    """Version, Python, and whether an agent finds the command."""
    launcher = start.launcher()
    about = f"flexura {__version__}, Python {platform.python_version()}, {platform.system()}"
    if not shutil.which("flexura"):
        step = (
            f"Name it by its whole path in an agent's configuration: {launcher or sys.executable}"
        )
        return note("program", f"{about}; `flexura` is not on the PATH", step)
    return ok("program", f"{about}, {launcher}")


def home() -> Finding:
    """The state directory: ours, private, on a local disk."""
    wanted, used = paths.default_home(), paths.home()
    if wanted != used:
        step = "Set FLEXURA_HOME to a directory that can be written."
        return failed("home", f"{wanted} cannot be written; {used} is used for now", step)
    try:
        network_disk.refuse(used)
    except LocalError as error:
        return failed("home", error.message, error.next_step)
    if sys.platform != "win32" and stat.S_IMODE(used.stat().st_mode) & 0o077:
        step = f"chmod 700 {used}"
        return note("home", f"{used} can be looked into by others", step, lambda: used.chmod(0o700))
    return ok("home", f"{used}, private")


def configuration() -> Finding:
    """The configuration file: readable, and no secret for others to see."""
    file = paths.config_file()
    if not file.exists():
        return ok("settings", f"no {file}, so everything is as it comes")
    try:
        found = settings.load(local=True)
    except (FlexuraError, OSError) as error:
        return failed("settings", str(error), getattr(error, "next_step", f"Look at {file}."))
    if found.environment and _is_open(file):
        about = f"{file} holds keys and others can read it"
        return note("settings", about, f"chmod 600 {file}", lambda: file.chmod(0o600))
    return ok("settings", f"{file}, {len(found.environment)} of the providers' settings")


def credentials() -> Finding:
    """The credentials file: for its owner alone."""
    file = paths.credentials_file()
    if not file.exists():
        return ok("credentials", "none kept yet; the gateway makes a key when it first starts")
    if _is_open(file):
        about = f"others can read {file}"
        return note("credentials", about, f"chmod 600 {file}", lambda: file.chmod(0o600))
    return ok("credentials", f"{file}, private")


def _is_open(file: Path) -> bool:
    return sys.platform != "win32" and bool(stat.S_IMODE(file.stat().st_mode) & 0o077)


def disk() -> Finding:
    """Room for what is made."""
    place = paths.home()
    free = shutil.disk_usage(place).free
    room = f"{words.size(free)} free at {place}"
    if free < _TOO_LITTLE:
        return failed("disk", room, "Free some space, or set FLEXURA_HOME to another disk.")
    if free < _LITTLE:
        return note("disk", room, "Videos are large: free some space soon.")
    return ok("disk", room)


def database() -> Finding:
    """The database and its ledger, as far as they can be checked in two seconds."""
    from flexura.runtime.store_check import NotFinished, check_ledger, integrity

    file = paths.database()
    if not file.exists():
        return ok("database", "none yet; the gateway makes it when it first starts")
    size = words.size(os.stat(file).st_size)
    try:
        problems = integrity(file, seconds=_DATABASE_SECONDS, most=1)
        if problems:
            about = f"{file} is damaged: {words.cut(problems[0].splitlines()[0], 80)}"
            return failed("database", about, _restore(file))
        wrong = check_ledger(file)
    except NotFinished:
        about = f"{size}; too large to check in {_DATABASE_SECONDS:.0f} s"
        return note("database", about, f"sqlite3 {file} 'PRAGMA integrity_check'")
    except (sqlite3.Error, OSError) as error:
        return failed("database", f"{file}: {error}", _restore(file))
    if wrong:
        step = (
            "Keep this file as it is (`flexura backup`) and report it with `flexura doctor --json`."
        )
        return failed("database", f"the ledger does not add up: {words.cut(wrong[0], 120)}", step)
    return ok("database", f"{size}, sound; the ledger adds up")


def _restore(file: Path) -> str:
    return (
        "`flexura gateway stop`, then `flexura restore BACKUP --force`;"
        f" without a backup, move {file} away to start anew."
    )
