"""Start the user's gateway in the background, away from whichever agent asked for it."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from flexura.local import paths
from flexura.local.errors import ForbiddenHere

# What a program needs to run at all. Nothing else: the next project must not inherit this one's keys.
KEPT = frozenset(
    {"PATH", "HOME", "USER", "LOGNAME", "LANG", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR"}
    | {"SYSTEMROOT", "WINDIR", "COMSPEC", "PATHEXT", "TEMP", "TMP", "USERPROFILE", "USERNAME"}
    | {"APPDATA", "LOCALAPPDATA", "PROGRAMDATA"}
    # The way to the keyring, which may hold the keys of providers.
    | {"DBUS_SESSION_BUS_ADDRESS"}
)
KEPT_PREFIXES = ("LC_", "XDG_")
LOG_LIMIT = 1_000_000
# The shell starts the gateway and ends at once: the gateway is nobody's child, so whoever kills an agent's
# whole process tree leaves it (and its jobs) alone, and it cannot become our zombie.
DETACH = '"$@" >&2 & echo $!'


def launcher() -> str:
    """The absolute path of the `flexura` command that runs now, or an empty string."""
    own = os.path.abspath(sys.argv[0]) if sys.argv and sys.argv[0] else ""
    if os.path.basename(own) in ("flexura", "flexura.exe") and os.access(own, os.X_OK):
        return own
    # Not one from the PATH: that may be another installation.
    beside = Path(sys.executable).with_name("flexura")
    return str(beside) if os.access(beside, os.X_OK) else ""


def command(chosen: str, *arguments: str) -> list[str]:
    """How to run `flexura …` without a shell."""
    if chosen:
        return [chosen, *arguments]
    return [sys.executable, "-m", "flexura", *arguments]


def clean_environment(home: Path) -> dict[str, str]:
    """The environment of the gateway: no key, no variable of the agent or of its project."""
    kept = {k: v for k, v in os.environ.items() if k in KEPT or k.startswith(KEPT_PREFIXES)}
    # The home in use may be the temporary one.
    if os.environ.get("FLEXURA_HOME") or home != paths.default_home():
        kept["FLEXURA_HOME"] = str(home)
    return kept


@dataclass(frozen=True)
class Started:
    """A gateway on its way."""

    pid: int
    # Where in gateway.log its words begin.
    log_start: int

    def words(self, lines: int = 5) -> str:
        """The end of what it wrote, for an error message."""
        return log_tail(self.log_start, lines)


def in_background(chosen: str) -> Started:
    """Start `flexura serve --local` detached, its output in gateway.log.

    Raises ForbiddenHere when this sandbox does not let us start it.
    """
    import subprocess

    home = paths.home()
    arguments = command(chosen, "serve", "--local")
    try:
        with open_log() as log:
            log_start = os.fstat(log.fileno()).st_size
            if sys.platform == "win32":  # pragma: no cover
                return Started(_start_on_windows(arguments, home, log), log_start)
            starter = subprocess.run(
                ["/bin/sh", "-c", DETACH, "sh", *arguments],
                cwd="/",
                env=clean_environment(home),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                check=True,
            )
            return Started(int(starter.stdout), log_start)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise ForbiddenHere(
            f"The gateway cannot be started in the background ({error}).",
            next_step="Run `flexura serve` in a terminal,"
            " or set FLEXURA_URL to a gateway that runs elsewhere.",
        ) from error


def _start_on_windows(  # pragma: no cover
    arguments: list[str], home: Path, log: BinaryIO
) -> int:
    import subprocess

    # No console, a group of its own, out of the agent's job object.
    detached = 0x00000008 | 0x00000200 | 0x01000000
    started = subprocess.Popen(
        arguments,
        env=clean_environment(home),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        creationflags=detached,
    )
    return started.pid


def open_log() -> BinaryIO:
    """gateway.log, to append to."""
    file = paths.gateway_log()
    if file.exists() and file.stat().st_size > LOG_LIMIT:
        file.replace(file.with_suffix(".log.old"))
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
    return os.fdopen(os.open(file, flags, 0o600), "wb")


def is_alive(pid: int) -> bool:
    """Whether that process still runs; used only to give up early on one that we just started."""
    if sys.platform == "win32":  # pragma: no cover
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return False
    return stat.rpartition(b")")[2].split()[:1] == [b"Z"]


def log_tail(begin: int = 0, lines: int = 5) -> str:
    """The end of what gateway.log holds after `begin`."""
    try:
        text = paths.gateway_log().read_bytes()[begin:][-4096:].decode("utf-8", "replace")
    except OSError:
        return ""
    return " | ".join(line.strip() for line in text.splitlines()[-lines:] if line.strip())
