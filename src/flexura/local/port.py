"""The local gateway's port: chosen once at random, kept over restarts so that links go on working."""

from __future__ import annotations

import socket
from pathlib import Path

from flexura.local import paths, private_file
from flexura.local.errors import NO_LOOPBACK, ForbiddenHere, GatewayUnavailable

# Away from 3000, 5173, 8000, 8080 …, where people's own servers live.
RANGE = range(47100, 48000)


def keep_port(host: str = "127.0.0.1") -> int:
    """The kept port, or a new one (kept from now on) when there is none or a stranger sits on it."""
    import random

    file = paths.gateway_port()
    kept = _read(file)
    candidates = [kept] if kept else []
    candidates += random.sample(RANGE, len(RANGE))
    for port in candidates:
        if _is_free(host, port):
            if port != kept:
                private_file.replace(file, f"{port}\n")
            return port
    raise GatewayUnavailable(
        f"Every port from {RANGE.start} to {RANGE.stop - 1} is taken.",
        next_step="Free one of them, or run `flexura serve --port PORT` and set FLEXURA_URL.",
    )


def _read(file: Path) -> int | None:
    try:
        port = int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return port if port in RANGE else None


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
        # As the server itself does: connections of the last run that still linger do not count.
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            if error.errno in NO_LOOPBACK:
                raise ForbiddenHere.loopback(error) from error
            return False
        return True


def check_loopback() -> None:
    """Raise ForbiddenHere when a gateway that is started here could not be reached.

    Listening alone proves nothing: where the loopback interface is down it works, and nobody gets through.
    Such a gateway would hold the lock and be of use to none.
    """
    try:
        with socket.create_server(("127.0.0.1", 0)) as trial:
            socket.create_connection(trial.getsockname(), timeout=2).close()
    except OSError as error:
        raise ForbiddenHere.loopback(error) from error
