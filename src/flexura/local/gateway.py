"""The user's own gateway: find it, start it when none runs, stop it; and how a gateway lets itself be found.

One gateway per user: it holds the lock on `gateway.lock` for its life, and `gateway.json` counts only while
it does. An older flexura uses a newer gateway, and starts the newer program when it knows one, never its own;
a newer flexura uses an older gateway that runs (it may have work in hand) and says so when a call fails.
"""

from __future__ import annotations

import os
import signal
import time
from datetime import UTC, datetime

from flexura import __version__
from flexura.local import health, lock, network_disk, paths, record, start
from flexura.local.errors import ForbiddenHere, GatewayUnavailable
from flexura.local.port import check_loopback, keep_port
from flexura.local.record import Running
from flexura.local.start import Started
from flexura.local.version import is_newer

__all__ = ["Held", "Running", "ensure", "find", "hold_lock", "keep_port", "program", "stop"]

ELSEWHERE = "set FLEXURA_URL to a gateway that can be reached"


def find() -> Running | None:
    """The gateway that runs now, as it published itself; None while none runs or it is still starting."""
    if not lock.is_held(paths.gateway_lock()):
        return None
    running = record.read(paths.gateway_record())
    return running if running is not None and running.published else None


def ensure(timeout: float = 10.0) -> Running:
    """The user's gateway, started if need be; it answers on its port when this returns.

    Raises GatewayUnavailable (with the reason and the next step), ForbiddenHere when this sandbox
    does not allow loopback or background processes, LocalError for a home on a network file system.
    """
    end = time.monotonic() + timeout
    running = find()
    if running is not None and health.answers(running, min(2.0, timeout)):
        return running
    network_disk.refuse(paths.home())
    turn = lock.acquire(paths.start_lock(), patience=max(0.0, end - time.monotonic()))
    if turn is None:
        raise _not_answering(timeout, None)
    with turn:
        return _wait_for(end, timeout)


def program() -> str:
    """The launcher to start: the newer of this one and the one that ran last.

    An older program must not open a newer database.
    """
    last = record.read(paths.gateway_record())
    if last and is_newer(last.version, __version__) and os.access(last.launcher, os.X_OK):
        return last.launcher
    return start.launcher()


def _wait_for(end: float, timeout: float) -> Running:
    """The gateway that holds the lock, or the one that is started once nobody does."""
    started = None
    while True:
        # One that was killed an instant ago may hold the lock still, and nobody else would start the next.
        if started is None and not lock.is_held(paths.gateway_lock()):
            check_loopback()
            started = start.in_background(program())
        left = end - time.monotonic()
        running = find()
        if running is not None and health.answers(running, min(1.0, max(left, 0.05))):
            return running
        ended = started is not None and not start.is_alive(started.pid)
        if started is not None and ended and not lock.is_held(paths.gateway_lock()):
            raise _ended_at_once(started)
        if left <= 0:
            raise _not_answering(timeout, started)
        time.sleep(0.02)


def _ended_at_once(started: Started) -> GatewayUnavailable:
    if not (reason := started.words()):
        return ForbiddenHere(
            "The gateway was ended at once and without a word, as sandboxes do with background processes.",
            next_step="Allow background processes, or set FLEXURA_URL to a gateway that runs elsewhere.",
        )
    return GatewayUnavailable(
        f"The gateway ended while it started: {reason}",
        next_step=f"Read {paths.gateway_log()}, or run `flexura serve` in a terminal to see why.",
    )


def _not_answering(timeout: float, started: Started | None) -> GatewayUnavailable:
    if (running := find()) is not None:
        return GatewayUnavailable(
            f"A gateway holds {paths.gateway_lock()} but does not answer on {running.url};"
            " it may run in another container.",
            next_step=f"Stop it there, or {ELSEWHERE}, or FLEXURA_HOME to another directory.",
        )
    words = started.words() if started else ""
    return GatewayUnavailable(
        f"The gateway is still starting after {timeout:.0f} s. {words}".rstrip(),
        next_step=f"Repeat the call in a moment; {paths.gateway_log()} says what it does.",
    )


def stop(timeout: float = 30.0) -> bool:
    """Stop the user's gateway and wait until it is gone; False when none runs.

    Raises GatewayUnavailable when something runs that cannot be proven to be this user's gateway.
    """
    running = find()
    if running is None:
        return False
    if not health.answers(running, 5.0):
        raise GatewayUnavailable(
            f"The gateway that holds the lock does not answer on {running.url}.",
            next_step=f"Look at process {running.pid} and stop it by hand.",
        )
    os.kill(running.pid, signal.SIGTERM)
    end = time.monotonic() + timeout
    while lock.is_held(paths.gateway_lock()):
        if time.monotonic() > end:
            raise GatewayUnavailable(
                f"The gateway (process {running.pid}) is still finishing its work after {timeout:.0f} s.",
                next_step="Wait and look again with `flexura gateway status`.",
            )
        time.sleep(0.02)
    return True


class Held:
    """What the gateway itself holds while it lives; `publish` tells everybody where it is."""

    def __init__(self, held: lock.Lock) -> None:
        self._lock = held
        # From here on nobody reads what a dead gateway left, but its program is remembered.
        last = record.read(paths.gateway_record())
        self._last = last
        record.write(paths.gateway_record(), _unpublished(last))

    def publish(
        self, url: str, port: int, token: str, instance: str, *, on_demand: bool = False
    ) -> Running:
        """Call once the port is bound: from now on bridges and the command line find this gateway."""
        running = Running(
            url=url,
            port=port,
            token=token,
            version=__version__,
            pid=os.getpid(),
            launcher=start.launcher(),
            started_at=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            instance=instance,
            on_demand=on_demand,
        )
        record.write(paths.gateway_record(), running)
        self._last = running
        return running

    def release(self) -> None:
        """Call last, when the port is closed."""
        record.write(paths.gateway_record(), _unpublished(self._last))
        self._lock.release()

    def __enter__(self) -> Held:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def hold_lock(patience: float = 1.0) -> Held | None:
    """Become the gateway of this user, or None when there is one already."""
    network_disk.refuse(paths.home())
    # Patience, because somebody who only asks whether the lock is held has it for an instant.
    held = lock.acquire(paths.gateway_lock(), patience)
    return None if held is None else Held(held)


def new_instance() -> str:
    """A name for one run of a gateway, for /healthz and `publish`."""
    return os.urandom(8).hex()


def _unpublished(last: Running | None) -> Running:
    newer = last is not None and is_newer(last.version, __version__)
    version, launcher = (
        (last.version, last.launcher) if last and newer else (__version__, start.launcher())
    )
    return Running("", 0, "", version, os.getpid(), launcher, "", "")
