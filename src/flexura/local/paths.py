"""Where flexura keeps its things on this machine."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from flexura.local.errors import LocalError

_told: set[Path] = set()
_staying = False


def home() -> Path:
    """The state directory, created if need be; a temporary one, said on stderr, when it cannot be written.

    Raises LocalError when not even the temporary one can be trusted.
    """
    wanted = default_home()
    if _staying and (wanted / "flexura.db").exists():
        return wanted
    try:
        wanted.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.access(wanted, os.W_OK | os.X_OK):
            return wanted
        reason = "it is read-only"
    except OSError as error:
        reason = error.strerror or "it cannot be created"
    return _temporary_home(wanted, reason)


def stay() -> None:
    """From now on this process uses the home that has a store, also while that can only be read.

    For a gateway that somebody runs for others: an empty store in its place would say that nothing is there.
    """
    global _staying
    _staying = True


def default_home() -> Path:
    """Where the state belongs: $FLEXURA_HOME, or this user's data directory."""
    if chosen := os.environ.get("FLEXURA_HOME"):
        return Path(chosen).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("flexura"))


def _temporary_home(wanted: Path, reason: str) -> Path:
    import tempfile

    user = os.getuid() if sys.platform != "win32" else os.environ.get("USERNAME", "user")
    place = Path(tempfile.gettempdir()) / f"flexura-{user}"
    try:
        place.mkdir(mode=0o700, exist_ok=True)
        found = place.lstat()
    except OSError as error:
        raise _no_home(wanted, place, error.strerror or "no access") from error
    # Somebody else may have put a directory of that name there, to read our keys.
    mine = sys.platform == "win32" or found.st_uid == os.getuid()
    if not mine or not stat.S_ISDIR(found.st_mode) or stat.S_IMODE(found.st_mode) & 0o077:
        raise _no_home(wanted, place, "it is not a private directory of yours")
    if wanted not in _told:
        _told.add(wanted)
        print(
            f"flexura: {wanted} cannot be used ({reason}); jobs and files are kept in {place} for now."
            " Set FLEXURA_HOME to a directory that can be written to keep them.",
            file=sys.stderr,
        )
    return place


def _no_home(wanted: Path, place: Path, reason: str) -> LocalError:
    return LocalError(
        "disk_full",
        f"Neither {wanted} nor {place} can be written ({reason}).",
        next_step="Set FLEXURA_HOME to a directory that can be written.",
    )


def config_file() -> Path:
    """The user's configuration; it need not exist."""
    if os.environ.get("FLEXURA_HOME"):
        return default_home() / "config.toml"
    import platformdirs

    return Path(platformdirs.user_config_dir("flexura")) / "config.toml"


def database() -> Path:
    return home() / "flexura.db"


def artifacts() -> Path:
    return home() / "artifacts"


def staging() -> Path:
    return home() / "staging"


def credentials_file() -> Path:
    return home() / "credentials.json"


def saved_file(project_id: str) -> Path:
    """Which files of this project were brought home, one JSON object per line."""
    return home() / "saved" / f"{project_id}.jsonl"


def gateway_lock() -> Path:
    return home() / "gateway.lock"


def start_lock() -> Path:
    return home() / "gateway.start.lock"


def gateway_record() -> Path:
    return home() / "gateway.json"


def gateway_log() -> Path:
    return home() / "gateway.log"


def gateway_port() -> Path:
    return home() / "gateway.port"
