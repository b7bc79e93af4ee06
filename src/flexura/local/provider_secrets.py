"""Provider keys in the operating system's keyring, under the service `flexura`, by the variable's name.

The configuration file says which names lie there, so nobody asks a keyring without need. A keyring may wait
for somebody to unlock it, and on a server nobody comes: whoever asks here sets a limit.
"""

from __future__ import annotations

import queue
import re
import threading
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

T = TypeVar("T")
SERVICE = "flexura"
READ_SECONDS = 5.0
UNLOCK_SECONDS = 60.0
"""While somebody sits at the terminal, there is time to type a password."""
_SECRET = re.compile(r"_(?:KEY|TOKEN|SECRET|AUTH|PASSWORD)$")


class NoKeyring(Exception):
    """There is no keyring that works here; the message says why."""


def is_secret(name: str) -> bool:
    """Whether a variable of that name holds a key, and not an address or a switch."""
    return bool(_SECRET.search(name))


def read(names: Iterable[str], seconds: float = READ_SECONDS) -> dict[str, str]:
    """The values of these names, as far as the keyring has them. Raises NoKeyring."""

    def ask(ring: Any) -> dict[str, str]:
        found = {name: ring.get_password(SERVICE, name) for name in names}
        return {name: str(value) for name, value in found.items() if value}

    return _within(seconds, ask)


def keep(name: str, value: str, seconds: float = UNLOCK_SECONDS) -> None:
    """Put one value into the keyring. Raises NoKeyring where it is not there afterwards."""

    def put(ring: Any) -> None:
        ring.set_password(SERVICE, name, value)
        if ring.get_password(SERVICE, name) != value:
            raise NoKeyring("it does not give back what it was given")

    _within(seconds, put)


def forget(name: str, seconds: float = UNLOCK_SECONDS) -> bool:
    """Take one value out of the keyring; whether it was there. Raises NoKeyring."""

    def drop(ring: Any) -> bool:
        there = ring.get_password(SERVICE, name) is not None
        if there:
            ring.delete_password(SERVICE, name)
        return there

    return _within(seconds, drop)


def _within(seconds: float, work: Callable[[Any], T]) -> T:
    """What `work` makes of the keyring, in a thread that is left behind when the time is up."""
    answers: queue.SimpleQueue[Callable[[], T]] = queue.SimpleQueue()

    def ask() -> None:
        try:
            # The import looks for a keyring, which may take as long as using it.
            import keyring

            made = work(keyring)
        except Exception as error:
            # Backends raise whatever the library under them raises.
            answers.put(_raising(str(error) or type(error).__name__))
        else:
            answers.put(lambda: made)

    threading.Thread(target=ask, name="keyring", daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise NoKeyring(f"it did not answer within {seconds:g} seconds") from None
    return answer()


def _raising(why: str) -> Callable[[], Any]:
    def fail() -> Any:
        # The first sentence; what follows is advice for programmers.
        raise NoKeyring(" ".join(why.split()).partition(". ")[0].rstrip(".")[:200])

    return fail
