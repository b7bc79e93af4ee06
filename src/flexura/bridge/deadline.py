"""One deadline per request, measured from the moment its line was read."""

from __future__ import annotations

import time
from typing import TypeGuard

# What a tool call may take when the agent does not say, and at most; known clients give up at 60 s.
DEFAULT_WAIT = 25.0
LONGEST_WAIT = 45.0
# Even `wait: 0` needs the time to start a gateway and to hand the order over.
SHORTEST = 15.0
# Kept back from the wait, to bring finished files home.
DOWNLOAD_SHARE = 0.2
LONGEST_DOWNLOAD_RESERVE = 5.0


class Deadline:
    """How long a request may still take."""

    def __init__(self, received: float, seconds: float) -> None:
        self._received = received
        self._end = received + seconds

    def left(self) -> float:
        """Seconds until the answer is due; never negative."""
        return max(0.0, self._end - time.monotonic())

    @property
    def over(self) -> bool:
        return time.monotonic() >= self._end


class Patience:
    """How long a tool call waits for its job: what the agent asked for, within the cap."""

    def __init__(self, received: float, wait: object) -> None:
        asked = float(wait) if is_seconds(wait) else DEFAULT_WAIT
        self.seconds = min(max(asked, 0.0), LONGEST_WAIT)
        self.deadline = Deadline(received, max(self.seconds, SHORTEST))
        self._job = Deadline(received, self.seconds)

    def for_the_gateway(self) -> float:
        """What remains to wait for the job, less a reserve for the download."""
        reserve = min(LONGEST_DOWNLOAD_RESERVE, self.seconds * DOWNLOAD_SHARE)
        return round(max(0.0, self._job.left() - reserve), 1)


def is_seconds(value: object) -> TypeGuard[float]:
    """Whether an argument can be read as a number of seconds."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value == value
