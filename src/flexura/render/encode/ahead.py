"""Encodes in a thread of its own while the next frame is drawn.

Frames keep their order, so the bytes are those of encoding in turn; FFmpeg lets go of the GIL meanwhile.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Frame = Callable[[], NDArray[np.uint8]]
_MOST_WAITING = 6
"""Frames drawn ahead; at 720p each holds 2.8 MB."""


class Ahead:
    """Hands frames to `encode`, at most a few ahead of it."""

    def __init__(self, encode: Callable[[Frame], None]) -> None:
        self._encode = encode
        self._error: BaseException | None = None
        self._frames: queue.Queue[Frame | None] = queue.Queue(_MOST_WAITING)
        self._thread = threading.Thread(target=self._run, name="encoder", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while (frame := self._frames.get()) is not None:
            if self._error is None:
                try:
                    self._encode(frame)
                except BaseException as error:
                    self._error = error

    def add(self, frame: Frame) -> None:
        """Give a frame away, or what makes it. Raises what encoding raised before."""
        if self._error is not None:
            raise self._error
        self._frames.put(frame)

    def finish(self) -> None:
        """Wait until every frame is encoded. Raises what encoding raised."""
        self.stop()
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """Wait for the thread to end, whatever happened in it."""
        if self._thread.is_alive():
            self._frames.put(None)
            self._thread.join()
