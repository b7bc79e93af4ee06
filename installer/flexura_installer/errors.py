"""What can keep us from a file. None of these ever leaves a file half changed."""

from __future__ import annotations


class InstallError(Exception):
    """Something that stops one step; the others go on. `next_step` is the exact thing to do."""

    def __init__(self, message: str, next_step: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step


class Unreadable(InstallError):
    """The file does not parse in its agent's own dialect; `line` counts from 1, 0 when unknown."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(f"line {line}: {reason}" if line else reason)
        self.line = line


class Unproven(InstallError):
    """The file is shaped in a way in which the edit cannot be proven harmless."""
