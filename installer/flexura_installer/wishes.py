"""What should be where, and what came of it: the words that planning and writing share."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from flexura_installer.formats.document import Slot

Action = Literal[
    "added",  # written anew
    "updated",  # our own older entry or file was replaced
    "unchanged",  # it is there already: no byte was written
    "conflict",  # something of that name is there and is not ours: left alone
    "refused",  # the file cannot be edited with proof: left alone, the snippet is shown
    "failed",  # the system did not let us (read-only, no room): nothing was changed
    "removed",  # our part was taken out of a file that others changed since
    "restored",  # the old bytes are back, or what we created is gone
    "kept",  # what is there is no longer ours (changed by the user): left alone
    "absent",  # there was nothing left to remove
]
GOOD: frozenset[Action] = frozenset(
    {"added", "updated", "unchanged", "removed", "restored", "absent"}
)


@dataclass(frozen=True)
class EntryWish:
    """Entries that one file of an agent should hold. All of them or none."""

    agent: str
    path: Path
    dialect: str
    values: tuple[tuple[Slot, Any], ...]
    # Directories above the file may be made up to here, never this one's parents: HOME or the project.
    root: Path
    # Texts that are secrets: never shown in a diff, a snippet, a record or an error.
    secrets: frozenset[str] = frozenset()


@dataclass(frozen=True)
class FolderWish:
    """A folder of ours (a skill) that should be at `path`, with these files (relative POSIX path → bytes).

    `link_to`: make a relative symlink to that folder instead, where the system can; else copy.
    """

    agent: str
    path: Path
    files: dict[str, bytes]
    root: Path
    link_to: Path | None = None


Wish = EntryWish | FolderWish


@dataclass(frozen=True)
class Outcome:
    """What came, or with a dry run would come, of one wish."""

    agent: str
    path: Path
    action: Action
    # Why, for everything but added, unchanged, restored; one sentence.
    why: str = ""
    next_step: str = ""
    # A unified diff with secrets redacted; empty where nothing changes.
    diff: str = field(default="", repr=False)
    # What to paste by hand, when the file was left alone.
    snippet: str = field(default="", repr=False)
    backup: Path | None = None

    @property
    def good(self) -> bool:
        """Whether the wish is fulfilled."""
        return self.action in GOOD
